"""Which workspace's parts handle a request, how many are kept, and what is left of one that has ended."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from cryptography.fernet import Fernet

from adapters.installations.clients import Clients
from adapters.installations.fernet import FernetCipher
from adapters.installations.store import Installations
from adapters.sqlite import (
    Database,
    SqliteConversations,
    SqliteFeedback,
    SqliteInstallations,
    SqliteLedger,
    SqliteLimits,
    SqliteQueue,
    SqliteRequests,
    SqliteSettings,
)
from domain.conversations.place import Scope
from domain.deliveries.deadline import Deadline
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.errors import SlackRefused, StillAnswering, StoreUnavailable
from domain.requests import Question, Request, Uninstall
from entrypoints.forgetting.all_stores import Stores
from entrypoints.forgetting.uninstalling import Uninstalling
from entrypoints.wiring.workspaces import Workspaces
from tests.slacks import CLIENT_ID, CLIENT_SECRET, POCHI, TARO, Slacks

ENDED = Uninstall(POCHI, "A1", "1790000000.000000", "", "app_uninstalled")


class Recorder:
    """The dispatchers of all workspaces; it knows with which client each request was handled."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.handled: list[tuple[str, str]] = []
        self.error: Exception | None = None

    def of(self, client) -> "Recorder":
        self.made.append(client.token)
        return Handling(self, client)


class Handling:
    def __init__(self, recorder: Recorder, client) -> None:
        self._recorder = recorder
        self._client = client

    def dispatch(self, request: Request, delivery: Delivery) -> None:
        self._recorder.handled.append((request.team, self._client.token))
        if self._recorder.error:
            raise self._recorder.error


class Bot:
    """Workspaces over a real store, with a recorder in place of what answers."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.slacks, self.recorder = Slacks(), Recorder()
        self.queue = SqliteQueue(database, clock=clock)
        cipher = FernetCipher(Fernet.generate_key().decode())
        self.installations = Installations(SqliteInstallations(database), cipher)
        # Nothing here asks Slack: nobody listens at this address.
        app = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "api_url": "http://127.0.0.1:9/api/"}
        self.clients = Clients(self.installations, clock=clock, **app)
        self.conversations = SqliteConversations(database, ttl_days=90, clock=clock)
        stores = Stores(
            conversations=self.conversations,
            votes=SqliteFeedback(database, ttl_days=90, clock=clock),
            requests=lambda: nullcontext(SqliteRequests(database)),
            limits=SqliteLimits(database),
            settings=SqliteSettings(database),
            ledger=SqliteLedger(database),
        )
        self.uninstalling = Uninstalling(self.clients, stores, self.queue)

    def workspaces(self, most: int = 9) -> Workspaces:
        return Workspaces(self.clients, self.recorder.of, self.uninstalling, most)

    def install(self, *teams: str) -> None:
        for team in teams:
            self.installations.save(self.slacks.install(team, f"xoxb-of-{team}"))


def question(team: str, ts: str = "1790000000.000001", enterprise: str = "") -> Question:
    return Question(team, "C1", ts, "USAKURA", "犬の名前は?", enterprise=enterprise)


@pytest.fixture
def bot(tmp_path, open_database, clock) -> Bot:
    return Bot(open_database(tmp_path / "bot.sqlite3"), clock)


def test_the_parts_of_a_workspace_are_made_when_it_first_asks_and_kept(bot):
    bot.install(POCHI, TARO)
    workspaces = bot.workspaces()
    assert bot.recorder.made == []
    for team in (POCHI, TARO, POCHI):
        workspaces.dispatch(question(team), FIRST_DELIVERY)
    assert bot.recorder.made == [f"xoxb-of-{POCHI}", f"xoxb-of-{TARO}"]
    assert bot.recorder.handled == [(team, f"xoxb-of-{team}") for team in (POCHI, TARO, POCHI)]


def test_the_workspace_that_asked_longest_ago_makes_room_for_another(bot):
    teams = ["T1", "T2", "T3"]
    bot.install(*teams)
    workspaces = bot.workspaces(most=2)
    for team in ("T1", "T2", "T1", "T3", "T1", "T2"):
        workspaces.dispatch(question(team), FIRST_DELIVERY)
    assert bot.recorder.made == [f"xoxb-of-{team}" for team in ("T1", "T2", "T3", "T2")]


def test_an_enterprise_grid_and_its_teams_have_parts_of_their_own_with_one_token(bot):
    bot.installations.save(bot.slacks.install_for_all("E1", "xoxb-of-all", "T1", "T2"))
    workspaces = bot.workspaces()
    for team in ("T1", "T2", "E1"):
        workspaces.dispatch(question(team, enterprise="E1"), FIRST_DELIVERY)
    assert bot.recorder.handled == [(team, "xoxb-of-all") for team in ("T1", "T2", "E1")]
    (stored,) = bot.installations.all()
    assert stored.custom_values["teams"] == ["T1", "T2"]


def test_of_a_team_and_its_grid_that_both_have_installed_the_app_the_one_answers_by_which_a_request_comes(bot):
    bot.installations.save(bot.slacks.install_for_all("E1", "xoxb-of-all", "T1"))
    bot.install("T1")
    workspaces = bot.workspaces()
    for enterprise in ("E1", ""):
        workspaces.dispatch(question("T1", enterprise=enterprise), FIRST_DELIVERY)
    assert bot.recorder.handled == [("T1", "xoxb-of-all"), ("T1", "xoxb-of-T1")]


def test_what_slack_refuses_of_a_workspace_that_is_installed_is_not_dropped(bot):
    bot.install(POCHI)
    bot.recorder.error = SlackRefused("Slack answered is_archived")
    with pytest.raises(SlackRefused):
        bot.workspaces().dispatch(question(POCHI), FIRST_DELIVERY)


def test_while_a_question_of_the_team_is_being_worked_on_its_end_comes_again(bot):
    asked, waits = question(POCHI), question(POCHI, "1790000000.000002")
    for each in (asked, waits):
        bot.queue.put(each, each.group(Scope.THREAD))
    assert bot.queue.claim().request == asked
    bot.queue.put(ENDED, ENDED.group(Scope.THREAD))
    assert bot.queue.claim().request == ENDED
    with pytest.raises(StillAnswering):
        bot.workspaces().dispatch(ENDED, FIRST_DELIVERY)
    assert bot.queue.sizes() == {"waiting": 0, "claimed": 2, "dead_letters": 0}
    bot.queue.finish(asked)
    bot.workspaces().dispatch(ENDED, FIRST_DELIVERY)


def test_the_last_delivery_of_an_end_waits_for_nobody(bot):
    asked = question(POCHI)
    bot.queue.put(asked, asked.group(Scope.THREAD))
    bot.queue.claim()
    key = f"{POCHI}/C1/1790000000.000001"
    bot.conversations.save(key, bot.conversations.load(key))
    bot.workspaces().dispatch(ENDED, Delivery(number=9, last=True))
    assert list(bot.conversations.keys(9)) == []


def test_where_there_is_more_to_forget_than_one_delivery_has_time_for_the_next_one_goes_on(bot, clock):
    for number in range(3):
        key = f"{POCHI}/C1/1790000000.00000{number}"
        bot.conversations.save(key, bot.conversations.load(key))
    kept = f"{TARO}/C1/1790000000.000001"
    bot.conversations.save(kept, bot.conversations.load(kept))
    over = Delivery(deadline=Deadline(clock, clock()))
    left = []
    for _ in range(3):
        with pytest.raises(StillAnswering, match="1 conversation forgotten, and there may be more"):
            bot.workspaces().dispatch(ENDED, over)
        left.append(len(bot.conversations.keys(9)))
    assert left == [3, 2, 1]
    bot.workspaces().dispatch(ENDED, FIRST_DELIVERY)
    assert list(bot.conversations.keys(9)) == [kept]


def test_an_end_that_was_interrupted_goes_on_where_the_installation_is_gone_already(bot, monkeypatch):
    key = f"{POCHI}/C1/1790000000.000001"
    bot.conversations.save(key, bot.conversations.load(key))
    bot.install(POCHI)
    monkeypatch.setattr(bot.uninstalling, "_works", lambda _: False)  # Slack refuses the token

    def fail(_: str) -> None:
        raise StoreUnavailable("the process was killed here")

    with monkeypatch.context() as killed:
        killed.setattr(bot.conversations, "delete", fail)
        with pytest.raises(StoreUnavailable):
            bot.workspaces().dispatch(ENDED, FIRST_DELIVERY)
    assert (list(bot.installations.all()), list(bot.conversations.keys(9))) == ([], [key])
    bot.workspaces().dispatch(ENDED, FIRST_DELIVERY)
    assert list(bot.conversations.keys(9)) == []
