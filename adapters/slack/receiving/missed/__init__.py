"""What was posted while the bot could not hear Slack."""

from adapters.slack.receiving.missed.history import History, Pause
from adapters.slack.receiving.missed.missed_events import MissedEvents

__all__ = ["History", "MissedEvents", "Pause"]
