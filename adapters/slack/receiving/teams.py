"""Which team a payload is of: the one that installed the app, and the person's own.

In a shared channel the outer ``team_id`` is the author's. The installation's is ``authorizations[0].team_id``, or
``context_team_id`` (docs.slack.dev, November 2026). Where a whole Enterprise Grid has installed the app, the
authorization names no team.
"""

from collections.abc import Mapping
from typing import Any

from adapters.slack.payloads.validation import Dropped, nested, slack_id


def authorization_in(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The installation for which an event was sent; empty where Slack does not say."""
    authorizations = payload.get("authorizations")
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else None
    return first if isinstance(first, dict) else {}


def installed_team(payload: Mapping[str, Any]) -> str:
    """The team whose id is part of every identity. Raises ``Dropped``."""
    authorization = authorization_in(payload)
    names = (
        authorization.get("team_id"),
        payload.get("context_team_id"),
        payload.get("team_id"),
        authorization.get("enterprise_id"),
        payload.get("enterprise_id"),
    )
    return slack_id(next(filter(None, names), None))


def team_in_interaction(payload: Mapping[str, Any]) -> str:
    """The team of a shortcut or a button press, or its Enterprise Grid. Raises ``Dropped``."""
    return slack_id(nested(payload, "team", "id") or nested(payload, "enterprise", "id"))


def installed_enterprise(payload: Mapping[str, Any], team: str) -> str:
    """The Enterprise Grid that has installed the app for all of its teams; empty where the team itself has.

    Events say so in their authorization, interactions and slash commands in themselves, the last as a text.
    """
    installation = authorization_in(payload) or payload
    is_of_enterprise = installation.get("is_enterprise_install") in (True, "true")
    return enterprise_of(payload, team) if is_of_enterprise else ""


def enterprise_of(payload: Mapping[str, Any], team: str) -> str:
    """The Enterprise Grid of the team that the request is of, whoever has installed the app; empty where it has none.

    Empty too where the payload is of another team: whoever votes in a shared channel may be of another Grid.
    """
    enterprise = _enterprise_in(payload)
    own = authorization_in(payload).get("team_id"), *map(payload.get, ("context_team_id", "team_id"))
    if team not in (*own, nested(payload, "team", "id"), enterprise):
        return ""
    try:
        return slack_id(enterprise)
    except Dropped:
        return ""


def _enterprise_in(payload: Mapping[str, Any]) -> object:
    """As with the team, the outer id of an event in a shared channel may be the author's."""
    if authorization := authorization_in(payload):
        return authorization.get("enterprise_id")
    if payload.get("context_team_id"):
        return payload.get("context_enterprise_id")
    return payload.get("enterprise_id") or nested(payload, "enterprise", "id")


def persons_team(payload: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    """The team of the person who posted, where it is another than the installation's; else empty."""
    team = next(filter(None, map(event.get, ("user_team", "source_team", "team"))), None)
    try:
        team = slack_id(team)
    except Dropped:
        return ""
    return "" if team == installed_team(payload) else team


def is_external(payload: Mapping[str, Any], team: str) -> bool:
    """Is a person of this team, which is not the installation's, of another company?

    An Enterprise Grid has several teams, whose people meet in channels that are not shared with others.
    """
    grid = authorization_in(payload).get("enterprise_id") or payload.get("context_enterprise_id")
    is_shared = payload.get("is_ext_shared_channel")
    return bool(team) and team != grid and (is_shared if isinstance(is_shared, bool) else not grid)
