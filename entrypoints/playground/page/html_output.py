"""The HTML of parsed Markdown as the page's style sheet, its policy of content and its readers' keyboards need it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

SHORT_CODE = 24
"""Characters of code that stay on one line."""

_MORE = "⋮"
"""Fonts put it low and leave wide gaps, so the page draws it."""


def adapt(state: StateCore) -> None:
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


def _link_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    tokens[at].attrs |= {"target": "_blank", "rel": "noopener noreferrer nofollow"}
    return self.renderToken(tokens, at, options, env)


def _text(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    glyph = f'<span class="glyph dots">{_MORE}</span>'
    return RendererHTML.text(self, tokens, at, options, env).replace(_MORE, glyph)


def _code_inline(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    if len(tokens[at].content) <= SHORT_CODE:
        tokens[at].attrSet("class", "short")
    return RendererHTML.code_inline(self, tokens, at, options, env)


def _table_open(*_: object) -> str:
    return '<div class="table" tabindex="0"><table>\n'


def _table_close(*_: object) -> str:
    return "</table></div>\n"


def _fence(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    html = RendererHTML.fence(self, tokens, at, options, env)
    return html.replace("<pre>", '<pre tabindex="0">', 1)  # a long line scrolls sideways, also from the keyboard


def _code_block(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return RendererHTML.code_block(self, tokens, at, options, env).replace("<pre>", '<pre tabindex="0">', 1)


RULES: Mapping[str, Callable[..., str]] = {
    "code_block": _code_block,
    "code_inline": _code_inline,
    "fence": _fence,
    "link_open": _link_open,
    "table_close": _table_close,
    "table_open": _table_open,
    "text": _text,
}
"""How tokens of these types become HTML."""
