"""Makes the README's pictures: in each language, the story of Pochi in the playground, with the memory beside it.

    make pictures

Starts the bot as people start it, with the stand-in for a model and a memory that condenses after four turns, clicks
through the story in Chromium, and writes ``docs/pictures/en.gif``, ``en.png``, ``ja.gif`` and ``ja.png``.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from bench.ports import free_port

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/pictures"
MEMORY = {"MEMORY_TOKEN_LIMIT": "230", "MEMORY_KEEP_TOKENS": "120"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
VIEWPORT = {"width": 1280, "height": 720}
COLOURS = 128
START_SECONDS = 30
TURNS = 5
"""Lines of the story, as the page suggests them."""

BRIEF, LONG, LAST = 300, 1_800, 5_000
"""Milliseconds for which a frame is shown."""


class Film:
    """Frames of a page, each with the milliseconds for which it is shown."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[tuple[Image.Image, int]] = []

    def take(self, milliseconds: int) -> None:
        self._frames.append((Image.open(BytesIO(self._page.screenshot())).convert("RGB"), milliseconds))

    def save(self, name: str) -> list[Path]:
        """Write the frames as an animation, and the last of them as a picture."""
        begun, last = self._frames[0][0], self._frames[-1][0]
        both = Image.new("RGB", (last.width, 2 * last.height))
        both.paste(begun, (0, 0))
        both.paste(last, (0, last.height))
        palette = both.quantize(COLOURS)
        first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame, _ in self._frames]
        written = [PICTURES / f"{name}.gif", PICTURES / f"{name}.png"]
        durations = [milliseconds for _, milliseconds in self._frames]
        first.save(written[0], save_all=True, append_images=others, duration=durations, loop=0, optimize=True)
        last.quantize(COLOURS).save(written[1], optimize=True)
        return written


def main() -> int:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        print("Chromium is needed to take pictures; on Debian and Ubuntu install chromium.", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=FLAGS)
        for language in ("en", "ja"):
            with playground(language) as url:
                page = chromium.new_page(viewport=VIEWPORT, locale=language, reduced_motion="reduce")
                page.goto(url)
                for path in filmed(page).save(language):
                    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:,.0f} kB")
        chromium.close()
    return 0


@contextmanager
def playground(language: str) -> Iterator[str]:
    """The bot with a memory of its own; gives the address of its page."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        own = {
            "BOT_LANGUAGE": language,
            "PORT": str(port),
            "DATABASE_PATH": f"{folder}/bot.sqlite",
            "LOG_LEVEL": "ERROR",
        }
        environment = {"PATH": os.environ["PATH"], **MEMORY, **own}
        bot = subprocess.Popen([sys.executable, "-m", "entrypoints.local"], env=environment, cwd=ROOT)
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            bot.terminate()
            bot.wait()


def wait_for(port: int) -> None:
    """Raises ``OSError`` where nobody listens in time."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def filmed(page: Page) -> Film:
    """The story, told and asked about: the first line in the channel, the others in the thread that opens."""
    film = Film(page)
    example = page.locator(".invitation .example").first
    expect(example).to_be_visible()
    film.take(LONG)
    line = example.inner_text()
    for end in (len(line) // 3, 2 * len(line) // 3, len(line)):
        page.locator("#composer-text").fill(line[:end])
        film.take(BRIEF)
    page.keyboard.press("Enter")
    for turn in range(1, TURNS + 1):
        answer(page, film, turn)
        suggestion = page.locator("#thread .suggestions .example").first
        if turn < TURNS:
            suggestion.click()
    page.mouse.move(1, 1)
    expect(page.locator("#memory .condensations li").first).to_be_visible()
    film.take(LAST)
    return film


def answer(page: Page, film: Film, turn: int) -> None:
    """Film an answer while it is written and when it is whole."""
    thumbs = page.locator("#thread .thumbs")
    page.mouse.move(1, 1)
    while thumbs.count() < turn:
        film.take(BRIEF)
    film.take(LONG)


if __name__ == "__main__":
    sys.exit(main())
