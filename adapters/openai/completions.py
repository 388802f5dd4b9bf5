"""What a server sends as a completion: server-sent events, or one JSON document."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import openai

from adapters.openai.bodies import Body
from adapters.openai.finish_reasons import FinishReason, finish_reason_of
from adapters.openai.reported_usage import usage_of
from adapters.openai.thoughts import Thoughts
from domain.errors import ModelMisconfigured, ModelRefused, ModelUnavailable, TokenLimitTooLow
from domain.ports.model import Completed, Retraction

CHARACTERS_PER_TOKEN = 16
"""A server that ignores its limit of tokens is stopped at so many characters for each. A token of prose has about four,
one of a table's blanks or dashes up to sixteen."""

DOCUMENT_BYTES = 8_000_000
"""The most of a JSON document that is read."""

NOT_CHAT_COMPLETIONS = "what answers at the base URL does not speak chat completions; look at OPENAI_BASE_URL; it sent "
"""Said of web pages and of JSON of another shape."""

Json = Mapping[str, Any]


class Completion:
    """Reads one completion. ``limit`` is the limit of tokens that the model was asked to keep to.

    ``unopened`` is whether the model is known to begin inside its thoughts: see ``Thoughts``.
    """

    def __init__(self, model: str, limit: int, limit_setting: str, *, unopened: bool = False) -> None:
        self.model = model
        self.limit = limit
        self._most = limit * CHARACTERS_PER_TOKEN
        self._limit_setting = limit_setting
        self._thoughts = Thoughts(unopened=unopened)
        self._retractable = not unopened
        self._thinking = False
        self._reason = ""
        self._figures: object = None
        self._length = 0
        self._done = False
        self._has_words = False
        self._has_choices = False
        self._other_shape = False

    @property
    def unopened(self) -> bool:
        """Does the model begin inside its thoughts?"""
        return self._thoughts.unopened

    def words(self, response: httpx2.Response) -> Iterator[str | Retraction]:
        """The words of the answer as they arrive, without the thoughts.

        Raises what ``httpx2`` and the SDK raise, and ``ModelMisconfigured`` for what is no chat completion.
        """
        for document in self._documents(response):
            for piece in self._pieces(document):
                room = self._most - self._length
                self._length += len(piece)
                yield from self._shown(self._thoughts.without(piece[:room]))
                if self._is_too_long:
                    return
        yield from self._shown(self._thoughts.rest(cut=self._ending is FinishReason.CUT))

    @property
    def completed(self) -> Completed:
        """How it ended.

        Raises:
            ModelUnavailable: It broke off.
            ModelRefused: The model, or a filter, stopped it.
            TokenLimitTooLow: Its thoughts used up the limit of tokens.
            ModelMisconfigured: Nothing in it was a chat completion.
        """
        if self._other_shape and not self._has_choices:
            raise ModelMisconfigured(f"{self.model}: {NOT_CHAT_COMPLETIONS}JSON of another shape")
        ending = self._ending
        if ending is FinishReason.BREAK:
            said = f": finish reason {_plain(self._reason)}" * bool(self._reason)
            raise ModelUnavailable(f"{self.model} broke off before the end of its answer{said}")
        if ending is FinishReason.REFUSAL:
            refusal = ModelRefused(f"{self.model}'s content filter stopped the answer: {_plain(self._reason)}")
            raise refusal.after(usage_of(self._figures))
        if ending is FinishReason.CUT and not self._has_words:
            raise TokenLimitTooLow(self._used_up()).after(usage_of(self._figures))
        return Completed(usage_of(self._figures), cut=ending is FinishReason.CUT)

    @property
    def _ending(self) -> FinishReason:
        if self._is_too_long:
            return FinishReason.CUT
        if self._reason:
            return finish_reason_of(self._reason)
        return FinishReason.END if self._done and self._has_words else FinishReason.BREAK

    @property
    def _is_too_long(self) -> bool:
        return self._length > self._most

    def _used_up(self) -> str:
        usage = usage_of(self._figures)
        received = usage.received
        thoughts = usage.reasoning or received * (self._thinking or self._thoughts.seen or self.unopened)
        return (
            f"{self.model}: the limit of {self.limit} tokens was used up before the first word of the answer: "
            f"{received} tokens received, {thoughts} of them thoughts; raise {self._limit_setting}"
        )

    def _shown(self, text: str) -> Iterator[str | Retraction]:
        if self._retractable and self.unopened:
            self._retractable = self._has_words = False
            yield Retraction()
        if text:
            self._has_words = self._has_words or not text.isspace()
            yield text

    def _documents(self, response: httpx2.Response) -> Iterator[Json]:
        """The JSON documents of a response, whether or not it is streamed."""
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = Body(response)
        if media_type.endswith(("html", "xml")) or body.is_markup:
            raise ModelMisconfigured(f"{self.model}: {NOT_CHAT_COMPLETIONS}{_plain(media_type) or 'a web page'}")
        if body.is_json:
            document = self._document(body.text(DOCUMENT_BYTES), response)
            self._done, self._other_shape = True, not document.get("choices")
            yield document
            return
        for event in body.events():
            data = event.data.strip()
            if data == "[DONE]":
                self._done = True
                return
            if data:  # records of retry:, event: or id: alone have none
                yield self._document(data, response, event.event)
        if media_type == "text/plain" and not self._has_choices:
            raise ModelMisconfigured(f"{self.model}: {NOT_CHAT_COMPLETIONS}plain text")

    def _document(self, text: str, response: httpx2.Response, kind: str = "") -> Json:
        document = json.loads(text)
        if not isinstance(document, dict):
            self._other_shape = True
            return {}
        if document.get("error") or "error" in (kind, document.get("object")):
            body = document.get("error") or document
            raise openai.APIError("an error in place of an answer", response.request, body=body)
        return document

    def _pieces(self, document: Json) -> Iterator[str]:
        self._figures = document.get("usage") or self._figures
        choices = document.get("choices")
        self._has_choices = self._has_choices or bool(choices)
        self._other_shape = self._other_shape or "choices" not in document
        for choice in choices if isinstance(choices, list) else ():  # the chunk that has the usage has none
            if isinstance(choice, dict) and not choice.get("index"):
                self._reason = _reason(choice.get("finish_reason")) or self._reason
                self._figures = choice.get("usage") or self._figures  # where Moonshot has it
                # Absent where Azure's filter reports; some servers stream messages.
                yield from self._said(choice.get("delta") or choice.get("message"))

    def _said(self, message: object) -> Iterator[str]:
        if not isinstance(message, dict):
            return
        if message.get("refusal"):
            raise ModelRefused(f"{self.model} declined to answer")
        self._thinking = self._thinking or bool(message.get("reasoning_content") or message.get("reasoning"))
        content = message.get("content")
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, str):
                yield part
            elif isinstance(part, dict) and isinstance(part.get("text"), str) and not _is_thought(part):
                yield part["text"]
            else:
                self._thinking = self._thinking or part is not None


def _is_thought(part: Json) -> bool:
    """By its type, as Mistral, Cohere and Databricks name it, or by a mark, as Gemini does."""
    return bool(part.get("thought") or re.search("think|thought|reason|summary", _str(part.get("type"))))


def _reason(value: object) -> str:
    """A finish reason. Some servers write that there is none yet as a word."""
    reason = _str(value)
    return "" if reason.strip().lower() in ("", "null", "none", "undefined") else reason


def _str(value: object) -> str:
    return value if isinstance(value, str) else ""


def _plain(name: str) -> str:
    """A server's word for the log: names only, for a sentence may quote what people wrote."""
    return re.sub(r"[^A-Za-z0-9_./+-]", "", name)[:80]
