"""The ledger: what each model call cost, and the sums of a month."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.spending.usage import NO_USAGE, Usage

KEPT_DAYS = 397
"""Days that an entry, and a sum after its last change, are kept: thirteen months, in a leap year too."""


class Kind(enum.StrEnum):
    """What a model was asked for. A refusal is a question that was asked and has no answer."""

    ANSWER = "answer"
    CONDENSATION = "condensation"
    REDACTION = "redaction"
    REFUSAL = "refusal"


class OwnerKind(enum.StrEnum):
    """Whose sums are kept."""

    PERSON = "person"
    CHANNEL = "channel"
    TEAM = "team"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose sum it is: a person, a channel, a model within the team, or the team itself, whose ``id`` is its own."""

    team: str
    kind: OwnerKind
    id: str


def month_of(at: float) -> str:
    """The month of a moment in seconds since the epoch, in UTC, such as ``2026-11``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One entry of the ledger. It holds no text.

    ``request`` is the identity of what made the call necessary, ``person`` and ``channel`` are that request's.
    ``first_word`` and ``seconds`` are the seconds until the first word, 0 where there was none to be seen, and until
    the end. ``at`` is the moment of the charge in seconds since the epoch. ``money`` is in millionths of the price
    list's unit; none without a price. ``warned`` is whose budgets the person was told with it to be nearly used up.
    """

    request: str
    kind: Kind
    team: str
    channel: str
    person: str
    model: str
    usage: Usage
    at: float
    seconds: float = 0.0
    first_word: float = 0.0
    money: int | None = None
    warned: tuple[OwnerKind, ...] = ()

    @property
    def month(self) -> str:
        """The month in which it counts."""
        return month_of(self.at)

    @property
    def estimated(self) -> bool:
        """Were tokens estimated, as of an answer that was stopped?"""
        return bool(self.usage.estimated)

    @property
    def owners(self) -> Iterator[Owner]:
        """Those to whose sums it is added."""
        yield Owner(self.team, OwnerKind.PERSON, self.person)
        yield Owner(self.team, OwnerKind.CHANNEL, self.channel)
        yield Owner(self.team, OwnerKind.TEAM, self.team)
        yield Owner(self.team, OwnerKind.MODEL, self.model)


@dataclass(frozen=True, slots=True)
class Sum:
    """What charges add up to. ``usage.turns`` counts the answers, ``usage.estimated`` the estimated calls.

    ``money`` is in millionths of the price list's unit, ``unpriced`` are the tokens, sent and received, of models
    without a price. ``warnings`` counts how often somebody was told that the owner's budget is nearly used up: at most
    once a month.
    """

    usage: Usage = NO_USAGE
    condensations: int = 0
    redactions: int = 0
    refusals: int = 0
    money: int = 0
    unpriced: int = 0
    warnings: int = 0

    @staticmethod
    def of(charge: Charge, kind: OwnerKind = OwnerKind.MODEL) -> "Sum":
        """What the charge adds to the sum of its owner of this kind."""
        usage = charge.usage
        return Sum(
            usage,
            condensations=int(charge.kind is Kind.CONDENSATION),
            redactions=int(charge.kind is Kind.REDACTION),
            refusals=int(charge.kind is Kind.REFUSAL),
            money=charge.money or 0,
            unpriced=usage.sent + usage.received if charge.money is None else 0,
            warnings=int(kind in charge.warned),
        )

    @property
    def estimated(self) -> int:
        """How many calls' tokens were estimated."""
        return self.usage.estimated

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


NO_SUM = Sum()


@dataclass(frozen=True, slots=True)
class Accounts:
    """The sums of one ``month`` of those whom a turn concerns; of none where nothing was loaded."""

    person: Sum = NO_SUM
    channel: Sum = NO_SUM
    team: Sum = NO_SUM
    month: str = field(default="", compare=False)


NO_ACCOUNTS = Accounts()
