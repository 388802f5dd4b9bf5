"""What a model writes as a note: a sentence about the talk, and what is visibly none."""

import re
import unicodedata

from domain.texts.invisible import without_invisible

LONGEST_TITLE = 24
"""Most characters of an emphasised heading; what is longer is an emphasised sentence."""

LOOKED_AT = 400
"""Characters of a text in which a repetition is looked for: a model that is caught in one is so from the start."""

_SHOWN_NUMBER = re.compile(r"\s*\d{1,6}\. \d{4}-\d\d-\d\d ")
_BULLETS = re.compile(r"(?:[\s>]|[-*+–—](?=\s)|[•・●◦▪‣＊]|\d{1,6}[.)](?=\s))*")
_SENTENCE_END = re.compile(r"[。！？]+[」』）)\"”]*|[.!?]+[)\"”]*(?=\s|$)|\n")
_EMPHASISED = re.compile(r"(\*\*|__|\*|_|`)(?P<text>[^*_`]+)\1")
_REPEATED = re.compile(r"(.{1,60}?)\1{5,}")
_APOLOGY = re.compile(r"(?i:i['’]?m sorry|i am sorry|sorry|i can(?:['’]t|not)|as an ai)|申し訳|すみません|ごめんなさい")


def plain(line: str) -> str:
    """A line without the bullet before its words, or the number and date with which a prompt shows a note."""
    shown = _SHOWN_NUMBER.match(line) or _BULLETS.match(line)
    return line[shown.end() if shown else 0 :].strip()


def is_note(text: str) -> bool:
    """Can it be a sentence about the talk? Headings, titles, markup without words and repetitions cannot."""
    words = re.findall(r"[^\W_]+", without_invisible(text))
    return not (
        len("".join(words)) < 3
        or (len(words) == 1 and words[0].isascii())  # “Summary”, “None”, “text”
        or text.endswith((":", "："))
        or _APOLOGY.match(text)
        or _is_title(text)
        or _repeats_itself(text)
    )


def key(text: str) -> str:
    """What two texts have in common that are the same but for case, width, markup and punctuation."""
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


def sentence_ends(text: str) -> list[int]:
    """Where the sentences and lines of a text end."""
    return [each.end() for each in _SENTENCE_END.finditer(text)]


def words_of(text: str) -> frozenset[str]:
    """Words, as far as spelling shows them: numbers, and pairs of letters in scripts without blanks between words."""
    words: set[str] = set()
    for word in re.findall(r"\d+|[^\W\d_]+", unicodedata.normalize("NFKC", text).casefold()):
        pairs = [] if word.isascii() else [word[start : start + 2] for start in range(len(word) - 1)]
        words.update(pairs or [word])
    return frozenset(words)


def is_restated(text: str, words: frozenset[str]) -> bool:
    """Are nearly all words of a text, and all of its numbers, among these words?"""
    own = words_of(text)
    numbers = {word for word in own if word.isdecimal()}
    return numbers <= words and len(own & words) >= 0.8 * len(own)


def _is_title(text: str) -> bool:
    """Is it marked as a heading, or emphasised from end to end, without being a sentence?"""
    titles = [each["text"] for each in _EMPHASISED.finditer(text)]
    is_emphasised = bool(titles) and not key(_EMPHASISED.sub("", text)) and max(map(len, titles)) <= LONGEST_TITLE
    return (is_emphasised or text.startswith("#")) and not sentence_ends(text.rstrip("*_` "))


def _repeats_itself(text: str) -> bool:
    """Is it mostly one word or phrase, again and again?"""
    looked_at = text[:LOOKED_AT]
    return any(len(each.group()) > len(looked_at) // 2 for each in _REPEATED.finditer(looked_at))
