"""``bot show`` says what is known of one question."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from domain.requests import Request
from domain.spending.ledger import Charge
from entrypoints.configuration.settings import Settings
from entrypoints.counted import counted
from entrypoints.operator.names.naming import add_names, named, names_asked
from entrypoints.operator.open_stores import (
    conversations_of,
    data_place,
    has_ledger,
    ledger_of,
    queue_place,
    requests_of,
    store_settings,
    votes_of,
)
from entrypoints.operator.progress import progress
from entrypoints.operator.reports.request_report import RequestReport, is_about, remembered_in
from entrypoints.operator.subcommands import (
    FINE,
    FOUND,
    Subcommands,
    add_json,
    print_error,
    print_json,
    print_line,
)


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("show", help="show what is known of a question: its state, reply, tokens and votes")
    parser.add_argument("reference", metavar="REFERENCE", help="from the bot's apology or the log")
    parser.add_argument("--texts", action="store_true", help="also what people wrote and what the bot answered")
    add_json(parser)
    add_names(parser)
    parser.set_defaults(run=_show)


def _show(asked: Namespace) -> int:
    settings = store_settings()
    report = _report(settings, asked.reference, silent=asked.json)
    if report.is_empty:
        places = " or ".join(sorted({data_place(settings), queue_place(settings)}))
        print_error(f"nothing is known of {asked.reference} in {places}")
        return FOUND
    data = report.as_data(texts=asked.texts)
    people = [data["person"], *(vote["person"] for vote in data["votes"])]
    names = names_asked(asked, people, [data["identity"].split("/")[1]])
    if asked.json:
        print_json(data | {"names": names})
    else:
        for line in _lines(data, names):
            print_line(line)
    return FINE


def _report(settings: Settings, reference: str, *, silent: bool) -> RequestReport:
    with requests_of(settings) as requests:
        queued = tuple(each for each in requests.everything() if each.reference == reference)
    with conversations_of(settings) as conversations:
        everything = progress(conversations.everything(), "conversations", silent=silent)
        remembered = tuple(
            each for key, stored in everything for each in remembered_in(key, stored.conversation, reference)
        )
    with votes_of(settings) as votes:
        given = tuple(vote for vote in votes.votes() if Request.from_identity(vote.question).reference == reference)
    return RequestReport(reference, queued, remembered, given, _charges(settings, reference, silent=silent))


def _charges(settings: Settings, reference: str, *, silent: bool) -> tuple[Charge, ...]:
    """What the question was charged with, also by the condensation that it made necessary."""
    if not has_ledger(settings):
        return ()
    with ledger_of(settings) as ledger:
        every = (charge for each in ledger.months() for charge in ledger.entries(*each))
        return tuple(each for each in progress(every, "entries", silent=silent) if is_about(each, reference))


def _lines(data: dict[str, Any], names: Mapping[str, str]) -> Iterator[str]:
    person = f" by {named(data['person'], names)}" if data["person"] else ""
    channel = names.get(data["identity"].split("/")[1], "")
    place = f" in {channel}" if channel else ""
    yield f"{data['reference']} is {data['identity']}, asked {data['asked']}{person}{place}"
    for queued in data["queue"]:
        yield from _queue_lines(queued)
    for remembered in data["conversations"]:
        yield from _conversation_lines(remembered)
    for charge in data["charges"]:
        estimated = "about " * charge["estimated"]
        yield (
            f"charged       {charge['kind']} by {charge['model'] or '-'}: {estimated}{charge['sent']} tokens sent"
            f" ({charge['cached']} cached), {charge['received']} received"
        )
    for vote in data["votes"]:
        yield f"vote          {'for' if vote['good'] else 'against'} the answer, by {named(vote['person'], names)}"


def _queue_lines(queued: dict[str, Any]) -> Iterator[str]:
    reason = f": {queued['reason']}" if queued["reason"] else ""
    yield f"queue         {queued['state']}, delivered {counted(queued['deliveries'], 'time')}{reason}"
    if queued["failed"]:
        yield f"failed        {queued['failed']}"
    yield f"group         {queued['group']}"
    if "text" in queued:
        yield f"text          {queued['text']!r}"


def _conversation_lines(remembered: dict[str, Any]) -> Iterator[str]:
    answered = "answered" if remembered["answered"] else "not answered yet"
    yield f"conversation  {remembered['key']}, {answered}"
    yield f"reply         {remembered['reply'] or 'seen by its person alone'}"
    if receipt := remembered["receipt"]:
        yield (
            f"took          {receipt['model']}: {receipt['sent']} tokens sent ({receipt['cached']} cached),"
            f" {receipt['received']} received, {receipt['seconds']} s"
        )
    places = ["the buffer"] * remembered["in_buffer"] + [f"note {number}" for number in remembered["in_notes"]]
    yield f"remembered    {'in ' + ', '.join(places) if places else 'not any more'}"
    for name in ("question", "answer"):
        if name in remembered:
            yield f"{name:<14}{remembered[name]!r}"
