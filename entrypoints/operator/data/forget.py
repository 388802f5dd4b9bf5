"""``bot forget`` deletes what the bot keeps of a person, a channel, a team or one conversation.

It is shown first, with counts, and done once that is confirmed. What no command can reach is said.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from entrypoints.configuration.settings import Settings
from entrypoints.counted import counted, plural
from entrypoints.forgetting.plan import Plan
from entrypoints.forgetting.selection import Selection
from entrypoints.operator.open_stores import (
    channel_settings_of,
    conversations_of,
    has_ledger,
    ledger_of,
    limits_of,
    requests_of,
    scrub,
    store_settings,
    votes_of,
)
from entrypoints.operator.progress import progress
from entrypoints.operator.subcommands import FINE, FOUND, Subcommands, add_json, print_error, print_json, print_line

CONFIRM = "yes"


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("forget", help="delete what is kept of a person, a channel, a team; shows it first")
    add_arguments(parser)
    parser.set_defaults(run=_forget)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "of",
        type=Selection.read,
        metavar="ID|KEY",
        help="a person (U…), a channel (C…), a team (T…) or a conversation (T…/C…/ts)",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        help="a name that the person had in Slack before; may be repeated",
    )
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    add_json(parser)


def _forget(asked: Namespace) -> int:
    settings = store_settings()
    plan = _plan(settings, asked)
    if not asked.json:
        for line in _lines(plan):
            print_line(line)
    confirmed = not plan.is_empty and (asked.yes or (not asked.json and _confirmed()))
    if confirmed:
        _carry_out(settings, plan, silent=asked.json)
    stays = list(_what_stays(settings, plan))
    if asked.json:
        print_json(plan.as_data() | {"forgotten": confirmed, "stays": stays})
    elif confirmed:
        for line in ("Forgotten. What stays:", *(f"- {each}" for each in stays)):
            print_line(line)
    if plan.is_empty:
        return FINE
    if not confirmed:
        print_error("nothing was forgotten" + "; --yes confirms it" * asked.json)
    return FINE if confirmed and not plan.claimed else FOUND


def _plan(settings: Settings, asked: Namespace) -> Plan:
    plan = Plan(asked.of, asked.name)
    with conversations_of(settings) as conversations:
        for key, stored in progress(conversations.everything(), "conversations", silent=asked.json):
            plan.add_conversation(key, stored.conversation)
    with votes_of(settings) as votes:
        plan.add_votes(votes.votes())
    with requests_of(settings) as requests:
        plan.add_requests(requests.everything())
    with limits_of(settings) as limits:
        plan.add_limits(limits)
    with channel_settings_of(settings) as channel_settings:
        plan.add_settings(channel_settings)
    if has_ledger(settings):
        with ledger_of(settings) as ledger:
            plan.add_ledger(ledger)
    if asked.of.kind == "team":
        from entrypoints.operator.installed import installations_of, owner_of  # noqa: PLC0415 - slow, and rarely used

        with installations_of(settings) as installations:
            plan.installations = [each for each in map(owner_of, installations.all()) if each == asked.of.id]
    return plan


def _lines(plan: Plan) -> Iterator[str]:
    shared = plan.shared.values()
    messages, notes = sum(each.messages for each in shared), sum(each.notes for each in shared)
    texts = counted(messages, "message or answer", "messages and answers")
    yield f"Of the {plan.of.kind} {plan.of.id} there is {'nothing to forget.' if plan.is_empty else 'to be forgotten:'}"
    for number, what, rest in (
        (len(plan.whole), "whole conversation", ""),
        (len(shared), "conversation", f" with others, of which {texts} and {counted(notes, 'note')}"),
        (len(plan.votes), "vote", ""),
        (len(plan.requests), "request", " among those that wait and the dead letters"),
        (plan.sums, "monthly sum", " of the ledger, with the entries that name them"),
        (len(plan.limits), "limit", " of their own"),
        (len(plan.channels), "channel", " with its settings"),
        (len(plan.installations), "installation", " of the app, which must be installed there again to answer"),
        (plan.claimed, "request", " being worked on"),
    ):
        if number:
            yield f"{number:>8,}  {plural(number, what)}{rest}"


def _confirmed() -> bool:
    print_line(f"It cannot be undone. Type {CONFIRM} to forget it:")
    return sys.stdin.readline().strip() == CONFIRM


def _carry_out(settings: Settings, plan: Plan, *, silent: bool) -> None:
    with requests_of(settings) as requests:  # first, since what waits would be remembered anew
        plan.forget_requests(requests)
    with conversations_of(settings) as conversations:
        keys = [*plan.whole, *plan.shared]
        for key in progress(keys, "forgetting", len(keys), silent=silent):
            plan.forget_in(conversations, key)
    with votes_of(settings) as votes:
        plan.forget_votes(votes)
    with limits_of(settings) as limits:
        plan.forget_limits(limits)
    with channel_settings_of(settings) as channel_settings:
        plan.forget_settings(channel_settings)
    if plan.owners:
        with ledger_of(settings) as ledger:
            plan.forget_ledger(ledger)
    if plan.installations:
        from entrypoints.operator.installed import installations_of  # noqa: PLC0415 - see above

        with installations_of(settings) as installations:
            for owner in plan.installations:
                installations.delete_bot(enterprise_id=None, team_id=owner)
    scrub(settings)


def _what_stays(settings: Settings, plan: Plan) -> Iterator[str]:
    yield "what stands in Slack: the bot reads a thread again where it is asked there"
    yield "backups and exports that were made before, and the log's lines, which name people by id"
    if left := sum(each.notes_left for each in plan.shared.values()):
        text = counted(left, "note")
        yield f"{text} in conversations with others, without the person's name: bot export shows what they say"
    if not has_ledger(settings):
        yield "the ledger's sums and entries, since USAGE_TABLE_NAME does not name its table"
    if plan.claimed:
        yield f"{counted(plan.claimed, 'question')} being answered now: give the command again in some minutes"
    if settings.queue_url:
        yield "questions that wait in the queue, which nobody can look into: give the command again in some minutes"
    if settings.table_name:
        yield "the table's point-in-time recovery, for 35 days"
