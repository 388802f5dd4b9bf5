"""Model output made fit for Slack: nothing in it notifies people, and nothing is cut off where a message ends."""

import re

ZERO_WIDTH_SPACE = "\u200b"

LOUD = ("<!", "@channel", "@here", "@everyone")
"""What makes Slack notify many people: ``<!channel>``, ``<!subteam^…>`` and the like, and the plain words."""


class Quiet:
    """Takes the sting out of loud mentions in text that arrives in pieces.

    A zero-width space after the first character leaves the text readable. An end that may be the
    beginning of a loud mention is held back until the next piece, or ``rest``, tells.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown so far of everything fed."""
        text = _LOUD.sub(lambda match: f"{match[0][0]}{ZERO_WIDTH_SPACE}{match[0][1:]}", self._held + piece)
        held = next((n for n in range(_LONGEST - 1, 0, -1) if text[-n:].lower() in _BEGINNINGS), 0)
        self._held = text[len(text) - held :]
        return text[: len(text) - held]

    def rest(self) -> str:
        """What was held back, at the end of the text."""
        held, self._held = self._held, ""
        return held


_LOUD = re.compile("|".join(map(re.escape, LOUD)), re.IGNORECASE)
_LONGEST = max(map(len, LOUD))
_BEGINNINGS = {loud[:n] for loud in LOUD for n in range(1, len(loud))}

FENCE_ROOM = 8
"""Characters kept free at a message's end to close a code fence."""


def cut(text: str, limit: int, shown: int = 0) -> tuple[str, str]:
    """Split Markdown into a message of at most ``limit`` characters and what continues in the next.

    The first ``shown`` characters have been sent already and stay in the first part. The seam is the
    last paragraph's end that fits, else a line's, else a word's; inside a code fence the fence is
    closed and opened again, inside a table the head is repeated. Needs ``shown`` ≤ limit - FENCE_ROOM.
    """
    if len(text) <= limit:
        return text, ""
    room = limit - FENCE_ROOM
    best, best_rank, reopened, closed = 0, 0, "", ""
    for end, rank, opening, closing in _seams(text[:room]):
        # A good seam near the beginning would leave the message almost empty: then a later, worse one.
        if end > shown and (rank >= best_rank or best < room // 2):
            best, best_rank, reopened, closed = end, rank, opening, closing
    if not best:
        best = max(text.rfind(" ", shown + 1, room) + 1, text.rfind("。", shown + 1, room) + 1) or room
        reopened, closed = _fence_at(text[:best])
    head, tail = text[:best], text[best:]
    if not closed:
        return head.rstrip("\n") if len(head.rstrip("\n")) >= shown else head, reopened + tail.lstrip("\n")
    return head.removesuffix("\n") + closed, reopened + tail


def _seams(text: str) -> list[tuple[int, int, str, str]]:
    """Every line's end: where it is, how good a seam (0–2), what opens the next part, what closes this one."""
    seams = []
    fence, head, table, position = "", "", 0, 0
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.endswith("\n"):
            break
        position += len(line)
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if mark and not fence:
            fence, opener = mark[1], line
        elif mark and mark[1].startswith(fence):
            fence = ""
        if fence:
            if not mark:  # a seam right after the fence's opening would part it from its content
                seams.append((position, 0, opener, f"\n{fence}"))
            continue
        table = table + 1 if line.startswith("|") else 0
        if table == 2:
            head = lines[number - 1] + line
        if table > 2:
            seams.append((position, 1, head, ""))
        elif not table:
            seams.append((position, 1 + (not line.strip()), "", ""))
    return seams


def _fence_at(text: str) -> tuple[str, str]:
    """What reopens and closes the code fence that is open where this text ends; empty where none is."""
    seams = _seams(text if text.endswith("\n") else f"{text}\n")
    return (seams[-1][2], seams[-1][3]) if seams and seams[-1][3] else ("", "")
