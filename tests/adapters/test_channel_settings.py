"""One contract for every adapter of ``SettingsStore``, and for what an operator sees of them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.dynamodb import DynamoConversations, DynamoSettings
from adapters.sqlite import Database, SqliteSettings
from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings, UnusableSetting
from domain.conversations.conversation import Conversation
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.errors import Conflict, StoreCorrupt, StoreUnavailable
from tests.aws_on_loopback import TABLE, Aws
from tests.notes import notes

POCHI = ChannelSettings('ポチの散歩の話だけをします。\n"短く"', "gpt-5.4", "ja", Scope.CHANNEL, 100_000)


@pytest.fixture(params=["moto", "dynalite"])
def aws(request) -> Aws:
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["moto", "dynalite", "sqlite"])
def store(request, tmp_path: Path) -> Iterator[DynamoSettings | SqliteSettings]:
    if request.param == "sqlite":
        with closing(Database(tmp_path / "bot.sqlite3")) as database:
            yield SqliteSettings(database)
    else:
        yield DynamoSettings(request.getfixturevalue(request.param).create_table())


def test_a_channel_without_settings_follows_the_bots_own(store):
    assert store.load("T1", "C1") == NO_SETTINGS
    assert store.all() == {}


@pytest.mark.parametrize("settings", [POCHI, ChannelSettings(language="en"), ChannelSettings(budget=0)])
def test_settings_are_kept_as_they_were_set(store, settings):
    assert store.change("T1", "C1", lambda _: settings) == settings
    assert store.load("T1", "C1") == settings
    assert store.load("T1", "C2") == store.load("T2", "C1") == NO_SETTINGS


def test_a_change_is_made_of_what_is_there(store):
    store.change("T1", "C1", lambda _: POCHI)
    changed = store.change("T1", "C1", lambda present: replace(present, budget=5))
    assert store.load("T1", "C1") == changed == replace(POCHI, budget=5)


def test_what_is_all_unset_is_gone(store):
    store.change("T1", "C1", lambda _: POCHI)
    for _ in range(2):
        assert store.change("T1", "C1", lambda _: NO_SETTINGS) == NO_SETTINGS
    assert store.load("T1", "C1") == NO_SETTINGS
    assert store.all() == {}


def test_a_change_that_is_refused_leaves_what_was_there(store):
    store.change("T1", "C1", lambda _: POCHI)
    with pytest.raises(UnusableSetting):
        store.change("T1", "C1", lambda present: present.with_texts({"budget": "lots"}))
    assert store.load("T1", "C1") == POCHI


def test_all_channels_that_have_settings_are_listed(store):
    store.change("T1", "C1", lambda _: POCHI)
    store.change("T1", "C2", lambda _: ChannelSettings(language="en"))
    assert store.all() == {("T1", "C1"): POCHI, ("T1", "C2"): ChannelSettings(language="en")}


def test_those_of_many_channels_are_found_at_once(store):
    for channel in ("C1", "C150"):
        store.change("T1", channel, lambda _: POCHI)
    store.change("T1", "C2", lambda _: ChannelSettings(budget=1))
    store.change("T1", "C2", lambda _: NO_SETTINGS)
    store.change("T2", "C3", lambda _: POCHI)
    assert store.among("T1", [f"C{number}" for number in range(200)]) == {"C1": POCHI, "C150": POCHI}
    assert store.among("T1", []) == {}


def test_of_two_changes_at_once_neither_is_lost(aws):
    store = DynamoSettings(aws.create_table())
    others = [replace(POCHI, budget=7)]

    def change(present: ChannelSettings) -> ChannelSettings:
        if others:
            store.change("T1", "C1", lambda _: others.pop())
        return replace(present, language="en")

    assert store.change("T1", "C1", change) == replace(POCHI, budget=7, language="en")


def test_where_others_are_always_faster_it_is_a_conflict(aws):
    store = DynamoSettings(aws.create_table())
    budgets = iter(range(100))

    def change(present: ChannelSettings) -> ChannelSettings:
        store.change("T1", "C1", lambda _: ChannelSettings(budget=next(budgets)))
        return POCHI

    with pytest.raises(Conflict, match=f"{TABLE}: settings/T1/C1"):
        store.change("T1", "C1", change)


def test_settings_and_conversations_of_one_table_do_not_mix(aws, clock):
    table = aws.create_table()
    conversations = DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len)
    store = DynamoSettings(table)
    saved = conversations.save("T1/C1", Stored(Conversation(notes=notes("犬の話")), 0))
    store.change("T1", "C1", lambda _: POCHI)
    assert store.all() == {("T1", "C1"): POCHI}
    assert conversations.load("T1/C1") == saved
    assert aws.item("settings/T1/C1").keys() == {"id", "settings"}


@pytest.mark.parametrize("text", ["{", "[]", '{"budget":"lots"}', '{"model":7}'])
def test_settings_that_cannot_be_read_are_named(aws, open_database, tmp_path, text):
    table = aws.create_table()
    aws.put_item(id={"S": "settings/T1/C1"}, settings={"S": text})
    database = open_database(tmp_path / "bot.sqlite3")
    with database.transaction() as connection:
        connection.execute("INSERT INTO channel_settings VALUES ('T1', 'C1', ?)", (text,))
    for store in (DynamoSettings(table), SqliteSettings(database)):
        for read in (lambda store=store: store.load("T1", "C1"), store.all):
            with pytest.raises(StoreCorrupt, match="settings/T1/C1 is not a channel's settings"):
                read()


def test_what_a_later_release_adds_is_passed_over(open_database, tmp_path):
    database = open_database(tmp_path / "bot.sqlite3")
    with database.transaction() as connection:
        connection.execute("""INSERT INTO channel_settings VALUES ('T1', 'C1', '{"tone":"kind","language":"en"}')""")
    assert SqliteSettings(database).load("T1", "C1") == ChannelSettings(language="en")


def test_a_store_that_cannot_be_reached_is_unavailable(dead_port, monkeypatch):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)
    store = DynamoSettings(TABLE)
    for ask in (lambda: store.load("T1", "C1"), store.all, lambda: store.change("T1", "C1", lambda _: POCHI)):
        with pytest.raises(StoreUnavailable, match="EndpointConnectionError"):
            ask()
