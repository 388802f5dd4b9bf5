"""The bot's own pages in Slack."""

import logging

import pytest
from slack_sdk.models.blocks import Block
from starlette.responses import JSONResponse

from adapters.slack.app_home import SlackAppHome, mrkdwn
from adapters.slack.client import web_client
from adapters.slack.texts import JAPANESE_LABELS
from domain.channels.channel_settings import ChannelSettings
from domain.conversations.place import Scope
from domain.errors import SlackRefused, SlackUnavailable
from domain.limits.allowance import Allowance
from domain.limits.owner_limits import Limit
from domain.requests import Tab, Visit
from domain.spending.ledger import Accounts, Owner, OwnerKind, Sum
from domain.spending.monthly_usage import MonthlyUsage
from domain.spending.usage import Usage
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.visiting import VisitorUsage
from entrypoints.playground.emulator.workspace.model import TEAM
from tests.adapters.slack.replies_harness import Slack, refusing
from tests.fakes import InMemoryConversations, InMemoryLedger, spending


def visit(slack: Slack, tab: Tab) -> Visit:
    place = slack.workspace.directory.channel(slack.question.person)
    return Visit(TEAM, place.id, "1.000001", slack.question.person, tab)


NOVEMBER, DAY = 1_795_800_000.0, 86_400
SAKURA = MonthlyUsage(1_795_800_000.0, Accounts(Sum(Usage(sent=700, turns=2))), Allowance(person=1_000))


class Settings:
    """The settings of some channels."""

    def __init__(self, **own: ChannelSettings) -> None:
        self.own = own
        self.asked: list[list[str]] = []

    def among(self, team: str, channels: list[str]) -> dict[str, ChannelSettings]:
        self.asked.append(channels)
        return {channel: each for channel, each in self.own.items() if channel in channels}


def pages(slack: Slack, language=JAPANESE, labels=JAPANESE_LABELS, settings=None) -> SlackAppHome:
    settings = settings or Settings()
    texts = {"language": language, "labels": labels}
    return SlackAppHome(slack.client, ttl_days=90.0, usage=lambda _: SAKURA, settings=settings, **texts)


def sections(slack: Slack) -> list[str]:
    return [each["text"]["text"] for each in slack.workspace.home.homes()[slack.question.person]]


def test_the_home_tab_shows_the_settings_of_its_persons_channels(slack: Slack):
    dev = "C0CHANNEL2"
    settings = Settings(**{
        dev: ChannelSettings("ポチ & <タマ>の話だけ", scope=Scope.CHANNEL),
        "D0DIRECT01": ChannelSettings(language="en"),
        "C0ELSEWHERE": ChannelSettings(model="gpt-5.4"),
    })  # fmt: skip
    pages(slack, settings=settings).show(visit(slack, Tab.HOME))
    heading, direct, channel = sections(slack)[-3:]
    assert heading == JAPANESE_LABELS.settings
    assert direct == "このダイレクトメッセージ: 言語: 英語"
    assert channel == f"<#{dev}>: 指示: ポチ &amp; &lt;タマ&gt;の話だけ · 記憶: チャンネル全体で一つ"
    (asked,) = settings.asked
    assert len(asked) == len(set(asked))


def test_where_no_channel_has_settings_the_home_tab_has_no_heading_for_them(slack: Slack):
    pages(slack).show(visit(slack, Tab.HOME))
    assert JAPANESE_LABELS.settings not in sections(slack)


def test_an_app_that_may_not_list_channels_shows_those_of_the_direct_messages(slack: Slack):
    slack.fail("users.conversations", JSONResponse({"ok": False, "error": "missing_scope"}))
    settings = Settings(C0CHANNEL2=ChannelSettings(language="en"), D0DIRECT01=ChannelSettings(language="en"))
    pages(slack, settings=settings).show(visit(slack, Tab.HOME))
    assert sections(slack)[-2:] == [JAPANESE_LABELS.settings, "このダイレクトメッセージ: 言語: 英語"]


def test_long_instructions_and_many_channels_leave_a_home_tab_that_slack_takes(slack: Slack, monkeypatch):
    monkeypatch.setattr("adapters.slack.app_home.CHANNELS_SHOWN", 2)
    own = {f"C0CHANNEL{n}": ChannelSettings("&" * 2_000) for n in range(1, 4)}
    pages(slack, settings=Settings(**own)).show(visit(slack, Tab.HOME))
    assert [len(each) for each in sections(slack)[-2:]] == [3_000, 3_000]
    assert JAPANESE_LABELS.settings in sections(slack)[-3]


@pytest.mark.parametrize("language", [JAPANESE, ENGLISH])
def test_the_home_tab_says_what_the_bot_can_do_and_how_long_it_remembers(slack: Slack, language):
    pages(slack, language).show(visit(slack, Tab.HOME))
    blocks = slack.workspace.home.homes()[slack.question.person]
    for block in blocks:
        Block.parse(block).validate_json()
    assert blocks[0]["type"] == "header"
    text = "\n".join(each["text"]["text"] for each in blocks[1:])
    for line in language.help.fill(days=90).splitlines():
        assert line.removeprefix("- ") in text
    assert all(each["text"]["verbatim"] for each in blocks[1:]), "nothing in it becomes a link or a mention"
    assert "\n- " not in text
    expected = f"{language.help.fill(days=90)}\n{SAKURA.of_person(language)}"
    assert text.count("• ") == sum(line.startswith("- ") for line in expected.splitlines()) > 0


@pytest.mark.parametrize(
    ("language", "shown"), [(JAPANESE, "上限 1,000 トークンのうち 700(70 %)"), (ENGLISH, "700 of 1,000")]
)
def test_the_home_tab_says_what_the_visitor_has_used_this_month(slack: Slack, language, shown):
    pages(slack, language).show(visit(slack, Tab.HOME))
    blocks = slack.workspace.home.homes()[slack.question.person]
    text = "\n".join(each["text"]["text"] for each in blocks[1:])
    assert shown in text
    assert "2026-12-01" in text


def test_of_a_visitor_their_own_sum_and_limit_are_looked_up(clock):
    clock.now = NOVEMBER
    store = InMemoryConversations(clock)
    store.charges += [spending(700, NOVEMBER), spending(9, NOVEMBER, person="UKEN"), spending(9, NOVEMBER - 31 * DAY)]
    store.limits.set_limit(Owner("T1", OwnerKind.PERSON, "USAKURA"), Limit(budget=1_000))
    usage = VisitorUsage(ledger=InMemoryLedger(store), limits=store.limits, allowance=Allowance(person=5), clock=clock)
    assert "700 of 1,000" in usage(Visit("T1", "D1", "1.000001", "USAKURA", Tab.HOME)).of_person(ENGLISH)
    assert "9 of 5 " in usage(Visit("T1", "D1", "1.000001", "UKEN", Tab.HOME)).of_person(ENGLISH)


def test_prompts_are_suggested_where_people_write_to_the_bot(slack: Slack):
    opened = visit(slack, Tab.MESSAGES)
    pages(slack).show(opened)
    shown = slack.workspace.home.prompts()[opened.channel]["prompts"]
    assert [(each["title"], each["message"]) for each in shown] == list(JAPANESE_LABELS.suggestions)
    assert "thread_ts" not in slack.arguments("assistant.threads.setSuggestedPrompts")[0]


def test_a_page_can_be_filled_again_and_again(slack: Slack):
    for tab in (Tab.HOME, Tab.MESSAGES, Tab.HOME, Tab.MESSAGES):
        pages(slack).show(visit(slack, tab))
    assert len(slack.workspace.home.homes()) == len(slack.workspace.home.prompts()) == 1


@pytest.mark.parametrize("tab", Tab)
@pytest.mark.parametrize("code", ["not_agent_app", "unknown_method", "not_enabled", "missing_scope"])
def test_an_app_without_such_a_page_is_none_the_worse_for_it(slack: Slack, monkeypatch, caplog, tab, code):
    for method in ("publish", "suggest"):
        monkeypatch.setattr(slack.workspace.home, method, refusing(code))
    with caplog.at_level(logging.WARNING):
        pages(slack).show(visit(slack, tab))
    assert code in caplog.text


@pytest.mark.parametrize("tab", Tab)
def test_an_outage_and_a_wrong_token_are_not_taken_for_that(slack: Slack, monkeypatch, tab):
    wrong = SlackAppHome(
        web_client("xoxb-stolen", slack.url),
        language=JAPANESE,
        labels=JAPANESE_LABELS,
        ttl_days=90,
        usage=lambda _: SAKURA,
        settings=Settings(),
    )
    with pytest.raises(SlackRefused, match="invalid_auth"):
        wrong.show(visit(slack, tab))
    for method in ("publish", "suggest"):
        monkeypatch.setattr(slack.workspace.home, method, refusing("internal_error"))
    with pytest.raises(SlackUnavailable, match="internal_error"):
        pages(slack).show(visit(slack, tab))


@pytest.mark.parametrize("tab", Tab)
def test_a_rate_limit_is_for_the_queue_to_wait_out(serve, clock, waits, tab):
    rates = {"views.publish": 1, "assistant.threads.setSuggestedPrompts": 1}
    slack = Slack(serve, clock, rates=rates)
    pages(slack).show(visit(slack, tab))
    with pytest.raises(SlackUnavailable, match="ratelimited"):
        pages(slack).show(visit(slack, tab))


def test_markdown_becomes_slacks_older_dialect():
    assert mrkdwn("**犬**と `猫` < 鳥\n- 一つ\n- 二つ - 三つ") == "*犬*と `猫` &lt; 鳥\n• 一つ\n• 二つ - 三つ"
