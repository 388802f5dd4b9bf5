"""Log lines: one each, so that nobody can write a line that looks like the bot's own."""

import io
import json
import logging
import sys

import pytest

from adapters.observability.log_lines import OneLineFormatter, OneLineJsonFormatter, escape_control_characters
from adapters.observability.powertools import structured_logger

FORGED = "犬は?\n2026-11-26 ERROR forged\r\u0085\u2028\u2029\x0b\x0c\x1b[2J\u202eend\ud800"


def test_what_people_write_is_one_line_of_plain_characters():
    line = escape_control_characters(FORGED)
    assert line.splitlines() == [line]
    assert line.startswith("犬は?\\n2026-11-26 ERROR forged\\u000d\\u0085\\u2028")
    assert line.encode()
    assert all(each.isprintable() for each in line)


def test_tabs_and_text_of_every_language_stay_as_they_are():
    assert escape_control_characters("犬\tпёс 🐕 كلب") == "犬\tпёс 🐕 كلب"


def test_a_record_with_a_traceback_is_one_line():
    try:
        int(FORGED)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed: %s", (FORGED,), sys.exc_info())
    line = OneLineFormatter("%(levelname)s %(message)s").format(record)
    assert line.startswith("ERROR failed: 犬は?\\n")
    assert line.splitlines() == [line]


def test_a_record_as_json_has_the_traceback_and_the_fields_and_is_one_line():
    try:
        int(FORGED)
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed: %s", (FORGED[:-1],), sys.exc_info())
    record.created, record.reference = 1_790_000_000.5, "1a2b3c4d"
    line = OneLineJsonFormatter().format(record)
    assert line.splitlines() == [line]
    read = json.loads(line)
    assert read.pop("exception").startswith("Traceback")
    assert read == {
        "level": "ERROR",
        "message": f"failed: {FORGED[:-1]}",
        "timestamp": "2026-09-21T14:13:20.500+00:00",
        "logger": "x",
        "reference": "1a2b3c4d",
    }


def test_a_line_of_json_is_one_line_too(monkeypatch: pytest.MonkeyPatch):
    printed = io.StringIO()
    logger = structured_logger()
    monkeypatch.setattr(logger.logger_handler, "stream", printed)
    logger.error("asked: %s", FORGED[:-1])
    (line,) = printed.getvalue()[:-1].splitlines()
    assert json.loads(line)["message"] == f"asked: {FORGED[:-1]}"
