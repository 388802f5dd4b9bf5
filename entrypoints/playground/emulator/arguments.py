"""What the arguments of a Web API call say."""

import json

from entrypoints.playground.emulator.workspace.block_kit import blocks_in
from entrypoints.playground.emulator.workspace.model import Json, Mode, Refused


def listed(arguments: Json, name: str) -> object:
    """An argument that is a list or an object, or the JSON of one."""
    value = arguments.get(name)
    try:
        return json.loads(value) if isinstance(value, str) and value else value
    except (ValueError, RecursionError):
        raise Refused("invalid_arguments") from None


def truth(value: object) -> bool:
    return str(value).lower() in ("1", "true")


def metadata_in(arguments: Json) -> str:
    """An event type and its payload, as JSON; empty where there is none."""
    metadata = arguments.get("metadata") or ""
    try:
        parsed = json.loads(metadata) if isinstance(metadata, str) and metadata else metadata
        if parsed and not (isinstance(parsed["event_type"], str) and isinstance(parsed["event_payload"], dict)):
            raise Refused("invalid_metadata_schema")
    except (ValueError, TypeError, KeyError):
        raise Refused("invalid_metadata_format") from None
    return json.dumps(parsed) if parsed else ""


def string(arguments: Json, name: str) -> str:
    value = arguments.get(name) or ""
    if not isinstance(value, str):
        raise Refused("invalid_arguments")
    return value


def required(arguments: Json, name: str) -> str:
    value = string(arguments, name)
    if not value:
        raise Refused("invalid_arguments")
    return value


def number(arguments: Json, name: str, default: int) -> int:
    value = str(arguments.get(name) or default)
    if not value.isascii() or not value.isdecimal() or int(value) > 1_000:
        raise Refused("invalid_cursor" if name == "cursor" else "invalid_limit")
    return int(value)


def thread_in(arguments: Json) -> str:
    thread = string(arguments, "thread_ts")
    return "" if thread == "0" else thread


def text_in(arguments: Json) -> tuple[str, bool, tuple[Json, ...]]:
    """The text of a message, whether it is Markdown, and its blocks."""
    if arguments.get("attachments"):
        raise Refused("invalid_attachments")
    text, markdown, blocks = string(arguments, "text"), string(arguments, "markdown_text"), blocks_of(arguments)
    if markdown and (text or blocks):
        raise Refused("markdown_text_conflict")
    return markdown or text, bool(markdown), blocks


def blocks_of(arguments: Json) -> tuple[Json, ...]:
    """The blocks of a message, none where there are none."""
    return blocks_in(arguments["blocks"]) if arguments.get("blocks") else ()


def stream_words(arguments: Json) -> tuple[str, Mode]:
    """The words of a call to a stream, and the manner in which they came."""
    markdown, chunks = string(arguments, "markdown_text"), arguments.get("chunks")
    if isinstance(chunks, str) and chunks:
        try:
            chunks = json.loads(chunks)
        except ValueError:
            raise Refused("invalid_chunks") from None
    if not chunks:
        return markdown, "text" if markdown else ""
    if markdown:
        raise Refused("cannot_provide_both_markdown_text_and_chunks")
    if not isinstance(chunks, list):
        raise Refused("invalid_chunks")
    texts = []
    for chunk in chunks:
        if (
            not isinstance(chunk, dict)
            or chunk.get("type") != "markdown_text"
            or not isinstance(chunk.get("text"), str)
        ):
            raise Refused("invalid_chunks")
        texts.append(chunk["text"])
    return "".join(texts), "chunks"
