"""Decodes text files, or refuses: text in the wrong encoding would be wrong words.

UTF-8, UTF-16 and ISO-2022-JP are recognised with certainty. Shift_JIS and EUC-JP are taken for what they are where the
text is plainly Japanese in one of them. Windows-1252, Latin-1, GBK, Big5, EUC-KR, KOI8-R and the like are refused:
each of them can be read as several others.
"""

import codecs
import re
import unicodedata
from contextlib import suppress

_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_ISO_2022_JP = re.compile(rb"\x1b(?:\$[@B]|\$\(D|\([IJ])")
_OTHER_ISO_2022 = re.compile(rb"\x1b\$[)*+]?[A-Z]")
"""Korean and Chinese in seven bits."""
_HZ = re.compile(rb"~\{(?:[!-w][!-~])+~\}")
"""GB 2312 in ASCII."""
_HIRAGANA_AS_ASCII = re.compile(rb"(?:[A-\x7f]0){2,}|(?:0[A-\x7f]){2,}")
"""UTF-16 of nothing but hiragana."""
_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]")
_KANJI = re.compile(r"[\u4e00-\u9fff\u3005]")
_KANJI_IN_A_ROW = re.compile(rf"{_KANJI.pattern}{{2,}}")
_PUNCTUATION = re.compile(r"[\u3000-\u3004\u3006-\u301f\uff01-\uff5e]")
_HALF_WIDTH = re.compile(r"[\uff61-\uff9f]")
_NO_TEXT = frozenset({"Cc", "Cn", "Co", "Cs"})


class UncertainEncoding(Exception):
    """The bytes may be text, but not in an encoding that is certain."""


def decoded(data: bytes) -> str:
    """The text of a file; empty for bytes that are no text. Raises ``UncertainEncoding``."""
    mark = next((mark for mark in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if mark:
        return _text(data, _BYTE_ORDER_MARKS[mark]) or ""
    if b"\0" in data or 8 * len(_BINARY.findall(data)) > len(data):
        return _utf_16(data)
    text = _seven_bits(data) if data.isascii() else _text(data, "utf-8") or _japanese(data)
    if text is None and _BINARY.search(data):
        return _utf_16(data)
    if text is None:
        raise UncertainEncoding
    return text


def _text(data: bytes, encoding: str) -> str | None:
    with suppress(UnicodeDecodeError):
        text = data.decode(encoding)
        return None if "\0" in text else text
    return None


def _seven_bits(data: bytes) -> str | None:
    if _ISO_2022_JP.search(data):
        return _text(data, "iso2022_jp_ext")
    if _OTHER_ISO_2022.search(data) or _HZ.search(data) or _HIRAGANA_AS_ASCII.fullmatch(data):
        return None
    return data.decode("ascii")


def _utf_16(data: bytes) -> str:
    """UTF-16 without a byte order mark; empty for bytes that are no text. Raises ``UncertainEncoding``.

    In the wrong order a line break, a space or a letter is not ASCII. Only an ideographic space becomes a zero.
    """
    readings = [text for encoding in ("utf-16-le", "utf-16-be") if (text := _text(data, encoding))]
    readings = [text for text in readings if not any(map(_is_no_text, text))]
    certain = [text for text in readings if any(each.isascii() and each != "0" for each in text)]
    if len(certain) == 1:
        return certain[0]
    if readings and b"\0" not in data:
        raise UncertainEncoding
    return ""


def _is_no_text(character: str) -> bool:
    return unicodedata.category(character) in _NO_TEXT and character not in "\t\n\r\f\x1a\x1b"


def _japanese(data: bytes) -> str | None:
    """Shift_JIS or EUC-JP, which are certain where there are kana: no other encoding has many of them by accident.

    GB 2312 and EUC-KR look like EUC-JP without kana. Kanji without kana are certain in Shift_JIS, where they stand in
    rows: Windows-1252's quotation marks and Mac Roman's accents make single ones of the letter beside them.
    """
    for encoding in ("cp932", "euc_jp"):
        text = _text(data, encoding)
        if text and _is_plain(text) and (_has_kana(text) or (encoding == "cp932" and _has_kanji(text))):
            return text
    return None


def _is_plain(text: str) -> bool:
    """Few half-width katakana and rare kanji, which is what other encodings look like, and no private characters."""
    full = len(_KANA.findall(text)) + len(_KANJI.findall(text)) + len(_PUNCTUATION.findall(text))
    strange = sum(not _is_common(each) for each in text)
    return 3 * len(_HALF_WIDTH.findall(text)) <= full and 5 * strange <= full and not any(map(_is_no_text, text))


def _has_kana(text: str) -> bool:
    kana = len(_KANA.findall(text))
    return kana > 0 and 8 * kana >= len(_KANJI.findall(text))


def _has_kanji(text: str) -> bool:
    kanji, in_rows = len(_KANJI.findall(text)), sum(map(len, _KANJI_IN_A_ROW.findall(text)))
    return kanji >= (3 if _PUNCTUATION.search(text) else 6) and 4 * in_rows >= 3 * kanji


def _is_common(character: str) -> bool:
    """ASCII, kana, punctuation and the kanji of JIS level 1: EUC-JP from row 16 to row 47."""
    if character.isascii() or _HALF_WIDTH.match(character):
        return True
    encoded = character.encode("euc_jp", "replace")
    return len(encoded) == 2 and encoded[0] <= 0xCF
