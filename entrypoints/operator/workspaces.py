"""``bot workspaces`` lists the workspaces that have installed the app."""

from argparse import Namespace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from entrypoints.operator.open_stores import data_place
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_json, print_line, print_table

if TYPE_CHECKING:  # Slack's SDK takes longer to import than most commands take
    from slack_sdk.oauth.installation_store import Installation

HEAD = ("workspace", "name", "bot", "installed", "by", "token until")


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("workspaces", help="list the workspaces that have installed the app")
    add_json(parser)
    parser.set_defaults(run=_list)


def _list(asked: Namespace) -> int:
    from entrypoints.operator.installed import (  # noqa: PLC0415 - others need nothing of several workspaces
        installations_of,
        installed_settings,
    )

    settings = installed_settings()
    with installations_of(settings) as installations:
        found = [_as_data(each) for each in installations.all()]
    if asked.json:
        print_json(found)
        return FINE
    if found:
        print_table(HEAD, *map(_row, found))
    else:
        print_line(f"no workspace has installed the app in {data_place(settings)}")
    return FINE


def _as_data(installation: "Installation") -> dict[str, Any]:
    """Without tokens. An Enterprise Grid has the ``teams`` in which the bot has been asked."""
    from adapters.installations.clients import name_of, teams_of  # noqa: PLC0415 - see above

    is_enterprise = installation.is_enterprise_install
    expires_at = installation.bot_token_expires_at
    return {
        "id": installation.enterprise_id if is_enterprise else installation.team_id,
        "name": name_of(installation),
        "enterprise": is_enterprise,
        "teams": teams_of(installation),
        "bot": installation.bot_user_id,
        "installed_at": _time(installation.installed_at),
        "installed_by": installation.user_id,
        "token_expires_at": _time(expires_at) if expires_at else None,
    }


def _row(data: dict[str, Any]) -> tuple[str, ...]:
    columns = ("id", "name", "bot", "installed_at", "installed_by", "token_expires_at")
    return tuple(data[name] or "-" for name in columns)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
