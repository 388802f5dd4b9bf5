"""The program is killed at every step of a turn, and every question still gets one whole reply.

Promises 1, 2 and 5. A run is told to end as by ``kill -9`` at one numbered point; Slack then tries
again, as it does, and the next start goes on. The points of a whole turn with a condensation are
counted by a run that is not killed.
"""

import json
import os
import queue
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest
from slack_sdk.signature import SignatureVerifier

from adapters.dynamodb import DynamoLedger
from adapters.sqlite import Database, SqliteConversations, SqliteLedger
from bench.ports import free_port
from domain.ports.stores import Ledger
from domain.spending.ledger import NO_SUM, Kind, OwnerKind, Sum
from domain.spending.usage import NO_USAGE, Usage
from entrypoints.playground.emulator.event_payloads import events_of
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM
from tests.aws_on_loopback import USAGE_TABLE, lambda_record
from tests.conftest import Server
from tests.reliability import killed_bot
from tests.reliability.forks import Fork
from tests.stand_ins import RECEIVED, SENT, SOON, Model, SlackServer, condenses

SECRET = "own-secret"
QUESTION, ANSWER = "私の犬はポチです", "ポチは元気ですよ"
AT_ONCE = 2
"""Runs beside each other: one for each core of a small machine."""


SPARE = 8
"""Points by which two runs may differ: how often idle workers look at the queue."""


class Incident:
    """One question, asked of a bot that is killed at one point and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.servers = Server(), Server()
        self.model, self.slack = Model(), SlackServer("http://127.0.0.1:9/")
        self.servers[0].app, self.servers[1].app = self.model.app, self.slack.app
        self.port = free_port()
        self.killed = False
        self.processes: list[Fork] = []
        self.env = os.environ | {
            "PORT": str(self.port),
            "DATABASE_PATH": str(folder / "bot.sqlite3"),
            "OPENAI_BASE_URL": f"{self.servers[0].url}/v1",
            "SLACK_API_URL": f"{self.servers[1].url}/api/",
            "SLACK_BOT_TOKEN": "xoxb-own",
            "SLACK_SIGNING_SECRET": SECRET,
            "MEMORY_TOKEN_LIMIT": "10",  # every turn is condensed
            "MEMORY_KEEP_TOKENS": "5",
        }

    def run(self, kill_at: int) -> "Incident":
        """Ask, be killed, start again, be done."""
        self.thread = self.slack.say(f"@bot {QUESTION}")
        self.undelivered = [
            callback(event) for event in events_of(self.slack.changes.get(timeout=SOON), self.slack.workspace)
        ]
        try:
            if kill_at:
                first = self.start(kill_at)
                self.deliver(first)
                self.killed = self.ended(first) == -9
            last = self.start(0)
            self.deliver(last)
            assert self.ended(last) == 0
        finally:
            for process in self.processes:
                process.end()
            for server in self.servers:
                server.end()
        return self

    def ended(self, process: Fork) -> int:
        """How the process ended: killed at its point, or in peace once the answer was out.

        Its threads take turns as they like, so that one run may pass a few points fewer than the one they were
        counted in, and outlive its kill.
        """
        deadline = time.monotonic() + 2 * SOON
        while process.poll() is None:
            assert time.monotonic() < deadline, "neither killed nor done"
            if ANSWER in self.slack.said() and self.states() == {"done"}:  # the condensation too
                process.terminate()
                return process.wait(SOON)
            with suppress(queue.Empty):
                self.slack.changes.get(timeout=0.1)
        return process.poll()

    def states(self) -> set[str]:
        """Of all that was ever queued: the question, and the condensation after it.

        Read-only, since the last connection that may write deletes the log of a bot that was killed, and the next bot
        takes the file for one that lacks it.
        """
        with closing(sqlite3.connect(f"file:{self.folder}/bot.sqlite3?mode=ro", uri=True)) as database:
            return {state for (state,) in database.execute("SELECT state FROM questions")}

    def start(self, kill_at: int) -> Fork:
        process = Fork(killed_bot.one_machine, [self.folder / "points", kill_at], self.env)
        self.processes.append(process)
        log: list[str] = []
        for line in process.log:
            log.append(line)
            if "ready on" in line:
                return process
        pytest.fail(f"the bot did not start: {''.join(log)}")

    def deliver(self, process: Fork) -> None:
        """Slack sends each event until it gets a 200; what the killed bot did not take, the next one is sent."""
        for event in self.undelivered[:]:
            try:
                self.post(event)
            except (OSError, HTTPException):
                assert process.wait(SOON) == -9
                return
            self.undelivered.remove(event)

    def post(self, payload: dict) -> None:
        body, timestamp = json.dumps(payload).encode(), str(int(time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": str(signature),
        }
        with urlopen(HttpRequest(f"http://127.0.0.1:{self.port}/events", body, headers), timeout=SOON) as response:
            assert response.status == 200

    def complaints(self) -> list[str]:
        """What is not as promised."""
        posts = [each for each in self.slack.workspace.messages.posts() if each.user == BOT_USER]
        database = Database(self.folder / "bot.sqlite3")
        try:
            conversations = SqliteConversations(database, ttl_days=90, clock=time.time)
            kept = conversations.load(f"{TEAM}/{self.slack.channel.id}/{self.thread}").conversation
            states = self.states()
            is_charged_once = charged_once(
                SqliteLedger(database), f"{TEAM}/{self.slack.channel.id}/{self.thread}", condensed=bool(kept.notes)
            )
        finally:
            database.close()
        memory = "|".join([*(note.text for note in kept.notes), *(message.text for message in kept.buffer)])
        answered = sum(not condenses(each) for each in self.model.requests.queue)
        found = {
            "replies": [each.text for each in posts] == [ANSWER],
            "a live stream": not any(self.slack.workspace.messages.is_live(each) for each in posts),
            "a session at work": not any(
                each.status == "processing" for each in self.slack.workspace.sessions.sessions()
            ),
            "the question in memory": memory.count(QUESTION) == 1,
            "the answer in memory": memory.count(ANSWER) == 1,
            "the queue": states == {"done"},
            "model calls": answered <= 2,
            "the ledger": is_charged_once,
        }
        return [
            f"{name}: {[each.text for each in posts]} {memory} {states} {answered}"
            for name, kept in found.items()
            if not kept
        ]


def charged_once(ledger: Ledger, question: str, *, condensed: bool) -> bool:
    """Does the ledger have the answer to this question once, and the condensation after it where that was saved?

    And do the sums have all that the entries have? The model's stand-in counts the same for each call.
    """
    (period,) = ledger.months()
    entries = list(ledger.entries(*period))
    mine = [each for each in entries if each.request.startswith(question)]
    calls = 1 + condensed
    total = sum(map(Sum.of, entries), NO_SUM)
    return (
        sorted(each.kind for each in mine) == [Kind.ANSWER, Kind.CONDENSATION][:calls]
        and sum((each.usage for each in mine), NO_USAGE) == Usage(calls * SENT, calls * RECEIVED, turns=1)
        and all(list(ledger.sums(*period, kind).values()) == [total] for kind in OwnerKind)
    )


def callback(event: dict) -> dict:
    authorizations = [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}]
    return {"type": "event_callback", "team_id": TEAM, "event": event, "authorizations": authorizations}


def test_killed_at_any_point_of_a_turn_the_person_gets_one_whole_reply_and_nothing_is_forgotten(tmp_path, tabulate):
    whole = Incident(tmp_path / "whole").run(0)
    assert whole.complaints() == []
    points = (tmp_path / "whole" / "points").read_text().splitlines()
    assert {"before chat.startStream", "after answering", "before summarising", "after a commit"} <= set(points)

    def survive(kill_at: int) -> Incident:
        return Incident(tmp_path / str(kill_at)).run(kill_at)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        incidents = list(pool.map(survive, range(1, len(points) + 1)))
    broken = {
        f"{n} {name}": complaints
        for n, (name, incident) in enumerate(zip(points, incidents, strict=True), 1)
        if (complaints := incident.complaints())
    }
    killed = sum(incident.killed for incident in incidents)
    tabulate(mode="one machine", points=killed, healed=killed - len(broken), broken=len(broken))
    assert killed > len(points) - SPARE
    assert broken == {}


def test_a_worker_on_aws_killed_at_any_point_of_a_turn_leaves_one_whole_reply_too(
    deployment, aws_environment, tmp_path, tabulate
):
    aws_environment.setenv("MEMORY_TOKEN_LIMIT", "10")
    aws_environment.setenv("MEMORY_KEEP_TOKENS", "5")
    ledger = DynamoLedger(USAGE_TABLE, clock=time.time)
    points, _ = killed_worker(deployment, ledger, tmp_path / "whole", 0)
    named = {"before chat.startStream", "after answering", "before summarising", "after TransactWriteItems"}
    assert named <= set(points)
    broken = {}
    for n, name in enumerate(points, 1):
        _, complaints = killed_worker(deployment, ledger, tmp_path / str(n), n)
        if complaints:
            broken[f"{n} {name}"] = complaints
    tabulate(mode="Lambda", points=len(points), healed=len(points) - len(broken), broken=len(broken))
    assert broken == {}


def killed_worker(deployment, ledger: Ledger, points: Path, kill_at: int) -> tuple[list[str], list[str]]:
    """Kill a worker at one point and let the next have the question. Returns the points passed, and what is amiss."""
    event = deployment.says(QUESTION)
    asked_before = deployment.model.requests.qsize()
    deployment.post(event)
    killed = False
    while messages := deployment.aws.receive(most=1):  # the question, and the condensation
        (message,) = messages
        if killed:
            deployment.work(message)
            continue
        passed = len(points.read_text().splitlines()) if points.exists() else 0
        killed = dies(message, points, kill_at and kill_at - passed)
        (deployment.aws.give_back if killed else deployment.aws.delete)(message)
    assert killed == bool(kill_at)
    thread = event["event"]["ts"]
    posts = [each for each in deployment.workspace.messages.posts() if each.user == BOT_USER and each.thread == thread]
    item = deployment.aws.item(f"{TEAM}/{deployment.channel.id}/{thread}")
    memory = json.dumps([item["summary"], item["messages"]], ensure_ascii=False)
    asked = [each for each in list(deployment.model.requests.queue)[asked_before:] if not condenses(each)]
    found = {
        "replies": [each.text for each in posts] == [ANSWER],
        "a live stream": not any(deployment.workspace.messages.is_live(each) for each in posts),
        "a session at work": not any(each.status == "processing" for each in deployment.workspace.sessions.sessions()),
        "the question in memory": memory.count(QUESTION) == 1,
        "the answer in memory": memory.count(ANSWER) == 1,
        "the queue": deployment.aws.receive() == [],
        "model calls": len(asked) <= 2,
        "the ledger": charged_once(
            ledger,
            f"{TEAM}/{deployment.channel.id}/{thread}",
            condensed=bool(item["summary"]["S"]),
        ),
    }
    complaints = [f"{name}: {[each.text for each in posts]} {memory}" for name, kept in found.items() if not kept]
    return points.read_text().splitlines(), complaints


def dies(message: dict, points: Path, kill_at: int) -> bool:
    """Have a worker handle a message; true where it was killed at its point."""
    worker = Fork(killed_bot.worker, [points, kill_at, {"Records": [lambda_record(message)]}], os.environ)
    log = worker.log.read()  # to its end
    code = worker.wait(SOON)
    worker.end()
    assert code in (0, -9), log
    return code == -9
