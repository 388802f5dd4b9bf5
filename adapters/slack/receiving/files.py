"""The files beside a post, as Slack's events describe them."""

import unicodedata
from collections.abc import Mapping
from itertools import islice
from typing import Any

from adapters.slack.receiving.validation import Dropped, address_in, id_in, whole
from domain.requests import File

FILES = 20
"""How many are passed on: more than anybody reads, and enough to say of the rest that they are not read."""

FETCHED = ("hosted", "snippet")
"""The modes of files that Slack itself keeps as they were uploaded."""

NAME_LIMIT = 200
URL_LIMIT = 2_000
"""Characters."""

SIZE_LIMIT = 2**53
"""Bytes. What claims to be larger is no number to go by."""


def files_in(event: Mapping[str, Any]) -> tuple[File, ...]:
    """The first of the files beside a post; what is no file, or is one no more, is left out.

    One that Slack only links to, such as a document of another service, has no ``url``: the person is
    to hear that it was not read, and the bot's token must not go there.
    """
    files = event.get("files")
    found = (_file(each) for each in (files if isinstance(files, list) else ()))
    return tuple(islice((each for each in found if each), FILES))


def _file(described: object) -> File | None:
    if not isinstance(described, dict) or described.get("mode") == "tombstone":
        return None
    try:
        identity = id_in(described.get("id"))
    except Dropped:
        return None
    size, fetched = described.get("size"), described.get("mode") in FETCHED and not described.get("is_external")
    url = described.get("url_private_download") or described.get("url_private")
    return File(
        name=_line(described.get("name")) or identity,
        media_type=_line(described.get("mimetype")),
        size=size if type(size) is int and 0 <= size <= SIZE_LIMIT else 0,
        url=address_in(url, URL_LIMIT) if fetched else "",
    )


def _line(value: object) -> str:
    """Without what would break a line or turn it around."""
    text = whole(value[:NAME_LIMIT]) if isinstance(value, str) else ""
    return "".join(each for each in text if unicodedata.category(each)[0] != "C").strip()
