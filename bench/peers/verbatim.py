"""How much of a conversation a prompt shows word for word."""

from collections.abc import Callable, Sequence

from bench.peers.conversations import Conversation
from bench.peers.facts import told_in, turn_of
from bench.peers.model import Message

LAST = 20
"""Of so many of the last turns, the share is reported that is shown word for word."""


class Verbatim:
    """Looks at each message once."""

    def __init__(self, conversation: Conversation, count_tokens: Callable[[str], int]) -> None:
        self._conversation = conversation
        self._count_tokens = count_tokens
        self._known: dict[str, tuple[int, frozenset[tuple[int, str]]]] = {}

    def measure(self, messages: Sequence[Message]) -> tuple[int, float]:
        """Of what was said before the last message: tokens that are shown, and the share of the last turns."""
        shown = [self._said(text) for _, text in messages[:-1]]
        said = frozenset().union(*(each for _, each in shown[-2 * LAST - 2 :]))
        asked = max((turn_of(number) for number, _ in told_in(messages[-1][1])), default=0)
        last = range(max(0, asked - LAST), asked)
        whole = sum((turn, "question") in said and (turn, "answer") in said for turn in last)
        return sum(tokens for tokens, _ in shown), whole / len(last) if last else 1.0

    def _said(self, text: str) -> tuple[int, frozenset[tuple[int, str]]]:
        """The questions and answers that stand in a text as they were said, and their tokens."""
        if text not in self._known:
            turns = {turn_of(number) for number, _ in told_in(text)}
            messages = {
                (turn, kind): message
                for turn in turns
                for kind, message in (
                    ("question", self._conversation.question(turn)),
                    ("answer", self._conversation.answer(turn)),
                )
                if message in text
            }
            tokens = sum(map(self._count_tokens, messages.values()))
            self._known[text] = tokens, frozenset(messages)
        return self._known[text]
