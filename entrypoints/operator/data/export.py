"""``bot export`` prints what conversations remember: of one, of a person, of a channel or of a team."""

import json
from argparse import Namespace
from collections.abc import Iterator

from domain.commands.command_request import export
from domain.conversations.conversation import Conversation, Speaker
from domain.conversations.saving import Stored
from entrypoints.configuration.settings import Settings
from entrypoints.forgetting.selection import Selection
from entrypoints.operator.open_stores import conversations_of, data_place, store_settings
from entrypoints.operator.progress import progress
from entrypoints.operator.subcommands import FINE, FOUND, Subcommands, add_json, print_error, print_json, print_line

SPEAKERS = {Speaker.PERSON: "person", Speaker.BOT: "bot", Speaker.THREAD: "in the thread"}


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("export", help="print what is remembered, in people's words, as Markdown")
    parser.add_argument(
        "of",
        nargs="+",
        type=Selection.read,
        metavar="KEY|ID",
        help="a conversation (T…/C…/ts), a person who spoke there (U…), a channel (C…) or a team (T…)",
    )
    add_json(parser)
    parser.set_defaults(run=_export)


def _export(asked: Namespace) -> int:
    settings = store_settings()
    found = dict(sorted(_selected(settings, asked.of, silent=asked.json)))
    missing = [each.id for each in asked.of if not any(each.has_conversation(*item) for item in found.items())]
    if asked.json:
        print_json({key: json.loads(export(conversation)) for key, conversation in found.items()})
    else:
        for key, conversation in found.items():
            print_line("\n".join(_markdown(key, conversation)))
    for name in missing:
        print_error(f"nothing is remembered of {name} in {data_place(settings)}")
    return FOUND if missing else FINE


def _selected(settings: Settings, of: list[Selection], *, silent: bool) -> Iterator[tuple[str, Conversation]]:
    keys = {each.id for each in of if each.kind == "conversation"}
    with conversations_of(settings) as conversations:
        every: Iterator[tuple[str, Stored]]
        if len(keys) == len(set(of)):  # one by one, since the whole store need not be read
            every = ((key, conversations.load(key)) for key in keys)
        else:
            every = progress(conversations.everything(), "conversations", silent=silent)
        for key, stored in every:
            if stored.conversation != Conversation() and any(
                each.has_conversation(key, stored.conversation) for each in of
            ):
                yield key, stored.conversation


def _markdown(key: str, conversation: Conversation) -> Iterator[str]:
    yield f"# {key}\n\n## Notes\n"
    yield from (f"{number}. {note.text}" for number, note in enumerate(conversation.notes, 1))
    yield "\n## Messages\n"
    for message in conversation.buffer:
        yield f"- **{message.name or SPEAKERS[message.speaker]}**: " + "\n  ".join(message.text.splitlines())
    yield ""
