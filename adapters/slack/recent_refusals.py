"""What Slack refused lately, so that it is not asked again at once."""

from slack_sdk.errors import SlackApiError

from adapters.slack.errors import PLACE_ERRORS, code_of, is_refusal, seconds_to_wait
from domain.deliveries.deadline import Clock

REFUSAL_SECONDS = 600
"""Seconds for which a method that Slack refused is not called again: an operator may grant the scope meanwhile."""


class RecentRefusals:
    """Methods or channels that Slack refused lately and is not asked for again yet. Safe to use from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._clock() < self._until.get(name, 0.0)

    def note(self, name: str, error: SlackApiError) -> None:
        """Remember a rate limit for as long as Slack says, a refusal for ``REFUSAL_SECONDS``; nothing else."""
        seconds = seconds_to_wait(error)
        if seconds is None and is_refusal(error) and code_of(error) not in PLACE_ERRORS:
            seconds = REFUSAL_SECONDS
        if seconds is not None:
            self._until[name] = self._clock() + seconds
