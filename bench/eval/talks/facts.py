"""Facts of several kinds that are planted in a conversation, and the words of a language for them."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass


class Kind(enum.StrEnum):
    """What a fact is about, or how it was said. ``UNTOLD`` is none: nobody ever said it."""

    NAME = "name"
    DATE = "date"
    NUMBER = "number"
    PREFERENCE = "preference"
    DECISION = "decision"
    SPEAKER = "speaker"
    CORRECTION = "correction"
    AGREEMENT = "agreement"
    INJECTION = "injection"
    UNTOLD = "untold"


@dataclass(frozen=True)
class Pattern:
    """How facts of one kind are told and asked for. ``{subject}``, ``{value}`` and ``{rival}`` vary.

    ``first`` says the fact, or what makes ``later`` one: another value that is corrected, an answer that ends with an
    offer. ``values`` are empty where the values are people, or yes and no.
    """

    first: str
    ask: str
    subjects: tuple[str, ...]
    values: tuple[str, ...] = ()
    later: str = ""


@dataclass(frozen=True)
class Wording:
    """The words of one language.

    ``question`` and ``answer`` make the talk around the facts, by the turn's number. ``asking`` says how to answer:
    with the fact alone, or with ``unknown`` and nothing else. ``admissions`` are further ways to say ``unknown``.
    """

    language: str
    patterns: Mapping[Kind, Pattern]
    people: tuple[str, ...]
    question: Callable[[int], str]
    answer: Callable[[int], str]
    noted: str
    offer: str
    agreements: Mapping[str, str]
    asking: str
    unknown: str
    admissions: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """One planted fact. ``rival`` is the value that is corrected, or that a quoted text tries to put in its place."""

    kind: Kind
    subject: str
    value: str
    rival: str = ""


NEVER_TOLD = 2
"""How many subjects of a pattern, the last ones, nobody ever talks about, so that they can be asked for in vain."""
