"""``bot dead-letters`` lists the requests whose last delivery failed, ``bot replay`` puts them back into the queue."""

from argparse import Namespace
from dataclasses import asdict

from adapters.dead_letters import DeadLetter, DeadLetters
from entrypoints.operator.names.naming import add_names, names_asked
from entrypoints.operator.open_stores import dead_letters_of, queue_place, store_settings
from entrypoints.operator.subcommands import (
    FINE,
    FOUND,
    Subcommands,
    add_json,
    print_error,
    print_json,
    print_line,
    print_table,
)

UNSEEN = "others wait behind one of their conversation, or another operator is looking at them"


def add_to(subcommands: Subcommands) -> None:
    """Add both commands to the operator's."""
    dead_letters = subcommands.add_parser("dead-letters", help="list them, without what people wrote")
    add_json(dead_letters)
    add_names(dead_letters)
    dead_letters.set_defaults(run=_list)
    replay = subcommands.add_parser("replay", help="put dead letters back into the queue; doing it twice does no harm")
    replay.add_argument("references", nargs="*", metavar="REFERENCE", help="from the bot's apology or the log")
    replay.add_argument("--all", action="store_true", help="every dead letter that can be read")
    add_json(replay)
    replay.set_defaults(run=_replay, parser=replay)


def _list(asked: Namespace) -> int:
    with dead_letters_of(settings := store_settings()) as dead:
        there_are = dead.count()
        letters = list(dead.letters())
    names = names_asked(asked, (), (_channel(each) for each in letters))
    if asked.json:
        print_json({"dead_letters": [fields_of(each) for each in letters], "about": there_are, "names": names})
        return FINE
    if letters:
        rows = (_row(each, names.get(_channel(each), "")) for each in letters)
        print_table(("reference", "conversation", "asked", "deliveries", "reason"), *rows)
    number = f"{len(letters)} of about {there_are}" if there_are > len(letters) else str(len(letters))
    print_line(f"dead letters in {queue_place(settings)}: {number}")
    if there_are > len(letters):
        print_line(UNSEEN)
    return FINE


def fields_of(letter: DeadLetter) -> dict[str, object]:
    """What programs may know of a letter: the store's own name for it is nobody's business."""
    asked = letter.asked.isoformat() if letter.asked else None
    return {name: value for name, value in asdict(letter).items() if name != "key"} | {"asked": asked}


def _channel(letter: DeadLetter) -> str:
    """Of the group in which it waited, which is a conversation, or has the channel further behind."""
    return next((each for each in letter.conversation.split("/")[1:] if each[:1] in ("C", "D", "G")), "")


def _row(letter: DeadLetter, channel_name: str) -> tuple[str, ...]:
    return (
        letter.reference or "unreadable",
        f"{letter.conversation} {channel_name}".rstrip(),
        f"{letter.asked:%Y-%m-%d %H:%M:%SZ}" if letter.asked else "-",
        str(letter.deliveries),
        letter.reason or "-",
    )


def _replay(asked: Namespace) -> int:
    if bool(asked.references) == asked.all:
        asked.parser.error("replay takes either references or --all")
    with dead_letters_of(settings := store_settings()) as dead:
        place = queue_place(settings)
        return _replay_all(dead, place, asked.json) if asked.all else _replay_some(dead, place, asked)


def _replay_all(dead: DeadLetters, place: str, as_json: bool) -> int:
    put_back = []
    for letter in dead.letters():
        if not letter.reference:
            print_error(f"left as it is: {letter.reason}")
        elif _put_back(dead, letter, as_json):
            put_back.append(letter.reference)
    if as_json:
        print_json({"put_back": put_back, "missing": []})
    else:
        print_line(f"put back from {place}: {len(put_back)}")
    return FINE


def _replay_some(dead: DeadLetters, place: str, asked: Namespace) -> int:
    references = frozenset(asked.references)
    there_are = dead.count()
    letters = list(dead.letters())
    found = {
        letter.reference
        for letter in letters
        if letter.reference and letter.reference in references and _put_back(dead, letter, asked.json)
    }
    missing = references - found
    for reference in sorted(missing):
        print_error(f"no dead letter {reference} in {place}" + f"; {UNSEEN}" * (there_are > len(letters)))
    if asked.json:
        print_json({"put_back": sorted(found), "missing": sorted(missing)})
    return FOUND if missing else FINE


def _put_back(dead: DeadLetters, letter: DeadLetter, as_json: bool) -> bool:
    put_back = dead.replay(letter)
    if put_back and not as_json:
        print_line(f"{letter.reference} is back in the queue")
    return put_back
