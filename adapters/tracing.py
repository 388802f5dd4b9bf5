"""X-Ray segments around what a turn waits for, by wrapping the ports: the use case knows nothing of it.

Outside Lambda nothing is recorded. A segment that fails carries the type of the error and never its
message, which may quote what people wrote.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

from aws_lambda_powertools import Tracer

from domain.attachments import ResolvedQuestion
from domain.ports import Channel, Completed, Condensation, Conversations, LanguageModel, Reply, Resolver, Stored
from domain.prompts import Prompt
from domain.requests import Place, Question
from domain.usage import Receipt

Segment = Callable[..., AbstractContextManager[None]]
"""``segment(name, **annotations)`` records the time that its block takes."""


def segments(tracer: Tracer) -> Segment:
    @contextmanager
    def segment(name: str, **annotations: str | int) -> Iterator[None]:
        if tracer.disabled:
            yield
            return
        recorder: Any = tracer.provider  # in_subsegment, which its type promises, would record an error's message
        recorded = recorder.begin_subsegment(name)
        for key, value in annotations.items():
            recorded.put_annotation(key, value)
        try:
            yield
        except Exception as error:
            recorded.put_annotation("error", type(error).__name__)
            recorded.add_fault_flag()
            raise
        finally:
            recorder.end_subsegment()

    return segment


class TracedConversations:
    """Segments ``load`` and ``save``."""

    def __init__(self, conversations: Conversations, segment: Segment) -> None:
        self._conversations = conversations
        self._segment = segment

    def load(self, conversation: str) -> Stored:
        with self._segment("load"):
            return self._conversations.load(conversation)

    def save(self, conversation: str, stored: Stored) -> Stored:
        with self._segment("save"):
            return self._conversations.save(conversation, stored)


class TracedLanguageModel:
    """Segments ``model``, from the request to the last word, and ``condense``."""

    def __init__(self, model: LanguageModel, segment: Segment) -> None:
        self._model = model
        self._segment = segment

    @property
    def name(self) -> str:
        return self._model.name

    def reply(self, prompt: Prompt) -> Generator[str | Completed, None, None]:
        with self._segment("model"), closing(self._model.reply(prompt)) as pieces:
            yield from pieces

    def summarise(self, condensation: Condensation) -> tuple[str, Completed]:
        with self._segment("condense"):
            return self._model.summarise(condensation)


class TracedResolver:
    """Segments ``Slack read``: names and files are fetched before the model is asked."""

    def __init__(self, reader: Resolver, segment: Segment) -> None:
        self._reader = reader
        self._segment = segment

    def read(self, question: Question, until: float) -> ResolvedQuestion:
        with self._segment("Slack read"):
            return self._reader.read(question, until)


class TracedChannel:
    """Segments ``Slack open``, ``Slack close`` and ``Slack send``. Those of the words between would be hundreds."""

    def __init__(self, channel: Channel, segment: Segment) -> None:
        self._channel = channel
        self._segment = segment

    def open(self, question: Question, place: Place) -> Reply:
        with self._segment("Slack open"):
            return _TracedReply(self._channel.open(question, place), self._segment)

    def resume(self, question: Question, place: Place, ts: str) -> Reply:
        with self._segment("Slack open"):
            return _TracedReply(self._channel.resume(question, place, ts), self._segment)

    def find(self, question: Question, place: Place) -> Reply | None:
        with self._segment("Slack open"):
            found = self._channel.find(question, place)
        return found and _TracedReply(found, self._segment)

    def send(self, question: Question, name: str, content: str) -> None:
        with self._segment("Slack send"):
            self._channel.send(question, name, content)


class _TracedReply:
    def __init__(self, reply: Reply, segment: Segment) -> None:
        self._reply = reply
        self._segment = segment
        self.write = reply.write

    @property
    def ts(self) -> str:
        return self._reply.ts

    @property
    def stopped(self) -> bool:
        return self._reply.stopped

    def close(self, receipt: Receipt | None = None) -> None:
        with self._segment("Slack close"):
            self._reply.close(receipt)

    def replace(self, text: str, receipt: Receipt | None = None) -> None:
        with self._segment("Slack close"):
            self._reply.replace(text, receipt)
