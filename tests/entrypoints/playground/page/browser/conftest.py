"""The page in a real browser, with the test in the bot's place: it takes the event and answers through slack_sdk."""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from domain.requests import Question
from tests.stand_ins import SOON

expect.set_options(timeout=SOON * 1000)

# The first is Chromium without pages and windows of its own, which takes half the time.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, CHROMIUMS)), None)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Requests cost less when no other process makes them. The second is the driver's own, which this switch replaces.
    "--enable-features=NetworkServiceInProcess2,CDPScreenshotNewSurface",
)
FEEDBACK = (
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": {"type": "plain_text", "text": "よい"}, "value": "good"},
                "negative_button": {"text": {"type": "plain_text", "text": "よくない"}, "value": "bad"},
            }
        ],
    },
)
"""The blocks under an answer."""

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 720}

CONTRASTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data] };
    const behind = (node) => { for (; node; node = node.parentElement) {
        const colour = rgba(getComputedStyle(node).backgroundColor); if (colour[3] === 255) return colour }
        return [255, 255, 255] };
    const light = ([...rgb]) => { const [r, g, b] = rgb.slice(0, 3).map((part) => part / 255)
        .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b };
    const found = [];
    for (const node of document.querySelectorAll("body *")) {
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        const seen = node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        if (!own || !seen || node.closest(".sr, .skip")) continue;
        const [a, b] = [light(rgba(getComputedStyle(node).color)), light(behind(node))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) found.push(`${node.className || node.tagName} ${ratio.toFixed(2)}: ${node.textContent}`);
    }
    return found;
}"""


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chromium, as a program that cannot follow the machine's network interfaces: see ``unnotified.py``."""
    if CHROMIUM is None:
        reason = "no Chromium on this machine: the page is not tested in a browser"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    program = tmp_path_factory.mktemp("unnotified") / Path(CHROMIUM).name
    # -I and -S: nothing is to be measured or imported before Chromium runs.
    command = shlex.join([sys.executable, "-I", "-S", str(Path(__file__).parent / "unnotified.py"), CHROMIUM])
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    program.chmod(0o700)
    return program


class Running:
    """The Chromium of this process, from the first test that asks for it to the last one in this folder."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._browser: Browser | None = None

    def browser(self, program: Path) -> Browser:
        if self._browser is None:
            chromium = self._open.enter_context(sync_playwright()).chromium
            self._browser = self._open.enter_context(chromium.launch(executable_path=program, args=FLAGS))
        return self._browser

    def end(self) -> None:
        self._browser = None
        self._open.close()


RUNNING = Running()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Ends Chromium after the last test of this folder: its driver leaves no other test an event loop of its own."""
    if nextitem is None or nextitem.path.parent != Path(__file__).parent:
        RUNNING.end()


@pytest.fixture
def browser(chromium: Path) -> Browser:
    """One for all tests, each of which opens a context of its own."""
    return RUNNING.browser(chromium)


@dataclass
class Scene:
    """A reader's page, and everything that the bot's side can do."""

    page: Page
    running: Any

    def event(self, kind: str, **values: str) -> dict[str, Any]:
        """The next event of this type, with these values, that the bot gets; others are passed over."""
        while True:
            event: dict[str, Any] = self.running.listener.next().payload.get("event", {})
            if event.get("type") == kind and all(event.get(name) == value for name, value in values.items()):
                return event

    def interaction(self) -> dict[str, Any]:
        """The next command, shortcut or click that the bot gets; events are passed over."""
        while "event" in (payload := self.running.listener.next().payload):
            pass
        return dict(payload)

    def asked(self) -> Question:
        """The question that the page's reader has just put, as the bot gets it."""
        event = {"bot_id": ""}
        while "bot_id" in event or event.get("subtype") in ("message_changed", "message_deleted"):
            event = self.event("message")
        return Question(
            event["team"], event["channel"], event["ts"], event["user"], event["text"], event.get("thread_ts", "")
        )

    def begin(self, question: Question) -> str:
        thread = question.thread or question.ts
        ts = self.running.client.chat_startStream(
            channel=question.channel,
            thread_ts=thread,
            recipient_user_id=question.person,
            recipient_team_id=question.team,
        )["ts"]
        assert isinstance(ts, str)
        return ts

    def write(self, question: Question, ts: str, words: str) -> None:
        self.running.client.chat_appendStream(channel=question.channel, ts=ts, markdown_text=words)

    def end(self, question: Question, ts: str, blocks: Sequence[Any] = ()) -> None:
        self.running.client.chat_stopStream(channel=question.channel, ts=ts, blocks=blocks or None)

    def answer(self, question: Question, text: str, blocks: Sequence[Any] = ()) -> None:
        ts = self.begin(question)
        self.write(question, ts, text)
        self.end(question, ts, blocks)

    def say(self, text: str) -> Question:
        self.page.locator("#composer-text").fill(text)
        self.page.keyboard.press("Enter")
        return self.asked()

    def open_thread(self) -> None:
        """Shows the thread of the only question: on a narrow screen by a click, elsewhere it opens by itself."""
        if self.is_narrow:
            self.page.locator("#posts .replies").click()
        expect(self.thread).to_be_visible()

    def becomes(self, expected: object, read: Callable[[], Any]) -> None:
        """Asserts that what ``read`` returns is, or becomes, as expected: a page needs a moment for what it shows.

        For what ``expect`` of playwright cannot see, such as sizes.
        """
        until = time.monotonic() + SOON
        while (value := read()) != expected and time.monotonic() < until:
            self.page.wait_for_timeout(20)
        assert value == expected

    @property
    def is_narrow(self) -> bool:
        """Does the page show one part at a time, as on a phone?"""
        return (self.page.viewport_size or DESKTOP)["width"] < 760

    @property
    def thread(self) -> Any:
        return self.page.locator("#thread")

    @property
    def memory(self) -> Any:
        return self.page.locator("#memory-body")


@pytest.fixture
def scene(browser: Browser, run_playground: Callable[..., Any]) -> Iterator[Callable[..., Scene]]:
    """``scene(viewport=…, dark=…, …)`` opens the page. At the end, nothing may have failed or left the origin.

    ``forgiven=`` is a part of the console's lines that the test provokes.
    """
    opened: list[tuple[Page, str, list[str]]] = []

    def run(
        *,
        viewport: dict[str, int] = DESKTOP,
        dark: bool = False,
        touch: bool = False,
        forgiven: str = "",
        **options: Any,
    ) -> Scene:
        running = run_playground(**options)
        context = browser.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            has_touch=touch or viewport == PHONE,
            locale="ja",
        )
        page = context.new_page()
        page.set_default_timeout(SOON * 1000)
        trouble: list[str] = []

        def note_request(request: Request) -> None:
            if not request.url.startswith(f"{running.url}/"):
                trouble.append(f"asked for {request.url}")

        page.on("request", note_request)
        page.on("console", lambda message: message.type in ("error", "warning") and trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("dialog", lambda dialog: trouble.append(f"a dialog: {dialog.message}"))
        opened.append((page, forgiven, trouble))
        page.goto(running.url)
        expect(page.locator(".room[aria-current]")).to_be_attached()
        return Scene(page, running)

    yield run
    for page, forgiven, trouble in opened:
        page.context.close()
        assert [each for each in trouble if not forgiven or forgiven not in each] == []
