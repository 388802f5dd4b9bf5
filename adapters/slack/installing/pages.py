"""The pages that the person reads who installs the app: plain HTML without scripts, in the bot's language."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

STYLE = "main { max-width: 34rem; margin: 4rem auto; padding: 0 1rem; font: 1rem/1.7 system-ui, sans-serif }"
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS: Mapping[str, str] = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""No page loads anything, and none hands its own address on, which has Slack's code."""


@dataclass(frozen=True, slots=True)
class Page:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: str = ""


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The headings and sentences in one language. ``{workspace}`` and ``{bot}`` are filled in."""

    language: str
    installed: tuple[str, str]
    installed_in_grid: tuple[str, str]
    add_to_teams: str
    cancelled: tuple[str, str]
    stale: tuple[str, str]
    refused_code: tuple[str, str]
    foreign: tuple[str, str]
    misconfigured: tuple[str, str]
    away: tuple[str, str]
    again: str


ENGLISH_PAGES = PageTexts(
    language="en",
    installed=("Installed in {workspace}", "Mention the bot in a channel, and it answers in the thread."),
    installed_in_grid=(
        "Installed for {workspace}",
        "The app is in none of its workspaces yet. An admin of the organisation adds it to them.",
    ),
    add_to_teams="Add it to workspaces",
    cancelled=("Not installed", "The installation was cancelled in Slack. Nothing was changed."),
    stale=(
        "Not installed",
        "This installation did not begin in this browser within the last ten minutes, or it is over already.",
    ),
    refused_code=("Not installed", "Slack did not accept this installation. Its code may have been used already."),
    foreign=(
        "Not installed",
        "This bot serves certain workspaces only, and {workspace} is none of them. Ask the operator of the bot.",
    ),
    misconfigured=(
        "Not installed",
        "The bot is not set up correctly, so that Slack refused it. The operator finds the reason in the log.",
    ),
    away=("Not installed yet", "Something that the installation needs is out of reach. Try again in a few minutes."),
    again="Start again",
)

JAPANESE_PAGES = PageTexts(
    language="ja",
    installed=("{workspace} に追加しました", "チャンネルでボットをメンションすると、スレッドで答えます。"),
    installed_in_grid=(
        "{workspace} に追加しました",
        "まだどのワークスペースにも入っていません。組織の管理者が各ワークスペースに追加します。",
    ),
    add_to_teams="ワークスペースに追加する",
    cancelled=("追加していません", "Slack で追加が取り消されました。何も変わっていません。"),
    stale=(
        "追加していません",
        "この追加は、このブラウザで 10 分以内に始めたものではないか、すでに終わっています。",
    ),
    refused_code=("追加していません", "Slack がこの追加を受け付けませんでした。コードが使用済みかもしれません。"),
    foreign=(
        "追加していません",
        "このボットは決まったワークスペースだけで使えます。{workspace} は含まれていません。運用者に相談してください。",
    ),
    misconfigured=(
        "追加していません",
        "ボットの設定に誤りがあり、Slack に断られました。理由は運用者がログで確かめられます。",
    ),
    away=("まだ追加していません", "追加に必要なものに今は届きません。数分後にもう一度お試しください。"),
    again="はじめからやり直す",
)

PAGES: Mapping[str, PageTexts] = {"en": ENGLISH_PAGES, "ja": JAPANESE_PAGES}


def page(
    texts: PageTexts,
    status: int,
    sentences: tuple[str, str],
    *,
    workspace: str = "",
    link: tuple[str, str] | None = None,
    cookie: str = "",
) -> Page:
    """A page with a heading, a sentence and perhaps one link. Nothing in ``workspace`` is read as HTML."""
    heading, sentence = (escape(each.replace("{workspace}", workspace)) for each in sentences)
    anchor = f'<p><a href="{escape(link[1])}">{escape(link[0])}</a></p>\n' if link else ""
    body = (
        f'<!doctype html>\n<html lang="{texts.language}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{heading}</title>\n<style>{STYLE}</style>\n<main>\n<h1>{heading}</h1>\n<p>{sentence}</p>\n{anchor}</main>\n</html>\n"
    )
    return Page(status, {**HEADERS, **({"Set-Cookie": cookie} if cookie else {})}, body)
