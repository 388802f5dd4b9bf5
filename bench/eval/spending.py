"""What a way to remember has taken: calls, tokens and seconds, of remembering and of answering apart."""

from dataclasses import asdict, dataclass, field

from domain.spending.usage import Usage

SENT, CACHED, RECEIVED = 1.0, 0.1, 8.0
"""Prices of a token that is sent, cached and received, as multiples of the first."""


@dataclass
class Spending:
    """Adds up as calls are made. ``cached`` tokens are among those that were ``sent``."""

    calls: int = 0
    sent: int = 0
    cached: int = 0
    received: int = 0
    seconds: float = 0.0
    failures: int = 0

    def add(self, usage: Usage, seconds: float = 0.0) -> None:
        self.calls += 1
        self.sent += usage.sent
        self.cached += usage.cached
        self.received += usage.received
        self.seconds += seconds

    def __add__(self, other: "Spending") -> "Spending":
        ours, theirs = asdict(self), asdict(other)
        return Spending(**{name: ours[name] + theirs[name] for name in ours})

    @property
    def billed(self) -> float:
        """Tokens at the price of those that are sent and not cached."""
        return (self.sent - self.cached) * SENT + self.cached * CACHED + self.received * RECEIVED


@dataclass
class Account:
    """Remembering is what differs between two ways to remember; answering is everybody's."""

    remembering: Spending = field(default_factory=Spending)
    answering: Spending = field(default_factory=Spending)

    def __add__(self, other: "Account") -> "Account":
        return Account(self.remembering + other.remembering, self.answering + other.answering)

    @property
    def together(self) -> Spending:
        return self.remembering + self.answering
