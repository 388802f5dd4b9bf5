"""What a provider bills for a prompt: its tokens, and how many of them repeat a prefix that is still cached."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bench.eval.scripted.prefixes import LEAST, STEP
from bench.peers.model import Message

FRAME = 4
"""Tokens around each message."""

RECENT = 8
"""How many of the last prompts are still cached."""


@dataclass(frozen=True)
class _Prompt:
    """Messages by their numbers, and the tokens up to the end of each."""

    numbers: list[int]
    ends: list[int]


class Billing:
    """Counts each message once: a thread of 1,000 turns would be counted 1,000 times. ``encode`` makes tokens."""

    def __init__(self, encode: Callable[[str], list[int]]) -> None:
        self._encode = encode
        self._numbers: dict[Message, int] = {}
        self._tokens: list[list[int]] = []
        self._recent: list[_Prompt] = []

    def measure(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Tokens of a prompt, and how many of them are cached."""
        numbers = [self._number(each) for each in messages]
        prompt = _Prompt(numbers, list(accumulate(len(self._tokens[each]) + FRAME for each in numbers)))
        shared = max((self._shared(prompt, each) for each in self._recent), default=0)
        self._recent = [*self._recent, prompt][-RECENT:]
        return prompt.ends[-1], shared // STEP * STEP if shared >= LEAST else 0

    def _number(self, message: Message) -> int:
        number = self._numbers.setdefault(message, len(self._numbers))
        if number == len(self._tokens):
            self._tokens.append(self._encode(message[1]))
        return number

    def _shared(self, prompt: _Prompt, other: _Prompt) -> int:
        """Tokens with which both begin."""
        alike, most = 0, min(len(prompt.numbers), len(other.numbers))
        alike = bisect_left(range(1, most + 1), True, key=lambda n: prompt.numbers[:n] != other.numbers[:n])
        tokens = prompt.ends[alike - 1] if alike else 0
        if alike == most:
            return tokens
        one, two = self._tokens[prompt.numbers[alike]], self._tokens[other.numbers[alike]]
        shorter = min(len(one), len(two))
        return tokens + next((n for n in range(shorter) if one[n] != two[n]), shorter)
