"""Whose channel or person a command means: the team, and whether Slack knows the id."""

import os
import re

from entrypoints.configuration.settings import SettingError, Settings

SLACK_VARIABLES = ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_API_URL", "SLACK_TEAM_IDS")


def slack_settings() -> Settings:
    """What the commands need to know of Slack."""
    return Settings.from_env(
        {name: os.environ.get(name, "") for name in SLACK_VARIABLES} | {"SLACK_SIGNING_SECRET": "-"}
    )


def team_of(slack: Settings, settings: Settings, whose: str, named: str | None = None) -> str:
    """The id of the team, which may be ``named``.

    Raises ``SettingError`` where nothing says ``whose`` is meant, and for what is no team's id.
    """
    team = named or _team(slack, settings, whose)
    require_team(team)
    return team


def _team(slack: Settings, settings: Settings, whose: str) -> str:
    if len(slack.slack_team_ids) == 1 and not (team := next(iter(slack.slack_team_ids))).startswith("E"):
        return team  # an Enterprise Grid's id stands for several
    if slack.slack_bot_token:
        # Slack's SDK takes longer to import than most commands take: only who asks Slack imports it.
        from adapters.slack.client import web_client  # noqa: PLC0415
        from adapters.slack.identity import identity_of  # noqa: PLC0415

        return identity_of(web_client(slack.slack_bot_token, slack.slack_api_url)).team
    if settings.table_name or slack.slack_team_ids or slack.has_several_workspaces:
        raise SettingError(f"--team, or a SLACK_TEAM_IDS with one id, must say whose {whose} is meant")
    # The playground is a web server, which an operator of a bot on AWS need not have installed.
    from entrypoints.playground.emulator.workspace.model import TEAM  # noqa: PLC0415

    return TEAM


def require_team(team: str) -> None:
    """Raises ``SettingError`` for what is no workspace's id, nor that of an Enterprise Grid organization."""
    if not re.fullmatch("[TE][A-Z0-9]{1,31}", team):
        raise SettingError(f"{team!r} is no workspace's id such as T0123ABCD")


def require_channel(channel: str, slack: Settings) -> None:
    """Raises ``SettingError`` for what is no channel's id, or that of a channel of which Slack does not know."""
    if not re.fullmatch("[CDG][A-Z0-9]{1,31}", channel):
        raise SettingError(f"{channel!r} is no channel's id such as C0123ABCD")
    if slack.slack_bot_token and not _is_known(channel, slack):
        raise SettingError(f"Slack knows no channel {channel}, or it is private and the bot is not in it")


def _is_known(channel: str, slack: Settings) -> bool:
    from adapters.slack.channels import is_channel  # noqa: PLC0415 - see above
    from adapters.slack.client import web_client  # noqa: PLC0415

    return is_channel(web_client(slack.slack_bot_token, slack.slack_api_url), channel)


def require_person(person: str) -> None:
    """Raises ``SettingError`` for what is no person's id."""
    if not re.fullmatch("[UW][A-Z0-9]{1,31}", person):
        raise SettingError(f"{person!r} is no person's id such as U0123ABCD")
