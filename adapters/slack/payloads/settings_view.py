"""What the modal with a channel's settings carries, and what comes back when a person submits it.

Whoever receives it loads neither the modal's blocks nor any language. Facts of docs.slack.dev, November 2026:
``private_metadata`` has at most 3,000 characters, and what is submitted stands in ``view.state.values`` by block and
action.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from adapters.slack.payloads.validation import Dropped, nested, slack_id, valid_unicode, web_url
from domain.channels.channel_settings import NAMES, ChannelSettings
from domain.channels.settings_requests import OpenSettings

CALLBACK = "settings"
"""The ``callback_id`` of the modal, and the ``action_id`` of the button that opens it."""

FIELD = "value"
"""The ``action_id`` of each input, whose block has the setting's name."""

FOLLOW = "-"
"""The value of the option that leaves a setting to the bot's own: Slack takes no empty one."""

DIGEST = 16
"""Characters of a digest that say what a setting was when it was shown."""


def carried(request: OpenSettings, settings: ChannelSettings) -> str:
    """The place, where to answer, and a digest of each setting as it is shown."""
    texts = settings.texts()
    metadata = {
        "team": request.team,
        "channel": request.channel,
        "respond_to": request.respond_to,
        "shown": {name: _digest(texts.get(name, "")) for name in NAMES},
    }
    return json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))


def submitted(view: Mapping[str, Any]) -> tuple[str, str, str, Mapping[str, str]]:
    """Team, channel, where to answer, and what the person has changed. Raises ``Dropped`` for no modal of this kind."""
    try:
        metadata = json.loads(str(view.get("private_metadata")))
    except (ValueError, RecursionError):
        raise Dropped("a modal that cannot be read") from None
    shown = nested(metadata, "shown")
    fields = {name: nested(view, "state", "values", name, FIELD) for name in NAMES}
    # A form of another release may lack a field: that a setting was not asked for does not unset it.
    texts = {name: _written(field) for name, field in fields.items() if isinstance(field, dict)}
    changed = {name: text for name, text in texts.items() if _digest(text) != nested(shown, name)}
    team, channel = slack_id(nested(metadata, "team")), slack_id(nested(metadata, "channel"))
    return team, channel, web_url(nested(metadata, "respond_to")), changed


def _written(field: object) -> str:
    value = nested(field, "selected_option", "value") or nested(field, "value")
    return valid_unicode(value) if isinstance(value, str) and value != FOLLOW else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:DIGEST]
