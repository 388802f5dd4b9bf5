"""Condensing beside the next question, with models that are slow, forgetful of their limits, or too small."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attachments import ResolvedQuestion
from domain.condensation.edit_lines import Drop, read_edits
from domain.condensation.summarising import ROOM_TO_THINK
from domain.condensing import Condensing
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note, Notes
from domain.conversations.saving import Stored
from domain.deliveries.delivery import Delivery
from domain.errors import (
    BudgetUsedUp,
    Conflict,
    ContextTooSmall,
    ModelRefused,
    ModelUnavailable,
    StoreUnavailable,
    TokenLimitTooLow,
)
from domain.limits.allowance import Allowance
from domain.limits.limiting import Limiting
from domain.memory import Memory
from domain.prompts import Prompts, Role
from domain.requests import Condense
from domain.spending.charging import Charging
from domain.spending.prices import NO_PRICES
from domain.spending.usage import Usage
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.timestamp import Timestamp
from domain.turn_events import Condensed, CondensingFailed
from tests.conftest import Clock
from tests.fakes import InMemoryConversations, ScriptedModel, spending
from tests.notes import texts

THREAD = "T1/C1/1000.000001"
POCHI = Note("花子の犬はポチ。", 10, Timestamp("1793491200.000100"), Timestamp("1793491200.000100"))
WALK = Note("毎朝散歩する。", 10)
LONG = "".join(map(chr, range(0x4E00, 0x4E00 + 90))) + "。"
REQUEST = Condense("T1", "C1", "1000.000009", "USAKURA", THREAD)


def turn(number: int, size: int = 20) -> tuple[Message, Message]:
    asked, answered = f"質問{number}".ljust(size, "あ"), f"答え{number}".ljust(size, "い")
    return Message(Speaker.PERSON, asked, size), Message(Speaker.BOT, answered, size)


class Room:
    """A ``Condensing`` and what stands around it: five turns of 40 tokens, which are characters here."""

    def __init__(self, model=None, turns: int = 5, keep: Notes = (), count=len, budget: int = 0) -> None:
        self.model = model or ScriptedModel(summaries=("犬の話。",))
        self.clock = Clock()
        self.store = InMemoryConversations(self.clock)
        self.events = []
        self.buffer = tuple(message for n in range(turns) for message in turn(n))
        self.store.kept[THREAD] = Stored(Conversation(keep, self.buffer), 1)
        self.condensing = Condensing(
            conversations=self.store,
            model=self.model,
            count_tokens=count,
            memory=Memory(limit=100, keep=50, summary=100),
            prompts=Prompts(JAPANESE),
            seconds=240,
            charging=Charging(NO_PRICES, Clock()),
            report=self.events.append,
            clock=self.clock,
            limiting=Limiting(Allowance(person=budget), self.clock),
        )

    @property
    def conversation(self) -> Conversation:
        return self.store.kept[THREAD].conversation

    def change(self, conversation: Conversation) -> None:
        self.store.kept[THREAD] = Stored(conversation, self.store.kept[THREAD].version + 1)


class Cut(ScriptedModel):
    """A model that reaches its limit of tokens each time."""

    def __init__(self, *summaries: str) -> None:
        super().__init__(summaries=summaries)

    def summarise(self, condensation, deadline):
        summary, completed = super().summarise(condensation, deadline)
        return summary, replace(completed, cut=True)


class Small(ScriptedModel):
    """A model whose context holds so many characters of a condensation's prompt."""

    def __init__(self, context: int) -> None:
        super().__init__()
        self.context = context

    def summarise(self, condensation, deadline):
        if sum(len(part.text) for part in condensation.prompt) > self.context:
            raise ContextTooSmall("the prompt is larger than the context")
        return super().summarise(condensation, deadline)


def test_the_oldest_turns_of_a_conversation_over_its_limit_become_its_summary():
    room = Room()
    room.condensing.condense(REQUEST)
    assert texts(room.conversation.notes) == ["犬の話。"]
    assert room.conversation.buffer == room.buffer[8:]
    assert [type(each) for each in room.events] == [Condensed]


def test_a_second_delivery_of_the_request_condenses_nothing_more():
    room = Room()
    room.condensing.condense(REQUEST)
    room.condensing.condense(REQUEST, Delivery(2))
    assert len(room.model.condensations) == 1


def test_a_turn_that_was_answered_meanwhile_stays_behind_what_was_condensed():
    room = Room()

    def the_next_question_is_answered():
        room.store.interfere = lambda: None
        room.change(replace(room.conversation, buffer=(*room.buffer, *turn(5))))

    room.store.interfere = the_next_question_is_answered
    room.condensing.condense(REQUEST)
    assert texts(room.conversation.notes) == ["犬の話。"]
    assert room.conversation.buffer == (*room.buffer[8:], *turn(5))
    assert len(room.model.condensations) == 1


def test_what_people_had_the_bot_forget_meanwhile_does_not_come_back_as_a_summary():
    room = Room()

    def reset():
        room.store.interfere = lambda: None
        room.change(room.conversation.forgotten("1000.000010"))

    room.store.interfere = reset
    room.condensing.condense(REQUEST)
    assert room.conversation.is_empty
    assert isinstance(room.events[-1].error, Conflict)


def test_a_note_that_people_had_the_bot_forget_meanwhile_does_not_come_back():
    room = Room(ScriptedModel(summaries=("MERGE 1 2: 花子の犬はポチで、毎朝散歩する。",)), keep=(POCHI, WALK))

    def forget():
        room.store.interfere = lambda: None
        room.change(room.conversation.without_note(1))

    room.store.interfere = forget
    room.condensing.condense(REQUEST)
    assert room.conversation == Conversation((WALK,), room.buffer, usage=Usage(sent=10, received=27))
    assert isinstance(room.events[-1].error, Conflict)


def test_a_conversation_that_others_keep_changing_is_left_to_the_next_turn():
    room = Room()
    room.store.interfere = lambda: room.change(room.conversation)
    room.condensing.condense(REQUEST)
    assert room.conversation.buffer == room.buffer
    assert "3 times" in str(room.events[-1].error)


@pytest.mark.parametrize("error", [ModelUnavailable("503"), ZeroDivisionError("a bug")])
def test_a_failure_is_reported_and_the_buffer_kept(error):
    room = Room(ScriptedModel(summaries=(error,)))
    room.condensing.condense(REQUEST)
    assert room.conversation.buffer == room.buffer
    assert [(type(each), each.error) for each in room.events] == [(CondensingFailed, error)]


def test_while_a_budget_is_used_up_nothing_is_condensed_and_nothing_is_lost():
    room = Room(budget=50_000)
    room.store.charges.append(spending(50_000, room.clock()))
    room.condensing.condense(REQUEST)
    assert (room.model.condensations, room.conversation.buffer) == ([], room.buffer)
    assert isinstance(room.events[-1].error, BudgetUsedUp)
    room.clock.pass_by(31 * 86_400)
    room.condensing.condense(REQUEST)
    assert len(room.model.condensations) == 1
    assert isinstance(room.events[-1], Condensed)


def test_a_store_that_is_away_is_reported():
    room = Room()
    room.store.load = lambda key, of: (_ for _ in ()).throw(StoreUnavailable("down"))
    room.condensing.condense(REQUEST)
    assert isinstance(room.events[-1].error, StoreUnavailable)


def test_a_condensation_has_a_clock_of_its_own():
    room = Room()
    seconds = []
    summarise, room.model.summarise = (
        room.model.summarise,
        lambda *asked: seconds.append(asked[1].seconds_left) or summarise(*asked),
    )
    room.condensing.condense(REQUEST)
    assert seconds == [240]


def test_a_model_whose_thoughts_use_up_the_limit_is_asked_again_with_room_to_think():
    room = Room(ScriptedModel(summaries=(TokenLimitTooLow("100 of 100 tokens were thoughts"), "犬の話。")))
    room.condensing.condense(REQUEST)
    assert texts(room.conversation.notes) == ["犬の話。"]
    assert [each.token_limit for each in room.model.condensations] == [100, 100 + ROOM_TO_THINK]


def test_a_model_with_a_small_context_is_given_fewer_turns_alone_and_quoted():
    room = Room(Small(context=JAPANESE_REQUEST + 60))
    room.condensing.condense(REQUEST)
    (request,) = room.model.condensations
    assert [part.role for part in request.prompt] == [Role.INSTRUCTION, Role.RECORD]
    assert request.folded == room.buffer[:2]
    assert room.conversation.buffer == room.buffer[2:]


def test_a_model_that_takes_not_even_one_turn_condenses_nothing():
    room = Room(Small(context=10))
    room.condensing.condense(REQUEST)
    assert room.conversation.buffer == room.buffer
    assert isinstance(room.events[-1].error, ContextTooSmall)


def test_the_request_shows_the_notes_numbered_and_dated_and_says_how_many_tokens_are_left():
    room = Room(keep=(POCHI, WALK))
    room.condensing.condense(REQUEST)
    (request,) = room.model.condensations
    record = next(part.text for part in request.prompt if part.role is Role.RECORD)
    assert f"1. 2026-11-01 {POCHI.text}\n2. {WALK.text}" in record
    assert "100 トークン" in request.prompt[-1].text
    assert "残りは 80 トークン" in request.prompt[-1].text


@pytest.mark.parametrize("language", [JAPANESE, ENGLISH])
@pytest.mark.parametrize("continuing", [True, False])
def test_the_request_names_the_three_keywords_and_extends_the_summary_step_by_step(language, continuing):
    conversation = Conversation((POCHI,), turn(0))
    request = "".join(part.text for part in Prompts(language, continuing=continuing).condensation(conversation, 2, 40))
    assert all(f"\n{keyword}" in request for keyword in ("ADD ", "MERGE ", "DROP "))
    for meaning in ("少しずつ", "現在の要約", "追加") if language is JAPANESE else ("step by step", "current summary"):
        assert meaning in request


def test_a_request_that_a_model_copies_changes_no_note():
    for language in (JAPANESE, ENGLISH):
        request = Prompts(language).condensation(Conversation(), 2, 40)[-1].text
        copied = [line for line in request.splitlines() if line.startswith(("ADD", "MERGE", "DROP"))]
        assert [edit for edit in read_edits("\n".join(copied[:3]), 100).edits if edit != Drop(())] == []


def test_a_condensation_that_only_adds_keeps_the_prompt_to_its_last_note():
    prompts = Prompts(JAPANESE)
    room = Room(ScriptedModel(summaries=("ADD 花子は三歳の柴犬を飼う。",)), keep=(POCHI, WALK))
    before = prompts.reply(room.conversation, ResolvedQuestion("散歩は?"))
    room.condensing.condense(REQUEST)
    after = prompts.reply(room.conversation, ResolvedQuestion("散歩は?"))
    assert before[0] == after[0]
    kept = before[1].text[: before[1].text.index(WALK.text) + len(WALK.text)]
    assert after[1].text.startswith(kept)
    assert room.conversation.notes[:2] == (POCHI, WALK)


def test_notes_over_their_bound_are_asked_for_once_more_with_the_figure():
    room = Room(ScriptedModel(summaries=(f"ADD {LONG}", "MERGE 1: ポチは三歳の柴犬。")), keep=(POCHI,))
    room.condensing.condense(REQUEST)
    first, second = room.model.condensations
    assert second.prompt[:-1] == first.prompt  # so that nearly all of it is cached
    assert "105 トークンになって上限の 100 トークン" in second.prompt[-1].text
    assert texts(room.conversation.notes) == ["ポチは三歳の柴犬。"]
    (event,) = room.events
    assert (event.merged, event.trimmed, event.usage.sent) == ((1,), False, 20)


def test_what_is_still_over_the_bound_costs_the_oldest_notes_and_that_is_reported():
    room = Room(ScriptedModel(summaries=(f"ADD {LONG}", f"ADD {LONG}")), keep=(POCHI, WALK))
    room.condensing.condense(REQUEST)
    assert texts(room.conversation.notes) == [LONG]
    (event,) = room.events
    assert (event.gone, event.added, event.trimmed) == ((1, 2), 1, True)
    assert room.conversation.notes_tokens <= 100


@pytest.mark.parametrize("second", ["**要約**", " ", ModelRefused("content_filter")])
def test_a_second_answer_without_a_note_leaves_the_first_within_the_bound(second):
    room = Room(ScriptedModel(summaries=(f"ADD {LONG}", second)), keep=(POCHI, WALK))
    room.condensing.condense(REQUEST)
    assert texts(room.conversation.notes) == [LONG]


def test_a_second_answer_that_never_comes_leaves_all_as_it_was_and_the_first_is_paid_for():
    room = Room(ScriptedModel(summaries=(f"ADD {LONG}", ModelUnavailable("503"))), keep=(POCHI, WALK))
    room.condensing.condense(REQUEST)
    assert room.conversation.notes == (POCHI, WALK)
    (event,) = room.events
    assert isinstance(event.error, ModelUnavailable)
    assert event.usage.sent == 10


def test_an_answer_that_was_cut_is_asked_for_once_more_and_its_unfinished_sentence_left_out():
    room = Room(Cut("ADD ポチは三歳。鶏肉が", "ADD ポチは三歳。鶏肉が苦"), keep=(POCHI,))
    room.condensing.condense(REQUEST)
    assert len(room.model.condensations) == 2
    assert texts(room.conversation.notes) == [POCHI.text, "ポチは三歳。"]
    assert (room.events[0].cut, room.events[0].trimmed) == (True, True)


@pytest.mark.parametrize(
    "answer",
    [
        "", "  \n", "**Title** **Description** *How many*", "# 要約\n- \n---", "申し訳ありませんが、お答えできません。",
        "DROP 99", "ADD …\nMERGE 番号 番号: …\nDROP 番号", "ポチ" * 50_000, "".join(map(chr, range(0x4E00, 0x7500))),
        "\n" * 1_000_000, "-\n" * 1_000_000,
    ],
    ids=range(11),
)  # fmt: skip
def test_an_answer_that_is_no_note_changes_nothing_and_the_next_turn_asks_again(answer):
    room = Room(ScriptedModel(summaries=(answer, answer, "ADD ポチは三歳の柴犬。")), keep=(POCHI, WALK))
    room.condensing.condense(REQUEST)
    (event,) = room.events
    assert isinstance(event.error, ModelRefused)
    assert room.conversation == Conversation((POCHI, WALK), room.buffer, usage=event.usage)
    assert event.usage.sent == 10 * len(room.model.condensations)  # it was paid for all the same
    room.model.summaries = ["ADD ポチは三歳の柴犬。"]
    room.condensing.condense(REQUEST)
    assert texts(room.conversation.notes) == [POCHI.text, WALK.text, "ポチは三歳の柴犬。"]


@pytest.mark.parametrize(
    "answer",
    [
        "\n".join(f"ADD ポチの話、その{n}。" for n in range(1_000_000)),
        "ADD " + "".join(f"ポチが{n}回ほえた。" for n in range(1_000)),
    ],
    ids=["a million lines", "one note of 10,000 tokens"],
)
def test_whatever_a_model_writes_the_bound_holds(answer):
    counted = []
    room = Room(
        ScriptedModel(summaries=(answer, answer)),
        keep=(POCHI, WALK),
        count=lambda text: counted.append(text) or len(text),
    )
    room.condensing.condense(REQUEST)
    (event,) = room.events
    assert event.trimmed
    assert 0 < room.conversation.notes_tokens <= 100
    assert len(counted) < 1_000


LINES = st.builds("ADD ポチの{}番目の話をした。".format, st.integers(0, 99)) | st.sampled_from(
    [
        "ADD ポチは三歳の柴犬。", "ADD 鶏肉は食べない。", "ADD Pochi is afraid of thunder.", "花子の犬はポチ。",
        "・drop 1", "MERGE 1 2: 花子のポチは三歳。", "MERGE 2 9: 毎朝7時に散歩する。", "DROP 3 4", "DROP 8", "**概要**",
        "", "犬" * 300, "ADD ポチは" + "".join(map(chr, range(0x4E00, 0x4E60))) + "。",
        "長い話。" + "".join(map(chr, range(0x5E00, 0x5F00))),
    ]
)  # fmt: skip
ANSWERS = st.lists(LINES, max_size=5).map("\n".join) | st.just(ModelUnavailable("503"))


@given(st.lists(st.tuples(st.integers(20, 60), ANSWERS, ANSWERS), max_size=15), st.booleans())
def test_every_message_is_folded_once_and_every_note_stands_or_was_named_or_is_reported_as_gone(turns, cut):
    room = Room(Cut() if cut else None, turns=0)
    said, folded = [], []
    for number, (size, *answers) in enumerate(turns):
        said += turn(number, size)
        room.change(replace(room.conversation, buffer=(*room.conversation.buffer, *turn(number, size))))
        before, room.model.summaries, room.events[:] = room.conversation, answers, []
        room.condensing.condense(REQUEST)
        after = room.conversation
        for event in room.events:
            if isinstance(event, CondensingFailed):
                assert (after.notes, after.buffer) == (before.notes, before.buffer)
                continue
            folded += before.buffer[: event.messages]
            left = [n for n in range(1, len(before.notes) + 1) if n not in event.merged + event.dropped + event.gone]
            standing = after.notes[: len(left)]
            changed = [n for n, note in zip(left, standing, strict=True) if before.notes[n - 1] != note]
            assert len(changed) <= event.shortened
            assert len(after.notes) == len(left) + event.added - event.overflow
        assert folded + list(after.buffer) == said
        assert after.notes_tokens <= 100


JAPANESE_REQUEST = sum(len(part.text) for part in Prompts(JAPANESE).transcript(Conversation(), 0, 100))
