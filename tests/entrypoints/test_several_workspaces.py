"""One bot that several workspaces have installed, each with its own token, between emulated workspaces and a model."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from cryptography.fernet import Fernet

from adapters.installations.fernet import FernetCipher
from adapters.installations.rotation import LEASE
from adapters.installations.store import Installations
from adapters.sqlite import SqliteInstallations
from bench.ports import free_port
from domain.deliveries.delivery import Delivery
from domain.errors import PersonNotNotified, SlackUnavailable
from domain.requests import Apology, Question, Request
from domain.spending.ledger import OwnerKind
from domain.timestamp import Timestamp
from entrypoints.configuration.settings import Settings
from entrypoints.local import start_and_stop
from entrypoints.local.container import Container
from entrypoints.playground.emulator.workspace.model import APP
from tests.slacks import CLIENT_ID, CLIENT_SECRET, POCHI, SIGNING_SECRET, TARO, Slacks
from tests.stand_ins import SOON, Model

POCHIS, TAROS = "xoxb-of-pochi", "xoxb-of-taro"

ENDS = ({"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT00001"]}})
"""Events that say that an installation has ended."""


class Bot:
    """The bot on one machine, and the workspaces around it."""

    def __init__(self, tmp_path, serve, open_database) -> None:
        port = free_port()
        self.slacks, self.model = Slacks(), Model()
        address = serve(self.slacks)
        self.slacks.open(address, f"http://127.0.0.1:{port}/events", POCHI, TARO)
        settings = Settings.from_env(
            {
                "PORT": str(port),
                "DATABASE_PATH": str(tmp_path / "bot.sqlite3"),
                "OPENAI_BASE_URL": f"{serve(self.model.app)}/v1",
                "SLACK_API_URL": f"{address}/api/",
                "SLACK_CLIENT_ID": CLIENT_ID,
                "SLACK_CLIENT_SECRET": CLIENT_SECRET,
                "SLACK_SIGNING_SECRET": SIGNING_SECRET,
                "TOKEN_ENCRYPTION_KEY": Fernet.generate_key().decode(),
            }
        )
        self.database = open_database(settings.database_path)
        self.container = Container(settings=settings, database=self.database)
        self.installations = self.container.installations()
        self._stop = threading.Event()
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._thread = threading.Thread(target=start_and_stop.serve, args=(self.container, listener, self._stop.wait))
        self._thread.start()

    def install(self, team: str, token: str, **more) -> None:
        self.installations.save(self.slacks.install(team, token, **more))

    def ask(self, team: str, text: str = "犬は元気?") -> str:
        """Returns the question's identity."""
        workspace = self.slacks.workspaces[team]
        return f"{team}/{workspace.channel.id}/{workspace.say(f'@bot {text}')}"

    def turn(self, team: str, text: str = "犬は元気?", number: int = 1) -> None:
        """A question, its answer, the ``number``-th of the team, and all that follows from it."""
        identity = self.ask(team, text)
        self.replies(team, number)
        self.wait_for(identity)

    def replies(self, team: str, number: int = 1) -> list[str]:
        return self.slacks.workspaces[team].wait_until(lambda said: said.count(self.model.answer) >= number)

    def install_for_all(self, enterprise: str, token: str, *teams: str) -> None:
        self.installations.save(self.slacks.install_for_all(enterprise, token, *teams))

    def uninstall(self, team: str, token: str, event: dict, at: int = 1_790_000_000) -> None:
        """The team removes the app, and the bot hears of it."""
        self.slacks.refuse(token, "account_inactive")
        assert self.slacks.tell(team, event, at) == ""
        self.wait_for(f"{team}/{APP}/{at}.000000/{event['type']}")

    def wait_for(self, identity: str) -> None:
        """Until the request of this identity is handled, and none waits or is being worked on."""

        def states() -> dict[str, str]:
            with self.database.reading() as connection:
                return dict(connection.execute("SELECT identity, state FROM questions").fetchall())

        self.wait_until(lambda: states().get(identity) == "done" and set(states().values()) == {"done"})

    def wait_until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + SOON
        while not condition():
            assert time.monotonic() < deadline
            threading.Event().wait(0.02)

    def waits_again(self) -> bool:
        """Has a delivery failed that is to be repeated?"""
        with self.database.reading() as connection:
            return bool(connection.execute("SELECT 1 FROM retries").fetchall())

    def keys(self) -> list[str]:
        """The teams of the conversations that are remembered."""
        return sorted(key.partition("/")[0] for key in self.container.conversations().keys(10))

    def end(self) -> None:
        self.slacks.close()
        self._stop.set()
        self._thread.join(SOON)
        assert not self._thread.is_alive()


@pytest.fixture
def bot(tmp_path, serve, open_database) -> Iterator[Bot]:
    begun = Bot(tmp_path, serve, open_database)
    yield begun
    begun.end()


def test_each_workspace_is_answered_with_its_own_token_from_its_own_memory(bot: Bot):
    bot.install(POCHI, POCHIS)
    bot.install(TARO, TAROS)
    bot.ask(POCHI, "ポチは柴犬です")
    bot.turn(TARO, "太郎は秋田犬です")
    assert bot.replies(POCHI) == bot.replies(TARO) == [bot.model.answer]
    assert sorted(bot.slacks.tokens_of("chat.stopStream")) == [POCHIS, TAROS]
    assert bot.keys() == [POCHI, TARO]


def test_a_warm_turn_asks_the_store_for_no_token(bot: Bot, monkeypatch):
    bot.install(POCHI, POCHIS)
    bot.turn(POCHI)
    read: list[str] = []
    monkeypatch.setattr(SqliteInstallations, "load", lambda _, owner: read.append(owner))
    bot.turn(POCHI, number=2)
    assert read == []


def test_a_team_that_has_not_installed_the_app_is_dropped_with_one_line(bot: Bot, caplog):
    bot.install(TARO, TAROS)
    with caplog.at_level(logging.INFO, logger="entrypoints"):
        identity = bot.ask(POCHI)
        bot.wait_for(identity)
    reference = Request.from_identity(identity).reference
    dropped = [each for each in caplog.messages if "has not installed" in each]
    assert dropped == [f"dropped {reference}: {POCHI} has not installed the app"]
    assert bot.slacks.calls == []


def test_a_team_that_installs_the_app_again_is_answered_with_its_new_token_at_once(bot: Bot):
    bot.install(POCHI, POCHIS)
    bot.turn(POCHI)
    bot.slacks.refuse(POCHIS, "account_inactive")
    bot.install(POCHI, "xoxb-of-pochi-again")
    bot.turn(POCHI, number=2)
    assert bot.slacks.tokens_of("chat.stopStream") == [POCHIS, "xoxb-of-pochi-again"]


@pytest.mark.parametrize("event", ENDS, ids=["uninstalled", "revoked"])
def test_a_team_that_removes_the_app_is_forgotten_and_no_other(bot: Bot, event):
    for team, token in ((POCHI, POCHIS), (TARO, TAROS)):
        bot.install(team, token)
        bot.turn(team, f"{team}の犬")
    bot.uninstall(POCHI, POCHIS, event)
    assert [each.team_id for each in bot.installations.all()] == [TARO]
    assert bot.keys() == [TARO]
    kept = bot.database.path.read_bytes() + bot.database.path.with_name("bot.sqlite3-wal").read_bytes()
    assert f"{TARO}の犬".encode() in kept
    assert f"{POCHI}の犬".encode() not in kept


def test_what_comes_of_a_team_that_has_removed_the_app_is_dropped(bot: Bot, caplog):
    bot.install(POCHI, POCHIS)
    bot.turn(POCHI)
    bot.uninstall(POCHI, POCHIS, ENDS[0])
    bot.uninstall(POCHI, POCHIS, ENDS[1])
    calls = len(bot.slacks.calls)
    bot.wait_for(bot.ask(POCHI, "まだいる?"))
    assert len([each for each in caplog.messages if "has not installed" in each]) == 1
    assert len(bot.slacks.calls) == calls
    assert bot.keys() == []


def test_what_comes_of_a_team_whose_installation_another_process_has_ended_is_dropped(bot: Bot, caplog):
    bot.install(POCHI, POCHIS)
    bot.turn(POCHI)
    bot.slacks.refuse(POCHIS, "account_inactive")
    bot.installations.delete_all(enterprise_id=None, team_id=POCHI)
    bot.wait_for(bot.ask(POCHI, "まだいる?"))
    assert len([each for each in caplog.messages if "has not installed" in each]) == 1


def test_what_a_turn_leaves_whose_team_was_forgotten_meanwhile_is_forgotten_too(bot: Bot):
    bot.install(POCHI, POCHIS)
    answer, bot.model.answer = bot.model.answer, ""
    bot.model.go_on.clear()
    identity = bot.ask(POCHI)
    bot.model.requests.get(timeout=SOON)
    bot.slacks.refuse(POCHIS, "account_inactive")
    bot.installations.delete_all(enterprise_id=None, team_id=POCHI)  # by another process, which has forgotten all
    bot.model.answer = answer
    bot.model.go_on.set()
    bot.wait_for(identity)
    assert bot.keys() == []
    ledger = bot.container.ledger()
    ((team, month),) = ledger.months()
    assert not ledger.sums(team, month, OwnerKind.PERSON)


@pytest.mark.parametrize("event", ENDS, ids=["uninstalled", "revoked"])
def test_a_late_event_does_not_undo_the_next_installation(bot: Bot, event):
    bot.install(POCHI, POCHIS)
    bot.turn(POCHI)
    bot.slacks.refuse(POCHIS, "account_inactive")
    bot.install(POCHI, "xoxb-of-pochi-again")
    bot.uninstall(POCHI, POCHIS, event, int(time.time()) + 60)  # by Slack's clock, which need not be ours
    assert bot.keys() == [POCHI]
    bot.turn(POCHI, number=2)


def test_where_slack_does_not_say_whether_the_token_works_nothing_is_forgotten_yet(bot: Bot):
    bot.install(POCHI, POCHIS)
    bot.turn(POCHI)
    bot.slacks.refuse(POCHIS, "internal_error")
    bot.slacks.tell(POCHI, ENDS[0], 1_790_000_000)
    queue = bot.container.sqlite_queue()
    bot.wait_until(lambda: queue.sizes()["waiting"] == 1 and "auth.test" in [method for _, method in bot.slacks.calls])
    assert bot.keys() == [POCHI]


def test_while_a_token_is_rotated_its_end_forgets_nobody(bot: Bot):
    bot.install(POCHI, POCHIS)
    bot.turn(POCHI)
    rotating = bot.slacks.install(POCHI, POCHIS, refresh="xoxe-1-of-pochi", expires_at=int(time.time()) + 60)
    rotating.custom_values[LEASE] = time.time() + SOON
    bot.installations.save(rotating)
    bot.slacks.refuse(POCHIS, "token_revoked")
    bot.slacks.tell(POCHI, ENDS[1], 1_790_000_000)
    bot.wait_until(bot.waits_again)
    bot.install(POCHI, "xoxe.xoxb-1-next")
    bot.turn(POCHI, number=2)
    assert bot.keys() == [POCHI, POCHI]


def test_a_question_whose_team_has_no_readable_token_is_a_dead_letter_that_the_log_names(bot: Bot, caplog):
    bot.install(TARO, TAROS)
    lost = FernetCipher(Fernet.generate_key().decode())
    Installations(SqliteInstallations(bot.database), lost).save(bot.slacks.install(POCHI, POCHIS))
    with caplog.at_level(logging.INFO):
        reference = Request.from_identity(bot.ask(POCHI)).reference
        bot.wait_until(lambda: bot.container.sqlite_queue().sizes()["dead_letters"])
        bot.ask(TARO)
        bot.replies(TARO)
    (failed,) = (each for each in caplog.messages if f"{reference} failed" in each)
    assert "TOKEN_ENCRYPTION_KEY lacks the key" in failed
    assert failed.endswith(f"bot replay {reference}")
    assert "Traceback" not in caplog.text


def test_where_the_token_is_out_of_reach_to_the_last_the_person_is_told_as_soon_as_it_is_not(bot: Bot):
    bot.install(POCHI, POCHIS, refresh="xoxe-1-of-pochi", expires_at=int(time.time()) - 60)
    bot.slacks.exchange_error = "internal_error"
    question = Question(POCHI, "C0CHANNEL1", Timestamp("1790000000.000001"), "U0PERSON01", "犬は元気?")
    dispatch, last = bot.container.workspaces().dispatch, Delivery(last=True)
    with pytest.raises(PersonNotNotified):
        dispatch(question, last)
    with pytest.raises(SlackUnavailable):
        dispatch(Apology.to(question), last)  # it has a budget of its own


def test_a_token_that_expires_soon_is_rotated_once_and_used_from_then_on(bot: Bot):
    bot.install(POCHI, POCHIS, refresh="xoxe-1-of-pochi", expires_at=int(time.time()) + 60)
    bot.turn(POCHI)
    bot.turn(POCHI, number=2)
    assert bot.slacks.tokens_of("oauth.v2.access") == [""]
    (token,) = set(bot.slacks.tokens_of("chat.stopStream"))
    assert token not in ("", POCHIS)
    stored = bot.installations.find_installation(enterprise_id=None, team_id=POCHI)
    assert stored.bot_token == token
    assert stored.bot_token_expires_at > time.time() + 10 * 3600


def test_a_token_that_has_expired_is_rotated_before_it_is_used(bot: Bot):
    bot.install(POCHI, POCHIS, refresh="xoxe-1-of-pochi", expires_at=int(time.time()) - 60)
    bot.slacks.refuse(POCHIS, "token_expired")
    bot.turn(POCHI)
    assert POCHIS not in [token for token, _ in bot.slacks.calls]


def test_a_token_that_expires_while_the_bot_knows_it_is_rotated_and_the_call_repeated(bot: Bot):
    bot.install(POCHI, POCHIS, refresh="xoxe-1-of-pochi", expires_at=int(time.time()) + 43_200)
    bot.turn(POCHI)
    bot.slacks.refuse(POCHIS, "token_expired")
    bot.turn(POCHI, number=2)
    assert len(bot.slacks.tokens_of("oauth.v2.access")) == 1


def test_an_enterprise_grids_teams_are_answered_with_its_one_token_and_forgotten_with_its_installation(bot: Bot):
    bot.install_for_all("E1", POCHIS, POCHI, TARO)
    for team in (POCHI, TARO):
        bot.turn(team)
    assert set(bot.slacks.tokens_of("chat.stopStream")) == {POCHIS}
    assert bot.slacks.refusals == []  # each call named the team that it meant
    assert bot.keys() == [POCHI, TARO]
    bot.slacks.refuse(POCHIS, "account_inactive")
    bot.slacks.tell(None, ENDS[0], 1_790_000_000, enterprise="E1")
    bot.wait_until(lambda: not (bot.keys() or list(bot.installations.all())))
    bot.wait_for(f"E1/{APP}/1790000000.000000/app_uninstalled")


def test_what_was_posted_while_slack_was_not_heard_is_read_in_each_workspace(bot: Bot):
    for team, token in ((POCHI, POCHIS), (TARO, TAROS)):
        bot.install(team, token)
        bot.turn(team)
    missed = list(bot.container.missed()(lambda _: None).since(time.time() - 600))
    assert sorted(event["team_id"] for event in missed if "@" in event["event"]["text"]) == [POCHI, TARO]
    assert [bot.container.endpoint().accept(event) for event in missed] == [False] * len(missed)  # all had come
