"""One contract for every store of installations: slack_sdk's interface, whatever keeps the texts."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from slack_sdk.oauth.installation_store import Installation

from adapters.dynamodb import DynamoInstallations
from adapters.installations.fernet import FernetCipher
from adapters.installations.store import Installations, Records
from adapters.sqlite import Database, SqliteInstallations
from domain.errors import StoreCorrupt

KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))
TOKEN, REFRESH = "xoxe.xoxb-1-of-pochi", "xoxe-1-of-pochi"
SECRETS = {
    "bot_token": TOKEN,
    "bot_refresh_token": REFRESH,
    "user_token": "xoxp-of-sakura",
    "user_refresh_token": "xoxe-1-of-sakura",
    "incoming_webhook_url": "https://hooks.slack.test/services/T1/B1/of-pochi",
}
POCHI = {
    "app_id": "A1",
    "team_id": "T1",
    "team_name": "ポチの家",
    "bot_user_id": "U0BOT",
    "bot_scopes": ["chat:write", "files:read"],
    "bot_token_expires_at": 43_200,
    "user_id": "USAKURA",
    "token_type": "bot",
    "installed_at": 1000.5,
}
HOME = {"enterprise_id": None, "team_id": "T1"}
GRID = {"enterprise_id": "E1", "enterprise_name": "犬の会", "is_enterprise_install": True}


def installation(**changes: object) -> Installation:
    return Installation(**POCHI | {"bot_token": TOKEN} | changes)  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", "moto", "dynalite"])
def records(request, tmp_path: Path) -> Iterator[Records]:
    if request.param != "sqlite":
        yield DynamoInstallations(request.getfixturevalue(request.param).create_table())
        return
    with closing(Database(tmp_path / "bot.sqlite3")) as database:
        yield SqliteInstallations(database)


@pytest.fixture
def store(records: Records) -> Installations:
    return Installations(records, FernetCipher(KEY))


def test_an_installation_is_found_as_it_was_made(store):
    made = installation(**SECRETS, incoming_webhook_channel="#犬", custom_values={"dog": "ポチ"})
    store.save(made)
    found = store.find_installation(**HOME)
    assert found.to_dict() == made.to_dict()
    assert store.find_bot(**HOME).to_dict() == made.to_bot().to_dict()


def test_nothing_is_found_where_nobody_has_installed_the_app(store):
    store.save(installation())
    for where in ({"enterprise_id": None, "team_id": "T2"}, {"enterprise_id": "E1", "team_id": None}):
        assert store.find_installation(**where) is None
        assert store.find_bot(**where) is None
    assert store.find_bot(enterprise_id=None, team_id=None) is None


def test_the_last_installation_of_a_team_is_the_one_that_counts(store):
    store.save(installation())
    store.save(installation(bot_token="xoxb-new", user_id="UTARO", installed_at=2000.0))
    assert store.find_bot(**HOME).bot_token == "xoxb-new"
    assert store.find_installation(**HOME, user_id="UTARO").installed_at == 2000.0
    assert store.find_installation(**HOME, user_id="USAKURA") is None
    assert [each.user_id for each in store.all()] == ["UTARO"]


def test_a_team_of_an_enterprise_grid_is_found_with_and_without_the_grids_id(store):
    store.save(installation(enterprise_id="E1"))
    assert store.find_bot(enterprise_id="E1", team_id="T1").bot_token == TOKEN
    assert store.find_bot(enterprise_id=None, team_id="T1").bot_token == TOKEN
    assert store.find_bot(enterprise_id="E1", team_id="T2") is None
    assert store.find_bot(enterprise_id="E1", team_id="T1", is_enterprise_install=True) is None


def test_an_installation_of_a_whole_grid_serves_each_team_that_has_none_of_its_own(store):
    store.save(installation(**GRID, team_id=None, bot_token="xoxb-grid"))
    store.save(installation(enterprise_id="E1"))
    assert store.find_bot(enterprise_id="E1", team_id="T1").bot_token == TOKEN
    assert store.find_bot(enterprise_id="E1", team_id="T2").bot_token == "xoxb-grid"
    assert store.find_bot(enterprise_id="E1", team_id="T1", is_enterprise_install=True).bot_token == "xoxb-grid"
    assert store.find_bot(enterprise_id="E2", team_id="T2") is None


@pytest.mark.parametrize("delete", ["delete_bot", "delete_installation", "delete_all"])
def test_a_deleted_installation_is_gone_and_no_other(store, delete):
    store.save(installation())
    store.save(installation(team_id="T2"))
    store.save(installation(**GRID, team_id=None))
    for _ in range(2):
        getattr(store, delete)(enterprise_id="E1", team_id="T1")
    assert store.find_bot(enterprise_id=None, team_id="T1") is None
    assert [each.team_id or each.enterprise_id for each in store.all()] == ["E1", "T2"]
    getattr(store, delete)(enterprise_id="E1", team_id=None)
    getattr(store, delete)(enterprise_id=None, team_id=None)
    assert [each.team_id for each in store.all()] == ["T2"]


def test_a_persons_token_that_is_revoked_does_not_end_the_bots_installation(store):
    store.save(installation())
    store.delete_installation(**HOME, user_id="USAKURA")
    assert store.find_bot(**HOME).bot_token == TOKEN


def test_an_event_that_is_older_than_the_installation_does_not_delete_it(store):
    store.save(installation(installed_at=1000.5))
    assert not store.delete_older(**HOME, than=1000.0)
    assert store.find_bot(**HOME)
    assert store.delete_older(**HOME, than=1001.0)
    assert store.find_bot(**HOME) is None
    assert store.delete_older(**HOME, than=0.0)
    assert store.delete_older(enterprise_id=None, team_id=None, than=0.0)


def test_of_two_who_rotate_one_token_the_first_succeeds(store):
    store.save(installation(bot_refresh_token=REFRESH))
    mine, theirs = store.find_installation(**HOME), store.find_installation(**HOME)
    assert store.replace(mine, installation(bot_token="xoxe.xoxb-1-second"))
    assert not store.replace(theirs, installation(bot_token="xoxe.xoxb-1-third"))
    assert store.find_bot(**HOME).bot_token == "xoxe.xoxb-1-second"
    store.delete_all(**HOME)
    assert not store.replace(mine, mine)
    assert store.find_bot(**HOME) is None


def test_a_record_that_has_changed_since_it_was_read_is_not_replaced(records):
    records.save("T1", "first")
    assert not records.replace("T1", "another", "second")
    assert not records.replace("T1", "another", None)
    assert not records.replace("T2", "first", "second")
    assert records.load("T1") == "first"
    assert records.replace("T1", "first", "second")
    assert list(records.all()) == [("T1", "second")]
    assert records.replace("T1", "second", None)
    assert records.load("T1") is None


def test_a_saved_bot_changes_the_bots_part_of_its_installation(store):
    store.save(installation())
    rotated = store.find_bot(**HOME)
    rotated.bot_token, rotated.bot_refresh_token, rotated.bot_token_expires_at = "xoxb-2", "xoxe-2", 99
    store.save_bot(rotated)
    found = store.find_installation(**HOME)
    assert (found.bot_token, found.bot_refresh_token, found.bot_token_expires_at) == ("xoxb-2", "xoxe-2", 99)
    assert (found.user_id, found.installed_at) == ("USAKURA", 1000.5)
    store.delete_all(**HOME)
    store.save_bot(rotated)
    assert store.find_bot(**HOME) is None


def test_no_secret_is_stored_in_plain_and_the_list_needs_no_key(store, records):
    store.save(installation(**SECRETS))
    (stored,) = [text for _, text in records.all()]
    assert not [secret for secret in SECRETS.values() if secret in stored or secret in json.dumps(json.loads(stored))]
    (listed,) = Installations(records, FernetCipher(OTHER_KEY)).all()
    assert (listed.team_name, listed.bot_token, listed.bot_refresh_token) == ("ポチの家", None, None)


def test_a_new_key_is_put_before_the_old_one_which_is_dropped_once_all_is_encrypted_anew(store, records, caplog):
    store.save(installation())
    records.save("T0", "woof")
    Installations(records, FernetCipher(f"{OTHER_KEY},{KEY}")).encrypt_anew()
    assert Installations(records, FernetCipher(OTHER_KEY)).find_bot(**HOME).bot_token == TOKEN
    assert records.load("T0") == "woof"
    assert "installations/T0 is not an installation" in caplog.text


def test_another_key_is_named_and_nothing_is_given_out(store, records):
    store.save(installation())
    with pytest.raises(StoreCorrupt, match="installations/T1 cannot be decrypted: TOKEN_ENCRYPTION_KEY") as raised:
        Installations(records, FernetCipher(OTHER_KEY)).find_bot(**HOME)
    assert TOKEN not in str(raised.value)


def test_a_record_in_anothers_place_is_refused(store, records):
    store.save(installation())
    records.save("T2", records.load("T1"))
    with pytest.raises(StoreCorrupt, match="another workspace"):
        store.find_bot(enterprise_id=None, team_id="T2")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"encrypted":1}', '{"encrypted":"x"}', '{"bark":1,"encrypted":""}']
)
def test_what_is_no_installation_is_named_and_kept(store, records, content):
    records.save("T1", content or "woof")
    with pytest.raises(StoreCorrupt, match="installations/T1"):
        store.find_bot(**HOME)
    assert records.load("T1") == (content or "woof")
    store.save(installation())
    assert store.find_bot(**HOME).bot_token == TOKEN


def test_an_installation_of_nobody_is_not_kept(store):
    with pytest.raises(ValueError, match="nobody"):
        store.save(installation(team_id=None))


def test_no_token_can_be_read_in_the_database_or_the_files_beside_it(tmp_path: Path):
    path = tmp_path / "bot.sqlite3"
    with closing(Database(path)) as database:
        store = Installations(SqliteInstallations(database), FernetCipher(KEY))
        store.save(installation(**SECRETS))
        store.replace(store.find_installation(**HOME), installation(bot_token="xoxb-second"))
        written = b"".join(each.read_bytes() for each in tmp_path.iterdir())
        assert b"USAKURA" in written
        assert not [each for each in (*SECRETS.values(), "xoxb-second", KEY) if each.encode() in written]
