"""What a provider would have cached of each prompt."""

from domain.ports.model import CountTokens
from domain.prompts import Prompt

LEAST, STEP = 1_024, 128
"""A provider caches prefixes of 1,024 tokens and more, in steps of 128."""

RECENT = 4
"""How many of the last prompts are still cached, so that a condensation between two answers does not hide the first."""


class Prefixes:
    """Counts the tokens of prompts, and how many of them repeat the beginning of a recent one."""

    def __init__(self, count_tokens: CountTokens) -> None:
        self._count_tokens = count_tokens
        self._recent: list[str] = []

    def measure(self, prompt: Prompt) -> tuple[int, int]:
        """Tokens of a prompt, and how many of them are cached."""
        text = as_text(prompt)
        shared = text[: max((shared_characters(text, each) for each in self._recent), default=0)]
        self._recent = [*self._recent, text][-RECENT:]
        cached = self._count_tokens(shared)
        return self._count_tokens(text), cached // STEP * STEP if cached >= LEAST else 0


def shared_characters(text: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    alike, different = 0, min(len(text), len(other)) + 1
    while different - alike > 1:
        middle = (alike + different) // 2
        alike, different = (middle, different) if text[:middle] == other[:middle] else (alike, middle)
    return alike


def as_text(prompt: Prompt) -> str:
    return "\n".join(f"{each.role}\n{each.text_with_name}" for each in prompt)
