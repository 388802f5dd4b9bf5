"""Names beside ids, for commands that have ``--names``."""

import os
from argparse import ArgumentParser, Namespace, _ArgumentGroup
from collections.abc import Iterable, Mapping

from domain.spending.ledger import OwnerKind


def add_names(parser: ArgumentParser | _ArgumentGroup) -> None:
    parser.add_argument("--names", action="store_true", help="ask Slack for the names of the first 50")


def names_asked(asked: Namespace, people: Iterable[str], channels: Iterable[str]) -> Mapping[str, str]:
    """What Slack calls these, by their ids; empty unless ``--names`` is given. One that it does not tell is left out.

    Raises ``SettingError`` where there is no token to ask with.
    """
    if not asked.names:
        return {}
    from entrypoints.operator.names.slack_names import names_of  # noqa: PLC0415 - others need no SDK of Slack's

    names = names_of(OwnerKind.PERSON, list(dict.fromkeys(filter(None, people))), os.environ)
    names |= names_of(OwnerKind.CHANNEL, list(dict.fromkeys(filter(None, channels))), os.environ)
    return {each: name for each, name in names.items() if name}


def named(each: str, names: Mapping[str, str]) -> str:
    """The id with its name, if that is known."""
    return f"{each} {names[each]}" if each in names else each
