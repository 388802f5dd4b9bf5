"""Texts with variables.

A template reads its variables from its own text. Braces in people's texts are harmless, because a value is never
read as a template.
"""

import re
import string
from functools import cached_property

from domain.errors import TemplateError
from domain.texts.invisible import INVISIBLE

_HIDDEN = f"[{INVISIBLE}]*"
_SLASHES = rf"[\s/／{INVISIBLE}]*"
"""What may stand between the letters of a tag, and before them."""


class Template:
    """A text with ``{variables}``; a doubled brace is a brace.

    Raises ``TemplateError`` when made with anything else in braces, and when filled with other values than it has
    variables.
    """

    def __init__(self, text: str) -> None:
        try:
            self._pieces = [(literal, name) for literal, name, *_ in _parsed(text)]
        except ValueError as error:
            raise TemplateError(f"{error} in the template {text!r}") from error
        self._text = text
        self.variables = frozenset(name for _, name in self._pieces if name is not None)

    def require(self, *variables: str) -> None:
        """Raises ``TemplateError`` unless these are the template's variables."""
        missing, unknown = set(variables) - self.variables, self.variables - set(variables)
        self._refuse(missing, unknown, f"in the template {self._text!r}")

    def fill(self, **values: object) -> str:
        """The text with these values.

        None of them can end or begin a quotation: the template's tags are broken in them, also with blanks or invisible
        characters in between.
        """
        missing, unknown = self.variables - set(values), set(values) - self.variables
        self._refuse(missing, unknown, f"among the values of the template {self._text!r}")
        quoted = {name: self._tags.sub("&lt;", str(value)) for name, value in values.items()}
        return "".join(literal + ("" if name is None else quoted[name]) for literal, name in self._pieces)

    @cached_property
    def _tags(self) -> re.Pattern[str]:
        """Compiled when it is needed: those of all texts of two languages together take 30 ms of a start."""
        tags = {_HIDDEN.join(map(re.escape, name)) for name in re.findall(r"</([^<>{}]+)>", self._text)}
        return re.compile(rf"[<＜](?={_SLASHES}(?:{'|'.join(tags)}))" if tags else r"(?!)", re.IGNORECASE)

    @staticmethod
    def _refuse(missing: set[str] | frozenset[str], unknown: set[str] | frozenset[str], where: str) -> None:
        if missing or unknown:
            complaints = [f"missing {sorted(missing)}"] * bool(missing) + [f"unknown {sorted(unknown)}"] * bool(unknown)
            raise TemplateError(f"{' and '.join(complaints)} {where}")


def _parsed(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    pieces = list(string.Formatter().parse(text))
    for _, name, specification, conversion in pieces:
        if specification or conversion or (name is not None and not name.isidentifier()):
            raise ValueError(f"{{{name}}} is not a plain variable")
    return pieces
