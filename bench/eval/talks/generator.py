"""Conversations of any length with planted facts, made by a seeded generator: the same seed, the same conversation."""

import math
from dataclasses import dataclass, replace
from random import Random

from bench.eval.talks.english import ENGLISH
from bench.eval.talks.facts import NEVER_TOLD, Fact, Kind, Pattern, Wording
from bench.eval.talks.japanese import JAPANESE

WORDINGS: dict[str, Wording] = {"en": ENGLISH, "ja": JAPANESE}

AGES = (5, 25, 100, 400, 1_500)
"""After how many turns a fact is asked for, as far as the conversation goes."""

GAP = 4
"""Turns from the first half of a fact that takes two to its second half. A yes follows its question at once."""


@dataclass(frozen=True)
class Turn:
    """What a person said and what the bot answered. ``note`` is what a good note would say of it."""

    person: str
    question: str
    answer: str
    fact: Fact | None = None
    note: str = ""


@dataclass(frozen=True)
class Probe:
    """A question for a fact after ``at`` turns, ``age`` turns after it was told. ``age`` is 0 where it never was."""

    at: int
    kind: Kind
    age: int
    question: str
    expected: str


@dataclass(frozen=True)
class Talk:
    """A conversation and what it is asked, in the order in which it is asked."""

    wording: Wording
    turns: tuple[Turn, ...]
    probes: tuple[Probe, ...]


def facts_per_kind(length: int) -> int:
    """One for 50 turns, three for 400, six for 2,000."""
    return max(1, round(math.sqrt(length) / 7))


def talk(wording: Wording, length: int, seed: int = 1, per_kind: int = 0) -> Talk:
    """A conversation of so many turns, at least 50. Facts are told in its first three quarters."""
    random = Random(f"{seed} {wording.language} {length}")
    facts = _facts(wording, per_kind or facts_per_kind(length), random)
    turns = [_filler(wording, number, random) for number in range(length)]
    probes = [probe for fact in facts for probe in _probes(wording, fact, _plant(wording, fact, turns, random), length)]
    never = [probe for kind in wording.patterns for probe in _never_told(wording, kind, length)]
    return Talk(wording, tuple(turns), tuple(sorted(probes + never, key=lambda each: each.at)))


def telling(made: Talk) -> dict[Fact, Turn]:
    """The turn in which each fact was told for good: its correction, a yes, but not what a quoted text says of it."""
    told: dict[Fact, Turn] = {}
    for turn in made.turns:
        if turn.fact and not (turn.fact in told and turn.fact.kind is Kind.INJECTION):
            told[turn.fact] = turn
    return told


def _facts(wording: Wording, per_kind: int, random: Random) -> list[Fact]:
    made = [fact for kind in wording.patterns for fact in _of_kind(wording, kind, per_kind, random)]
    random.shuffle(made)
    return made


def _of_kind(wording: Wording, kind: Kind, count: int, random: Random) -> list[Fact]:
    pattern = wording.patterns[kind]
    subjects = pattern.subjects[: min(count, len(pattern.subjects) - NEVER_TOLD)]
    values = random.sample(pattern.values, len(pattern.values)) or _choices(wording, kind, random)
    rivals = [*values[1:], values[0]]
    return [Fact(kind, *each) for each in zip(subjects, values, rivals, strict=False)]


def _choices(wording: Wording, kind: Kind, random: Random) -> list[str]:
    """People, or yes and no, by turns, so that nobody is right who always says the same."""
    choices = list(wording.people if kind is Kind.SPEAKER else wording.agreements)
    random.shuffle(choices)
    return choices * 4


def _filler(wording: Wording, number: int, random: Random) -> Turn:
    return Turn(random.choice(wording.people), wording.question(number), wording.answer(number))


def _plant(wording: Wording, fact: Fact, turns: list[Turn], random: Random) -> int:
    """Tells a fact in turns that are still free. Returns the number of the turn in which it is complete."""
    pattern = wording.patterns[fact.kind]
    gap = 0 if not pattern.later else 1 if fact.kind is Kind.AGREEMENT else GAP
    free = [n for n in range(len(turns) * 3 // 4 - gap) if not (turns[n].fact or turns[n + gap].fact)]
    at = random.choice(free)
    turns[at] = _told(wording, fact, turns[at], pattern.first)
    if gap:
        turns[at + gap] = _told(wording, fact, turns[at + gap], pattern.later)
    return at + gap


def _told(wording: Wording, fact: Fact, turn: Turn, template: str) -> Turn:
    value = wording.agreements.get(fact.value, fact.value) if fact.kind is Kind.AGREEMENT else fact.value
    question = template.format(subject=fact.subject, value=value, rival=fact.rival)
    person = fact.value if fact.kind is Kind.SPEAKER else turn.person
    answer = wording.noted + turn.answer
    note, offer = f"{person}: {question}", wording.offer.format(subject=fact.subject)
    if fact.kind is Kind.AGREEMENT and "{value}" not in template:
        answer = f"{turn.answer} {offer}"
    elif fact.kind is Kind.AGREEMENT:
        note = f"{offer} {note}"
    return replace(turn, person=person, question=question, answer=answer, fact=fact, note=note)


def _probes(wording: Wording, fact: Fact, told: int, length: int) -> list[Probe]:
    question = _asked(wording, wording.patterns[fact.kind], fact.subject)
    return [Probe(told + 1 + age, fact.kind, age, question, fact.value) for age in AGES if told + 1 + age <= length]


def _never_told(wording: Wording, kind: Kind, length: int) -> list[Probe]:
    pattern = wording.patterns[kind]
    if pattern.later:  # a yes or a correction that nobody said is no different from a name that nobody said
        return []
    return [
        Probe(length, Kind.UNTOLD, 0, _asked(wording, pattern, subject), wording.unknown)
        for subject in pattern.subjects[-NEVER_TOLD:]
    ]


def _asked(wording: Wording, pattern: Pattern, subject: str) -> str:
    return wording.asking.format(question=pattern.ask.format(subject=subject), unknown=wording.unknown)
