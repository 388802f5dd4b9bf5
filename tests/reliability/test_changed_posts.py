"""A worker that is killed at any step of an edit, of a deletion or of a redaction loses nothing of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.serialization.conversation_records import conversation_to_json
from adapters.sqlite import SqliteConversations, SqliteQueue
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.correction.correcting import Correcting
from domain.correction.edits_and_deletions import Deletion, Edit, PostRequest, Redact
from domain.correction.redacting import Redacting
from domain.limits.limiting import UNLIMITED
from domain.memory import Memory
from domain.prompts import Prompts
from domain.requests import Question
from domain.spending.charging import Charging
from domain.spending.prices import NO_PRICES
from domain.texts.japanese import JAPANESE
from domain.timestamp import Timestamp
from domain.turn.remembering import Remembering
from tests.fakes import PlainResolver, ScriptedModel

KEY = "T1/C1/1000.000001"
ASKED = Question("T1", "C1", Timestamp("1000.000002"), "USAKURA", "ポチは三歳です", thread="1000.000001")
CHANGE = ("T1", "C1", Timestamp("2000.000001"), "USAKURA")
EDIT = Edit(*CHANGE, replace(ASKED, text="ポチは四歳です"), was=ASKED.text)
DELETION = Deletion(*CHANGE, ASKED, was=ASKED.text)


def turn(question: Question) -> Conversation:
    asked = Message(Speaker.PERSON, question.text, len(question.text), ts=question.ts)
    return Conversation().remember(question.ts, "はい", asked, Message(Speaker.BOT, "はい", 2, ts=question.ts))


REMEMBERED = turn(ASKED)
LATER = turn(replace(ASKED, ts=Timestamp("1500.000001"), text="猫は?"))
FOLDED = replace(
    LATER,
    notes=(Note("ポチは三歳", 5, ASKED.ts, ASKED.ts), Note("猫もいる", 4, Timestamp("1100.1"), Timestamp("1100.1"))),
)


class Killed(BaseException):
    """As by ``kill -9``: nothing catches it."""


class Process:
    """A worker whose calls of the world are counted, and which is killed before the one of this number."""

    def __init__(self, kill_before: int) -> None:
        self.calls = 0
        self._kill_before = kill_before

    def around(self, target: Any, *names: str) -> Any:
        process = self

        class Watched:
            def __getattr__(self, name: str) -> Any:
                method = getattr(target, name)
                return process.watched(method) if name in names else method

        return Watched()

    def watched(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self._step()
            result = method(*arguments, **more)
            self._step()
            return result

        return call

    def _step(self) -> None:
        self.calls += 1
        if self.calls == self._kill_before:
            raise Killed


class Bot:
    """The parts of one machine that edits and deletions pass through."""

    def __init__(self, database: Any, clock: Callable[[], float]) -> None:
        self._queue = SqliteQueue(database, clock=clock)
        self._store = SqliteConversations(database, ttl_days=90, clock=clock)
        self.model = ScriptedModel(summaries=("DROP 1",) * 9)

    def begin_with(self, conversation: Conversation, request: PostRequest) -> None:
        self._store.save(KEY, Stored(conversation, 0))
        self._queue.put(request, request.group(Scope.THREAD))

    def work(self, kill_before: int = 0) -> int:
        """Handle what waits; returns how many calls there were. Raises ``Killed``."""
        process = Process(kill_before)
        queue = process.around(self._queue, "put", "claim", "finish")
        store = process.around(self._store, "load", "save")
        prompts, memory = Prompts(JAPANESE), Memory(4000, 2000, 1000)
        correcting = Correcting(
            conversations=store,
            resolver=process.around(PlainResolver(), "read"),
            queue=queue,
            remembering=Remembering(memory, prompts, len),
            scope=Scope.THREAD,
            report=lambda _: None,
        )
        redacting = Redacting(
            conversations=store,
            model=process.around(self.model, "summarise"),
            count_tokens=len,
            memory=memory,
            prompts=prompts,
            seconds=240,
            charging=Charging(NO_PRICES, lambda: 0.0),
            report=lambda _: None,
            clock=lambda: 0.0,
            limiting=UNLIMITED,
        )
        while claim := queue.claim():
            if isinstance(claim.request, Redact):
                redacting.redact(claim.request, claim.delivery)
            else:
                correcting.correct(claim.request, claim.delivery)
            queue.finish(claim.request)
        return process.calls

    def restart(self) -> None:
        self._queue.recover()

    @property
    def memory(self) -> Conversation:
        return self._store.load(KEY).conversation


@pytest.fixture
def bots(tmp_path, open_database, clock) -> Iterator[Bot]:
    return (Bot(open_database(tmp_path / str(number) / "bot.sqlite3"), clock) for number in range(1_000))


@pytest.mark.parametrize(
    ("before", "request_", "text", "notes"),
    [
        (REMEMBERED, EDIT, "ポチは四歳です", []),
        (REMEMBERED, DELETION, None, []),
        (FOLDED, EDIT, "猫は?", ["猫もいる"]),
        (FOLDED, DELETION, "猫は?", ["猫もいる"]),
        (Conversation(), EDIT, None, []),
        (Conversation(), DELETION, None, []),
    ],
    ids=["edit", "deletion", "edit of notes", "deletion of notes", "edit of a mention", "deletion of a mention"],
)
def test_a_kill_at_any_step_leaves_what_no_kill_would_have_left(bots, before, request_, text, notes):
    request_ = replace(request_, post=replace(request_.post, addressed=True))
    whole = next(bots)
    whole.begin_with(before, request_)
    steps = whole.work()
    assert [each.text for each in whole.memory.buffer[:1]] == ([text] if text else [])
    assert [each.text for each in whole.memory.notes] == notes
    assert not any(each.withheld for each in whole.memory.notes)
    for step in range(1, steps + 1):
        bot = next(bots)
        bot.begin_with(before, request_)
        with pytest.raises(Killed):
            bot.work(kill_before=step)
        bot.restart()
        bot.work()
        without_usage = replace(bot.memory, usage=whole.memory.usage)  # a killed redaction is asked for twice
        assert conversation_to_json(without_usage) == conversation_to_json(whole.memory)


def test_a_note_is_withheld_at_every_step_until_the_model_has_redacted_it(bots):
    whole = next(bots)
    whole.begin_with(FOLDED, DELETION)
    for step in range(1, whole.work() + 1):
        bot = next(bots)
        bot.begin_with(FOLDED, DELETION)
        with pytest.raises(Killed):
            bot.work(kill_before=step)
        shown = [each.text for each in bot.memory.notes if not each.withheld]
        assert "ポチは三歳" not in shown or not bot.memory.redactions
        assert bool(bot.memory.redactions) == any(each.withheld for each in bot.memory.notes)
