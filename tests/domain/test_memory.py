"""The policy of the memory, by example and as properties that hold for any sequence of turns and sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conversations.conversation import Conversation, Message, Speaker
from domain.memory import CEILING, Memory
from tests.notes import notes


def turn(number: int, asked: int, answered: int) -> tuple[Message, Message]:
    return Message(Speaker.PERSON, f"質問{number}", asked), Message(Speaker.BOT, f"答え{number}", answered)


def conversation(*sizes: tuple[int, int]) -> Conversation:
    buffer = tuple(message for n, size in enumerate(sizes) for message in turn(n, *size))
    return Conversation(buffer=buffer)


def test_nothing_is_condensed_at_the_limit_itself():
    memory = Memory(limit=100, keep=50, summary=20)
    assert not memory.is_over(conversation((50, 50)))
    assert memory.is_over(conversation((50, 51)))


def test_the_oldest_turns_are_folded_until_the_rest_is_at_most_keep():
    assert Memory(limit=100, keep=50).foldable(conversation((20, 20), (20, 20), (20, 20))) == 4


def test_the_newest_turn_stays_word_for_word_though_it_is_more_than_keep():
    assert Memory(limit=100, keep=50).foldable(conversation((20, 20), (40, 40))) == 2


def test_a_turn_larger_than_the_limit_is_folded_whole():
    assert Memory(limit=100, keep=50).foldable(conversation((20, 20), (40, 80))) == 4


def test_an_only_turn_larger_than_the_limit_is_folded_whole():
    assert Memory(limit=100, keep=50).foldable(conversation((40, 80))) == 2


def test_the_buffer_is_full_at_four_times_its_limit():
    memory = Memory(limit=100, keep=50)
    assert not memory.is_full(conversation((100 * CEILING, 0)))
    assert memory.is_full(conversation((100 * CEILING, 1)))


@pytest.mark.parametrize(("limit", "keep", "summary"), [(100, 100, 10), (100, 0, 10), (100, 50, 0)])
def test_three_numbers_that_do_not_fit_together_are_refused(limit, keep, summary):
    with pytest.raises(ValueError, match="must be"):
        Memory(limit, keep, summary)


memories = st.integers(2, 400).flatmap(
    lambda limit: st.builds(Memory, st.just(limit), st.integers(1, limit - 1), st.integers(1, 100))
)
talks = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 600)), min_size=1, max_size=40)


@given(memories, talks)
def test_after_condensing_the_buffer_is_within_bounds_and_begins_with_a_person(memory: Memory, sizes):
    talk = conversation(*sizes)
    if not memory.is_over(talk):
        return
    folded = memory.foldable(talk)
    kept = talk.condensed(folded, notes("要約")).buffer
    assert folded > 0
    assert folded % 2 == 0
    assert sum(message.tokens for message in kept) <= memory.limit
    assert not kept or kept[0].speaker is Speaker.PERSON
    assert len(kept) <= 2 or sum(message.tokens for message in kept) <= memory.keep


@given(memories, talks)
def test_every_message_is_in_the_buffer_or_was_folded_exactly_once_and_in_order(memory: Memory, sizes):
    talk, folded_so_far = Conversation(), []
    for n, size in enumerate(sizes):
        talk = talk.remember(f"{n}.0", "", *turn(n, *size))
        if memory.is_over(talk):
            count = memory.foldable(talk)
            folded_so_far += talk.buffer[:count]
            talk = talk.condensed(count, notes("要約"))
    everything = [message for n, size in enumerate(sizes) for message in turn(n, *size)]
    assert folded_so_far + list(talk.buffer) == everything


@given(memories, talks)
def test_a_buffer_is_never_larger_than_its_limit_when_a_turn_begins(memory: Memory, sizes):
    talk = Conversation()
    for n, size in enumerate(sizes):
        assert talk.buffer_tokens <= memory.limit
        talk = talk.remember(f"{n}.0", "", *turn(n, *size))
        if memory.is_over(talk):
            talk = talk.condensed(memory.foldable(talk), notes("要約"))
