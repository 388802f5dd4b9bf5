"""Texts as the page shows them: Markdown, Slack's own mrkdwn, and nothing that leads out of the page."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.playground.page.rendering import Rendering
from tests.entrypoints.playground.page.samples import ANSWER, SCRIPTS

NAMES = {"U0BOT00001": "bot", "U0PERSON02": "さくら & 妹"}
LINK = 'target="_blank" rel="noopener noreferrer nofollow"'


@pytest.fixture(scope="module")
def rendering() -> Rendering:
    return Rendering(lambda user: NAMES.get(user, user))


def html(rendering: Rendering, text: str, *, markdown: bool = True) -> str:
    """What the page shows, without the line breaks that only the HTML's reader sees."""
    return re.sub(r"(>)\n+(?=<|$)|(<br>)\n", r"\1\2", rendering.html(text, markdown=markdown))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**太字**です", "<p><strong>太字</strong>です</p>"),
        ("**「太字」**です", "<p><strong>「太字」</strong>です</p>"),
        ("犬の**名前(なまえ)**はポチ", "<p>犬の<strong>名前(なまえ)</strong>はポチ</p>"),
        ("***両方***", "<p><em><strong>両方</strong></em></p>"),
        ("a **b *c* d** e", "<p>a <strong>b <em>c</em> d</strong> e</p>"),
        ("snake_case_name と 2*3*4", "<p>snake_case_name と 2<em>3</em>4</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("**開いたまま", "<p>**開いたまま</p>"),
        ("~~雨~~", "<p><s>雨</s></p>"),
        ("`a ** b` ``c ` d``", '<p><code class="short">a ** b</code> <code class="short">c ` d</code></p>'),
        (f"`{'a' * 25}`", f"<p><code>{'a' * 25}</code></p>"),
        ("the ⋮ menu", '<p>the <span class="glyph dots">⋮</span> menu</p>'),
        (r"\*星\* \# 1", "<p>*星* # 1</p>"),
        ("一行目\n二行目\n\n次", "<p>一行目<br>二行目</p><p>次</p>"),
        ("# 大\n###### 小", '<h3 class="level-1">大</h3><h6 class="level-6">小</h6>'),
        ("3. 三\n4. 四", '<ol start="3"><li>三</li><li>四</li></ol>'),
        ("- a\n\n- b", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"),
        ("> a\n> > b", "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>"),
        ("---", "<hr>"),
        ("~~~\n```\n~~~", '<pre tabindex="0"><code>```\n</code></pre>'),
        ("```\nまだ途中", '<pre tabindex="0"><code>まだ途中</code></pre>'),
        ("    まだ途中", '<pre tabindex="0"><code>まだ途中\n</code></pre>'),
        ("| a |", "<p>| a |</p>"),
        ("&lt;b&gt; &amp;amp;", "<p>&lt;b&gt; &amp;amp;</p>"),
        ("<!channel> <#C1|総務>", '<p><span class="mention">@channel</span> <span class="mention">#総務</span></p>'),
        ("<@U0PERSON02> へ", '<p><span class="mention">@さくら &amp; 妹</span> へ</p>'),
        ("1 < 2 > 0", "<p>1 &lt; 2 &gt; 0</p>"),
        ("ポチ :dog: :+1: 10:30:40 :ポチ: :nothing:", "<p>ポチ 🐶 👍 10:30:40 :ポチ: :nothing:</p>"),
        ("`:dog:`", '<p><code class="short">:dog:</code></p>'),
    ],
)
def test_markdown_means_what_people_expect(rendering, text, expected):
    assert html(rendering, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "*太字* _斜体_ ~消し~ `a`",
            '<p><strong>太字</strong> <em>斜体</em> <s>消し</s> <code class="short">a</code></p>',
        ),
        ("*ポチ*は犬", "<p><strong>ポチ</strong>は犬</p>"),
        ("*ポチ _は_ 犬* です", "<p><strong>ポチ <em>は</em> 犬</strong> です</p>"),
        ("a*b*c 2 * 3 * 4 *`*`*", '<p>a*b*c 2 * 3 * 4 <strong><code class="short">*</code></strong></p>'),
        ("# 見出しではない", "<p># 見出しではない</p>"),
        ("&gt; 引用\n&gt; 続き", "<blockquote><p>引用<br>続き</p></blockquote>"),
        ("`&lt;b&gt;`", '<p><code class="short">&lt;b&gt;</code></p>'),
        ("```\n&gt; &lt;b&gt;\n```", '<pre tabindex="0"><code>&gt; &lt;b&gt;\n</code></pre>'),
        ("**二つ**", "<p>**二つ**</p>"),
        (":dog: 10:30:40", "<p>🐶 10:30:40</p>"),
    ],
)
def test_mrkdwn_means_what_slack_makes_of_it(rendering, text, expected):
    assert html(rendering, text, markdown=False) == expected


@pytest.mark.parametrize(
    ("text", "url", "label"),
    [
        ("[市のページ](https://example.com/fukuoka)", "https://example.com/fukuoka", "市のページ"),
        ("https://example.com/a?b=1&c=2 へ", "https://example.com/a?b=1&amp;c=2", "https://example.com/a?b=1&amp;c=2"),
        ("(https://example.com/a)。", "https://example.com/a", "https://example.com/a"),
        ("「https://example.com/a」です", "https://example.com/a", "https://example.com/a"),
        ("[**ポチ** :dog:](https://example.com/a)", "https://example.com/a", "<strong>ポチ</strong> 🐶"),
        (
            "[<@U0BOT00001> から](https://example.com/a)",
            "https://example.com/a",
            '<span class="mention">@bot</span> から',
        ),
        ("<https://example.com/a|ポチ>", "https://example.com/a", "ポチ"),
        ("<https://example.com/a>", "https://example.com/a", "https://example.com/a"),
        ("![ポチ](https://example.com/pochi.png)", "https://example.com/pochi.png", "ポチ"),
        ("![](https://example.com/pochi.png)", "https://example.com/pochi.png", "https://example.com/pochi.png"),
    ],
)
def test_links_lead_to_the_web_in_a_tab_of_their_own(rendering, text, url, label):
    assert f'<a href="{url}" {LINK}>{label}</a>' in rendering.html(text, markdown=True)


@pytest.mark.parametrize(
    "text", ["[a](javascript:b)", "<javascript:b>", "[a](/b)", "[a](mailto:b@c.example)", "www.a.example"]
)
def test_nothing_else_is_a_link(rendering, text):
    assert "<a" not in rendering.html(text, markdown=True)


def test_the_words_of_a_task_name_its_check_box(rendering):
    assert html(rendering, "- [x] **宿**\n- [ ] 切符") == (
        '<ul><li class="task"><label><input type="checkbox" disabled checked> <strong>宿</strong></label></li>'
        '<li class="task"><label><input type="checkbox" disabled> 切符</label></li></ul>'
    )


def test_a_table_can_be_scrolled_and_aligns_its_columns(rendering):
    assert html(rendering, "| 店 | 値 |\n|---|--:|\n| 一番 | 9 |") == (
        '<div class="table" tabindex="0"><table><thead><tr><th scope="col">店</th>'
        '<th class="right" scope="col">値</th></tr></thead><tbody><tr><td>一番</td><td class="right">9</td></tr>'
        "</tbody></table></div>"
    )


def test_every_beginning_of_an_answer_can_be_shown(rendering):
    assert all(rendering.html(ANSWER[:end], markdown=True) for end in range(1, len(ANSWER)))


@pytest.mark.slow
@pytest.mark.parametrize("markdown", [True, False])
@pytest.mark.parametrize(
    "piece",
    [
        "*",
        "_",
        "`",
        "[",
        "](",
        "*a ",
        "**a*",
        "> ",
        "- ",
        "|",
        "\\",
        "<",
        "~~~\n",
        "1. ",
        "![",
        ":",
        ":a",
        "*`",
        "https:",
    ],
)
def test_text_made_to_be_slow_is_shown_all_the_same(rendering, piece, markdown):
    assert rendering.html((piece * 12_000)[:12_000], markdown=markdown)


def test_blocks_have_their_mrkdwn_rendered_and_nothing_else(rendering):
    plain = {"type": "plain_text", "text": "*そのまま*"}
    mrkdwn = {"type": "mrkdwn", "text": "*ポチ*"}
    shown = rendering.blocks([{"type": "section", "text": plain, "fields": [mrkdwn]}, {"type": "divider"}])

    assert shown == [
        {"type": "section", "text": plain, "fields": [mrkdwn | {"html": "<p><strong>ポチ</strong></p>\n"}]},
        {"type": "divider"},
    ]


ELEMENTS = re.compile(
    "a|blockquote|br|code|div|em|h[3-6]|hr|input|label|li|ol|p|pre|s|span|strong|table|tbody|td|th|thead|tr|ul"
)
ATTRIBUTES = re.compile("checked|class|disabled|href|rel|scope|start|tabindex|target|type")


class Forbidden(HTMLParser):
    """Reads HTML and collects the elements, attributes and links that no text may bring along."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not ELEMENTS.fullmatch(tag):
            self.found.append(tag)
        self.found += [name for name, _ in attrs if not ATTRIBUTES.fullmatch(name)]
        self.found += [link for name, link in attrs if name == "href" and not re.match(r"https?://", link or "")]


@pytest.mark.parametrize("markdown", [True, False])
@pytest.mark.parametrize("text", SCRIPTS)
def test_what_people_and_the_bot_write_stays_text(rendering, text, markdown):
    assert Forbidden(rendering.html(text, markdown=markdown)).found == []


SPECIAL = st.sampled_from(
    [*SCRIPTS, *"<>&\"'`*_~[](){}!|\\:#@-+\n \t", "&lt;", "https://a.example", "javascript:", "ポチ"]
)


@given(st.lists(SPECIAL, max_size=40).map("".join), st.booleans())
def test_no_text_adds_an_element_that_the_page_does_not_know(text, markdown):
    assert Forbidden(Rendering(lambda user: user).html(text, markdown=markdown)).found == []
