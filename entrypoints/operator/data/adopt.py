"""``bot adopt`` takes the conversations of the 2023 article's table over into this bot's store.

It may be given again, after an interruption or when the old bot has gone on: what is there and newer stays.
"""

import json
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.listable_stores import StoredConversations
from domain.conversations.conversation import Conversation
from domain.conversations.saving import Stored
from domain.errors import Conflict
from entrypoints.operator.open_stores import aws_installed, conversations_of, data_place, store_settings
from entrypoints.operator.progress import progress
from entrypoints.operator.subcommands import FINE, FOUND, Subcommands, add_json, print_error, print_json, print_line

ADOPTED, ANEW, THERE = "adopted", "adopted_anew", "there_already"


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("adopt", help="take over the table of the 2023 article; may be given again")
    parser.add_argument("table", metavar="TABLE", help="the article's DynamoDB table, which is only read")
    add_json(parser)
    parser.set_defaults(run=_adopt)


@dataclass
class Adoption:
    """What has become of the items of the old table so far."""

    done: Counter[str] = field(default_factory=Counter)
    keys: set[str] = field(default_factory=set)
    other: list[str] = field(default_factory=list)
    """The ids of items of another form."""

    def take(self, key: str, conversation: Conversation | None, target: StoredConversations) -> None:
        if conversation is None:
            self.other.append(key)
        else:
            self.keys.add(key)
            self.done[_adopted(key, conversation, target)] += 1


def _adopt(asked: Namespace) -> int:
    settings = store_settings()
    with aws_installed():
        from adapters.dynamodb.article import adopted_item  # noqa: PLC0415 - on one machine there is no boto3
        from adapters.dynamodb.whole_table import WholeTable  # noqa: PLC0415
    from adapters.tiktoken import count_tokens_for  # noqa: PLC0415 - most commands count nothing

    source, adoption = WholeTable(asked.table), Adoption()
    count_tokens = count_tokens_for(settings.chat_model)
    with conversations_of(settings, bulk=True) as target:
        for item in progress(source.items(), "adopting", source.about(), silent=asked.json):
            if asked.table == settings.table_name and _is_ours(item):
                continue
            adoption.take(*adopted_item(item, count_tokens), target)
        present = (key for key, _ in progress(target.everything(), "comparing", silent=asked.json))
        missing = adoption.keys.difference(present)
    return _report(asked, data_place(settings), adoption, sorted(missing))


def _adopted(key: str, conversation: Conversation, target: StoredConversations) -> str:
    """Saved where nothing is there yet, or where what is there was adopted before and not used since."""
    try:
        target.save(key, Stored(conversation, 0))
    except Conflict:
        there = target.load(key)
        if there.version != 1 or there.conversation.replies or there.conversation == conversation:
            return THERE
        target.save(key, Stored(conversation, there.version))
        return ANEW
    return ADOPTED


def _is_ours(item: Mapping[str, Any]) -> bool:
    """Where the article's table is the bot's own, which then holds both: it reads both."""
    return "version" in item or not item["id"]["S"][:1].isupper()


def _report(asked: Namespace, place: str, adoption: Adoption, missing: list[str]) -> int:
    number = len(adoption.keys) + len(adoption.other)
    if asked.json:
        counts = {name: adoption.done[name] for name in (ADOPTED, ANEW, THERE)}
        print_json({"items": number} | counts | {"of_another_form": adoption.other, "missing": missing})
    else:
        for line in _lines(asked.table, place, adoption, len(missing)):
            print_line(line)
    for key in adoption.other:
        print_error(f"left as it is: {json.dumps(key, ensure_ascii=False)} is no item of the article")
    for key in missing:
        print_error(f"missing after all: {key}")
    return FOUND if missing or adoption.other else FINE


def _lines(table: str, place: str, adoption: Adoption, missing: int) -> Iterator[str]:
    yield f"{len(adoption.keys) + len(adoption.other):>8,}  items in {table}"
    for number, what in (
        (adoption.done[ADOPTED], "adopted"),
        (adoption.done[ANEW], "adopted anew, since they have changed and were not used here yet"),
        (adoption.done[THERE], "there already: nothing is written over them"),
        (len(adoption.other), "of another form"),
    ):
        yield f"{number:>8,}  {what}"
    yield f"{len(adoption.keys) - missing:>8,}  of {len(adoption.keys):,} conversations compared are in {place}"
