"""How many questions one person may ask in a minute. No clock and no store."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from domain.errors import TooManyQuestions
from domain.requests import Request
from domain.timestamp import Timestamp

MINUTE = 60.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Admission:
    """A question that is to be counted among those of its person: of these at most ``limit`` are within a minute.

    It is under way from then on until the next save of what is returned, or until ``until``, in seconds since the
    epoch: at most ``most`` of its person's are at a time. 0 is no limit. Where the queue itself bounds what one person
    has under way, as on one machine, ``most`` is 0.
    """

    question: Request
    limit: int = 0
    most: int = 0
    until: float = 0.0


def rate_refusal(limit: int, asked: Timestamp, admitted: Collection[float]) -> TooManyQuestions | None:
    """Why a question of this ts is one too many for its person. ``limit`` 0 is no limit.

    ``admitted`` are the ts of the person's questions around it that were not refused. It is Slack's clock that counts:
    a question that comes late is not held against those of its time, and one that comes again is not counted twice.
    """
    now = asked.seconds
    if not limit or now in admitted:
        return None
    times = sorted([*admitted, now])
    if not any(first <= now <= last < first + MINUTE for first, last in zip(times, times[limit:], strict=False)):
        return None
    again = sorted(admitted)[-limit] + MINUTE
    return TooManyQuestions(limit, max(1, math.ceil(again - now)))
