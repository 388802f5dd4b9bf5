"""The token of one team: read, cached, rotated by one of several workers, over slack_sdk and a Slack on loopback."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.fernet import Fernet

from adapters.dynamodb import DynamoInstallations
from adapters.installations.bot_token import CACHED_SECONDS, TEAMS, NotInstalled
from adapters.installations.clients import Clients, Workspace
from adapters.installations.fernet import FernetCipher
from adapters.installations.rotation import EARLY_SECONDS, LEASE_SECONDS
from adapters.installations.store import Installations, Records
from adapters.sqlite import SqliteInstallations
from domain.errors import SlackUnavailable, StoreUnavailable
from tests.slacks import CLIENT_ID, CLIENT_SECRET, POCHI, TARO, Slacks
from tests.stand_ins import SOON

TOKEN, REFRESH = "xoxe.xoxb-1-of-pochi", "xoxe-1-of-pochi"
HOME = {"enterprise_id": None, "team_id": POCHI}


class Fleet:
    """Workers that share a store and a Slack, as on AWS: each has the token of the team for itself."""

    def __init__(self, slacks: Slacks, installations: Installations, address: str, clock: Callable[[], float]) -> None:
        self.slacks = slacks
        self.installations = installations
        self._address = address
        self._clock = clock

    def worker(self, team: str = POCHI, enterprise: str = "") -> Workspace:
        clients = Clients(
            self.installations,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            api_url=f"{self._address}/api/",
            clock=self._clock,
        )
        return clients.of(team, enterprise)

    def install(self, *, expires_in: float | None = None, refresh: str = REFRESH, token: str = TOKEN) -> None:
        expires_at = None if expires_in is None else int(self._clock() + expires_in)
        self.installations.save(self.slacks.install(POCHI, token, refresh=refresh, expires_at=expires_at))

    def install_for_all(self, expires_in: float) -> None:
        installation = self.slacks.install_for_all("E1", TOKEN, POCHI, TARO)
        installation.bot_refresh_token, installation.bot_token_expires_at = REFRESH, int(self._clock() + expires_in)
        self.slacks.refresh_tokens[REFRESH] = POCHI
        self.installations.save(installation)

    def noted(self) -> list[str]:
        """The teams of the Enterprise Grid in which the bot is known to have been asked."""
        (installation,) = self.installations.all()
        return installation.custom_values[TEAMS]

    def stored(self) -> str:
        return self.installations.find_installation(**HOME).bot_token

    @property
    def exchanges(self) -> int:
        return len(self.slacks.tokens_of("oauth.v2.access"))


@pytest.fixture
def new_fleet(serve, clock) -> Callable[[Records], Fleet]:
    def begin(records: Records) -> Fleet:
        slacks = Slacks()
        installations = Installations(records, FernetCipher(Fernet.generate_key().decode()))
        return Fleet(slacks, installations, serve(slacks), clock)

    return begin


@pytest.fixture
def fleet(new_fleet, tmp_path, open_database) -> Fleet:
    return new_fleet(SqliteInstallations(open_database(tmp_path / "bot.sqlite3")))


@pytest.fixture
def fleet_on_aws(new_fleet, moto) -> Fleet:
    return new_fleet(DynamoInstallations(moto.create_table()))


def test_a_team_without_an_installation_has_no_token(fleet):
    worker = fleet.worker()
    with pytest.raises(NotInstalled):
        worker.token.refresh()
    assert worker.token.token == ""
    assert not worker.token.renew("xoxb-whatever")


def test_a_token_is_read_again_after_some_minutes(fleet, clock):
    fleet.install()
    worker = fleet.worker()
    worker.token.refresh()
    fleet.install(token="xoxb-of-pochi-again")
    worker.token.refresh()
    assert worker.token.token == TOKEN
    clock.pass_by(CACHED_SECONDS)
    worker.token.refresh()
    assert worker.token.token == "xoxb-of-pochi-again"


def test_a_token_is_rotated_two_hours_before_it_expires_and_not_earlier(fleet, clock):
    fleet.install(expires_in=EARLY_SECONDS + 10)
    worker = fleet.worker()
    worker.token.refresh()
    assert (fleet.exchanges, worker.token.token) == (0, TOKEN)
    clock.pass_by(10)
    worker.token.refresh()
    assert fleet.exchanges == 1
    assert worker.token.token == fleet.stored() != TOKEN


def test_a_token_that_does_not_expire_is_never_rotated(fleet, clock):
    fleet.install()
    worker = fleet.worker()
    clock.pass_by(10**9)
    worker.token.refresh()
    assert (fleet.exchanges, worker.token.token) == (0, TOKEN)


@pytest.mark.parametrize("expires_in", [60, -60], ids=["soon", "expired"])
def test_of_two_workers_that_rotate_at_once_one_asks_slack_and_both_go_on(fleet, clock, expires_in):
    fleet.install(expires_in=expires_in)
    first, second = fleet.worker(), fleet.worker()
    asked, go_on = threading.Event(), threading.Event()

    def hesitate() -> None:
        asked.set()
        go_on.wait(SOON)

    fleet.slacks.before_exchange = hesitate
    with ThreadPoolExecutor() as pool:
        rotating = pool.submit(first.token.refresh)
        assert asked.wait(SOON)
        if expires_in < 0:
            with pytest.raises(SlackUnavailable, match="has expired, and the next one has not come yet"):
                second.token.refresh()
        else:
            second.token.refresh()
            assert second.token.token == TOKEN
        go_on.set()
        rotating.result(SOON)
    clock.pass_by(CACHED_SECONDS)
    second.token.refresh()
    assert fleet.exchanges == 1
    assert first.token.token == second.token.token == fleet.stored() != TOKEN


@pytest.mark.parametrize("store", ["fleet", pytest.param("fleet_on_aws", marks=pytest.mark.aws)])
def test_many_workers_whose_token_has_expired_spend_one_refresh_token(request, store):
    fleet = request.getfixturevalue(store)
    fleet.install(expires_in=-60)
    workers = [fleet.worker() for _ in range(8)]
    at_once = threading.Barrier(len(workers))

    def refresh(worker: Workspace) -> str:
        at_once.wait(SOON)
        while True:
            try:
                worker.token.refresh()
            except SlackUnavailable:
                threading.Event().wait(0.01)
            else:
                return worker.token.token

    with ThreadPoolExecutor(len(workers)) as pool:
        tokens = set(pool.map(refresh, workers))
    assert fleet.exchanges == 1
    assert tokens == {fleet.stored()}


def test_a_worker_that_fails_while_it_rotates_holds_the_others_up_for_a_minute(fleet, clock):
    fleet.install(expires_in=-60)
    first, second = fleet.worker(), fleet.worker()
    fleet.slacks.exchange_error = "internal_error"
    with pytest.raises(SlackUnavailable):
        first.token.refresh()
    fleet.slacks.exchange_error = ""
    with pytest.raises(SlackUnavailable):
        second.token.refresh()
    assert fleet.exchanges == 1
    clock.pass_by(LEASE_SECONDS + 1)
    second.token.refresh()
    assert second.token.token == fleet.stored() != TOKEN


def test_while_slack_cannot_rotate_a_token_is_used_until_it_expires(fleet, clock, caplog):
    fleet.install(expires_in=600)
    worker = fleet.worker()
    fleet.slacks.exchange_error = "internal_error"
    worker.token.refresh()
    assert worker.token.token == TOKEN
    assert "is not rotated yet: Slack answered internal_error" in caplog.text
    clock.pass_by(601)
    with pytest.raises(SlackUnavailable):
        worker.token.refresh()
    fleet.slacks.exchange_error = ""
    clock.pass_by(LEASE_SECONDS + 1)
    worker.token.refresh()
    assert worker.token.token == fleet.stored() != TOKEN


def test_a_refresh_token_that_slack_refuses_is_said_to_be_the_operators(fleet, caplog):
    fleet.install(expires_in=60, refresh="")
    fleet.worker().token.refresh()
    assert caplog.messages == [
        f"the token of {POCHI} cannot be rotated, Slack answered invalid_refresh_token: have the app installed anew"
    ]
    assert fleet.stored() == TOKEN


def test_a_new_pair_is_saved_although_the_store_fails_once(fleet, monkeypatch):
    fleet.install(expires_in=60)
    replace, fails = fleet.installations.replace, iter([False, True])

    def replaced(before, after) -> bool:
        if next(fails, False):
            raise StoreUnavailable("the disk is full")
        return replace(before, after)

    monkeypatch.setattr(fleet.installations, "replace", replaced)
    worker = fleet.worker()
    worker.token.refresh()
    assert worker.token.token == fleet.stored() != TOKEN


def test_where_the_team_installs_the_app_again_meanwhile_its_new_token_stays(fleet):
    fleet.install(expires_in=60)
    fleet.slacks.before_exchange = lambda: fleet.install(token="xoxb-of-pochi-again", refresh="")
    worker = fleet.worker()
    worker.token.refresh()
    assert worker.token.token == fleet.stored() == "xoxb-of-pochi-again"


def test_a_new_pair_is_saved_although_another_team_of_the_enterprise_is_noted_meanwhile(fleet):
    fleet.install_for_all(expires_in=60)
    fleet.slacks.before_exchange = fleet.worker(TARO, "E1").token.refresh
    worker = fleet.worker(POCHI, "E1")
    worker.token.refresh()
    (stored,) = fleet.installations.all()
    assert stored.bot_token_expires_at > 60
    fresh = fleet.worker(TARO, "E1")
    fresh.token.refresh()
    assert fresh.token.token == worker.token.token != TOKEN
    assert fleet.noted() == [POCHI, TARO]


def test_what_comes_by_an_enterprises_installation_is_answered_by_it_and_not_by_an_earlier_one_of_the_team(fleet):
    fleet.install(token="xoxb-of-the-team")
    own = fleet.worker()
    own.token.refresh()
    by_enterprise = fleet.worker(POCHI, "E1")
    by_enterprise.token.refresh()
    assert by_enterprise.token.token == own.token.token == "xoxb-of-the-team"
    fleet.install_for_all(expires_in=10**6)
    fleet.slacks.refuse("xoxb-of-the-team", "token_revoked")
    assert by_enterprise.token.renew("xoxb-of-the-team")
    assert by_enterprise.token.token == TOKEN
    assert not own.token.renew("xoxb-of-the-team")


def test_a_team_of_an_enterprise_is_noted_although_another_is_at_the_same_moment(fleet, monkeypatch):
    fleet.install_for_all(expires_in=10**6)
    replace, others = fleet.installations.replace, iter([fleet.worker(TARO, "E1")])

    def replaced(before, after) -> bool:
        for other in others:
            other.token.refresh()
        return replace(before, after)

    monkeypatch.setattr(fleet.installations, "replace", replaced)
    fleet.worker(POCHI, "E1").token.refresh()
    assert fleet.noted() == [TARO, POCHI]


def test_a_call_whose_token_slack_refuses_is_repeated_with_the_one_in_the_store(fleet):
    fleet.slacks.open(fleet._address, "http://nobody.invalid", POCHI)
    fleet.install()
    worker = fleet.worker()
    worker.token.refresh()
    fleet.slacks.refuse(TOKEN, "token_revoked")
    fleet.install(token="xoxb-of-pochi-again")
    assert worker.client.auth_test()["team_id"] == POCHI
    assert fleet.slacks.tokens_of("auth.test") == [TOKEN, "xoxb-of-pochi-again"]
    fleet.slacks.close()
