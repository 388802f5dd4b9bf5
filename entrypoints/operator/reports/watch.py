"""``bot watch`` prints a line for whatever happens, until Ctrl-C.

On one machine it looks at the queue and at the ledger, on AWS at the log of the worker, since nobody can look into SQS.
"""

import json
import time
from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, datetime
from time import sleep

from adapters.listable_stores import StoredRequest
from adapters.sqlite import SqliteLedger, SqliteRequests
from domain.errors import StoreUnavailable
from domain.requests import Request
from domain.spending.ledger import Charge
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.operator.open_stores import aws_installed, database_of, store_settings
from entrypoints.operator.reports.request_report import STATES
from entrypoints.operator.subcommands import FINE, Subcommands, add_json, print_error, print_line

SECONDS = 1.0
"""Between two looks at a database."""

SECONDS_ON_AWS = 3.0
"""Between two looks at a log: CloudWatch allows some ten of them a second for the whole account."""

Line = dict[str, object]


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("watch", help="print a line for whatever happens, until Ctrl-C")
    parser.add_argument("--log-group", metavar="NAME", default="", help="on AWS, if not that of the queue's function")
    add_json(parser)
    parser.set_defaults(run=_watch)


def _watch(asked: Namespace) -> int:
    settings = store_settings()
    group = asked.log_group or _workers_log_group(settings)
    if not asked.json:
        print_line(f"watching {group or settings.database_path}; Ctrl-C ends it")
    try:
        for line in _from_log(group) if group else _from_database(settings):
            print_line(json.dumps(line, ensure_ascii=False) if asked.json else _text(line))
    except KeyboardInterrupt:
        pass
    return FINE


def _workers_log_group(settings: Settings) -> str:
    """That of the function that the queue feeds; empty on one machine. Raises ``SettingError`` where none is known."""
    if settings.table_name and not settings.queue_url:
        raise SettingError("QUEUE_URL must name the queue, by which the worker is found, or --log-group its log group")
    if not settings.queue_url:
        return ""
    with aws_installed():
        from adapters.deployment import Deployment  # noqa: PLC0415 - on one machine there is no boto3
    deployment = Deployment()
    if worker := deployment.worker(settings.queue_url):
        return deployment.log_group(worker)
    raise SettingError(f"no function is fed from {settings.queue_url}; --log-group must name the worker's log group")


def _text(line: Line) -> str:
    return " ".join(str(each) for each in line.values() if each)


def _from_log(group: str) -> Iterator[Line]:
    with aws_installed():
        from adapters.observability.log_tail import LogTail  # noqa: PLC0415 - on one machine there is no boto3
    tail = LogTail(group, time.time())
    while True:
        for event in tail.new():
            yield {"at": _time(event.at), **_message(event.message)}
        sleep(SECONDS_ON_AWS)


def _message(text: str) -> Line:
    """Level and message of a line of the bot's; others, such as Lambda's own, as they are."""
    try:
        line = json.loads(text)
        return {"level": line["level"], "message": line["message"]}
    except (ValueError, TypeError, LookupError):
        return {"level": "", "message": text}


def _from_database(settings: Settings) -> Iterator[Line]:
    with database_of(settings) as database:
        feed = _Feed(SqliteRequests(database), SqliteLedger(database), time.time())
        while True:
            try:
                yield from feed.new()
            except StoreUnavailable as error:  # somebody holds the file for long; the next look may succeed
                print_error(str(error))
            sleep(SECONDS)


class _Feed:
    """What has changed in a database since the last look."""

    def __init__(self, requests: SqliteRequests, ledger: SqliteLedger, now: float) -> None:
        self._requests = requests
        self._ledger = ledger
        self._states = {each.key: each.state for each in requests.everything()}
        self._since = now

    def new(self) -> Iterator[Line]:
        for request in self._requests.everything():
            if self._states.get(request.key) != request.state:
                self._states[request.key] = request.state
                yield _request_line(request)
        for charge in self._ledger.entries_since(self._since):
            self._since = charge.at
            yield _charge_line(charge)


def _request_line(request: StoredRequest) -> Line:
    reason = f": {request.reason}" if request.state == "dead" else ""
    message = f"{request.group}: {STATES[request.state]}{reason}"
    return {"at": _time(time.time()), "reference": request.reference, "message": message}


def _charge_line(charge: Charge) -> Line:
    usage = charge.usage
    reference = Request.from_identity("/".join(charge.request.split("/")[:3])).reference
    message = (
        f"{charge.kind} for {charge.person} in {charge.channel} by {charge.model or '-'}: {charge.seconds:.1f} s,"
        f" {usage.sent} tokens sent ({usage.cached} cached), {usage.received} received"
    )
    return {"at": _time(charge.at), "reference": reference, "message": message}


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
