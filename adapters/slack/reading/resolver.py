"""Resolves a question into what the model gets: names for ids, plain text for mrkdwn, contents for files."""

import logging
import re
from collections.abc import Callable
from typing import NamedTuple

from slack_sdk import WebClient

from adapters.documents.encodings import UncertainEncoding
from adapters.documents.pdf import SECONDS as PDF_SECONDS
from adapters.documents.text import is_pdf, is_text, text_of
from adapters.slack.mrkdwn import plain_text
from adapters.slack.reading.downloads import NotDownloaded, SlackDownloads, TooLarge
from adapters.slack.reading.user_names import UserNames, one_line
from domain.attachments import Document, Picture, ResolvedQuestion, Unread, Unreadable
from domain.deadline import NO_DEADLINE, Deadline
from domain.ports import Clock
from domain.requests import File, Question

NAMES_ASKED = 20
"""Unknown people that Slack is asked for in one question. Further ones keep their ids."""

FILES = 10
"""Files of one question that are looked at."""

PICTURES = 4
"""Pictures of one question that the model gets."""

PICTURE_BYTES = 5_000_000
DOCUMENT_BYTES = 10_000_000

CHARACTERS = 30_000
"""Characters that are read of all documents of a question together: 10,000 to 30,000 tokens."""

FETCHING_SECONDS = 30.0
"""For the names and all files of a question together: the person is waiting for the answer."""

FETCHING_SHARE = 2 / 3
"""The share of a delivery's remaining time that names and files may take: the rest is the model's."""

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


class SlackResolver:
    """A ``Resolver``. Caches names, and nothing else. Safe to use from any thread.

    ``api_url`` is the Web API's base address where that is not Slack's own: files at its origin are fetched too.
    """

    def __init__(self, client: WebClient, *, clock: Clock, api_url: str = "") -> None:
        self._clock = clock
        self._names = UserNames(client, clock=clock)
        self._downloads = SlackDownloads(client, clock=clock, api_url=api_url)

    def read(self, question: Question, deadline: Deadline = NO_DEADLINE) -> ResolvedQuestion:
        """See ``Resolver``. Where Slack is out of reach, names stay empty and files unread; no question fails."""
        until = self._clock() + min(FETCHING_SECONDS, deadline.seconds_left * FETCHING_SHARE)
        name_of = self._names_within(until)
        name, text = name_of(question.person), plain_text(question.text, name_of).strip()
        pictures: list[Picture] = []
        documents: list[Document] = []
        unread: list[Unread] = []
        for number, file in enumerate(question.files):
            called = one_line(file.name, FILE_NAME) or "file"
            left = _Remaining(
                FILES - number, PICTURES - len(pictures), CHARACTERS - sum(len(each.text) for each in documents)
            )
            try:
                match self._read_file(file, called, left, until):
                    case Picture() as picture:
                        pictures.append(picture)
                    case Document() as document:
                        documents.append(document)
            except _NotRead as error:
                logger.info("question %s: a file is not read: %s", question.reference, error)
                unread.append(Unread(called, error.reason))
        return ResolvedQuestion(text, name, tuple(pictures), tuple(documents), tuple(unread))

    def _names_within(self, until: float) -> Callable[[str], str]:
        """A look-up of names that asks Slack for at most ``NAMES_ASKED`` of them."""
        asked: set[str] = set()

        def name_of(person: str) -> str:
            name = self._names.cached(person)
            if name is not None or len(asked) >= NAMES_ASKED:
                return name or ""
            asked.add(person)
            return self._names(person, until)

        return name_of

    def _read_file(self, file: File, called: str, left: "_Remaining", until: float) -> Picture | Document:
        if left.files <= 0:
            raise _NotRead(Unreadable.COUNT)
        if file.media_type in PICTURE_TYPES:
            if not left.pictures:
                raise _NotRead(Unreadable.COUNT)
            return _picture(called, self._fetch(file, PICTURE_BYTES, until))
        if is_pdf(file.name, file.media_type) or is_text(file.name, file.media_type):
            if not left.characters:  # used up by the documents before it
                raise _NotRead(Unreadable.COUNT)
            data = self._fetch(file, DOCUMENT_BYTES, until)
            return _document(called, data, left.characters, until - self._clock())
        raise _NotRead(Unreadable.KIND)

    def _fetch(self, file: File, limit: int, until: float) -> bytes:
        if file.size > limit:
            raise _NotRead(Unreadable.SIZE)
        try:
            data = self._downloads.fetch(file.url, limit=limit, until=until)
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


def _picture(called: str, data: bytes) -> Picture:
    for media_type, magic in _MAGIC.items():
        if magic.match(data):
            return Picture(called, media_type, data)
    raise _NotRead(Unreadable.KIND)


def _document(called: str, data: bytes, room: int, seconds: float) -> Document:
    try:
        extracted = text_of(data, room, seconds=min(PDF_SECONDS, seconds))
    except UncertainEncoding as error:
        raise _NotRead(Unreadable.ENCODING) from error
    if extracted is None:
        raise _NotRead(Unreadable.KIND)
    text, cut = extracted
    return Document(called, text, cut)


class _NotRead(Exception):
    def __init__(self, reason: Unreadable, evidence: str = "") -> None:
        super().__init__(f"{reason}, {evidence}" if evidence else str(reason))
        self.reason = reason
