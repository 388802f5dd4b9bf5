"""What was posted while the bot could not hear Slack."""

from adapters.slack.receiving.missed.events_from_history import MissedEvents
from adapters.slack.receiving.missed.history import History, Pause

__all__ = ["History", "MissedEvents", "Pause"]
