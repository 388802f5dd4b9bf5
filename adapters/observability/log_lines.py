"""Log lines that stay one line, whatever people write."""

import json
import logging
import re
from datetime import UTC, datetime

_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What ends a line for some program, steers a terminal, turns the direction of what follows, or cannot be encoded."""


def escape_control_characters(text: str) -> str:
    """The text with control characters, Unicode's line separators and its marks of direction spelt out."""
    return _BREAKS.sub(lambda match: f"\\u{ord(match[0]):04x}" if match[0] != "\n" else "\\n", text)


def one_line_of_json(value: object) -> str:
    """JSON escapes line breaks, but not Unicode's line separators, which end a line for some programs."""
    return escape_control_characters(json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":")))


class OneLineFormatter(logging.Formatter):
    """Formats a record as ``logging.Formatter`` does, traceback included, and in one line."""

    def format(self, record: logging.LogRecord) -> str:
        return escape_control_characters(super().format(record))


class OneLineJsonFormatter(logging.Formatter):
    """Formats a record as a JSON object in one line, with the names that Powertools gives its parts on AWS.

    What the record has beside them (``extra``) has fields of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "level": record.levelname,
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "logger": record.name,
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        extra = {name: value for name, value in vars(record).items() if name not in _ATTRIBUTES}
        return one_line_of_json(fields | extra)


_ATTRIBUTES = {*vars(logging.makeLogRecord({})), "asctime", "message", "taskName"}
