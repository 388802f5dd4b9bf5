"""The modal with the settings of a channel: what Slack shows, and what comes back when a person submits it.

Facts of docs.slack.dev, November 2026: a title has at most 24 characters, ``private_metadata`` 3,000, and a
``number_input`` gives and takes its number as a text. What is submitted stands in ``view.state.values`` by block and
action.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject
from slack_sdk.models.blocks.block_elements import InputInteractiveElement
from slack_sdk.models.views import View

from adapters.slack.texts import Labels
from adapters.slack.validation import Dropped, nested, slack_id, valid_unicode, web_url
from domain.channels.requests import OpenSettings
from domain.channels.settings import BUDGET_LIMIT, INSTRUCTIONS_LIMIT, LANGUAGES, MODEL_LIMIT, NAMES, ChannelSettings
from domain.language import Language
from domain.place import Scope

CALLBACK = "settings"
"""The ``callback_id`` of the modal, and the ``action_id`` of the button that opens it."""

FIELD = "value"
"""The ``action_id`` of each input, whose block has the setting's name."""

FOLLOW = "-"
"""The value of the option that leaves a setting to the bot's own: Slack takes no empty one."""

DIGEST = 16
"""Characters of a digest that say what a setting was when it was shown."""


def settings_view(request: OpenSettings, settings: ChannelSettings, language: Language, labels: Labels) -> View:
    """The modal. It carries the place, where to answer, and a digest of each setting as it is shown."""
    texts, names = settings.texts(), language.settings_names
    carried = {
        "team": request.team,
        "channel": request.channel,
        "respond_to": request.respond_to,
        "shown": {name: _digest(texts.get(name, "")) for name in NAMES},
    }
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=_introduction(request.channel, labels)))]
    for name, element in _elements(texts, language, labels).items():
        label = PlainTextObject(text=names[name])
        blocks.append(InputBlock(block_id=name, label=label, element=element, optional=True))
    return View(
        type="modal",
        callback_id=CALLBACK,
        title=PlainTextObject(text=labels.settings),
        submit=PlainTextObject(text=labels.save),
        close=PlainTextObject(text=labels.cancel),
        private_metadata=json.dumps(carried, ensure_ascii=False, separators=(",", ":")),
        blocks=blocks,
    )


def submitted(view: Mapping[str, Any]) -> tuple[str, str, str, Mapping[str, str]]:
    """Team, channel, where to answer, and what the person has changed. Raises ``Dropped`` for no modal of this kind."""
    try:
        carried = json.loads(str(view.get("private_metadata")))
    except (ValueError, RecursionError):
        raise Dropped("a modal that cannot be read") from None
    shown = nested(carried, "shown")
    texts = {name: _written(nested(view, "state", "values", name, FIELD)) for name in NAMES}
    changed = {name: text for name, text in texts.items() if _digest(text) != nested(shown, name)}
    team, channel = slack_id(nested(carried, "team")), slack_id(nested(carried, "channel"))
    return team, channel, web_url(nested(carried, "respond_to")), changed


def _introduction(channel: str, labels: Labels) -> str:
    return labels.settings_introduction.format(channel=labels.here if channel.startswith("D") else f"<#{channel}>")


def _elements(texts: Mapping[str, str], language: Language, labels: Labels) -> Mapping[str, InputInteractiveElement]:
    values = {name: texts.get(name) for name in NAMES}
    return {
        "instructions": PlainTextInputElement(
            action_id=FIELD, multiline=True, max_length=INSTRUCTIONS_LIMIT, initial_value=values["instructions"]
        ),
        "model": PlainTextInputElement(action_id=FIELD, max_length=MODEL_LIMIT, initial_value=values["model"]),
        "language": _select({each: language.settings_values[each] for each in LANGUAGES}, values["language"], labels),
        "scope": _select({each: language.settings_values[each] for each in Scope}, values["scope"], labels),
        "budget": NumberInputElement(
            action_id=FIELD,
            is_decimal_allowed=False,
            min_value="0",
            max_value=str(BUDGET_LIMIT),
            initial_value=values["budget"],
        ),
    }


def _select(choices: Mapping[str, str], value: str | None, labels: Labels) -> StaticSelectElement:
    labelled = {FOLLOW: labels.follow, **choices}
    options = {key: Option(value=str(key), label=label) for key, label in labelled.items()}
    return StaticSelectElement(action_id=FIELD, options=list(options.values()), initial_option=options[value or FOLLOW])


def _written(field: object) -> str:
    value = nested(field, "selected_option", "value") or nested(field, "value")
    return valid_unicode(value) if isinstance(value, str) and value != FOLLOW else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:DIGEST]
