"""An ``Answering`` with everything around it in view."""

from dataclasses import replace

from domain.conversations.place import Scope
from domain.limits.allowance import NO_LIMITS
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.prompts import Prompts
from domain.requests import Question
from domain.texts.japanese import JAPANESE
from tests.conftest import Clock
from tests.fakes import (
    ImmediateQueue,
    InMemoryConversations,
    InMemoryReplies,
    PlainResolver,
    ScriptedModel,
    answering,
    apologising,
)

DOG = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前はポチです")
THREAD = "T1/C1/1000.000001"


def follow_up(number: int, text: str = "それで?", **changes) -> Question:
    return replace(DOG, ts=f"1000.{number + 1:06}", thread=DOG.ts, text=text, **changes)


class Desk:
    """An ``Answering`` with everything around it in view. Tokens are characters."""

    def __init__(
        self,
        model=None,
        *,
        memory=None,
        replies=None,
        scope=Scope.THREAD,
        count=len,
        resolver=None,
        prompts=None,
        allowance=NO_LIMITS,
        most_of_one=0,
        **settings,
    ):
        self.model = model or ScriptedModel()
        self.clock = Clock()
        self.store = InMemoryConversations(self.clock)
        self.replies = replies or InMemoryReplies()
        self.events = []
        self.memory = memory or Memory(limit=100, keep=50, summary=40)
        self.queue = ImmediateQueue()
        self.answering = answering(
            conversations=self.store,
            model=self.model,
            replies=self.replies,
            resolver=resolver or PlainResolver(),
            queue=self.queue,
            count_tokens=count,
            memory=self.memory,
            prompts=prompts or Prompts(JAPANESE),
            scope=scope,
            report=self.events.append,
            clock=self.clock,
            limiting=Limiting(allowance, self.clock, most_of_one),
            **settings,
        )
        self.answer = self.answering.answer
        self.apologising = apologising(
            conversations=self.store,
            replies=self.replies,
            count_tokens=count,
            memory=self.memory,
            prompts=prompts or Prompts(JAPANESE),
            scope=scope,
            report=self.events.append,
        )

    def memory_of(self, conversation=THREAD):
        return self.store.kept[conversation].conversation


def raising(error):
    def fail(*_, **__):
        raise error

    return fail
