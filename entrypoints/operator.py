"""The operator's command line: dead letters, people's votes, and the Slack app's manifest.

    bot dead-letters
    bot replay REFERENCE …
    bot replay --all
    bot feedback [--csv]
    bot backup FILE
    bot manifest [--format json|link] [--events-url URL]
    bot secret NAME
    bot --version

``.venv/bin/bot`` is ``python -m entrypoints.operator`` by a shorter name; the Makefile writes it.

Dead letters are those of the SQS queues that ``QUEUE_URL`` and ``DEAD_LETTER_QUEUE_URL`` name, votes those of the table
``TABLE_NAME``; without them all is in the file ``DATABASE_PATH``, whether the bot is running or not. A backup is of
that file. Nothing here shows what people wrote. The manifest has what the environment switches on, and needs nothing
else.
"""

import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from adapters.dead_letters import DeadLetter, DeadLetters
from adapters.sqlite import Database, SqliteDeadLetters, SqliteFeedback
from domain.errors import AnsweringError, StoreUnavailable
from domain.requests import Vote
from entrypoints import VERSION, secret
from entrypoints.feedback_report import rows_of, table_of, write_csv
from entrypoints.manifest import as_json, install_link, manifest_for
from entrypoints.settings import SettingError, Settings

VARIABLES = ("DATABASE_PATH", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "TABLE_NAME")
MANIFEST_VARIABLES = ("BOT_LANGUAGE", "SLACK_AGENT_VIEW", "SLACK_REPLY_USERNAME")
FORMATS = {"json": as_json, "link": install_link}

UNSEEN = "others wait behind one of their conversation, or another operator is looking at them"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when all was done, 1 where a letter or the store was missing, 2 for a wrong command or setting."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.command == "replay" and bool(asked.references) == asked.all:
        parser.error("replay takes either references or --all")
    try:
        return COMMANDS[asked.command](asked)
    except SettingError as error:
        _print_error(str(error))
        return 2
    except AnsweringError as error:
        _print_error(str(error))
    except KeyboardInterrupt:
        _print_error("interrupted")
    return 1


def _settings(*names: str) -> Settings:
    """Those of these variables. The others concern the bot alone: an operator need not have them right."""
    return Settings.from_env({name: os.environ.get(name, "") for name in names})


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="bot", description="Operate the bot: dead letters, votes and the Slack app.")
    parser.add_argument("--version", action="version", version=f"bot {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("dead-letters", help="list them, without what people wrote")
    replay = commands.add_parser("replay", help="put dead letters back into the queue; doing it twice does no harm")
    replay.add_argument("references", nargs="*", metavar="REFERENCE", help="from the bot's apology or the log")
    replay.add_argument("--all", action="store_true", help="every dead letter that can be read")
    feedback = commands.add_parser("feedback", help="list the votes on answers, without what people wrote")
    feedback.add_argument("--csv", action="store_true", help="all columns, for a spreadsheet")
    backup = commands.add_parser("backup", help="copy the database of one machine, also while the bot is running")
    backup.add_argument("file", type=Path, metavar="FILE", help="a new file; it holds people's words")
    manifest = commands.add_parser("manifest", help="print the manifest that the Slack app is made from")
    manifest.add_argument("--format", choices=FORMATS, default="json", help="link: a page of Slack with it filled in")
    manifest.add_argument("--events-url", type=_https, metavar="URL", help="https://…/events; without it, Socket Mode")
    secret.add_to(commands)
    return parser


def _https(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not (usable and url.isascii() and url.isprintable()) or " " in url:
        raise ArgumentTypeError("Slack delivers to an https address only")
    return url


def _manifest(asked: Namespace) -> int:
    settings = _settings(*MANIFEST_VARIABLES)
    manifest = manifest_for(
        language=settings.bot_language,
        agent_view=settings.may_be_agent,
        reply_username=bool(settings.slack_reply_username),
        events_url=asked.events_url or "",
    )
    _print(FORMATS[asked.format](manifest))
    return 0


@contextmanager
def _dead_letters(settings: Settings) -> Iterator[DeadLetters]:
    if settings.queue_url and settings.dead_letter_queue_url:
        with _aws_installed():
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
        with _database(settings) as database:
            yield SqliteDeadLetters(database)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    if not settings.database_path.is_file():  # it would be made, and its being empty believed
        raise SettingError(f"DATABASE_PATH must name the bot's database; there is none at {settings.database_path}")
    with closing(Database(settings.database_path)) as database:
        yield database


@contextmanager
def _aws_installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreUnavailable(f"requirements/aws.txt is not installed: there is no {error.name}") from error


def _feedback(asked: Namespace) -> int:
    settings = _settings(*VARIABLES)
    rows = rows_of(_votes(settings))
    if asked.csv:
        write_csv(rows, sys.stdout)
        return 0
    if rows:
        _table(*table_of(rows))
    good = sum(row["good"] == "yes" for row in rows)
    _print(f"votes in {settings.table_name or settings.database_path}: {len(rows)}, of them {good} for the answer")
    return 0


def _back_up(asked: Namespace) -> int:
    settings = _settings(*VARIABLES)
    if settings.table_name or settings.queue_url:
        raise SettingError("TABLE_NAME and QUEUE_URL name a bot on AWS, whose table has point-in-time recovery")
    with _database(settings) as database:
        database.back_up(asked.file)
    _print(f"{settings.database_path} is in {asked.file} now")
    return 0


def _votes(settings: Settings) -> list[Vote]:
    days = settings.conversation_ttl_days
    if settings.table_name:
        with _aws_installed():
            from adapters.dynamodb import DynamoFeedback  # noqa: PLC0415 - on one machine there is no PynamoDB
        return list(DynamoFeedback(settings.table_name, ttl_days=days, clock=time.time).votes())
    with _database(settings) as database:
        return list(SqliteFeedback(database, ttl_days=days, clock=time.time).votes())


def _list(_: Namespace) -> int:
    with _dead_letters(settings := _settings(*VARIABLES)) as dead:
        return _list_all(dead, _place(settings))


def _place(settings: Settings) -> str:
    return settings.dead_letter_queue_url or str(settings.database_path)


def _list_all(dead: DeadLetters, place: str) -> int:
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
    _print(f"dead letters in {place}: {number}")
    if there_are > len(letters):
        _print(UNSEEN)
    return 0


def _replay(asked: Namespace) -> int:
    with _dead_letters(settings := _settings(*VARIABLES)) as dead:
        place = _place(settings)
        return _replay_all(dead, place) if asked.all else _replay_some(dead, place, frozenset(asked.references))


def _replay_all(dead: DeadLetters, place: str) -> int:
    number = 0
    for letter in dead.letters():
        if letter.reference:
            number += _put_back(dead, letter)
        else:
            _print_error(f"left as it is: {letter.reason}")
    _print(f"put back from {place}: {number}")
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
        _print_error(f"no dead letter {reference} in {place}" + f"; {UNSEEN}" * (there_are > len(letters)))
    return 1 if missing else 0


def _put_back(dead: DeadLetters, letter: DeadLetter) -> bool:
    put_back = dead.replay(letter)
    if put_back:
        _print(f"{letter.reference} is back in the queue")
    return put_back


def _table(*rows: tuple[str, ...]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        _print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a command line is for


def _print_error(line: str) -> None:
    print(f"bot: {line}", file=sys.stderr)  # noqa: T201 - what a command line is for


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    "dead-letters": _list,
    "replay": _replay,
    "feedback": _feedback,
    "backup": _back_up,
    "manifest": _manifest,
    "secret": secret.run,
}


if __name__ == "__main__":
    sys.exit(main())
