"""The end of a function's log on AWS, read again and again."""

from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.errors import StoreUnavailable

OPERATORS_PATIENCE = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
"""Seconds. An operator sits behind slow lines and can wait."""

LATE_SECONDS = 30.0
"""By which CloudWatch may show an event later than others of a later time."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """``at`` is in seconds since the epoch."""

    at: float
    message: str


class LogTail:
    """What is new in a log group. Raises ``StoreUnavailable``."""

    def __init__(self, group: str, since: float) -> None:
        self._group = group
        self._since = since
        self._shown: dict[str, float] = {}
        try:
            self._logs: Any = boto3.client("logs", config=OPERATORS_PATIENCE)
        except BotoCoreError as error:
            raise StoreUnavailable(f"{group} could not be read: {type(error).__name__}") from error

    def new(self) -> list[LogEvent]:
        """The events that have come since the last call, oldest first. Each is given once."""
        start = self._since - LATE_SECONDS
        events = [each for each in self._read(start) if each["eventId"] not in self._shown]
        self._shown = {key: at for key, at in self._shown.items() if at >= start}
        self._shown |= {each["eventId"]: each["timestamp"] / 1000 for each in events}
        self._since = max([self._since, *self._shown.values()])
        found = (LogEvent(each["timestamp"] / 1000, each["message"].rstrip()) for each in events)
        return sorted(found, key=lambda each: each.at)

    def _read(self, start: float) -> list[dict[str, Any]]:
        pages = self._logs.get_paginator("filter_log_events")
        try:
            asked = pages.paginate(logGroupName=self._group, startTime=int(start * 1000))
            return [each for page in asked for each in page["events"]]
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise StoreUnavailable(f"{self._group}: CloudWatch answered {code}") from error
        except BotoCoreError as error:
            raise StoreUnavailable(f"{self._group} could not be read: {type(error).__name__}") from error
