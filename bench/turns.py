"""What a turn costs: time, model calls, prompt tokens, and how much of them a provider has cached."""

import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from adapters.openai.list_prices import PRICES
from adapters.serialization.conversation_records import conversation_to_json
from adapters.slack.client import web_client
from adapters.slack.reading.resolver import SlackResolver
from adapters.slack.replying.replies import SlackReplies
from adapters.slack.texts import JAPANESE_LABELS
from adapters.sqlite import Database, SqliteConversations
from adapters.tiktoken import count_tokens_for
from bench.conversation import question
from bench.stand_ins import running, seen
from bench.tokens import encode
from domain.answering import Answering
from domain.condensing import Condensing
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.limits.allowance import Allowance
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.prompts import Prompts
from domain.requests import Condense, Question, Request
from domain.spending.charging import Charging
from domain.spending.prices import Prices
from domain.texts.japanese import JAPANESE
from domain.texts.language import Language
from domain.turn_events import Event

MODEL = "gpt-5.4-mini"
THREAD = "1000.000001"
CONVERSATION = f"T1/C1/{THREAD}"
MEMORY = Memory(limit=2000, keep=1000, summary=1000)
CACHE_LEAST, CACHE_STEP = 1024, 128
"""A provider caches prefixes of 1,024 tokens and more, in steps of 128."""


@dataclass
class Turns:
    """Figures of every turn, in order."""

    seconds: list[float]
    bare_seconds: list[float]
    stored_bytes: list[int]
    calls: list[int]
    requests: list[dict]


class Bench:
    """A bot on SQLite with the real clients, and beside it a bare loop with the same clients."""

    def __init__(
        self,
        address: str,
        folder: Path,
        memory: Memory = MEMORY,
        language: Language = JAPANESE,
        scope: Scope = Scope.THREAD,
    ) -> None:
        self._client = openai_client(api_key="sk-bench", base_url=f"{address}/v1")
        self._slack = web_client("xoxb-bench", f"{address}/api/")
        self._database = Database(folder / "bot.sqlite3")
        self._conversations = SqliteConversations(self._database, ttl_days=90, clock=time.time)
        self.events: list[Event] = []
        model = OpenAILanguageModel(
            client=self._client, chat_model=MODEL, summary_model=MODEL, temperature=None, reply_token_limit=2000
        )
        limiting = Limiting(Allowance(person=10**9, channel=10**9, team=10**9, questions=1_000), time.time)
        charging = Charging(Prices(PRICES), time.time)
        prompts = Prompts(language)
        self._condensing = Condensing(
            conversations=self._conversations,
            model=model,
            count_tokens=count_tokens_for(MODEL),
            memory=memory,
            prompts=prompts,
            seconds=240,
            charging=charging,
            report=self.events.append,
            clock=time.monotonic,
            limiting=limiting,
        )
        self._answering = Answering(
            conversations=self._conversations,
            model=model,
            replies=SlackReplies(self._slack, clock=time.monotonic, labels=JAPANESE_LABELS, sessions=True),
            resolver=SlackResolver(self._slack, clock=time.time),
            count_tokens=count_tokens_for(MODEL),
            memory=memory,
            prompts=prompts,
            queue=self,
            condensing=self._condensing,
            scope=scope,
            ttl_days=90,
            reply_seconds=240,
            reply_token_limit=2000,
            thread_history_tokens=500,
            charging=charging,
            report=self.events.append,
            clock=time.monotonic,
            limiting=limiting,
        )

    def put(self, request: Request, group: str) -> bool:  # noqa: ARG002 - nothing is under way beside it
        """Condenses at once what the queue would hand to another worker, so that its time is measured too."""
        if isinstance(request, Condense):
            self._condensing.condense(request)
        return True

    def turn(self, number: int) -> float:
        return self.ask(number, question(number), "U1")

    def ask(self, number: int, text: str, person: str) -> float:
        """The seconds of the turn of this number, with a condensation where one is due."""
        asked = Question("T1", "C1", f"1000.{number + 1:06}", person, text, THREAD)
        start = time.perf_counter()
        self._answering.answer(asked)
        return time.perf_counter() - start

    def bare_turn(self, number: int) -> float:
        return self.bare(question(number))

    def bare(self, text: str) -> float:
        """One streaming call, one post, one read and one write: the least that any bot must do."""
        start = time.perf_counter()
        stored = self._conversations.load("bare")
        self.post(self.complete("bare", [{"role": "user", "content": text}]))
        self._conversations.save("bare", Stored(stored.conversation, stored.version))
        return time.perf_counter() - start

    def complete(self, model: str, messages: list[dict[str, str]], **wanted: Any) -> str:
        """The model's answer, streamed."""
        stream = self._client.chat.completions.create(
            # The SDK would match every message against the union of all its types.
            model=model, messages=[], extra_body={"messages": messages}, stream=True, **wanted
        )  # fmt: skip
        return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)

    def post(self, words: str) -> None:
        self._slack.chat_postMessage(channel="C1", thread_ts=THREAD, markdown_text=words)

    def stored_bytes(self) -> int:
        return len(conversation_to_json(self._conversations.load(CONVERSATION).conversation).encode())

    def close(self) -> None:
        self._database.close()
        self._client.close()


@contextmanager
def bench() -> Iterator[tuple[Bench, str]]:
    with running() as address, tempfile.TemporaryDirectory() as folder:
        stack = Bench(address, Path(folder))
        try:
            yield stack, address
        finally:
            stack.close()


def run(turns: int) -> Turns:
    """That many turns of one conversation, each beside a bare one so that noise hits both alike."""
    with bench() as (stack, address):
        seconds, bare, stored, calls = [], [], [], []
        for number in range(turns):
            stack.events.clear()
            seconds.append(stack.turn(number))
            bare.append(stack.bare_turn(number))
            stored.append(stack.stored_bytes())
            calls.append(len(stack.events))
        return Turns(
            seconds, bare, stored, calls, [each for each in seen(address)["requests"] if each["model"] != "bare"]
        )


def cached_share(requests: list[dict]) -> Iterator[tuple[int, int]]:
    """For each request its prompt tokens, and how many of them repeat a cacheable prefix of an earlier one."""
    tokens = _Tokens()
    known: set[tuple[int, ...]] = set()
    for request in requests:
        prompt = tokens.of(request["messages"])
        steps = range(CACHE_LEAST, len(prompt) + 1, CACHE_STEP)
        cached = max((step for step in steps if tuple(prompt[:step]) in known), default=0)
        known.update(tuple(prompt[:step]) for step in steps)
        yield len(prompt), cached


class _Tokens:
    """Prompts as token numbers, with OpenAI's frame of about four tokens around each message."""

    def __init__(self) -> None:
        self._roles = {role: -number for number, role in enumerate(("system", "user", "assistant"), start=2)}

    def of(self, messages: list[dict]) -> list[int]:
        parts = ((self._roles[each["role"]], encode(each["content"])) for each in messages)
        return list(itertools.chain.from_iterable([-1, role, -1, *content, -1] for role, content in parts))


def figures(turns: Turns) -> dict[str, float]:
    """The figures of the first 100 turns, and how the turns around the 2,000th compare with those around the 100th."""
    calls = turns.calls[:100]
    shares = list(cached_share(turns.requests[: sum(calls)]))
    first_condensed = next(turn for turn, count in enumerate(calls) if count > 1)
    after = shares[sum(calls[: first_condensed + 1]) :]
    early, late = slice(100, 200), slice(len(turns.seconds) - 100, len(turns.seconds))
    sent = [tokens for tokens, _ in cached_share(turns.requests)]
    starts = [0, *itertools.accumulate(turns.calls)]

    def growth(values: list[float]) -> float:
        return statistics.mean(values[late]) / statistics.mean(values[early])

    return {
        "turn_p50_ms": statistics.median(turns.seconds[:100]) * 1000,
        "bare_p50_ms": statistics.median(turns.bare_seconds[:100]) * 1000,
        "time_ratio": statistics.median(turns.seconds[:100]) / statistics.median(turns.bare_seconds[:100]),
        "model_calls": sum(calls),
        "prompt_tokens": sum(tokens for tokens, _ in shares),
        "cached_share": sum(cached for _, cached in after) / sum(tokens for tokens, _ in after),
        "stored_bytes": max(turns.stored_bytes),
        "growth_of_time": statistics.median(turns.seconds[late])
        / statistics.median(turns.seconds[early])
        / (statistics.median(turns.bare_seconds[late]) / statistics.median(turns.bare_seconds[early])),
        "growth_of_prompt": growth([sent[start] for start in starts[:-1]]),
        "growth_of_store": growth(turns.stored_bytes),
    }
