"""Condensing beside the next question, with models that are slow, forgetful of their limits, or too small."""

from dataclasses import replace

import pytest

from domain.condensing import ROOM_TO_THINK, Condensing
from domain.conversation import Conversation, Message, Speaker
from domain.delivery import Delivery
from domain.errors import Conflict, ContextTooSmall, ModelUnavailable, StoreUnavailable, TokenLimitTooLow
from domain.memory import Memory
from domain.ports import Stored
from domain.prompts import Prompts, Role
from domain.requests import Condense
from domain.texts.japanese import JAPANESE
from domain.turn_events import Condensed, CondensingFailed
from tests.conftest import Clock
from tests.fakes import InMemoryConversations, ScriptedModel
from tests.notes import texts

THREAD = "T1/C1/1000.000001"
REQUEST = Condense("T1", "C1", "1000.000009", "USAKURA", THREAD)


def turn(number: int, size: int = 20) -> tuple[Message, Message]:
    asked, answered = f"質問{number}".ljust(size, "あ"), f"答え{number}".ljust(size, "い")
    return Message(Speaker.PERSON, asked, size), Message(Speaker.BOT, answered, size)


class Room:
    """A ``Condensing`` and what stands around it: five turns of 40 tokens, which are characters here."""

    def __init__(self, model=None, turns: int = 5, **prompts) -> None:
        self.model = model or ScriptedModel(summaries=("犬の話。",))
        self.store = InMemoryConversations()
        self.events = []
        self.clock = Clock()
        self.buffer = tuple(message for n in range(turns) for message in turn(n))
        self.store.kept[THREAD] = Stored(Conversation(buffer=self.buffer), 1)
        self.condensing = Condensing(
            conversations=self.store,
            model=self.model,
            count_tokens=len,
            memory=Memory(limit=100, keep=50, summary=40),
            prompts=Prompts(JAPANESE, **prompts),
            seconds=240,
            report=self.events.append,
            clock=self.clock,
        )

    @property
    def conversation(self) -> Conversation:
        return self.store.kept[THREAD].conversation

    def change(self, conversation: Conversation) -> None:
        self.store.kept[THREAD] = Stored(conversation, self.store.kept[THREAD].version + 1)


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


def test_a_store_that_is_away_is_reported():
    room = Room()
    room.store.load = lambda key: (_ for _ in ()).throw(StoreUnavailable("down"))
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
    room = Room(ScriptedModel(summaries=(TokenLimitTooLow("40 of 40 tokens were thoughts"), "犬の話。")))
    room.condensing.condense(REQUEST)
    assert texts(room.conversation.notes) == ["犬の話。"]
    assert [each.token_limit for each in room.model.condensations] == [40, 40 + ROOM_TO_THINK]


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


JAPANESE_REQUEST = sum(len(part.text) for part in Prompts(JAPANESE).transcript(Conversation(), 0, 40))
