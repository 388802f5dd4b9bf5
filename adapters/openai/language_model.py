"""The language model that answers and condenses, by chat completions.

Servers differ in what they take, and say so only when asked. What a server refuses is left out and asked again at
once, and then remembered for as long as the adapter lives.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx2
import openai

from adapters.deadlines import DeadlineOver, until
from adapters.openai.caching import cache_key, takes_key
from adapters.openai.client import CONNECT_SECONDS, READ_SECONDS
from adapters.openai.completions import Completion
from adapters.openai.errors import translating
from adapters.openai.messages import messages
from adapters.openai.refused_parameters import LIMITS, STREAM, SYSTEM, refused_by
from domain.condensation.condensation import Condensation
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.errors import AnsweringError, SummaryTooSlow, TokenLimitTooLow
from domain.ports.model import Completed, Piece, Retraction
from domain.prompts import Prompt
from domain.spending.usage import NO_USAGE

UNSTREAMED_SECONDS = 240.0
"""The longest silence of a server that does not stream: the whole answer is written before its first byte comes."""

ROOM_TO_THINK = (0, 4_000, 16_000)
"""Tokens beyond its limit that a summary is given, one after the other, while thoughts use up what it has. Limits of
630 to 2,400 came back empty in 22 % of one report's calls."""

CHANNELS_MODEL = "the model in the channel's settings"
"""What an operator is to look at where a channel's own model is refused."""


class OpenAILanguageModel:
    """A ``LanguageModel``. One instance serves every thread.

    ``temperature`` goes with answers alone, and only when it is not None. ``reply_token_limit`` bounds
    an answer; a reasoning model spends it on its thoughts too.
    """

    def __init__(
        self,
        *,
        client: openai.OpenAI,
        chat_model: str,
        summary_model: str,
        temperature: float | None,
        reply_token_limit: int,
    ) -> None:
        self._create = client.chat.completions.with_streaming_response.create
        self.name = chat_model
        self.summary_name = summary_model
        self._temperature = {} if temperature is None else {"temperature": temperature}
        self._reply_token_limit = reply_token_limit
        # Some servers ignore the limit whose name they do not know, and never stop (ollama/ollama#7125), while OpenAI
        # refuses the name it does not want aloud. So each is first asked with the name that it knows for certain.
        host = client.base_url.host or ""
        own = host.endswith((".openai.com", ".azure.com"))
        self._limits = LIMITS if own else LIMITS[::-1]
        self._is_cached_by_key = takes_key(host)
        self._refused: dict[str, frozenset[str]] = {}
        self._room: dict[str, int] = {}
        self._unopened: dict[str, bool] = {}

    def name_of(self, model: str) -> str:
        return model

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[Piece, None, None]:
        """See ``LanguageModel``. Closing the iterator early closes the connection: no further words are paid for."""
        completion = self._completion(model or self.name, self._reply_token_limit, "REPLY_TOKEN_LIMIT")
        wanted = self._temperature | self._cache_key(conversation)
        words = self._words(completion, prompt, wanted, CHANNELS_MODEL if model else "CHAT_MODEL")
        try:
            yield from until(deadline, words)
        except DeadlineOver:
            return
        yield completion.completed

    def summarise(self, condensation: Condensation, deadline: Deadline = NO_DEADLINE) -> tuple[str, Completed]:
        """See ``LanguageModel``. Streamed, so that the time limit measures silence, not the length of a summary."""
        model, wanted = self.summary_name, self._cache_key(condensation.conversation)
        spent = NO_USAGE
        for room in ROOM_TO_THINK[self._room.get(model, 0) :]:
            completion = self._completion(model, condensation.token_limit + room, "SUMMARY_TOKEN_LIMIT")
            words = self._words(completion, condensation.prompt, wanted, "SUMMARY_MODEL")
            pieces: list[str | Retraction] = []
            try:
                for piece in until(deadline, words):
                    pieces.append(piece)  # noqa: PERF402 - an error must leave those before it
                completed = completion.completed
            except DeadlineOver as error:
                raise SummaryTooSlow(f"{model} did not end its summary in time").after(spent) from error
            except TokenLimitTooLow as error:
                spent += error.usage
                if room == ROOM_TO_THINK[-1]:
                    raise error.after(spent) from None
                continue
            except AnsweringError as error:
                error.usage += spent
                error.paid = bool(pieces)
                raise
            self._room[model] = ROOM_TO_THINK.index(room)
            return _joined(pieces), replace(completed, usage=spent + completed.usage)
        raise AssertionError("unreachable: the last room raises")  # pragma: no cover

    def streams(self, model: str) -> bool:
        """Has this model's server not refused to stream, as far as it was asked?"""
        return STREAM not in self._refused.get(model, frozenset())

    def _cache_key(self, conversation: str) -> dict[str, str]:
        return {"prompt_cache_key": cache_key(conversation)} if conversation and self._is_cached_by_key else {}

    def _completion(self, model: str, limit: int, limit_setting: str) -> Completion:
        return Completion(model, limit, limit_setting, unopened=self._unopened.get(model, False))

    def _words(
        self, completion: Completion, prompt: Prompt, wanted: Mapping[str, Any], setting: str
    ) -> Generator[str | Retraction, None, None]:
        shown = any(part.pictures for part in prompt)
        with (
            translating(completion.model, setting, shown),
            self._asked(completion.model, prompt, wanted, completion.limit) as response,
        ):
            for piece in completion.words(response):
                self._unopened[completion.model] = completion.unopened
                yield piece

    @contextmanager
    def _asked(self, model: str, prompt: Prompt, wanted: Mapping[str, Any], limit: int) -> Iterator[httpx2.Response]:
        """The response to as much of what is wanted as this model takes. The limit of tokens is never left out."""
        refused = self._refused.get(model, frozenset())
        while True:
            request = self._request(model, prompt, wanted, limit, refused)
            try:
                with self._create(**request) as response:
                    # Learned only now: a request that fails whatever is left out has shown nothing. Whole sets replace
                    # one another, each of which has worked, so that what two threads learn cannot add up to an
                    # impossible one.
                    self._refused[model] = refused
                    yield response.http_response
            except openai.APIStatusError as error:
                name = refused_by(error, _names(request))
                if name is None or refused | {name} >= set(LIMITS):
                    raise
                refused |= {name}
            else:
                return

    def _request(
        self, model: str, prompt: Prompt, wanted: Mapping[str, Any], limit: int, refused: frozenset[str]
    ) -> dict[str, Any]:
        streamed = STREAM not in refused
        usage = {"stream_options": {"include_usage": True}} if streamed else {}
        limit_name = next(name for name in self._limits if name not in refused)
        silence = READ_SECONDS if streamed else UNSTREAMED_SECONDS
        accepted = {name: value for name, value in {**wanted, **usage}.items() if name not in refused}
        return accepted | {
            "model": model,
            "stream": streamed,
            limit_name: limit,
            # The SDK would match every message against the union of all its types, 3 ms for twenty of them;
            # what is in the extra body it takes as it is.
            "messages": [],
            "extra_body": {"messages": messages(prompt, system=SYSTEM not in refused)},
            "timeout": httpx2.Timeout(silence, connect=CONNECT_SECONDS),
        }


def _joined(pieces: Iterable[str | Retraction]) -> str:
    words: list[str] = []
    for piece in pieces:
        if isinstance(piece, Retraction):
            words.clear()
        else:
            words.append(piece)
    return "".join(words)


def _names(request: Mapping[str, Any]) -> set[str]:
    """What of a request a server may refuse."""
    sent = set(request) - {"model", "messages", "extra_body", "timeout", *(() if request["stream"] else (STREAM,))}
    roles = {each["role"] for each in request["extra_body"]["messages"]}
    return sent | roles & {SYSTEM}
