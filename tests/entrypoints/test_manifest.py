"""The manifest of the Slack app: within Slack's bounds, no wider than its features, and the same by Terraform."""

import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from adapters.slack.texts import LABELS
from domain.commands.command_words import Command, command_in
from entrypoints import manifest
from entrypoints.configuration.settings import Settings
from entrypoints.manifest import manifest_for
from entrypoints.operator import app_manifest
from entrypoints.operator.command_line import main

ROOT = Path(__file__).parents[2]
URL = "https://bot.test/events"
REDIRECT_URL = "https://bot.test/slack/oauth_redirect"
SWITCHES = [
    {
        "language": language,
        "agent_view": agent_view,
        "reply_username": reply_username,
        "events_url": events_url,
        "redirect_url": REDIRECT_URL if agent_view == reply_username else "",
    }
    for language, agent_view, reply_username, events_url in itertools.product(
        ("ja", "en"), (True, False), (True, False), (URL, "")
    )
]

TEXT_BOUNDS = {
    "display_information.name": 35,
    # Slack documents 140 and refuses it.
    "display_information.description": 139,
    "features.bot_user.display_name": 80,
    "features.agent_view.agent_description": 300,
    "features.slash_commands.command": 32,
    "features.slash_commands.description": 2000,
    "features.slash_commands.usage_hint": 1000,
    "features.shortcuts.name": 24,
    "features.shortcuts.callback_id": 255,
    "features.shortcuts.description": 150,
    "oauth_config.scopes.bot": 50,
    "oauth_config.redirect_urls": 2000,
    "settings.event_subscriptions.bot_events": 50,
}
"""The longest texts that Slack takes. It documents characters and was seen to count the bytes of UTF-8."""

ITEM_BOUNDS = {"features.agent_view.suggested_prompts": 4, "features.slash_commands": 50, "features.shortcuts": 10}

FIELDS = TEXT_BOUNDS.keys() | {
    "features.bot_user.always_online",
    "features.app_home.home_tab_enabled",
    "features.app_home.messages_tab_enabled",
    "features.app_home.messages_tab_read_only_enabled",
    "features.agent_view.suggested_prompts.title",
    "features.agent_view.suggested_prompts.message",
    "features.slash_commands.should_escape",
    "features.slash_commands.url",
    "features.shortcuts.type",
    "settings.event_subscriptions.request_url",
    "settings.interactivity.is_enabled",
    "settings.interactivity.request_url",
    "settings.org_deploy_enabled",
    "settings.socket_mode_enabled",
    "settings.token_rotation_enabled",
}
"""Of the fields that Slack knows, those that are in use. It refuses a manifest with any that it does not know."""

every_app = pytest.mark.parametrize("switches", SWITCHES, ids=lambda switches: "-".join(map(str, switches.values())))


def leaves(value: object, path: str = "") -> list[tuple[str, object]]:
    """Every text, number and switch with the names that lead to it."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, f"{path}.{name}".lstrip("."))]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, path)]
    return [(path, value)]


def scopes(**switches: object) -> list[str]:
    defaults = {"language": "ja", "agent_view": False, "reply_username": False}
    return list(manifest_for(**defaults | switches)["oauth_config"]["scopes"]["bot"])


@every_app
def test_slack_knows_every_field_and_takes_every_text(switches):
    app = manifest_for(**switches)
    for path, value in leaves(app):
        assert path in FIELDS
        if path in TEXT_BOUNDS:
            assert 0 < len(str(value).encode()) <= TEXT_BOUNDS[path], value
    for path, bound in ITEM_BOUNDS.items():
        *parents, name = path.split(".")
        holder = app
        for parent in parents:
            holder = holder.get(parent, {})
        assert len(holder.get(name, [])) <= bound


def test_the_smallest_app_has_the_scopes_that_always_on_features_need_and_no_others():
    assert scopes(events_url=URL) == [
        "app_mentions:read",
        "channels:history",
        "groups:history",
        "im:history",
        "mpim:history",
        "chat:write",
        "users:read",
        "files:read",
        "commands",
        "files:write",
        "im:write",
    ]


@pytest.mark.parametrize(
    ("switch", "scope"), [("agent_view", "assistant:write"), ("reply_username", "chat:write.customize")]
)
def test_a_feature_that_is_switched_on_adds_its_scope_alone(switch, scope):
    assert set(scopes(**{switch: True})) - set(scopes()) == {scope}


def test_an_app_that_connects_by_socket_mode_may_list_its_channels_to_catch_up_after_a_gap():
    listing = {"channels:read", "groups:read", "im:read", "mpim:read"}
    assert set(scopes()) - set(scopes(events_url=URL)) == listing


def test_an_app_that_is_no_agent_has_neither_its_view_nor_its_stop_button():
    agent, ordinary = (
        manifest_for(language="en", agent_view=agent_view, reply_username=False) for agent_view in (True, False)
    )
    assert "agent_session_stopped" in agent["settings"]["event_subscriptions"]["bot_events"]
    assert agent["features"]["agent_view"]["suggested_prompts"]
    assert "agent" not in json.dumps(ordinary)


def test_slack_is_told_one_address_for_events_clicks_and_commands():
    app = manifest_for(language="ja", agent_view=True, reply_username=False, events_url=URL)
    assert app["settings"]["event_subscriptions"]["request_url"] == URL
    assert app["settings"]["interactivity"] == {"is_enabled": True, "request_url": URL}
    assert [command["url"] for command in app["features"]["slash_commands"]] == [URL]
    assert app["settings"]["socket_mode_enabled"] is False


def test_without_an_address_the_app_uses_socket_mode():
    app = manifest_for(language="ja", agent_view=True, reply_username=False)
    assert app["settings"]["socket_mode_enabled"] is True
    assert not [path for path, _ in leaves(app) if path.endswith("url")]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_slack_offers_is_what_the_bot_obeys(language):
    features = manifest_for(language=language, agent_view=True, reply_username=False)["features"]
    obeyed = {command.value for command in Command}
    assert {shortcut["callback_id"] for shortcut in features["shortcuts"]} <= obeyed
    (command,) = features["slash_commands"]
    assert all(command_in(each) for each in command["usage_hint"].split(" | "))
    first, *_ = features["agent_view"]["suggested_prompts"]
    assert command_in(first["message"]) is Command.HELP


def test_every_text_is_said_in_the_language_that_is_asked_for():
    japanese, english = (
        dict(leaves(manifest_for(language=language, agent_view=True, reply_username=False)))
        for language in ("ja", "en")
    )
    said = {path for path, text in japanese.items() if re.search("[ぁ-ん]", str(text))}
    assert len(said) == 7
    assert not [path for path in said if not str(english[path]).isascii()]


@every_app
def test_json_and_link_say_the_same(switches):
    app = manifest_for(**switches)
    link = manifest.install_link(app)
    assert json.loads(manifest.as_json(app)) == app
    assert json.loads(parse_qs(urlsplit(link).query)["manifest_json"][0]) == app
    assert re.fullmatch(r"https://api\.slack\.com/apps\?new_app=1&manifest_json=[\w.~%-]+", link, re.ASCII)
    assert len(link) < 8000, "common servers refuse a longer line"


# --- Terraform -------------------------------------------------------------------------------------

EVERY_APP = """
module "manifest" {
  source   = %s
  for_each = { for number, switches in jsondecode(file("switches.json")) : number => switches }

  parts_file     = %s
  language       = each.value.language
  agent_view     = each.value.agent_view
  reply_username = each.value.reply_username
  events_url     = each.value.events_url != "" ? each.value.events_url : null
  redirect_url   = each.value.redirect_url != "" ? each.value.redirect_url : null
}

output "made" {
  value = [for number in range(%d) : module.manifest[number]]
}
"""


@pytest.fixture(scope="module")
def by_terraform(tmp_path_factory) -> list[dict[str, str]]:
    """What Terraform makes for each of ``SWITCHES``. There are no providers, so that nothing is fetched."""
    if not shutil.which("terraform"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("terraform is not installed")
    folder = tmp_path_factory.mktemp("terraform").resolve()
    module = json.dumps(os.path.relpath(ROOT / "terraform/modules/manifest", folder))
    (folder / "switches.json").write_text(json.dumps(SWITCHES))
    parts_file = json.dumps(str(ROOT / "entrypoints/manifest.json"))
    (folder / "main.tf").write_text(EVERY_APP % (module, parts_file, len(SWITCHES)))

    def terraform(*arguments: str) -> str:
        done = subprocess.run(["terraform", *arguments], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    terraform("init", "-input=false")
    terraform("apply", "-auto-approve", "-input=false")
    made: list[dict[str, str]] = json.loads(terraform("output", "-json", "made"))
    return made


def test_terraform_makes_the_same_of_every_combination_of_switches(by_terraform):
    for switches, made in zip(SWITCHES, by_terraform, strict=True):
        app = manifest_for(**switches)
        assert json.loads(made["json"]) == app, switches
        assert yaml.safe_load(made["yaml"]) == app, switches
        assert json.loads(parse_qs(urlsplit(made["install_link"]).query)["manifest_json"][0]) == app, switches


def test_both_links_are_spelled_alike(by_terraform):
    for switches, made in zip(SWITCHES, by_terraform, strict=True):
        link = manifest.install_link(manifest_for(**switches))
        assert made["install_link"].partition("%")[0] == link.partition("%")[0]
        assert "+" not in made["install_link"] + link


# --- the operator's command ------------------------------------------------------------------------

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys, monkeypatch) -> Run:
    """Runs ``manifest``; returns its exit code and what it said, and complained of."""
    for name in app_manifest.MANIFEST_VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def begin(*arguments: str, **env: str) -> tuple[int, str, str]:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        try:
            code = main(["manifest", *arguments])
        except SystemExit as ended:
            code = int(str(ended.code))
        return code, *capsys.readouterr()

    return begin


def test_the_manifest_is_that_of_socket_mode_in_json_unless_more_is_asked(run):
    code, said, complained = run()
    assert (code, complained) == (0, "")
    assert json.loads(said) == manifest_for(language="ja", agent_view=True, reply_username=False)


def test_the_environment_switches_features(run):
    _, said, _ = run("--format", "json", BOT_LANGUAGE="en", SLACK_AGENT_VIEW="false", SLACK_REPLY_USERNAME="Pochi")
    assert json.loads(said) == manifest_for(language="en", agent_view=False, reply_username=True)


def test_several_workspaces_are_sent_back_to_the_redirect_url_and_their_installations_end():
    made = manifest_for(language="ja", agent_view=True, reply_username=False, redirect_url=REDIRECT_URL)
    plain = manifest_for(language="ja", agent_view=True, reply_username=False)
    assert made["oauth_config"] == {"redirect_urls": [REDIRECT_URL], **plain["oauth_config"]}
    events = [app["settings"]["event_subscriptions"]["bot_events"] for app in (made, plain)]
    assert set(events[0]) - set(events[1]) == {"app_uninstalled", "tokens_revoked"}


def test_the_operators_command_takes_the_redirect_url(run):
    _, said, _ = run("--redirect-url", REDIRECT_URL)
    made = manifest_for(language="ja", agent_view=True, reply_username=False, redirect_url=REDIRECT_URL)
    assert json.loads(said) == made
    assert run("--redirect-url", "http://bot.test/slack/oauth_redirect")[0] == 2


def test_an_installation_asks_for_the_scopes_of_the_manifest():
    for socket_mode, events_url in ((True, ""), (False, URL)):
        settings = Settings(slack_app_token="xapp-1" if socket_mode else "", slack_reply_username="ポチ")
        app = manifest_for(language="ja", agent_view=True, reply_username=True, events_url=events_url)
        assert manifest.scopes_for(settings) == app["oauth_config"]["scopes"]["bot"]


def test_the_link_brings_the_events_url_along(run):
    _, said, _ = run("--format", "link", "--events-url", URL)
    app = manifest_for(language="ja", agent_view=True, reply_username=False, events_url=URL)
    assert said == manifest.install_link(app) + "\n"


@pytest.mark.parametrize(
    "url", ["http://bot.test/events", "bot.test", "https://", "https://[", "https://犬.test/", "https://a b", ""]
)
def test_an_address_that_slack_would_not_post_to_is_refused(run, url):
    code, said, complained = run("--events-url", url)
    assert (code, said) == (2, "")
    assert complained.splitlines()[-1].endswith("argument --events-url: Slack delivers to an https address only")


def test_a_wrong_setting_is_one_line(run):
    assert run(BOT_LANGUAGE="fr") == (2, "", "bot: BOT_LANGUAGE must be one of ja, en, not 'fr'\n")


def test_what_else_is_set_wrong_does_not_matter(run):
    assert run(PORT="none", DATABASE_PATH="/nowhere", QUEUE_URL="x", SLACK_APP_TOKEN="犬")[0] == 0


@pytest.mark.parametrize(("language", "labels"), LABELS.items())
def test_the_app_suggests_what_the_bot_suggests_itself(language, labels):
    made = manifest.manifest_for(language=language, agent_view=True, reply_username=False)
    prompts = [(each["title"], each["message"]) for each in made["features"]["agent_view"]["suggested_prompts"]]
    assert prompts == list(labels.suggestions)
