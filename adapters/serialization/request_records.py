"""Requests, and the failed attempts at one, as JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from adapters.serialization.records import UNREADABLE, compact_json, receipt_from_record, receipt_to_record
from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.deliveries.retries import NO_ATTEMPTS, Attempts
from domain.errors import StoreCorrupt
from domain.requests import Apology, Condense, File, Question, Quote, Request, Stop, Tab, Uninstall, Visit, Vote

KINDS: Mapping[str, type[Request]] = {
    "question": Question,
    "apology": Apology,
    "vote": Vote,
    "visit": Visit,
    "stop": Stop,
    "condense": Condense,
    "edit": Edit,
    "deletion": Deletion,
    "redact": Redact,
    "settings": OpenSettings,
    "change_settings": ChangeSettings,
    "uninstall": Uninstall,
}
"""What a request's record says of its kind. One that does not say is a question: once there was nothing else."""


def request_to_json(request: Request) -> str:
    """A question as it is; what is none says of which kind it is.

    Without an Enterprise Grid where there is none: an earlier release knows of none.
    """
    (kind,) = (name for name, each in KINDS.items() if type(request) is each)
    record = ({} if kind == "question" else {"kind": kind}) | asdict(request)
    for each in (record, record.get("post")):
        if each and not each["enterprise"]:
            del each["enterprise"]
    if isinstance(request, Vote) and request.receipt:
        record["receipt"] = receipt_to_record(request.receipt)
    return compact_json(record)


def request_from_json(text: str, where: str) -> Request:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    try:
        record: dict[str, Any] = json.loads(text)
        kind = KINDS[record.pop("kind", "question")]
        if "post" in record:
            record["post"] = Question(**_with_parts(record["post"]))
        if record.get("receipt"):
            record["receipt"] = receipt_from_record(record["receipt"])
        if "tab" in record:
            record["tab"] = Tab(record["tab"])
        return kind(**_with_parts(record))
    except UNREADABLE as error:
        raise StoreCorrupt(f"{where} is not a request: {type(error).__name__}") from error


def _with_parts(record: dict[str, Any]) -> dict[str, Any]:
    """The fields of a question with its files and quotes as such."""
    parts = {"files": File, "quotes": Quote}
    return record | {
        name: tuple(part(**each) for each in record[name]) for name, part in parts.items() if name in record
    }


def attempts_to_json(attempts: Attempts) -> str:
    """The causes that there were; empty where no delivery has failed."""
    failed = {name: number for name, number in asdict(attempts).items() if number}
    return compact_json(failed) if failed else ""


def attempts_from_json(text: str | None) -> Attempts:
    """Those of no delivery for what is empty or cannot be read: a request is rather tried too often than lost."""
    try:
        return Attempts(**{name: int(number) for name, number in json.loads(text or "{}").items()})
    except UNREADABLE:
        return NO_ATTEMPTS


def vote_from_json(text: str, where: str) -> Vote:
    """Raises ``StoreCorrupt`` naming ``where`` the text was found."""
    vote = request_from_json(text, where)
    if not isinstance(vote, Vote):
        raise StoreCorrupt(f"{where} is not a vote")
    return vote
