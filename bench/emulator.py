"""AWS as the functions see it: MiniStack with one queue, one table and the parameters.

Its DynamoDB is reached through a relay that counts the requests.
"""

import os
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3

from bench.images import HOST, ROOT
from bench.ports import free_port

MINISTACK = ROOT / ".venv-emulator/bin/ministack"
PREFIX = "/bench"
TABLE = "bench"
USAGE_TABLE = "bench-usage"
SECRETS = {"OpenAiApiKey": "sk-bench", "SlackToken": "xoxb-bench", "SlackSigningSecret": "bench"}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


def missing() -> str:
    """Why there is no emulator here; empty where there is one."""
    return "" if MINISTACK.exists() else "the emulator is not installed (make emulator)"


class Emulator:
    """What the benchmark needs of a running emulator."""

    def __init__(self, port: int) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._calls: Counter[str] = Counter()
        self.relay = ThreadingHTTPServer(("0.0.0.0", 0), self._relaying())
        for name, value in SECRETS.items():
            self._client("ssm").put_parameter(Name=f"{PREFIX}/{name}", Value=value, Type="SecureString")
        self._create_table(TABLE, id="HASH")
        self._create_table(USAGE_TABLE, period="HASH", owner="RANGE")
        self._sqs = self._client("sqs")
        self._queue, dead_letters = (self._made(f"{name}.fifo") for name in ("bench", "bench-dead-letters"))
        self.env = CREDENTIALS | {
            "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
            "PARAMETERS_PREFIX": PREFIX,
            "QUEUE_URL": self._queue.replace("127.0.0.1", HOST),
            "DEAD_LETTER_QUEUE_URL": dead_letters.replace("127.0.0.1", HOST),
            "TABLE_NAME": TABLE,
            "USAGE_TABLE_NAME": USAGE_TABLE,
        }
        self.counting = {"AWS_ENDPOINT_URL_DYNAMODB": f"http://{HOST}:{self.relay.server_port}"}

    def queued(self) -> int:
        wanted = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["ApproximateNumberOfMessages"])
        return int(wanted["Attributes"]["ApproximateNumberOfMessages"])

    def take_calls(self) -> Counter[str]:
        """How often each operation of DynamoDB was requested since the last time, by those who have ``counting``."""
        taken, self._calls = self._calls, Counter()
        return taken

    def _create_table(self, name: str, **keys: str) -> None:
        self._client("dynamodb").create_table(
            TableName=name,
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
        )

    def _made(self, queue: str) -> str:
        return str(self._sqs.create_queue(QueueName=queue, Attributes={"FifoQueue": "true"})["QueueUrl"])

    def _client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self._address,
            region_name=CREDENTIALS["AWS_DEFAULT_REGION"],
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def _relaying(self) -> type[BaseHTTPRequestHandler]:
        emulator = self

        class Relay(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                emulator._calls[self.headers["X-Amz-Target"].partition(".")[2]] += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    response = urlopen(Request(emulator._address, body, dict(self.headers)))
                except HTTPError as error:  # DynamoDB's no is an answer too
                    response = error
                with response:
                    answer = response.read()
                self.send_response(response.status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        return Relay


@contextmanager
def emulator() -> Iterator[Emulator]:
    """An emulator of one's own, for as long as it is needed."""
    port = free_port()
    env = os.environ | CREDENTIALS | {"GATEWAY_PORT": str(port), "IOT_MTLS_PORT": str(free_port())}
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            [MINISTACK], env=env, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process,
    ):
        try:
            _wait_for(port, process)
            running = Emulator(port)
            threading.Thread(target=running.relay.serve_forever, daemon=True).start()
            yield running
            running.relay.shutdown()
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            urlopen(f"http://127.0.0.1:{port}/_ministack/health").close()
        except HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the emulator did not start")
