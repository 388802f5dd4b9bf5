"""A workspace installs the app, by the browser of its admin and Slack's page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.slack.installing.pages import PAGES
from entrypoints.playground.emulator.oauth import Team
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.entrypoints.office import Office
from tests.stand_ins import SOON

POCHI, TAMA = Team(TEAM, "ポチの家"), Team("T0TAMA", "たまの家")


@dataclass
class Admin:
    """Who installs the app, with a browser of their own."""

    bot: Office
    page: Page
    trouble: list[str] = field(default_factory=list)

    def begin(self) -> None:
        self.page.goto(f"{self.bot.url}/slack/install")
        expect(self.page.locator("h1")).to_contain_text("permission")

    def choose(self, team: Team, button: str) -> None:
        self.page.get_by_label("Workspace").select_option(team.name)
        self.page.get_by_role("button", name=button).click()

    def reads(self, sentences: tuple[str, str], workspace: str = "") -> None:
        heading, sentence = (each.format(workspace=workspace) for each in sentences)
        expect(self.page.locator("h1")).to_have_text(heading)
        expect(self.page.locator("main p").first).to_have_text(sentence)

    @property
    def installed(self) -> list[str | None]:
        return [each.team_name for each in self.bot.container.installations().all()]


@pytest.fixture
def admin(browser: Browser, office) -> Iterator[Callable[..., Admin]]:
    """``admin(**settings)`` has a bot that two workspaces may install. No page of the bot may have an error."""
    pages: list[Admin] = []

    def run(**settings: str) -> Admin:
        page = browser.new_context().new_page()
        page.set_default_timeout(SOON * 1000)
        there = Admin(office(teams=(POCHI, TAMA), **settings), page)
        page.on("console", lambda message: there.trouble.append(message.text))
        pages.append(there)
        return there

    yield run
    for each in pages:
        each.page.context.close()
        # Chromium writes a line for each page that is not well, and looks for an icon at the root.
        assert [line for line in each.trouble if "the server responded with a status of" not in line] == []


def test_an_admin_allows_the_app_and_it_is_installed(admin):
    on, pages = admin(), PAGES["ja"]
    on.begin()
    expect(on.page.locator("p").first).to_contain_text("app_mentions:read, ")
    on.choose(TAMA, "Allow")
    on.reads(pages.installed, "たまの家")
    assert on.installed == ["たまの家"]
    assert on.page.context.cookies() == []

    on.page.reload()
    on.reads(pages.stale)
    on.page.get_by_role("link", name=pages.again).click()
    on.choose(POCHI, "Allow")
    on.reads(pages.installed, "ポチの家")
    assert sorted(on.installed) == ["たまの家", "ポチの家"]


def test_an_admin_who_cancels_and_one_who_is_not_on_the_list_have_nothing_installed(admin):
    on, pages = admin(SLACK_TEAM_IDS=TEAM, BOT_LANGUAGE="en"), PAGES["en"]
    on.begin()
    on.choose(TAMA, "Cancel")
    on.reads(pages.cancelled)
    on.page.get_by_role("link", name=pages.again).click()
    on.choose(TAMA, "Allow")
    on.reads(pages.foreign, "たまの家")
    assert on.installed == []
