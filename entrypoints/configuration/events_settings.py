"""The settings that the events endpoint needs, and all that the function behind API Gateway reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from domain.conversations.place import Scope
from entrypoints.configuration.environment import Environment


@dataclass(frozen=True, kw_only=True)
class EventsSettings:
    """Those of all settings on which it depends what is queued, where, and how that is logged."""

    slack_signing_secret: str = field(default="", repr=False)
    slack_team_ids: frozenset[str] = frozenset()
    slack_channel_ids: frozenset[str] = frozenset()
    slack_bot_user_id: str = ""
    slack_agent_view: bool | None = None
    slack_external_people: str = "refuse"
    conversation_scope: Scope = Scope.THREAD
    queue_url: str = ""
    log_level: str = "INFO"

    @property
    def may_be_agent(self) -> bool:
        """The app is one of Slack's agents, or nobody has said that it is none."""
        return self.slack_agent_view is not False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self:
        """Read settings from the environment, where an empty variable counts as unset.

        Raises ``SettingError`` for the first variable with a value that is not allowed.
        """
        return cls(**cls._of_events(Environment(env)))

    @classmethod
    def _of_events(cls, read: Environment) -> dict[str, Any]:
        return {
            "slack_signing_secret": read.secret("SLACK_SIGNING_SECRET"),
            "slack_team_ids": read.ids("SLACK_TEAM_IDS"),
            "slack_channel_ids": read.ids("SLACK_CHANNEL_IDS"),
            "slack_bot_user_id": read.text("SLACK_BOT_USER_ID"),
            "slack_agent_view": read.switch("SLACK_AGENT_VIEW", True) if read.text("SLACK_AGENT_VIEW") else None,
            "slack_external_people": read.choice(
                "SLACK_EXTERNAL_PEOPLE", cls.slack_external_people, ("refuse", "answer")
            ),
            "conversation_scope": Scope(read.choice("CONVERSATION_SCOPE", Scope.THREAD, tuple(Scope))),
            "queue_url": read.url("QUEUE_URL"),
            "log_level": read.choice("LOG_LEVEL", cls.log_level, ("DEBUG", "INFO", "WARNING", "ERROR")),
        }
