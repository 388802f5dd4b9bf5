"""The modal with a channel's settings as Slack shows it.

A title has at most 24 characters, and a ``number_input`` gives and takes its number as a text (docs.slack.dev, November
2026).
"""

from collections.abc import Mapping

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

from adapters.slack.payloads.settings_view import CALLBACK, FIELD, FOLLOW, carried
from adapters.slack.texts import Labels
from domain.channels.channel_settings import (
    BUDGET_LIMIT,
    INSTRUCTIONS_LIMIT,
    LANGUAGES,
    MODEL_LIMIT,
    NAMES,
    ChannelSettings,
)
from domain.channels.settings_requests import OpenSettings
from domain.conversations.place import Scope
from domain.texts.language import Language


def settings_form(request: OpenSettings, settings: ChannelSettings, language: Language, labels: Labels) -> View:
    """The modal with these settings."""
    names = language.settings_names
    blocks: list[Block] = [SectionBlock(text=MarkdownTextObject(text=_introduction(request.channel, labels)))]
    for name, element in _elements(settings.texts(), language, labels).items():
        label = PlainTextObject(text=names[name])
        blocks.append(InputBlock(block_id=name, label=label, element=element, optional=True))
    return View(
        type="modal",
        callback_id=CALLBACK,
        title=PlainTextObject(text=labels.settings),
        submit=PlainTextObject(text=labels.save),
        close=PlainTextObject(text=labels.cancel),
        private_metadata=carried(request, settings),
        blocks=blocks,
    )


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
