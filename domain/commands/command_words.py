"""The words of commands, with which a person inspects or changes what the bot remembers."""

import enum
import re
import unicodedata
from collections.abc import Mapping

from domain.texts.invisible import without_invisible


class Command(enum.StrEnum):
    """What can be asked for. A value is the word that Slack's shortcuts and slash commands use."""

    HELP = "help"
    MEMORY = "memory"
    USAGE = "usage"
    SETTINGS = "settings"
    FORGET = "forget"
    EXPORT = "export"
    RESET = "reset"
    QUIET = "quiet"
    LISTEN = "listen"


WORDS: Mapping[Command, tuple[str, ...]] = {
    Command.HELP: ("help", "ヘルプ", "使い方"),
    Command.MEMORY: ("memory", "記憶", "メモリ", "メモリー"),
    Command.USAGE: ("usage", "使用量", "利用量"),
    Command.SETTINGS: ("settings", "設定"),
    Command.FORGET: ("forget", "忘れて"),
    Command.EXPORT: ("export", "エクスポート", "書き出し"),
    Command.RESET: ("reset", "リセット"),
    Command.QUIET: ("quiet", "be quiet", "静かに", "静かにして"),
    Command.LISTEN: ("listen", "聞いて", "聞いていて"),
}
"""In every language, whatever the bot speaks: what is asked is plain in each of them."""

NUMBERED = frozenset({Command.FORGET})
"""Commands that need the number of a note."""

MAY_BE_NUMBERED = NUMBERED | {Command.MEMORY}
"""Commands that may be about one note."""

_COMMANDS = {word: command for command, words in WORDS.items() for word in words}
_AROUND_A_COMMAND = " .!?。、,:;*_~`'\"“”‘’„«»「」『』()[]<>"
_NOTE = r"(?:note|メモ)? ?#?(?P<number>\d{1,6})"
_WITH_NUMBER = (re.compile(rf"(?P<word>\D+?) ?{_NOTE}"), re.compile(rf"{_NOTE} ?を? ?(?P<word>\D+)"))


def read_command(text: str) -> tuple[Command, int | None] | None:
    """The command and the number of the note that it is about, if that is all that the text says.

    Case, width, punctuation, quotation marks, emphasis (``*help*``) and invisible characters do not matter.
    """
    said = without_invisible(unicodedata.normalize("NFKC", text))
    said = re.sub(r"\s+", " ", said.casefold().replace("&gt;", " ")).strip(_AROUND_A_COMMAND)
    if command := _COMMANDS.get(said):
        return None if command in NUMBERED else (command, None)
    for pattern in _WITH_NUMBER:
        found = pattern.fullmatch(said)
        command = _COMMANDS.get(found["word"]) if found else None
        if found and command in MAY_BE_NUMBERED:
            return command, int(found["number"])
    return None


def command_in(text: str) -> Command | None:
    """The command, if it is all that the text says: see ``read_command``."""
    command, _ = read_command(text) or (None, None)
    return command
