"""The model's words on their way into the reply."""

import itertools

import pytest

from domain.deliveries.deadline import Deadline
from domain.errors import ModelRefused, ModelTooSlow, ModelUnavailable, StoppedEarly
from domain.ports.model import Completed, Retraction
from domain.spending.usage import Usage
from domain.turn.streaming import BYTES_PER_TOKEN, Cut, stream
from tests.conftest import Clock
from tests.fakes import PostedReply

DONE = Completed(Usage(sent=9, received=3))


@pytest.fixture
def reply() -> PostedReply:
    return PostedReply("2000.000001", "1000.000001")


def answer(pieces, reply, clock=None, seconds=240.0, token_limit=100):
    clock = clock or Clock()
    return stream(pieces, reply, Deadline(clock).within(seconds).or_stopped(lambda: reply.stopped), token_limit)


def test_the_words_are_written_as_they_come(reply):
    said = answer(["ポチ", "です", DONE], reply)
    assert (said.text, said.usage, said.cut) == ("ポチです", DONE.usage, None)
    assert reply.seen == ["ポチ", "ポチです"]


def test_what_proves_to_be_thoughts_is_no_answer_and_the_reply_is_to_be_rewritten(reply):
    said = answer(["犬種?", Retraction(), "ポチ", "です", DONE], reply)
    assert (said.text, said.usage, said.rewritten) == ("ポチです", DONE.usage, True)
    assert reply.seen == ["犬種?"]
    assert not answer(["ポチ", DONE], reply).rewritten


def test_thoughts_count_for_no_answer_when_the_time_is_over(reply, clock):
    def thinks():
        yield "犬種?"
        yield Retraction()
        clock.pass_by(240)
        yield ""

    with pytest.raises(ModelTooSlow):
        answer(thinks(), reply, clock)


def test_a_model_that_comes_to_its_own_limit_is_cut_by_length(reply):
    assert answer(["ポチ", Completed(Usage(), cut=True)], reply).cut is Cut.LENGTH


def test_a_server_that_ignores_the_limit_is_ended_on_our_side(reply):
    said = answer(itertools.repeat("ポチ"), reply, token_limit=10)
    assert said.cut is Cut.LENGTH
    assert len(said.text.encode()) <= 10 * BYTES_PER_TOKEN
    assert reply.text == said.text


def test_one_huge_piece_is_cut_at_the_bound_and_never_inside_a_character(reply):
    said = answer(["犬" * 10_000_000], reply, token_limit=10)
    assert said.text == "犬" * 33
    assert reply.text == said.text


def test_endless_newlines_are_no_answer(reply):
    with pytest.raises(ModelRefused):
        answer(itertools.repeat("\n"), reply, token_limit=10)


def test_a_drip_of_words_ends_with_the_time(reply, clock):
    def drip():
        while True:
            clock.pass_by(100)
            yield "あ"

    said = answer(drip(), reply, clock)
    assert (said.text, said.cut) == ("あああ", Cut.TIME)


@pytest.mark.parametrize("sent", [[], ["\n", " "]])
def test_a_model_that_wrote_no_word_in_its_time_is_too_slow(reply, clock, sent):
    def silent():
        yield from sent
        clock.pass_by(300)

    with pytest.raises(ModelTooSlow):
        answer(silent(), reply, clock)


def test_a_person_may_stop_a_silent_model(reply):
    def pressed():
        reply.stopped = True
        yield from ()

    with pytest.raises(StoppedEarly):
        answer(pressed(), reply)


def test_what_was_written_before_the_stop_button_is_the_answer(reply):
    def pressed():
        yield "ポチ"
        reply.stopped = True

    said = answer(pressed(), reply)
    assert (said.text, said.cut) == ("ポチ", Cut.STOP)


def test_pieces_that_end_without_an_end_have_broken_off(reply):
    with pytest.raises(ModelUnavailable, match="broke off"):
        answer(["途中まで"], reply)


def test_half_a_surrogate_pair_is_written_as_a_question_mark(reply):
    assert answer(["犬\ud83d", DONE], reply).text == "犬?"
