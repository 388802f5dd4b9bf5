"""How many answers one person may have under way at a time, so that who floods the bot delays no other."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A question that is being answered. After ``until``, in seconds since the epoch, its worker is gone in any case.

    ``request`` is its identity, ``person`` the id of its person behind that of the team: ``T1/U1``.
    """

    person: str
    request: str
    until: float


def others_under_way(under_way: Iterable[UnderWay], request: str, now: float) -> int:
    """How many of these are under way at this moment beside the request itself."""
    return sum(each.request != request and each.until > now for each in under_way)


def spread(delay: float, request: str, number: int) -> float:
    """From half of a delay to one and a half of it, for this delivery of a request.

    What waits together must not come back together: one of it would be answered, and all others wait again.
    """
    return delay * (0.5 + zlib.crc32(f"{request} {number}".encode()) / 2**32)
