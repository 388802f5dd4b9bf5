"""A workspace installs the app, by the browser of its admin and Slack's page."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from adapters.slack.installing.pages import PAGES
from entrypoints.playground.emulator.oauth import Team
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM, Post
from entrypoints.playground.emulator.workspace.workspace import Workspace
from tests.entrypoints.office import Office
from tests.stand_ins import SOON

POCHI, TAMA = Team(TEAM, "ポチの家"), Team("T0TAMA", "たまの家")


@dataclass
class Admin:
    """Who installs the app, with a browser of their own."""

    bot: Office
    page: Page
    tama: Workspace
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

    def answers(self) -> list[Post]:
        """The bot's finished posts in たま's workspace."""
        posts = self.tama.messages.posts()
        own = (each for each in posts if each.user == BOT_USER and each.text not in ("", "…"))
        return [each for each in own if not self.tama.messages.is_live(each)]

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
        tama = Workspace("ja")
        there = Admin(office(teams=(POCHI, TAMA), workspaces={TAMA.id: tama}, **settings), page, tama)
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


def test_a_workspace_that_has_installed_the_app_is_answered_with_its_own_token(admin, caplog):
    on = admin()
    on.begin()
    on.choose(TAMA, "Allow")
    on.reads(PAGES["ja"].installed, "たまの家")
    person, channel = on.tama.directory.people[0].id, on.tama.directory.channels[0].id
    on.tama.say(person, channel, "@bot ポチは元気?")
    said = [post.text for post in on.bot.wait_for(on.answers)]
    assert said == ["ポチは元気ですよ"]
    assert list(on.bot.workspace.messages.posts()) == []
    (token,) = on.bot.oauth.tokens(TAMA)
    written = b"".join(each.read_bytes() for each in on.bot.settings.database_path.parent.iterdir() if each.is_file())
    assert "たまの家".encode() in written
    assert token.encode() not in written
    assert token not in caplog.text


def test_an_admin_who_cancels_and_one_who_is_not_on_the_list_have_nothing_installed(admin):
    on, pages = admin(SLACK_TEAM_IDS=TEAM, BOT_LANGUAGE="en"), PAGES["en"]
    on.begin()
    on.choose(TAMA, "Cancel")
    on.reads(pages.cancelled)
    on.page.get_by_role("link", name=pages.again).click()
    on.choose(TAMA, "Allow")
    on.reads(pages.foreign, "たまの家")
    assert on.installed == []
