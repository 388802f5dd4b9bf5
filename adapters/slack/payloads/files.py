"""Reads the files of a post, as Slack's events describe them."""

import unicodedata
from collections.abc import Mapping
from itertools import islice
from typing import Any

from adapters.slack.payloads.validation import Dropped, slack_id, valid_unicode, web_url
from domain.requests import File

FILES = 20
"""Files that are passed on at most: more than are read, and enough to name the rest as not read."""

HOSTED_MODES = ("hosted", "snippet")
"""The modes of files that Slack itself keeps as they were uploaded."""

NAME_LIMIT = 200
URL_LIMIT = 2_000
"""Characters."""

SIZE_LIMIT = 2**53
"""Bytes. A larger figure is not believed."""


def files_in(event: Mapping[str, Any]) -> tuple[File, ...]:
    """The first ``FILES`` files of a post. Deleted files and entries that are no files are left out.

    A file that Slack only links to, such as a document of another service, gets no ``url``: the person
    is told that it was not read, and the bot's token must not be sent there.
    """
    files = event.get("files")
    read = (file_in(each) for each in (files if isinstance(files, list) else ()))
    return tuple(islice((each for each in read if each), FILES))


def file_in(described: object) -> File | None:
    """One file of a post or of ``files.info``; ``None`` for a deleted one and for what is no file.

    In shared channels Slack sends an id and ``file_access: check_file_info``: then ``id`` is set, for ``files.info``.
    """
    if not isinstance(described, dict) or described.get("mode") == "tombstone":
        return None
    try:
        identity = slack_id(described.get("id"))
    except Dropped:
        return None
    size, hosted = described.get("size"), described.get("mode") in HOSTED_MODES and not described.get("is_external")
    url = described.get("url_private_download") or described.get("url_private")
    return File(
        name=_line(described.get("name")) or identity,
        media_type=_line(described.get("mimetype")),
        size=size if type(size) is int and 0 <= size <= SIZE_LIMIT else 0,
        url=web_url(url, URL_LIMIT) if hosted else "",
        id=identity if described.get("file_access") == "check_file_info" and not url else "",
    )


def _line(value: object) -> str:
    """The value without control and format characters, which could break a line or reverse its direction."""
    text = valid_unicode(value[:NAME_LIMIT]) if isinstance(value, str) else ""
    return "".join(each for each in text if unicodedata.category(each)[0] != "C").strip()
