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

from bench.ports import free_port
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
import atexit
import time
from pathlib import Path
from adapters.slack.receiving.endpoint import EventsEndpoint
from adapters.sqlite import Database, SqliteQueue
from domain.conversations.place import Scope

database = Database(Path({path!r}))
atexit.register(database.close)  # after the time is taken: a file that nobody closed needs its -wal
queue = SqliteQueue(database, clock=time.time)
EventsEndpoint(signing_secret="secret", queue=queue, scope=Scope.THREAD, clock=time.time)
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


def first_words(rounds: int = 5) -> dict[str, float]:
    """Seconds from an event to the first visible words, beyond those that the model takes to its first token.

    ``first_words_p50_s`` is the median of the place that is slowest, ``first_words_s`` that of the first question
    after a start.
    """
    beyond = _first_words(PLACES, rounds) | _first_words(PLAIN_DIRECT, rounds, SLACK_AGENT_VIEW="false")
    first = beyond[next(iter(PLACES))].pop(0)
    return {
        "first_words_s": first,
        "first_words_p50_s": max(statistics.median(seconds) for seconds in beyond.values()),
    }


PLACES: dict[str, dict[str, object]] = {
    "a mention in a channel": {"type": "app_mention", "channel": "C1"},
    "a follow-up in a thread": {"type": "message", "channel": "C1", "channel_type": "channel", "thread_ts": "1000.1"},
    "a mention in a group's direct messages": {"type": "app_mention", "channel": "G1", "channel_type": "mpim"},
    "the agent's panel": {"type": "message", "channel": "D1", "channel_type": "im"},
}
PLAIN_DIRECT: dict[str, dict[str, object]] = {
    "direct messages without the panel": {"type": "message", "channel": "D1", "channel_type": "im"}
}


def _first_words(places: dict[str, dict[str, object]], rounds: int, **settings: str) -> dict[str, list[float]]:
    secret = "bench"
    with running(FIRST_TOKEN, PER_TOKEN) as address, tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = (
            os.environ
            | settings
            | {
                "PORT": str(port),
                "DATABASE_PATH": str(Path(folder) / "bot.sqlite3"),
                "OPENAI_API_KEY": "sk-bench",
                "OPENAI_BASE_URL": f"{address}/v1",
                "SLACK_BOT_TOKEN": "xoxb-bench",
                "SLACK_SIGNING_SECRET": secret,
                "SLACK_API_URL": f"{address}/api/",
                "LOG_LEVEL": "WARNING",
                "CONCURRENT_CONVERSATIONS": "32",  # the answers before are still being written
            }
        )
        asked: list[tuple[str, float]] = []
        with subprocess.Popen([sys.executable, "-m", "entrypoints.local"], cwd=ROOT, env=env) as bot:
            try:
                _wait_for(port)
                for number in range(rounds * len(places)):
                    place = list(places)[number % len(places)]
                    asked.append((place, time.monotonic()))
                    # Somewhere else each time: behind another question of its conversation this one would wait.
                    somewhere = places[place] | {"channel": f"{places[place]['channel']}{number}"}
                    _post(f"http://127.0.0.1:{port}/events", secret, number, somewhere)
                    _wait_until_shown(address, number + 1)
                shown = sorted(seen(address)["first_words"].values())
            finally:
                bot.send_signal(signal.SIGINT)
    beyond: dict[str, list[float]] = {place: [] for place in places}
    for (place, start), words in zip(asked, shown, strict=True):
        beyond[place].append(words - start - FIRST_TOKEN)
    return beyond


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


def signed_event(secret: str, number: int, place: dict[str, object]) -> tuple[bytes, dict[str, str]]:
    """What a person says in some place, as Slack posts it: the body, and the headers that sign it."""
    said = {"user": "U1", "text": "<@UBOT> ポチの話をして", "ts": f"1000.{number + 1:06}"}
    event = said | place
    authorizations = [{"user_id": "UBOT", "is_bot": True}]
    payload = {"type": "event_callback", "team_id": "T1", "event": event, "authorizations": authorizations}
    body, timestamp = json.dumps(payload).encode(), str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return body, {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def _post(url: str, secret: str, number: int, place: dict[str, object]) -> None:
    body, headers = signed_event(secret, number, place)
    with urlopen(Request(url, body, headers)) as response:
        assert response.status == 200
