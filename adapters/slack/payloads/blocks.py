"""Renders Block Kit as mrkdwn: what people see of a post whose ``text`` does not say it.

Everything is bounded by the caller's limits and by ``DEPTH``; blocks of unknown types are left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.slack.payloads.mrkdwn import escaped
from adapters.slack.payloads.validation import nested

DEPTH = 8
"""Levels of nested elements that are read; Slack's own have at most 5."""

ROWS, CELLS = 100, 20
"""Of one table, as many as Slack allows."""


def blocks_of(value: object) -> Iterator[Mapping[str, Any]]:
    """The objects of a list of blocks."""
    yield from (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))


def rendered(blocks: Iterable[Mapping[str, Any]]) -> str:
    """What these blocks show, tables left out. Empty where they show no text."""
    return "\n".join(filter(None, (_block(each) for each in blocks if each.get("type") != "table")))


def rendered_table(block: Mapping[str, Any]) -> str:
    """A ``table`` block as a Markdown table whose first row is its head; empty for one without cells."""
    rows = [[_cell(each) for each in row[:CELLS]] for row in _list(block.get("rows"))[:ROWS] if isinstance(row, list)]
    if not any(any(row) for row in rows):
        return ""
    width = max(map(len, rows))
    head, *body = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    return "\n".join([head, "|" + " --- |" * width, *body])


def _cell(cell: object) -> str:
    kind = nested(cell, "type")
    text = _elements(nested(cell, "elements"), DEPTH) if kind == "rich_text" else escaped_string(nested(cell, "text"))
    if not text and isinstance(value := nested(cell, "value"), int | float) and not isinstance(value, bool):
        text = str(value)
    return " ".join(text.replace("|", "\\|").split())


def _block(block: Mapping[str, Any]) -> str:
    match block.get("type"):
        case "rich_text":
            return _elements(block.get("elements"), DEPTH)
        case "section":
            texts = [block.get("text"), *_list(block.get("fields"))]
        case "context":
            texts = _list(block.get("elements"))
        case "header" | "alert" | "callout":
            texts = [block.get("text")]
        case "markdown":
            return escaped_string(block.get("text"))
        case "image" | "video":
            return "\n".join(filter(None, (_text(block.get("title")), escaped_string(block.get("alt_text")))))
        case _:
            return ""
    return "\n".join(filter(None, map(_text, texts)))


def _text(value: object) -> str:
    """A text object: ``plain_text`` is as it was typed, ``mrkdwn`` has Slack's escapes."""
    text = nested(value, "text")
    if nested(value, "type") == "mrkdwn":
        return text if isinstance(text, str) else ""
    return escaped_string(text) or escaped_string(nested(value, "alt_text"))


def _elements(elements: object, depth: int) -> str:
    return "".join(_element(each, depth) for each in blocks_of(elements)).strip("\n") if depth else ""


def _element(element: Mapping[str, Any], depth: int) -> str:
    inner = element.get("elements")
    match element.get("type"):
        case "rich_text_section":
            return _elements(inner, depth - 1) + "\n"
        case "rich_text_list":
            items = (_elements([each], depth - 1) for each in blocks_of(inner))
            return "".join(f"{'  ' * _indent(element)}• {each}\n" for each in items)
        case "rich_text_quote":
            return "".join(f"> {line}\n" for line in _elements(inner, depth - 1).splitlines())
        case "rich_text_preformatted":
            return f"```\n{_elements(inner, depth - 1)}\n```\n"
        case _:
            return _inline(element)


_INLINE = {
    "text": ("{}", "text"),
    "user": ("<@{}>", "user_id"),
    "usergroup": ("<!subteam^{}>", "usergroup_id"),
    "channel": ("<#{}>", "channel_id"),
    "broadcast": ("<!{}>", "range"),
    "emoji": (":{}:", "name"),
    "date": ("{}", "fallback"),
    "color": ("{}", "value"),
}
"""How an element within a line is written as mrkdwn, and which of its fields it is written with."""


def _inline(element: Mapping[str, Any]) -> str:
    kind = element.get("type")
    if kind == "link":
        url, label = escaped_string(element.get("url")), escaped_string(element.get("text"))
        return f"<{url}|{label}>" if label else f"<{url}>"
    pattern, name = _INLINE.get(kind if isinstance(kind, str) else "", ("{}", ""))
    value = escaped_string(element.get(name))
    return pattern.format(value) if value else ""


def escaped_string(value: object) -> str:
    """A string with Slack's escapes; empty for anything else."""
    return escaped(value) if isinstance(value, str) else ""


def _indent(element: Mapping[str, Any]) -> int:
    indent = element.get("indent")
    return min(max(indent, 0), DEPTH) if isinstance(indent, int) else 0


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
