"""The manifest of the Slack app: what the app may do, and where Slack finds it.

It is made from ``manifest.json`` for the features that are switched on. Terraform makes the same from the same
file, in ``terraform/modules/manifest``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from entrypoints.configuration.settings import Settings

Manifest = Mapping[str, Any]

EXAMPLE_URL = "https://example.com/events"
"""Stands for whatever address events come to: which one it is changes no scope."""

NOTES = frozenset({"feature", "reason"})
"""What an entry of the file says to its readers and not to Slack."""


def parts() -> Manifest:
    """The file: what every app has, and the entries of each feature with their reasons."""
    read: Manifest = json.loads(Path(__file__).with_name("manifest.json").read_text(encoding="utf-8"))
    return read


def manifest_for(
    *, language: str, agent_view: bool, reply_username: bool, events_url: str = "", redirect_url: str = ""
) -> Manifest:
    """The app in its language (``ja`` or ``en``), with the scopes and events of what is switched on and no others.

    ``events_url`` is the https address of ``POST /events``, which takes events, clicks and commands alike;
    without one the app connects by Socket Mode, and has what it takes to catch up after a gap. ``redirect_url`` is that
    of ``GET /slack/oauth_redirect``, where several workspaces install the app.
    """
    part = parts()
    switches = {
        "agent view": agent_view,
        "reply username": reply_username,
        "catching up": not events_url,
        "several workspaces": bool(redirect_url),
    }
    address = {"request_url": events_url} if events_url else {}

    def named(entries: Sequence[Manifest]) -> list[str]:
        return [entry["name"] for entry in entries if switches.get(entry["feature"], True)]

    def in_language(entry: Manifest) -> dict[str, Any]:
        return {
            field: value[language] if isinstance(value, Mapping) else value
            for field, value in entry.items()
            if field not in NOTES
        }

    agent = {
        "agent_description": part["agent_view"]["agent_description"][language],
        "suggested_prompts": [in_language(prompt) for prompt in part["agent_view"]["suggested_prompts"]],
    }
    return {
        "display_information": in_language(part["display_information"]),
        "features": {
            **part["features"],
            **({"agent_view": agent} if agent_view else {}),
            "slash_commands": [
                in_language(command) | ({"url": events_url} if events_url else {}) for command in part["slash_commands"]
            ],
            "shortcuts": [in_language(shortcut) for shortcut in part["shortcuts"]],
        },
        "oauth_config": {
            **({"redirect_urls": [redirect_url]} if redirect_url else {}),
            "scopes": {"bot": named(part["scopes"])},
        },
        "settings": {
            "event_subscriptions": {**address, "bot_events": named(part["events"])},
            "interactivity": {"is_enabled": True, **address},
            **part["settings"],
            "socket_mode_enabled": not events_url,
        },
    }


def scopes_for(settings: Settings) -> Sequence[str]:
    """What an installation asks for: the scopes of the manifest for the same settings."""
    app = manifest_for(
        language=settings.bot_language,
        agent_view=settings.may_be_agent,
        reply_username=bool(settings.slack_reply_username),
        events_url="" if settings.slack_app_token else EXAMPLE_URL,
    )
    scopes: Sequence[str] = app["oauth_config"]["scopes"]["bot"]
    return scopes


def as_json(manifest: Manifest) -> str:
    """Indented, for Slack's editor."""
    return json.dumps(manifest, ensure_ascii=False, indent=2)


def install_link(manifest: Manifest) -> str:
    """Leads to Slack's page that makes an app, with this manifest filled in."""
    compact = json.dumps(manifest, ensure_ascii=False, separators=(",", ":"))
    return f"https://api.slack.com/apps?new_app=1&manifest_json={quote(compact, safe='')}"
