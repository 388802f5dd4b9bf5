"""The messages of one reply are its answer together, whatever the pieces, the pauses and the deaths of streams."""

import re
from itertools import cycle
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.slack.replying.messages.edited_message import EDITED_LIMIT
from adapters.slack.replying.messages.message import NO_ENDING, Ending
from adapters.slack.replying.messages.message_sequence import MessageSequence
from adapters.slack.replying.messages.streamed_message import DEAD
from adapters.slack.replying.rate_limits import RateLimit
from adapters.slack.replying.reply import SlackReply
from adapters.slack.replying.splitting import FENCE_ROOM
from adapters.slack.replying.status import Status
from tests.adapters.slack.wholeness import fences, is_whole


class MemoryMessage:
    """A message in memory. Where it streams, it takes no more than so many calls before it dies, or dies of age."""

    stopped, deleted, ending = False, False, NO_ENDING

    def __init__(self, limit: int, clock: "Clock", *, streams: bool, calls: int) -> None:
        self.ts, self.limit = "1.0", limit
        self.rate_limit = RateLimit(clock, calls_per_minute=100, interval=0.5)
        self._clock, self._began = clock, clock()
        self.shown = ""
        self._streams, self._calls = streams, calls
        self._finished = False
        self.removed = False

    @property
    def age(self) -> float:
        return self._clock() - self._began if self._streams else 0.0

    @property
    def fixed(self) -> int:
        return len(self.shown) if self._streams else 0

    def show(self, text: str) -> bool:
        assert not self._finished
        assert text[self.fixed :].strip()
        assert len(text) <= self.limit
        self._calls -= 1
        if self._streams and (self._calls < 0 or self.age >= DEAD):
            return False
        self.shown = self.shown + text[len(self.shown) :] if self._streams else text
        return True

    def finish(self, text: str, ending: Ending = NO_ENDING) -> bool:
        done = self.show(text) if text[self.fixed :].strip() else True
        self._finished = True
        return done

    def as_edited(self, ending: Ending = NO_ENDING) -> "MemoryMessage":
        self._streams = self._finished = False
        return self

    def took_status(self, session: str | None) -> bool:
        return False

    def delete(self) -> None:
        assert not self.shown
        self.removed = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def replied(
    text: str, sizes: list[int], pauses: list[float], limit: int, *, streams: bool = True, calls: int = 10_000
) -> list[str]:
    """The messages that a reply shows when a text is written in pieces of these sizes, with pauses after them."""
    clock, messages = Clock(), []

    def begin(*, streaming: bool = True, after: str = "") -> MemoryMessage:
        messages.append(MemoryMessage(limit, clock, streams=streams, calls=calls))
        return messages[-1]

    reply = SlackReply(MessageSequence(begin(), begin), status=Status(), feedback_buttons=lambda _: {})
    turns = zip(cycle(sizes), cycle(pauses), strict=False)
    while text:
        size, pause = next(turns)
        reply.write(text[:size])
        text = text[size:]
        clock.now += pause
    reply.close()
    return [message.shown for message in messages if not message.removed]


BITS = ["犬", "猫の話。", "word ", "x" * 30, " ", "\n", "\n\n", "\n\n\n", "- 項目\n", "# 見出し\n", "1. ", "`", "``"]
BITS += ["```\n", "```py\n", "~~~\n", "````\n", "\n```\n", "\n```py\n", "\n  ```\n"]
BITS += ["\n| a | b |\n", "| - | - |\n", "| 1 | 2 |\n", "| 鳥と魚と鳥 | 3 |\n", "|"]
markdown = st.lists(st.sampled_from(BITS), max_size=90).map("".join)
# Without words in what a split repeats: the heads of tables, and what follows the mark of a fence.
prose_and_code = st.lists(st.sampled_from([bit for bit in BITS if bit not in ("|", "`", "``")])).map("".join)


sizes = st.lists(st.integers(1, 40), min_size=1, max_size=8)
pauses = st.lists(st.sampled_from([0.0, 0.2, 0.6, 3.0]), min_size=1, max_size=5)
limits = st.integers(4 * FENCE_ROOM, 140)


@settings(max_examples=400, deadline=None)
@given(markdown, sizes, pauses, limits, st.booleans())
@example("x" * 30 * 20, [61, 1], [1.0], 64, True)
@example("word " * 80, [1], [1.0], 64, True)
@example("```py\n" + "x = 1\n" * 40 + "```\n", [3], [1.0], 64, True)
@example("| a | b |\n" * 20, [400], [0.0], 64, False)
@example("```\n" + "x" * 30 + "\n" + "x" * 30 + "\n  ```\n", [1], [0.0], 69, False)
def test_however_an_answer_is_written_its_messages_are_the_answer(text, sizes, pauses, limit, streams):
    texts = replied(text, sizes, pauses, limit, streams=streams)
    assert all(len(each) <= limit for each in texts)
    assert all(each.strip() for each in texts) or not text.strip()
    assert is_whole(texts, text), texts
    assert [fences(each) for each in texts[:-1]] == [""] * (len(texts) - 1)
    assert fences(texts[-1]) == fences(text.rstrip())


@settings(max_examples=300, deadline=None)
@given(markdown, sizes, st.lists(st.sampled_from([0.2, 5.0, 14.0, 31.0]), min_size=1, max_size=5), limits)
@example("```py\n" + "x = 1\n" * 40 + "```\n", [3], [5.0], 140)
@example("| a | b |\n| - | - |\n" + "| 1 | 2 |\n" * 10, [5], [5.0], 140)
@example("x" * 30 * 4, [1], [14.0], 140)
def test_however_old_streams_grow_their_messages_are_the_answer(text, sizes, pauses, limit):
    texts = replied(text, sizes, pauses, limit)
    assert all(len(each) <= limit for each in texts)
    assert all(each.strip() for each in texts) or not text.strip()
    assert is_whole(texts, text), texts
    assert [fences(each) for each in texts[:-1]] == [""] * (len(texts) - 1)


@settings(max_examples=300, deadline=None)
@given(prose_and_code, sizes, pauses, limits, st.integers(0, 8), st.sampled_from([0, 40, EDITED_LIMIT]))
@example("```py\n" + "x = 1\n" * 40 + "```\n", [3], [1.0], 64, 2, 0)
def test_no_word_is_lost_when_streams_die(text, sizes, pauses, limit, calls, editable_limit):
    with patch("adapters.slack.replying.messages.message_sequence.EDITED_LIMIT", editable_limit):
        texts = replied(text, sizes, pauses, limit, calls=calls)
    assert all(len(each) <= limit for each in texts)
    assert words_of("".join(texts)) == words_of(text)


def words_of(text: str) -> str:
    return re.sub("[^犬猫の話。wordx項目見出し]", "", text)
