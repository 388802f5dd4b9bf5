"""The operator's command line: see the questions that nobody could answer, and have them tried again.

    python -m entrypoints.operator dead-letters
    python -m entrypoints.operator replay REFERENCE …
    python -m entrypoints.operator replay --all

Works on the SQS queues that ``QUEUE_URL`` and ``DEAD_LETTER_QUEUE_URL`` name, else on the file
``DATABASE_PATH``, whether the bot is running or not. Nothing here shows what people wrote.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Protocol

from adapters.records import DeadLetter
from adapters.sqlite import Database, SqliteDeadLetters
from domain.errors import AnsweringError, StoreUnavailable
from entrypoints.settings import SettingError, Settings

VARIABLES = ("DATABASE_PATH", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL")

UNSEEN = "others wait behind one of their conversation, or are in another operator's hand"


class DeadLetters(Protocol):
    """Questions whose deliveries have all failed. Raises ``StoreUnavailable`` and ``StoreCorrupt``."""

    def count(self) -> int:
        """How many there are, as far as the store knows."""
        ...

    def letters(self) -> Iterator[DeadLetter]:
        """Those that can be seen, the earlier ones of a conversation first."""
        ...

    def replay(self, letter: DeadLetter) -> bool:
        """Put it back into the queue; false where it is no dead letter any more."""
        ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when all was done, 1 where a letter or the store was missing, 2 for a wrong command or setting."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.command == "replay" and bool(asked.references) == asked.all:
        parser.error("replay takes either references or --all")
    try:
        # The others are the bot's business: an operator need not have them right, nor have them at all.
        settings = Settings.from_env({name: os.environ.get(name, "") for name in VARIABLES})
        place = settings.dead_letter_queue_url or str(settings.database_path)
        with _dead_letters(settings) as dead:
            if asked.command == "dead-letters":
                return _list(dead, place)
            return _replay_all(dead, place) if asked.all else _replay(dead, place, frozenset(asked.references))
    except SettingError as error:
        _complain(str(error))
        return 2
    except AnsweringError as error:
        _complain(str(error))
    except KeyboardInterrupt:
        _complain("interrupted")
    return 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m entrypoints.operator", description="See and replay the questions that nobody could answer."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("dead-letters", help="list them, without what people wrote")
    replay = commands.add_parser("replay", help="put dead letters back into the queue; doing it twice does no harm")
    replay.add_argument("references", nargs="*", metavar="REFERENCE", help="as told to the person and in the log")
    replay.add_argument("--all", action="store_true", help="every dead letter that can be read")
    return parser


@contextmanager
def _dead_letters(settings: Settings) -> Iterator[DeadLetters]:
    if settings.queue_url and settings.dead_letter_queue_url:
        try:
            from adapters.sqs import (  # noqa: PLC0415 - on one machine there is no boto3
                OPERATORS_PATIENCE,
                SqsDeadLetters,
                sqs_client,
            )
        except ModuleNotFoundError as error:
            raise StoreUnavailable(f"requirements/aws.txt is not installed: there is no {error.name}") from error
        client = sqs_client(OPERATORS_PATIENCE)
        with closing(SqsDeadLetters(settings.queue_url, settings.dead_letter_queue_url, client)) as on_aws:
            yield on_aws
    elif settings.queue_url or settings.dead_letter_queue_url:
        raise SettingError("QUEUE_URL and DEAD_LETTER_QUEUE_URL must be set together")
    elif not settings.database_path.is_file():  # it would be made, and its having no dead letters believed
        raise SettingError(f"DATABASE_PATH must name the bot's database; there is none at {settings.database_path}")
    else:
        with closing(Database(settings.database_path)) as database:
            yield SqliteDeadLetters(database)


def _list(dead: DeadLetters, place: str) -> int:
    there_are = dead.count()
    letters = list(dead.letters())
    if letters:
        _table(
            ("reference", "conversation", "asked", "deliveries", "reason"),
            *(
                (
                    letter.reference or "unreadable",
                    letter.conversation,
                    f"{letter.asked:%Y-%m-%d %H:%M:%SZ}" if letter.asked else "-",
                    str(letter.deliveries),
                    letter.reason or "-",
                )
                for letter in letters
            ),
        )
    number = f"{len(letters)} of about {there_are}" if there_are > len(letters) else str(len(letters))
    _say(f"dead letters in {place}: {number}")
    if there_are > len(letters):
        _say(UNSEEN)
    return 0


def _replay_all(dead: DeadLetters, place: str) -> int:
    number = 0
    for letter in dead.letters():
        if letter.reference:
            number += _put_back(dead, letter)
        else:
            _complain(f"left as it is: {letter.reason}")
    _say(f"put back from {place}: {number}")
    return 0


def _replay(dead: DeadLetters, place: str, references: frozenset[str]) -> int:
    there_are = dead.count()
    letters = list(dead.letters())
    found = {
        letter.reference
        for letter in letters
        if letter.reference and letter.reference in references and _put_back(dead, letter)
    }
    missing = references - found
    for reference in sorted(missing):
        _complain(f"no dead letter {reference} in {place}" + f"; {UNSEEN}" * (there_are > len(letters)))
    return 1 if missing else 0


def _put_back(dead: DeadLetters, letter: DeadLetter) -> bool:
    put_back = dead.replay(letter)
    if put_back:
        _say(f"{letter.reference} is back in the queue")
    return put_back


def _table(*rows: tuple[str, ...]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        _say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a command line is for


def _complain(line: str) -> None:
    print(f"operator: {line}", file=sys.stderr)  # noqa: T201 - what a command line is for


if __name__ == "__main__":
    sys.exit(main())
