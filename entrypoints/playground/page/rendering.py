"""Texts as HTML for the page: standard Markdown, or Slack's own mrkdwn.

Whatever a text says, it stays text: HTML in it is shown, only http and https links lead somewhere, and a picture is
a link, so that nothing is loaded from elsewhere. Any beginning of a text can be rendered, since answers are shown
while they are written.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from html import unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from entrypoints.playground.emulator.workspace.model import Json
from entrypoints.playground.page.html_output import RULES, adapt
from entrypoints.playground.page.markdown_rules import bare_link, emphasis, shortcode, slack_emphasis, slack_token

KEPT = 1_000
"""So many rendered texts are kept, so that reading all posts anew does not render them anew."""

_WEB = re.compile(r"https?://", re.IGNORECASE)
_QUOTE_MARKS = re.compile(r"^(?:&gt; ?)+", re.MULTILINE)


class Rendering:
    """Renders texts. ``name`` tells what somebody is called by their id. Safe to use from any thread."""

    def __init__(self, name: Callable[[str], str]) -> None:
        self._name = name
        self._markdown = _markdown()
        self._mrkdwn = _mrkdwn()
        self.html = lru_cache(KEPT)(self._html)

    def blocks(self, blocks: Iterable[Json]) -> list[Json]:
        """The blocks, each mrkdwn text of them with its ``html``."""
        return [self._with_html(block) for block in blocks]

    def _html(self, text: str, *, markdown: bool) -> str:
        parser = self._markdown if markdown else self._mrkdwn
        source = text if markdown else _QUOTE_MARKS.sub(lambda marks: unescape(marks[0]), text)
        return str(parser.render(source, {"name": self._name}))

    def _with_html(self, part: Any) -> Any:
        if isinstance(part, list):
            return [self._with_html(each) for each in part]
        if not isinstance(part, dict):
            return part
        whole = {name: self._with_html(value) for name, value in part.items()}
        is_mrkdwn = part.get("type") == "mrkdwn" and isinstance(part.get("text"), str)
        return whole | ({"html": self.html(part["text"], markdown=False)} if is_mrkdwn else {})


def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False, "breaks": True, "tasklists": True})
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.at("emphasis", emphasis)
    return _for_the_page(parser)


def _mrkdwn() -> MarkdownIt:
    parser = MarkdownIt("zero", {"breaks": True})
    parser.enable(["fence", "blockquote", "list", "newline", "backticks", "entity"])
    parser.inline.ruler.push("slack_emphasis", slack_emphasis)
    parser.core.ruler.push("escaped_code", _unescape_code)
    return _for_the_page(parser)


def _for_the_page(parser: MarkdownIt) -> MarkdownIt:
    # Setting an attribute of the parser is how markdown-it has its check of links replaced.
    parser.validateLink = lambda url: bool(_WEB.match(url))  # type: ignore[method-assign]
    parser.inline.ruler.before("backticks", "slack_token", slack_token)
    parser.inline.ruler.push("bare_link", bare_link)
    parser.inline.ruler.push("shortcode", shortcode)
    parser.core.ruler.push("for_the_page", adapt)
    for name, rule in RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _unescape_code(state: StateCore) -> None:
    for token in _every(state.tokens):
        if token.type in ("code_inline", "fence"):
            token.content = unescape(token.content)


def _every(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or ())
