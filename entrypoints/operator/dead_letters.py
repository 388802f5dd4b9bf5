"""``bot dead-letters`` lists the requests whose last delivery failed, ``bot replay`` puts them back into the queue."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager

from adapters.dead_letters import DeadLetter, DeadLetters
from adapters.sqlite import SqliteDeadLetters
from entrypoints.operator.stores import VARIABLES, aws_installed, database_of, settings_of
from entrypoints.operator.subcommands import Subcommands, print_error, print_line, print_table
from entrypoints.settings import SettingError, Settings

UNSEEN = "others wait behind one of their conversation, or another operator is looking at them"


def add_to(subcommands: Subcommands) -> None:
    """Add both commands to the operator's."""
    subcommands.add_parser("dead-letters", help="list them, without what people wrote").set_defaults(run=_list)
    replay = subcommands.add_parser("replay", help="put dead letters back into the queue; doing it twice does no harm")
    replay.add_argument("references", nargs="*", metavar="REFERENCE", help="from the bot's apology or the log")
    replay.add_argument("--all", action="store_true", help="every dead letter that can be read")
    replay.set_defaults(run=_replay, parser=replay)


def _list(_: Namespace) -> int:
    with _dead_letters(settings := settings_of(*VARIABLES)) as dead:
        return _list_all(dead, _place(settings))


def _place(settings: Settings) -> str:
    return settings.dead_letter_queue_url or str(settings.database_path)


def _list_all(dead: DeadLetters, place: str) -> int:
    there_are = dead.count()
    letters = list(dead.letters())
    if letters:
        print_table(
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
    print_line(f"dead letters in {place}: {number}")
    if there_are > len(letters):
        print_line(UNSEEN)
    return 0


def _replay(asked: Namespace) -> int:
    if bool(asked.references) == asked.all:
        asked.parser.error("replay takes either references or --all")
    with _dead_letters(settings := settings_of(*VARIABLES)) as dead:
        place = _place(settings)
        return _replay_all(dead, place) if asked.all else _replay_some(dead, place, frozenset(asked.references))


def _replay_all(dead: DeadLetters, place: str) -> int:
    number = 0
    for letter in dead.letters():
        if letter.reference:
            number += _put_back(dead, letter)
        else:
            print_error(f"left as it is: {letter.reason}")
    print_line(f"put back from {place}: {number}")
    return 0


def _replay_some(dead: DeadLetters, place: str, references: frozenset[str]) -> int:
    there_are = dead.count()
    letters = list(dead.letters())
    found = {
        letter.reference
        for letter in letters
        if letter.reference and letter.reference in references and _put_back(dead, letter)
    }
    missing = references - found
    for reference in sorted(missing):
        print_error(f"no dead letter {reference} in {place}" + f"; {UNSEEN}" * (there_are > len(letters)))
    return 1 if missing else 0


def _put_back(dead: DeadLetters, letter: DeadLetter) -> bool:
    put_back = dead.replay(letter)
    if put_back:
        print_line(f"{letter.reference} is back in the queue")
    return put_back


@contextmanager
def _dead_letters(settings: Settings) -> Iterator[DeadLetters]:
    if settings.queue_url and settings.dead_letter_queue_url:
        with aws_installed():
            from adapters.sqs import (  # noqa: PLC0415 - on one machine there is no boto3
                OPERATORS_PATIENCE,
                SqsDeadLetters,
                sqs_client,
            )
        client = sqs_client(OPERATORS_PATIENCE)
        with closing(SqsDeadLetters(settings.queue_url, settings.dead_letter_queue_url, client)) as on_aws:
            yield on_aws
    elif settings.queue_url or settings.dead_letter_queue_url:
        raise SettingError("QUEUE_URL and DEAD_LETTER_QUEUE_URL must be set together")
    else:
        with database_of(settings) as database:
            yield SqliteDeadLetters(database)
