"""The bot's own memory: its use case, its policy and its prompts, with a store in this process."""

import time

from bench.eval.ways.buffered import OWN_FAILURES, Buffered, Circumstances
from domain.condensing import Condensing
from domain.conversations.saving import Stored
from domain.limits.limiting import UNLIMITED
from domain.requests import Condense
from domain.spending.charging import Charging
from domain.spending.prices import NO_PRICES
from domain.turn_events import CondensingFailed, Event

KEY = "T1/C1/1000.000001"
SECONDS = 3_600
"""Most seconds of a condensation: a small machine may take its time."""


class Notes(Buffered):
    """What this project does."""

    def __init__(self, circumstances: Circumstances) -> None:
        super().__init__(circumstances)
        self.events: list[Event] = []
        self._condensing = Condensing(
            conversations=self,
            model=circumstances.model,
            count_tokens=circumstances.count_tokens,
            memory=circumstances.memory,
            prompts=circumstances.prompts,
            seconds=SECONDS,
            charging=Charging(NO_PRICES, time.time),
            report=self.events.append,
            clock=time.monotonic,
            limiting=UNLIMITED,
        )

    def load(self, conversation: str, *_: object, **__: object) -> Stored:  # noqa: ARG002 - there is one
        return Stored(self.conversation, self._turns)

    def save(self, conversation: str, stored: Stored, *_: object) -> Stored:  # noqa: ARG002
        self.conversation = stored.conversation
        return stored

    def _condense(self) -> None:
        before = len(self.events)
        self._condensing.condense(Condense("T1", "C1", self.ts, "U1", KEY))
        for event in self.events[before:]:
            if isinstance(event, CondensingFailed) and not isinstance(event.error, OWN_FAILURES):
                raise event.error

    @property
    def record(self) -> str:
        """What the model gets in place of all older messages."""
        return "\n".join(each.text for each in self.conversation.notes)
