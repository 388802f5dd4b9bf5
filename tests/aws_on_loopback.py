"""AWS on loopback, and its resources as Terraform would make them.

A moto server in this process is the account. MiniStack is another where it is installed, and so are dynalite and
fauxqs, which others wrote in another language: tests of a contract ask each, so that no store is taken for what moto
alone makes of it. dynalite knows no transactions, so that the ledger is tested against the other two.
"""

import inspect
import json
import logging
import re
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import botocore.hooks
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.endpoint import Endpoint, EndpointCreator
from botocore.hooks import EventAliaser
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParser

from adapters.sqs.dead_letters import RECEIVES
from bench.ports import free_port
from tests.third_parties import MINISTACK, NPM, require, running

# Every session of botocore looks through hundreds of folders and parses the same megabytes of JSON anew; each test
# begins with several.
botocore.session.create_loader = cache(botocore.session.create_loader)

# Each of its sessions and clients works out the same names of events anew, which took a tenth of these tests' time.
_names, _name_of = EventAliaser(None), EventAliaser._alias_event_name
EventAliaser._alias_event_name = lambda _, name: _name_of(_names, name)

# Each session asks ``inspect`` for the whole signatures of some 130 handlers, for a third of what a client costs.
_accepts_kwargs = botocore.hooks.accepts_kwargs


def _takes_any_names(handler: Any) -> object:
    code = getattr(handler, "__code__", None)
    return code.co_flags & inspect.CO_VARKEYWORDS if code else _accepts_kwargs(handler)


botocore.hooks.accepts_kwargs = _takes_any_names


def _unmeasured_call(function: Callable[..., Any]) -> Callable[..., Any]:
    """Has coverage leave alone what this function calls: Python 3.11 takes twice as long for what is traced."""

    @wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        trace = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **named)
        finally:
            sys.settrace(trace)

    return call


# Of botocore's work, that in which it calls nothing of ours.
for owner, name in (
    (botocore.session.Session, "__init__"),
    (botocore.session.Session, "create_client"),
    (BaseClient, "_convert_to_request_dict"),
    (Endpoint, "create_request"),
    (URLLib3Session, "send"),
    (ResponseParser, "parse"),
):
    setattr(owner, name, _unmeasured_call(getattr(owner, name)))

PREFIX = "/slack-gpt"
TABLE = "conversations"
USAGE_TABLE = "usage"
QUEUE_MODULE = Path(__file__).parents[1] / "terraform/modules/queue/main.tf"


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes most of a second, which other tests need not

    from tests.lighter_moto import lighter_moto  # noqa: PLC0415 - for the same reason

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    with _one_at_a_time(), _unmeasured(), lighter_moto():
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Has moto's DynamoDB work on one request at a time.

    Its transactions copy whole tables, so as to put them back where a condition does not hold: two of its threads would
    break each other's copies, and undo what was written meanwhile.
    """
    from moto.dynamodb.responses import DynamoHandler  # noqa: PLC0415 - for the same reason

    lock, call = threading.Lock(), DynamoHandler.call_action

    def alone(handler: DynamoHandler) -> object:
        with lock:
            return call(handler)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DynamoHandler, "call_action", alone)
        yield


@contextmanager
def _unmeasured() -> Iterator[None]:
    """Has coverage leave moto's threads alone: Python 3.11 takes twice as long for what is traced, whoever wrote it."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: PLC0415 - for the same reason

    handle = MotoRequestHandler.handle

    def untraced(handler: MotoRequestHandler) -> None:
        sys.settrace(None)  # in this thread alone
        handle(handler)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MotoRequestHandler, "handle", untraced)
        yield


@pytest.fixture(scope="session")
def dynalite_url() -> Iterator[str]:
    require("dynalite", NPM)
    port = free_port()
    command = [str(NPM / "node_modules/.bin/dynalite"), "--host", "127.0.0.1", "--port", str(port)]
    with running([*command, "--createTableMs", "0", "--deleteTableMs", "0"], "listening"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def ministack_url(tmp_path_factory) -> Iterator[str]:
    require("MiniStack", MINISTACK, "make emulator")
    port = free_port()
    ports = {"GATEWAY_PORT": str(port), "IOT_MTLS_PORT": str(free_port())}
    folder = tmp_path_factory.mktemp("ministack")
    with running([str(MINISTACK / "bin/ministack")], "Running on", folder, **ports):
        yield f"http://127.0.0.1:{port}"


FAUXQS = """
import { buildApp } from "fauxqs";
await buildApp({ logger: false }).listen({ host: "127.0.0.1", port: Number(process.env.PORT) });
console.log("listening");
"""
"""Its own command listens on every address."""


@pytest.fixture(scope="session")
def fauxqs_url() -> Iterator[str]:
    require("fauxqs", NPM)
    port = free_port()
    with running(["node", "--input-type=module", "-e", FAUXQS], "listening", NPM, PORT=str(port)):
        yield f"http://127.0.0.1:{port}"


class XRayDaemon:
    """What X-Ray's daemon is sent on loopback."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def received(self) -> str:
        """All that has been sent since the last call: on loopback it is here when the sender goes on."""
        datagrams: list[str] = []
        while True:
            try:
                datagrams.append(self._socket.recv(65_536).decode())
            except BlockingIOError:
                return "\n".join(datagrams)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def xray_daemon() -> Iterator[XRayDaemon]:
    daemon = XRayDaemon()
    yield daemon
    daemon.close()


OF_THE_TEST = "of-the-test"
"""Marks the requests of a test's own clients."""

PATIENT = Config(connect_timeout=60, read_timeout=60, user_agent_extra=OF_THE_TEST)

SERVICES = {
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
    "DynamoDB_20120810": "dynamodb",
    "Logs_20140328": "logs",
    "TrentService": "kms",
}


class Aws:
    """An account as a test sees it. ``calls`` counts all requests that this process has sent, by operation.

    ``asked`` are the operations that the code under test has asked for, with their services: ``sqs:SendMessage``.
    """

    def __init__(self, clients: dict[str, BaseClient]) -> None:
        self.calls: Counter[str] = Counter()
        self.asked: set[str] = set()
        self._clients = clients

    @property
    def dynamodb(self) -> BaseClient:
        return self._client("dynamodb")

    @property
    def sqs(self) -> BaseClient:
        return self._client("sqs")

    @property
    def ssm(self) -> BaseClient:
        return self._client("ssm")

    @property
    def kms(self) -> BaseClient:
        return self._client("kms")

    def create_key(self) -> str:
        """Returns the ARN of a new KMS key."""
        return self.kms.create_key()["KeyMetadata"]["Arn"]

    def _client(self, service: str) -> BaseClient:
        """Made when it is first asked for, since that takes long. moto imports a service when it is first called."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service, config=PATIENT)
        return self._clients[service]

    def create_table(self) -> str:
        return self._create_table(TABLE, id="HASH")

    def create_usage_table(self) -> str:
        return self._create_table(USAGE_TABLE, period="HASH", owner="RANGE")

    def _create_table(self, name: str, **keys: str) -> str:
        table = self.dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        )["TableDescription"]
        while table["TableStatus"] != "ACTIVE":
            table = self.dynamodb.describe_table(TableName=name)["Table"]
        return name

    def item(self, conversation: str) -> dict:
        return self.dynamodb.get_item(TableName=TABLE, Key={"id": {"S": conversation}})["Item"]

    def put_item(self, **attributes: object) -> None:
        self.dynamodb.put_item(TableName=TABLE, Item=attributes)

    def create_queue(self) -> str:
        def create(name: str, **attributes: str) -> str:
            return self.sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true"} | attributes)["QueueUrl"]

        self.dead_letters = create("dead-letters.fifo")
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead_letters, AttributeNames=["QueueArn"])["Attributes"]
        redrive = {"deadLetterTargetArn": arn["QueueArn"], "maxReceiveCount": RECEIVES}
        self.queue = create("questions.fifo", RedrivePolicy=json.dumps(redrive), VisibilityTimeout="360")
        return self.queue

    def receive(self, queue: str | None = None, most: int = 10) -> list[dict]:
        """What waits in the queue, as SQS gives it to Lambda's poller."""
        return self.sqs.receive_message(
            QueueUrl=queue or self.queue,
            MaxNumberOfMessages=most,
            AttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])

    def give_back(self, message: dict) -> None:
        """Make a message visible again at once, where SQS would wait for the visibility timeout."""
        self.sqs.change_message_visibility(
            QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
        )

    def delete(self, message: dict) -> None:
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def set_parameters(self, **values: str) -> None:
        for name, value in values.items():
            self.ssm.put_parameter(Name=f"{PREFIX}/{name}", Value=value, Type="SecureString", Overwrite=True)


def lambda_record(message: dict) -> dict:
    """A received message as it stands in a Lambda event, which spells the names in another way."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {
            name: {"stringValue": attribute["StringValue"], "dataType": attribute["DataType"]}
            for name, attribute in message.get("MessageAttributes", {}).items()
        },
        "eventSource": "aws:sqs",
    }


def terraform_receives() -> int:
    """How often the queue that Terraform makes hands a message out."""
    (number,) = re.findall(r"maxReceiveCount\s*=\s*(\d+)", QUEUE_MODULE.read_text())
    return int(number)


@pytest.fixture
def aws_environment(monkeypatch) -> pytest.MonkeyPatch:
    """An environment that names no account, whatever the machine's own says."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT", "POWERTOOLS_DEV", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_REGION": "ap-northeast-1",
        "AWS_CONFIG_FILE": "/nonexistent",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def _text(header: str | bytes) -> str:
    return header if isinstance(header, str) else header.decode()


@contextmanager
def clients_of_tests() -> Iterator[dict[str, BaseClient]]:
    """The clients that tests themselves use, each made at its first use."""
    clients: dict[str, BaseClient] = {}
    yield clients
    for client in clients.values():
        client.close()


def account(environment: pytest.MonkeyPatch, url: str, clients: dict[str, BaseClient]) -> Aws:
    environment.setenv("AWS_ENDPOINT_URL", url)
    send, create_endpoint = URLLib3Session.send, EndpointCreator.create_endpoint
    aws = Aws(clients)

    def patient(creator: EndpointCreator, *args: Any, endpoint_url: str, timeout: object, **options: Any) -> Endpoint:
        """An emulator on a busy machine takes longer than AWS. A client that asks again meets its first request."""
        timeout = (PATIENT.connect_timeout, PATIENT.read_timeout) if endpoint_url == url else timeout
        return create_endpoint(creator, *args, endpoint_url=endpoint_url, timeout=timeout, **options)

    def counted(session: URLLib3Session, request: AWSPreparedRequest) -> object:
        if "X-Amz-Target" not in request.headers:  # Lambda, STS and IAM name their operations elsewhere
            return send(session, request)
        target, agent = (_text(request.headers[name]) for name in ("X-Amz-Target", "User-Agent"))
        service, _, operation = target.rpartition(".")
        aws.calls[operation] += 1
        if OF_THE_TEST not in agent:
            aws.asked.add(f"{SERVICES[service]}:{operation}")
        return send(session, request)

    environment.setattr(EndpointCreator, "create_endpoint", patient)
    environment.setattr(URLLib3Session, "send", counted)
    return aws


@pytest.fixture(scope="session")
def clients_of_moto() -> Iterator[dict[str, BaseClient]]:
    """For every test of this process: to make them takes longer than most tests do."""
    with clients_of_tests() as clients:
        yield clients


@pytest.fixture
def moto(aws_environment, moto_url, clients_of_moto) -> Iterator[Aws]:
    """An empty account."""
    yield account(aws_environment, moto_url, clients_of_moto)
    urlopen(Request(f"{moto_url}/moto-api/reset", method="POST")).close()


@pytest.fixture
def dynalite(aws_environment, dynalite_url) -> Iterator[Aws]:
    """An account that has DynamoDB alone."""
    with clients_of_tests() as clients:
        aws = account(aws_environment, dynalite_url, clients)
        yield aws
        for table in aws.dynamodb.list_tables()["TableNames"]:
            aws.dynamodb.delete_table(TableName=table)
        while aws.dynamodb.list_tables()["TableNames"]:
            pass


@pytest.fixture
def ministack(aws_environment, ministack_url) -> Iterator[Aws]:
    """An account of a third emulator, which unlike dynalite knows transactions."""
    with clients_of_tests() as clients:
        aws = account(aws_environment, ministack_url, clients)
        yield aws
        for table in aws.dynamodb.list_tables()["TableNames"]:
            aws.dynamodb.delete_table(TableName=table)


@pytest.fixture
def fauxqs(aws_environment, fauxqs_url) -> Iterator[Aws]:
    """An account that has SQS alone."""
    with clients_of_tests() as clients:
        aws = account(aws_environment, fauxqs_url, clients)
        yield aws
        for queue in aws.sqs.list_queues().get("QueueUrls", []):
            aws.sqs.delete_queue(QueueUrl=queue)


@pytest.fixture
def aws(moto) -> Aws:
    """The account. Tests of a contract take others in its place too."""
    return moto


@pytest.fixture
def dead_port(aws_environment) -> str:
    """The address of a server that is not there; AWS is behind it."""
    url = f"http://127.0.0.1:{free_port()}"
    aws_environment.setenv("AWS_ENDPOINT_URL", url)
    return url
