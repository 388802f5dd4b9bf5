"""Model output made fit for Slack: no mention in it notifies people."""

import re

ZERO_WIDTH_SPACE = "\u200b"

MENTION_COMMANDS = ("<!channel", "<!here", "<!everyone", "<!subteam^")
"""How Slack's own syntax for what notifies many people begins."""

MENTION_NAMES = ("@channel", "@here", "@everyone")
"""What people type for it. Inside a longer word or an address it notifies nobody."""


NOTIFICATION_LIMIT = 4_000
"""Characters of ``text`` that ``chat.update`` takes."""


class MentionNeutraliser:
    """Neutralises @channel-style mentions in streamed text.

    A zero-width space after the first character leaves the text readable. An end that may be the
    beginning of such a mention is held back until the next piece, or ``rest``, tells.
    """

    def __init__(self) -> None:
        self._before = ""  # the last character that was let go: what follows may belong to its word
        self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown so far of everything fed."""
        text = self._held + piece
        held = next((n for n in range(min(_LONGEST, len(text)), 0, -1) if text[-n:].lower() in _BEGINNINGS), 0)
        self._held = text[len(text) - held :]
        return self._neutralised(text[: len(text) - held])

    def rest(self) -> str:
        """What was held back, at the end of the text."""
        held, self._held = self._held, ""
        return self._neutralised(held)

    def _neutralised(self, text: str) -> str:
        neutral = _LOUD.sub(lambda found: f"{found[0][0]}{ZERO_WIDTH_SPACE}{found[0][1:]}", self._before + text)
        neutral = neutral[len(self._before) :]
        self._before = text[-1:] or self._before
        return neutral


def notification_text(text: str) -> str:
    """What notifications and screen readers say of a text that is shown in blocks, within ``PLAIN_LIMIT``.

    Slack reads the ``text`` beside blocks as mrkdwn, so what is special there is escaped, and nothing in it
    mentions anybody.
    """
    literal = escaped(text)
    if len(literal) <= NOTIFICATION_LIMIT:
        return literal
    return re.sub(r"&[a-z]*$", "", literal[: NOTIFICATION_LIMIT - 1]) + "…"


def escaped(text: str) -> str:
    """A text as mrkdwn that shows it letter by letter and mentions nobody."""
    return neutralised(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def neutralised(text: str) -> str:
    """A whole text with its @channel-style mentions neutralised."""
    neutraliser = MentionNeutraliser()
    return neutraliser.feed(text) + neutraliser.rest()


# Japanese writes no space around a name: only Latin letters and digits can make it part of a longer word.
_LOUD = re.compile(
    rf"{'|'.join(map(re.escape, MENTION_COMMANDS))}|(?<![A-Za-z0-9_])(?:{'|'.join(MENTION_NAMES)})(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
# A whole name counts as a beginning, because the character after it decides.
_BEGINNINGS = {loud[:n] for loud in MENTION_COMMANDS for n in range(1, len(loud))} | {
    name[:n] for name in MENTION_NAMES for n in range(1, len(name) + 1)
}
_LONGEST = max(map(len, _BEGINNINGS))
