"""Texts as HTML for the page: standard Markdown, or Slack's own mrkdwn.

Whatever a text says, it stays text: HTML in it is shown, only http and https links lead somewhere, and a picture is
a link, so that nothing is loaded from elsewhere. Any beginning of a text can be rendered, since answers are shown
while they are written.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from entrypoints.playground.emulator.workspace.model import Json
from entrypoints.playground.page.markdown_rules import bare_link, emphasis, shortcode, slack_emphasis, slack_token

KEPT = 1_000
"""So many rendered texts are kept, so that reading all posts anew does not render them anew."""

SHORT_CODE = 24
"""Characters of code that stay on one line."""

_MORE = "⋮"
"""Fonts put it low and leave wide gaps, so the page draws it."""

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
    parser.core.ruler.push("for_the_page", _adapt)
    for name in ("link_open", "text", "code_inline", "table_open", "table_close", "fence", "code_block"):
        parser.add_render_rule(name, globals()[f"_render_{name}"])
    return parser


def _unescape_code(state: StateCore) -> None:
    for token in _every(state.tokens):
        if token.type in ("code_inline", "fence"):
            token.content = unescape(token.content)


def _every(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or ())


def _adapt(state: StateCore) -> None:
    """Give tokens what the page's style sheet and its policy of content ask for."""
    for number, token in enumerate(state.tokens):
        if token.type in ("heading_open", "heading_close"):
            level = int(token.tag[1])
            token.tag = f"h{min(level + 2, 6)}"
            if token.nesting > 0:
                token.attrSet("class", f"level-{level}")
        elif token.type in ("th_open", "td_open"):
            _align(token)
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            token.attrs.pop("class", None)
        elif token.type == "list_item_open" and "checked" in token.meta:
            _label(token, state.tokens[number + 1 :])
        token.children = list(_without_pictures(token.children)) if token.children else token.children


def _align(token: Token) -> None:
    side = str(token.attrs.pop("style", "")).removeprefix("text-align:")  # the page's policy forbids styles in HTML
    if side in ("right", "center"):
        token.attrSet("class", side)
    if token.tag == "th":
        token.attrSet("scope", "col")


def _label(item: Token, following: Sequence[Token]) -> None:
    """Make the words of a task the name of its check box."""
    checked = " checked" if item.meta.pop("checked") else ""
    item.attrs["class"] = "task"
    words = next((token for token in following if token.type in ("inline", "list_item_close")), None)
    if words is not None and words.type == "inline":
        box = Token("html_inline", "", 0, content=f'<label><input type="checkbox" disabled{checked}> ')
        words.children = [box, *(words.children or ()), Token("html_inline", "", 0, content="</label>")]


def _without_pictures(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens with a link in each picture's place."""
    for token in tokens:
        if token.type != "image":
            yield token
            continue
        url = str(token.attrs["src"])
        yield Token("link_open", "a", 1, attrs={"href": url})
        yield Token("text", "", 0, content=token.content or url)
        yield Token("link_close", "a", -1)


def _render_link_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    tokens[at].attrs |= {"target": "_blank", "rel": "noopener noreferrer nofollow"}
    return self.renderToken(tokens, at, options, env)


def _render_text(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    glyph = f'<span class="glyph dots">{_MORE}</span>'
    return RendererHTML.text(self, tokens, at, options, env).replace(_MORE, glyph)


def _render_code_inline(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    if len(tokens[at].content) <= SHORT_CODE:
        tokens[at].attrSet("class", "short")
    return RendererHTML.code_inline(self, tokens, at, options, env)


def _render_table_open(*_: object) -> str:
    return '<div class="table" tabindex="0"><table>\n'


def _render_table_close(*_: object) -> str:
    return "</table></div>\n"


def _render_fence(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    html = RendererHTML.fence(self, tokens, at, options, env)
    return html.replace("<pre>", '<pre tabindex="0">', 1)  # a long line scrolls sideways, also from the keyboard


def _render_code_block(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return RendererHTML.code_block(self, tokens, at, options, env).replace("<pre>", '<pre tabindex="0">', 1)
