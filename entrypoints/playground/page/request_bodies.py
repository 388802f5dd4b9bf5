"""What the page asks its server to do: posts and actions, in JSON, each checked for its form."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from entrypoints.playground.emulator.workspace.model import Json, Upload

POST_LIMIT = 7_100_000
"""Bytes of what the page may post: the files, of which Base64 makes a third more, the longest message in four-byte
characters, escaped, and some more."""

FILES_LIMIT = 5
FILES_BYTES = 5_000_000
"""So many files, and so many bytes in all of them, may be shared in one post."""

POST = ("person", "channel", "text", "thread")
ACTIONS: Mapping[str, Sequence[str]] = {
    "slash": ("person", "channel", "text"),
    "shortcut": ("person", "channel", "ts", "name"),
    "click": ("person", "channel", "ts", "action_id", "value"),
    "submit": ("person", "view", "values"),
    "dismiss": ("person", "view"),
    "stop": ("person", "channel", "thread"),
    "edit": ("person", "channel", "ts", "text"),
    "delete": ("person", "channel", "ts"),
    "open": ("person", "tab"),
}
"""The kinds of actions and what must be said of each, all of it text."""


class Malformed(Exception):
    """The page asked something that makes no sense. ``code`` is what the answer says, with this HTTP status."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


async def body_of(request: Request) -> Json:
    """The JSON object in a request. Raises ``Malformed``."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise Malformed(415, "json_only")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > POST_LIMIT:
            raise Malformed(413, "msg_too_long")
    try:
        asked = json.loads(bytes(body))
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Malformed(400, "invalid_json")
    return asked


def post_in(asked: Json) -> tuple[str, str, str, str, tuple[Upload, ...]]:
    """What to say: person, channel, text, thread and files. Raises ``Malformed``."""
    person, channel, text, thread = _texts(asked, POST)
    files = asked.get("files") or []
    if not isinstance(files, list):
        raise Malformed(400, "invalid_json")
    if len(files) > FILES_LIMIT:
        raise Malformed(400, "too_many_files")
    uploads = tuple(map(_upload, files))
    if sum(len(upload.data) for upload in uploads) > FILES_BYTES:
        raise Malformed(413, "files_too_large")
    return person, channel, text, thread, uploads


def action_in(asked: Json) -> tuple[str, list[str]]:
    """The kind of an action and what is said of it, in the order of ``ACTIONS``. Raises ``Malformed``."""
    kind = asked.get("kind")
    if not isinstance(kind, str) or kind not in ACTIONS:
        raise Malformed(400, "unknown_action")
    return kind, _texts(asked, ACTIONS[kind])


def _texts(asked: Json, names: Sequence[str]) -> list[str]:
    values: list[Any] = [asked.get(name) for name in names]
    if not all(isinstance(value, str) for value in values):
        raise Malformed(400, "invalid_json")
    return values


def _upload(file: Any) -> Upload:
    if not isinstance(file, dict):
        raise Malformed(400, "invalid_json")
    name, media_type, data = _texts(file, ("name", "type", "data"))
    name = name.encode(errors="replace").decode()  # JSON can escape half of a surrogate pair, which no URL can take
    try:
        return Upload(name or "file", media_type or "application/octet-stream", base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        raise Malformed(400, "invalid_json") from None
