"""Where Markdown may end in one message and go on in the next, so that code fences and tables survive.

Of a text that grows the ``showable_prefix`` is shown, and it is ``split`` where a message is full. Either takes
the limit of the message alone, and what the first one shows leaves room for the second.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

FENCE_ROOM = 16
"""Characters kept free at a message's end to close a code fence. A fence that needs more is taken for text."""


def showable_prefix(text: str, limit: int) -> str:
    """The beginning of a growing text that can be shown, whatever follows, in a message of ``limit`` characters.

    A line that may become a fence, and a table's row, are shown when they are whole; near the end of
    the message so is every line of code and every word, because the text may have to be cut where the shown part ends.
    """
    text = text[: limit - FENCE_ROOM]
    line = text.rfind("\n") + 1
    if _UNDECIDED.fullmatch(text, line):
        return text[:line]
    if len(text) <= limit - FENCE_ROOM - limit // 16:
        return text
    inside = _split_point_at(text, line, limit).closing
    return text[:line] if inside else text[: max(line, _word_end(text, line, len(text)))]


def split(text: str, limit: int, fixed: int = 0) -> tuple[str, str]:
    """Split Markdown into a message of at most ``limit`` characters and what continues in the next.

    The first ``fixed`` characters, which must be a ``showable_prefix``, cannot be taken back and stay in the first
    part. It is cut at the last paragraph's end in the rest of the message's second half, else a line's,
    else a word's. Inside a code fence the fence is closed and opened again, inside a table the head is
    repeated; line breaks at the cut are dropped. ``limit`` is at least four times ``FENCE_ROOM``.
    """
    if len(text) <= limit:
        return text, ""
    # What opens the next part is a quarter of the limit at most, so that a cut in the second half always gains ground.
    earliest = max(fixed, (limit - FENCE_ROOM) // 2)
    fitting = (point for point in _split_points(text[:limit], limit) if point.end >= earliest and point.fits(limit))
    best = max(fitting, key=lambda point: (point.rank, point.end), default=None)
    return _divided(text, best or _split_point_at(text, _within_a_line(text, earliest, limit - FENCE_ROOM), limit))


def split_early(text: str, fixed: int, limit: int, *, within_a_line: bool = False) -> tuple[str, str] | None:
    """Split Markdown as soon after its first ``fixed`` characters as there is a place for it; none where there is none.

    The place is the last paragraph's end after them, else the last line's, else, where asked for, a word's or
    whatever there is. Something is left for the next part.
    """
    points = (point for point in _split_points(text[:limit], limit) if point.end >= fixed and point.fits(limit))
    useful = (point for point in points if text[: point.end].strip() and text[point.end :].strip())
    if best := max(useful, key=lambda point: (point.rank, point.end), default=None):
        return _divided(text, best)
    latest = min(len(text.rstrip()) - 1, limit - FENCE_ROOM)
    if not within_a_line or latest < max(fixed, 1):
        return None
    return split_at(text, _within_a_line(text, fixed, latest), limit)


def split_at(text: str, end: int, limit: int) -> tuple[str, str]:
    """Split Markdown at a place that cannot be chosen, as ``split`` does where it can."""
    return _divided(text, _split_point_at(text, end, limit))


class _SplitPoint(NamedTuple):
    """A place to cut. ``opening`` begins the next part, ``closing`` ends this one."""

    end: int
    rank: int
    opening: str = ""
    closing: str = ""

    def fits(self, limit: int) -> bool:
        return self.rank > _NEVER and self.end + len(self.closing) <= limit


_NEVER, _INSIDE, _LINE, _PARAGRAPH = range(4)
"""Ranks of a split point: the higher, the better. Inside means inside a code fence or a table."""


class _Fence(NamedTuple):
    indent: str
    mark: str
    info: str

    def is_closed_by(self, line: str) -> bool:
        depth = max(3, len(self.indent) + 3)
        return bool(re.match(rf" {{0,{depth}}}{self.mark[0]}{{{len(self.mark)},}}[ \t]*(?:\n|$)", line))

    def split_point(self, end: int, rank: int, limit: int) -> _SplitPoint:
        opening = f"{self.indent}{self.mark}{self.info}\n"
        if len(opening) > limit // 4:
            opening = f"{self.indent}{self.mark}\n"
        return _SplitPoint(end, rank, opening, f"\n{self.indent}{self.mark}")


def _split_points(text: str, limit: int) -> Iterator[_SplitPoint]:
    """The end of every whole line, as a split point."""
    fence: _Fence | None = None
    listed = True  # a message may go on with a list that began in an earlier one
    end, rows, head, before = 0, 0, "", ""
    for line in _LINES.findall(text):
        end += len(line)
        if fence:
            if fence.is_closed_by(line):
                fence = None
                yield _SplitPoint(end, _LINE)
            else:
                yield fence.split_point(end, _INSIDE, limit)
            continue
        listed = bool(_ITEM.match(line)) or (listed and line[0].isspace())
        fence = _opened_by(line, listed=listed)
        if fence:
            yield fence.split_point(end, _NEVER, limit)  # it would part the fence's opening from its content
            rows = 0
            continue
        rows = rows + 1 if line.startswith("|") else 0
        if rows < 2:
            head = ""
        elif rows == 2 and _TABLE_RULE.fullmatch(line):
            head = before + line
        before = line
        if head:
            yield _SplitPoint(end, _INSIDE if rows > 2 else _NEVER, head if len(head) <= limit // 4 else "")
        else:
            yield _SplitPoint(end, _NEVER if rows == 1 else _LINE if line.strip() else _PARAGRAPH)


def _opened_by(line: str, *, listed: bool) -> _Fence | None:
    """The code fence that a line opens. Indented by four and more it is none, except in a list."""
    opener = _OPENER.fullmatch(line)
    if not opener or (len(opener["indent"]) > 3 and not listed):
        return None
    fence = _Fence(" " * len(opener["indent"]), opener["mark"], opener["info"])
    return fence if len(fence.indent) + len(fence.mark) < FENCE_ROOM else None


def _split_point_at(text: str, end: int, limit: int) -> _SplitPoint:
    """What a cut at any place needs. In the middle of a table's row nothing helps."""
    whole = not end or text[end - 1] == "\n"
    *_, point = _SplitPoint(0, _NEVER), *_split_points(text[:end] if whole else f"{text[:end]}\n", limit)
    return _SplitPoint(end, point.rank, point.opening if whole or point.closing else "", point.closing)


def _within_a_line(text: str, earliest: int, latest: int) -> int:
    """The best place to cut where no line ends: after a word, else as late as can be."""
    if end := _word_end(text, earliest, latest):
        return end
    # What is in the middle of a line must not become a fence, a table or a mention of everybody by beginning a message.
    name = text.rfind("@", max(earliest, latest - 9), latest)
    end = latest if name < 0 else name
    while end > earliest and text[end] in "`~|":
        end -= 1
    return end


def _word_end(text: str, earliest: int, latest: int) -> int:
    """The last end of a word or a Japanese sentence that a line may be cut at; 0 where there is none."""
    for end in range(latest, max(earliest, 1) - 1, -1):
        if text[end - 1] in " 。" and _WORD.match(text, end):
            return end
    return 0


def _divided(text: str, point: _SplitPoint) -> tuple[str, str]:
    head, rest = text[: point.end], text[point.end :]
    if not point.closing:
        # A table that ends at the cut needs no head after it.
        return head.rstrip("\n"), (point.opening if rest.startswith("|") else "") + rest.lstrip("\n")
    if not head.endswith("\n"):
        rest = rest.removeprefix("\n")
    fence = _opened_by(point.opening, listed=True)
    line = rest[: rest.find("\n") + 1] or rest
    if fence and fence.is_closed_by(line):  # it is closed at the cut in any case
        return head.removesuffix("\n") + point.closing, rest[len(line) :].lstrip("\n")
    return head.removesuffix("\n") + point.closing, point.opening + rest


_LINES = re.compile(r"[^\n]*\n")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_OPENER = re.compile(
    r"(?P<indent>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)(?P<mark>`{3,}(?=[^`\n]*\n)|~{3,})(?P<info>[^\n]*)\n"
)
_TABLE_RULE = re.compile(r"\|[ \t:|-]*-[ \t:|-]*\n")
_UNDECIDED = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?:`{0,2}|~{0,2}|`{3,}[^`]*|~{3,}.*|\|.*)")
_WORD = re.compile(r"[^\s`~|#>*+\-\d]")  # anything else could mean something at the beginning of a line
