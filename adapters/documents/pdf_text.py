"""The text of one page of a PDF, without what pypdf only guesses.

Where a font does not say what its characters mean (no ``ToUnicode``), pypdf knows a few character sets by the name of
their encoding and takes every other for UTF-16, which makes wrong words.
"""

import re
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pypdf

_KNOWN = re.compile(
    r"/(?:Uni(?:JIS|GB|CNS|KS)-(?:UCS2|UTF16)|90ms-RKSJ|GB-EUC|GBK-EUC|GBpc-EUC|GBK2K|ETen-B5|ETenms-B5)-[HV]"
)
"""Encodings that pypdf reads, or that are UTF-16 (PDF Reference 1.7, Appendix H)."""

_JIS = frozenset({"/H", "/V"})
"""JIS X 0208 in rows and cells, which TeX writes and pypdf takes for UTF-16."""


def text_of_page(page: "pypdf.PageObject") -> str:
    """The page's text. What no font tells the meaning of is left out; a page with little else has no text."""
    pieces: list[str] = []
    guesses: list[str] = []

    def visit(text: str, _matrix: object, _text_matrix: object, font: dict[str, Any] | None, _size: float) -> None:
        guess = _guessed(font)
        pieces.append(_from_jis(text) if guess in _JIS else "" if guess and text.strip() else text)
        if guess:
            guesses.append(guess)

    text = page.extract_text(visitor_text=visit)
    text = ("".join(pieces) if guesses else text).strip()
    return "" if 2 * sum(map(_is_unknown, text)) > len("".join(text.split())) else text


def _is_unknown(character: str) -> bool:
    return character == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(character) in {"Co", "Cs"}


def _guessed(font: dict[str, Any] | None) -> str:
    """The name of an encoding that pypdf can only guess; empty where the font tells what its characters mean."""
    if not font or "/ToUnicode" in font or font.get("/Subtype") != "/Type0" or "/Encoding" not in font:
        return ""
    name = str(font["/Encoding"])
    return "" if _KNOWN.fullmatch(name) else name


def _from_jis(text: str) -> str:
    with suppress(UnicodeError):
        return "".join(
            each if each.isspace() else (b"\x1b$B" + each.encode("utf-16-be") + b"\x1b(B").decode("iso2022_jp")
            for each in text
        )
    return ""
