"""Block Kit: what Slack takes as blocks, and what it finds in them.

The bounds of single blocks are those of ``slack_sdk.models.blocks``. What it lets pass and Slack does not is looked
at here: unknown blocks, elements and fields, empty texts, identifiers used twice, and the bounds of the whole.
"""

import json
from collections.abc import Iterator, Sequence

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block, FeedbackButtonsElement

from entrypoints.playground.emulator.workspace.model import Json, Refused

MESSAGE_BLOCKS = 50
HOME_BLOCKS = 100
MARKDOWN_LIMIT = 12_000
"""Characters in the ``markdown`` blocks of one message, all of them together."""

LABEL_LIMIT = 75
"""Characters of a button's ``accessibility_label``."""

HOME_TYPES = {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
INPUTS = {"number_input", "plain_text_input", "static_select"}
"""The elements of inputs that this bot needs."""

ELEMENTS = {
    "actions": {"button", "checkboxes", "overflow", "radio_buttons", "static_select"},
    "context": {"image", "mrkdwn", "plain_text"},
    "context_actions": {"feedback_buttons", "icon_button"},
}


def blocks_in(value: object) -> tuple[Json, ...]:
    """The blocks of a message, given as a list or as its JSON.

    Raises ``Refused``: ``invalid_blocks_format`` for what is no list of objects, ``msg_blocks_too_long``
    for too much Markdown in all, ``invalid_blocks`` for anything else that Slack would not show.
    """
    blocks = _listed(value)
    if len(blocks) > MESSAGE_BLOCKS:
        raise Refused("invalid_blocks")
    _require_valid(blocks)
    if sum(len(block["text"]) for block in blocks if block["type"] == "markdown") > MARKDOWN_LIMIT:
        raise Refused("msg_blocks_too_long")
    return tuple(blocks)


def home_blocks_in(value: object) -> list[Json]:
    """The blocks of a Home tab. Raises ``Refused`` like ``blocks_in``; a message's own blocks do not go there."""
    blocks = _listed(value)
    if len(blocks) > HOME_BLOCKS or any(block.get("type") not in HOME_TYPES for block in blocks):
        raise Refused("invalid_blocks")
    _require_valid(blocks)
    return blocks


def modal_blocks_in(value: object) -> list[Json]:
    """The blocks of a modal. Raises ``Refused`` like ``home_blocks_in``, and for an input that it does not know."""
    blocks = home_blocks_in(value)
    for block in blocks:
        element = block.get("element")
        if block["type"] == "input" and not (isinstance(element, dict) and element.get("type") in INPUTS):
            raise Refused("invalid_blocks")
    return blocks


def markdown_of(blocks: Sequence[Json]) -> str:
    """What the ``markdown`` blocks say."""
    return "\n\n".join(block["text"] for block in blocks if block["type"] == "markdown")


def with_ids(blocks: Sequence[Json]) -> list[Json]:
    """The blocks as Slack hands them back: each with a ``block_id``."""
    return [{"block_id": f"b{number}", **block} for number, block in enumerate(blocks)]


def pressed(blocks: Sequence[Json], action_id: str, value: str) -> Json:
    """A ``block_actions`` action: the button with this id and value. Raises ``Refused`` where there is none."""
    for block in with_ids(blocks):
        for element in _elements(block):
            if element.get("action_id") != action_id:
                continue
            is_pair = element["type"] == "feedback_buttons"
            for button in (element["positive_button"], element["negative_button"]) if is_pair else (element,):
                if (button.get("value") or "") == value:
                    action = {"type": element["type"], "action_id": action_id, "block_id": block["block_id"]}
                    text = {"emoji": True, **_text_object(button["text"])} if "text" in button else None
                    return action | ({"text": text} if text else {}) | ({"value": value} if value else {})
    raise Refused("action_not_found")


def _listed(value: object) -> list[Json]:
    try:
        blocks = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise Refused("invalid_blocks_format") from None
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise Refused("invalid_blocks_format")
    return blocks


def _require_valid(blocks: Sequence[Json]) -> None:
    try:
        valid = all(map(_is_valid, blocks))
    except (SlackObjectFormationError, TypeError, ValueError, AttributeError, KeyError):
        valid = False
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if not valid or len(ids) != len(set(ids)):
        raise Refused("invalid_blocks")


def _is_valid(block: Json) -> bool:
    model = Block.parse(block)
    if model is None or not _knows(model, block):
        return False
    model.to_dict()  # raises for whatever the models look at
    elements = list(_elements(block))
    ids = [element["action_id"] for element in elements if element.get("action_id")]
    allowed = ELEMENTS.get(block["type"])
    return (
        len(ids) == len(set(ids))
        and (block["type"] not in ELEMENTS or bool(elements))
        and all(element["type"] in allowed for element in elements if allowed)
        and all(map(_is_complete, getattr(model, "elements", None) or ()))
        and all(_says_something(each) for each in (block, *elements, *block.get("fields", ())))
        and (block["type"] != "section" or "text" in block or bool(block.get("fields")))
    )


def _knows(model: JsonObject, block: Json) -> bool:
    return set(block) <= {*model.attributes, "type"}


def _is_complete(element: JsonObject | None) -> bool:
    if isinstance(element, FeedbackButtonsElement):
        return bool(element.positive_button and element.negative_button)
    return element is not None


def _says_something(part: Json) -> bool:
    """Is every text in a block or an element there, and of the kind that belongs there?"""
    buttons = [part[name] for name in ("positive_button", "negative_button") if name in part]
    if any(not button.get("value") for button in buttons):
        return False
    for each in (part, *buttons):
        is_button = each is not part or part.get("type") in ("button", "icon_button")
        if len(each.get("accessibility_label") or "") > LABEL_LIMIT:
            return False
        if "text" in each or is_button:
            text = each["text"]
            if part.get("type") in ("markdown", "mrkdwn", "plain_text"):
                if not isinstance(text, str) or not text:
                    return False
                continue
            if not isinstance(text, dict) or not text.get("text"):
                return False
            if text["type"] != "plain_text" and (is_button or part.get("type") == "header"):
                return False
    return True


def _elements(block: Json) -> Iterator[Json]:
    """The elements of a block; what is none has no type."""
    elements = [*(block.get("elements") or ()), *([block["accessory"]] if block.get("accessory") else ())]
    for element in elements:
        if block["type"] in (*ELEMENTS, "section"):
            yield element


def _text_object(text: object) -> Json:
    return text if isinstance(text, dict) else {"type": "plain_text", "text": str(text)}
