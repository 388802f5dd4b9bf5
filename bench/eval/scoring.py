"""Scores answers by exact match after normalising: no model judges another."""

import re
import unicodedata

from bench.eval.talks.facts import Kind, Wording
from bench.eval.talks.generator import Probe

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(MONTHS)})[a-z]*"
_DATES = (
    # pattern, which group is the month, which the day
    (re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}"), 2, 1),
    (re.compile(rf"{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?"), 1, 2),
    (re.compile(r"(\d{1,2}) ?月 ?(\d{1,2}) ?日"), 1, 2),
)
_LABEL = re.compile(r"^(?:the answer is|answer|答え)\s*[::]?\s*")
_PUNCTUATION = re.compile(r"[*_`\"'“”„‘’「」『』().,!?。、!?・]|^\W+|\W+$")
_AROUND = re.compile(r"^(?:the|a|an|at|in|it is|dr|doctor) +|^¥|(?:です|でした|さん|先生|の色|色| ?yen| ?円|番)$")


def is_right(wording: Wording, probe: Probe, answer: str) -> bool:
    """Does the answer say what is expected and nothing else?"""
    expected = (probe.expected, *wording.admissions) if probe.kind is Kind.UNTOLD else (probe.expected,)
    return normalised(answer) in {normalised(each) for each in expected}


def is_admission(wording: Wording, answer: str) -> bool:
    """Does the answer say that this is not known?"""
    return normalised(answer) in {normalised(each) for each in (wording.unknown, *wording.admissions)}


def normalised(text: str) -> str:
    """One width, one case, without marks, articles, units and titles; a day and month are ``month-day``."""
    text = _LABEL.sub("", " ".join(unicodedata.normalize("NFKC", text).casefold().split()))
    text = _without_what_is_around(_PUNCTUATION.sub("", text).strip())
    for date, month, day in _DATES:
        if found := date.fullmatch(text):
            name = found[month]
            return f"{MONTHS.index(name) + 1 if name in MONTHS else int(name)}-{int(found[day])}"
    return text


def _without_what_is_around(text: str) -> str:
    """Titles, articles and units may follow one another."""
    while (shorter := _AROUND.sub("", text).strip()) not in (text, ""):
        text = shorter
    return text
