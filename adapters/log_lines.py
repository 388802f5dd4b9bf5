"""Log lines that stay one line, whatever people write."""

import logging
import re

_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What ends a line for some program, steers a terminal, turns the direction of what follows, or cannot be encoded."""


def escape_control_characters(text: str) -> str:
    """The text with control characters, Unicode's line separators and its marks of direction spelt out."""
    return _BREAKS.sub(lambda match: f"\\u{ord(match[0]):04x}" if match[0] != "\n" else "\\n", text)


class OneLineFormatter(logging.Formatter):
    """Formats a record as ``logging.Formatter`` does, traceback included, and in one line."""

    def format(self, record: logging.LogRecord) -> str:
        return escape_control_characters(super().format(record))
