"""Reads the files beside a question: pictures, text files and PDFs, within bounds for all of them together."""

import logging
import re
from http.client import HTTPException
from typing import NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.documents.encodings import UncertainEncoding
from adapters.documents.pdf import SECONDS as PDF_SECONDS
from adapters.documents.text import is_pdf, is_text, text_of
from adapters.slack.errors import code_of
from adapters.slack.payloads.files import file_in
from adapters.slack.reading.downloads import NotDownloaded, SlackDownloads, TooLarge
from adapters.slack.reading.user_names import clean_name
from domain.attachments import Document, Picture, Unread, Unreadable
from domain.deliveries.deadline import Deadline
from domain.requests import File, Question

FILES = 10
"""Files of one question that are looked at."""

PICTURES = 4
"""Pictures of one question that the model gets."""

PICTURE_BYTES = 5_000_000
DOCUMENT_BYTES = 10_000_000

FILE_NAME = 120
"""Characters of a file's name."""

PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"})

_MAGIC = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)

logger = logging.getLogger(__name__)


class ReadFiles(NamedTuple):
    """What was read of a question's files, and what was not."""

    pictures: tuple[Picture, ...]
    documents: tuple[Document, ...]
    unread: tuple[Unread, ...]


class FileReader:
    """Reads files with the client's token. Safe to use from any thread."""

    def __init__(self, client: WebClient, *, api_url: str = "") -> None:
        self._client = client
        self._downloads = SlackDownloads(client, api_url=api_url)

    def read(self, question: Question, characters: int, deadline: Deadline) -> ReadFiles:
        """The files of a question; of its documents so many characters all together."""
        pictures: list[Picture] = []
        documents: list[Document] = []
        unread: list[Unread] = []
        for number, described in enumerate(question.files):
            name = clean_name(described.name, FILE_NAME) or "file"
            room = characters - sum(len(each.text) for each in documents)
            left = _Remaining(FILES - number, PICTURES - len(pictures), room)
            try:
                file = self._known(described, left, deadline)
                name = clean_name(file.name, FILE_NAME) or name
                content = self._content(file, name, left, deadline)
            except _NotRead as error:
                logger.info("question %s: a file is not read: %s", question.reference, error)
                unread.append(Unread(name, error.reason))
                continue
            if isinstance(content, Picture):
                pictures.append(content)
            else:
                documents.append(content)
        return ReadFiles(tuple(pictures), tuple(documents), tuple(unread))

    def _known(self, file: File, left: "_Remaining", deadline: Deadline) -> File:
        """The file as Slack describes it: in shared channels an event has no more than its id."""
        if left.files <= 0:
            raise _NotRead(Unreadable.COUNT)
        if not file.id:
            return file
        if deadline.is_over:
            raise _NotRead(Unreadable.GONE, "no time left")
        try:
            known = file_in(self._client.files_info(file=file.id).get("file"))
        except SlackApiError as error:
            raise _NotRead(Unreadable.GONE, f"files.info answered {code_of(error)}") from error
        except (SlackClientError, HTTPException, OSError, ValueError) as error:
            raise _NotRead(Unreadable.GONE, type(error).__name__) from error
        if known is None or known.id:
            raise _NotRead(Unreadable.GONE, "files.info does not describe it")
        return known

    def _content(self, file: File, name: str, left: "_Remaining", deadline: Deadline) -> Picture | Document:
        if file.media_type in PICTURE_TYPES:
            if not left.pictures:
                raise _NotRead(Unreadable.COUNT)
            return _picture(name, self._fetch(file, PICTURE_BYTES, deadline))
        if is_pdf(file.name, file.media_type) or is_text(file.name, file.media_type):
            if not left.characters:  # used up by the documents before it
                raise _NotRead(Unreadable.COUNT)
            data = self._fetch(file, DOCUMENT_BYTES, deadline)
            return _document(name, data, left.characters, deadline.seconds_left)
        raise _NotRead(Unreadable.KIND)

    def _fetch(self, file: File, limit: int, deadline: Deadline) -> bytes:
        if file.size > limit:
            raise _NotRead(Unreadable.SIZE)
        try:
            data = self._downloads.fetch(file.url, limit=limit, deadline=deadline)
        except TooLarge as error:
            raise _NotRead(Unreadable.SIZE) from error
        except NotDownloaded as error:
            raise _NotRead(Unreadable.GONE, str(error)) from error
        if len(data) != file.size and _WEB_PAGE.match(data):
            # Without files:read Slack answers 200 with a page that asks to sign in.
            raise _NotRead(Unreadable.GONE, "a web page came instead")
        return data


class _Remaining(NamedTuple):
    """What is left of the bounds for one question's files."""

    files: int
    pictures: int
    characters: int


def _picture(name: str, data: bytes) -> Picture:
    for media_type, magic in _MAGIC.items():
        if magic.match(data):
            return Picture(name, media_type, data)
    raise _NotRead(Unreadable.KIND)


def _document(name: str, data: bytes, room: int, seconds: float) -> Document:
    try:
        extracted = text_of(data, room, seconds=min(PDF_SECONDS, seconds))
    except UncertainEncoding as error:
        raise _NotRead(Unreadable.ENCODING) from error
    if extracted is None:
        raise _NotRead(Unreadable.KIND)
    text, cut = extracted
    return Document(name, text, cut)


class _NotRead(Exception):
    def __init__(self, reason: Unreadable, evidence: str = "") -> None:
        super().__init__(f"{reason}, {evidence}" if evidence else str(reason))
        self.reason = reason
