"""How long a start takes: the events path against a bare handler, and the first words against the model."""

import hashlib
import hmac
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import Request, urlopen

from bench.stand_ins import running, seen

ROOT = Path(__file__).parent.parent

BARE = """
import json
from http.server import BaseHTTPRequestHandler
from slack_sdk.signature import SignatureVerifier

class Handler(BaseHTTPRequestHandler):
    verifier = SignatureVerifier("secret")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signed = self.verifier.is_valid_request(body, dict(self.headers))
        self.send_response(200 if signed and json.loads(body) else 401)
"""

OURS = """
import time
from pathlib import Path
from adapters.slack.events import Door
from adapters.sqlite import Database, SqliteQuestions
from domain.question import Scope

questions = SqliteQuestions(Database(Path({path!r})), clock=time.time)
Door(signing_secret="secret", questions=questions, scope=Scope.THREAD, clock=time.time)
"""

FIRST_TOKEN, PER_TOKEN = 0.5, 0.02


def events_path(runs: int = 15) -> dict[str, float]:
    """Import and construction of the events path over those of a bare handler, in fresh interpreters by turns."""
    with tempfile.TemporaryDirectory() as folder:
        ours = OURS.format(path=str(Path(folder) / "bot.sqlite3"))
        times = [(_timed(ours), _timed(BARE)) for _ in range(runs + 1)][1:]  # the first compiles and creates
    own, bare = (statistics.median(column) for column in zip(*times, strict=True))
    return {"events_path_ms": own * 1000, "bare_handler_ms": bare * 1000, "events_path_ratio": own / bare}


def _timed(code: str) -> float:
    program = f"import time; start = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def first_words(questions: int = 9) -> dict[str, float]:
    """Seconds from an event to the first visible words, beyond those that the model takes to its first token."""
    secret = "bench"
    with running(FIRST_TOKEN, PER_TOKEN) as address, tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        env = os.environ | {
            "PORT": str(port),
            "DATABASE_PATH": str(Path(folder) / "bot.sqlite3"),
            "OPENAI_API_KEY": "sk-bench",
            "OPENAI_BASE_URL": f"{address}/v1",
            "SLACK_BOT_TOKEN": "xoxb-bench",
            "SLACK_SIGNING_SECRET": secret,
            "SLACK_API_URL": f"{address}/api/",
            "LOG_LEVEL": "WARNING",
        }
        with subprocess.Popen([sys.executable, "-m", "entrypoints.local"], cwd=ROOT, env=env) as bot:
            try:
                _wait_for(port)
                asked = []
                for number in range(questions):
                    asked.append(time.monotonic())
                    _post(f"http://127.0.0.1:{port}/events", secret, number)
                    _wait_until_shown(address, number + 1)
                shown = sorted(seen(address)["first_words"].values())
            finally:
                bot.send_signal(signal.SIGINT)
    beyond = [words - start - FIRST_TOKEN for words, start in zip(shown, asked, strict=True)]
    return {"first_words_s": beyond[0], "first_words_p50_s": statistics.median(beyond[1:])}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_for(port: int) -> None:
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    urlopen(f"http://127.0.0.1:{port}/").close()  # it listens before it serves


def _wait_until_shown(address: str, replies: int) -> None:
    while len(seen(address)["first_words"]) < replies:
        time.sleep(0.05)


def signed_event(secret: str, number: int) -> tuple[bytes, dict[str, str]]:
    """A mention as Slack posts it: the body, and the headers that sign it."""
    event = {
        "type": "app_mention", "user": "U1", "text": "<@UBOT> ポチの話をして",
        "ts": f"1000.{number + 1:06}", "channel": "C1",
    }  # fmt: skip
    authorizations = [{"user_id": "UBOT", "is_bot": True}]
    payload = {"type": "event_callback", "team_id": "T1", "event": event, "authorizations": authorizations}
    body, timestamp = json.dumps(payload).encode(), str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return body, {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def _post(url: str, secret: str, number: int) -> None:
    body, headers = signed_event(secret, number)
    with urlopen(Request(url, body, headers)) as response:
        assert response.status == 200
