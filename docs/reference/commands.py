"""The operator's commands as ``bot --help`` has them: a section for each, with a table of its arguments.

It is made from the parser's actions. argparse's own pages of help differ from one release of Python to the next.
"""

from argparse import SUPPRESS, Action, ArgumentParser, _HelpAction, _SubParsersAction
from collections.abc import Iterator

from docs.reference.tables import table
from entrypoints.operator.command_line import command_parser

HEADS = {"en": ("argument", "meaning"), "ja": ("引数", "意味")}


def commands(language: str, present: str) -> str:
    return "\n\n".join(_sections(language, command_parser(), ""))


def _sections(language: str, parser: ArgumentParser, says: str) -> Iterator[str]:
    """Those of a parser's commands, and of theirs, in the order in which the help lists them."""
    nested = [each for each in parser._actions if isinstance(each, _SubParsersAction)]
    if says or not nested:
        yield _section(language, parser, says)
    for action in nested:
        for choice in action._choices_actions:
            yield from _sections(language, action.choices[choice.dest], _help(choice))


def _section(language: str, parser: ArgumentParser, says: str) -> str:
    hidden = _HelpAction | _SubParsersAction
    actions = [each for each in parser._actions if not isinstance(each, hidden) and each.help != SUPPRESS]
    text = f"## {parser.prog}\n\n{says[:1].upper()}{says[1:]}.\n\n`{' '.join([parser.prog, *map(_usage, actions)])}`"
    if not actions:
        return text
    rows = [(_cell(f"`{_name(each)}`"), _cell(_help(each))) for each in actions]
    return f"{text}\n\n{table(HEADS[language], rows)}"


def _name(action: Action) -> str:
    value = _value(action)
    return " ".join([", ".join(action.option_strings), value]).strip() if action.option_strings else value


def _value(action: Action) -> str:
    if action.nargs == 0:
        return ""
    choices = "|".join(map(str, action.choices)) if action.choices and not action.metavar else ""
    value = str(action.metavar or choices or action.dest.upper())
    return f"{value} …" if action.nargs in ("*", "+") else value


def _usage(action: Action) -> str:
    name = f"{action.option_strings[0]} {_value(action)}".strip() if action.option_strings else _value(action)
    optional = not action.required if action.option_strings else action.nargs in ("*", "?")
    return f"[{name}]" if optional else name


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _help(action: Action) -> str:
    """With what argparse fills in, such as the default."""
    return (action.help or "") % vars(action)
