"""What a question says once it is read: names for ids, the pictures and texts of its files, and what stays unread."""

import enum
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for a model that can see. It is shown once and never stored."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file; ``cut`` where there was more of it than is read.

    ``quoted`` where it is no file but what a person forwarded or pasted, or another app's alert: then ``name`` is whose
    it is, or what it is.
    """

    name: str
    text: str
    cut: bool = False
    quoted: bool = False


class Unreadable(enum.StrEnum):
    """Why a file was not read."""

    KIND = "kind"
    """Neither a picture, nor text, nor a PDF; or it is damaged, holds no text, or takes too much to read."""
    ENCODING = "encoding"
    """It may be text, but in which encoding is not certain, and in the wrong one it would be wrong words."""
    SIZE = "size"
    """Larger than is fetched."""
    COUNT = "count"
    """There were too many files beside the question."""
    GONE = "gone"
    """The place where it is kept did not hand it out."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that the person must be told was not read."""

    name: str
    reason: Unreadable


@dataclass(frozen=True, slots=True)
class ResolvedQuestion:
    """A question as the model gets it. ``name`` is the person's, empty where it is not known."""

    text: str
    name: str = ""
    pictures: tuple[Picture, ...] = ()
    documents: tuple[Document, ...] = ()
    unread: tuple[Unread, ...] = ()
