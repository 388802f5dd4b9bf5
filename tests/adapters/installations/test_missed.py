"""What was posted in several workspaces meanwhile, read with the real client from the emulators."""

from contextlib import nullcontext

import pytest
from cryptography.fernet import Fernet

from adapters.installations.clients import Clients
from adapters.installations.fernet import FernetCipher
from adapters.installations.missed import MissedInAll
from adapters.installations.store import Installations
from adapters.sqlite import SqliteInstallations
from domain.errors import SlackUnavailable
from tests.adapters.slack.endpoint_harness import EndpointHarness
from tests.slacks import CLIENT_ID, CLIENT_SECRET, POCHI, TARO, Slacks

TOKENS = {POCHI: "xoxb-of-pochi", TARO: "xoxb-of-taro"}


class World:
    """Two workspaces, and what the bot reads of them."""

    def __init__(self, slacks: Slacks, installations: Installations, address: str, clock) -> None:
        self.slacks = slacks
        self.installations = installations
        self.clock = clock
        api_url = f"{address}/api/"
        clients = Clients(installations, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, api_url=api_url, clock=clock)
        self.missed = MissedInAll(clients, lambda _: None, list, ())
        slacks.open(address, "http://127.0.0.1:9/", POCHI, TARO)
        for each in slacks.workspaces.values():
            each.clock = clock

    def say(self, team: str) -> str:
        self.clock.pass_by(1)
        return self.slacks.workspaces[team].say("@bot 犬は元気?")

    def asked(self, since: float, *, whole: bool = True) -> list[tuple[str, str, str]]:
        """Team, ts and Enterprise Grid of the requests in what was missed; of a part of it where one is away."""
        harness = EndpointHarness(self.clock)
        with nullcontext() if whole else pytest.raises(SlackUnavailable):
            for payload in self.missed.since(since):
                harness.endpoint.accept(payload)
        return [(each.team, str(each.ts), each.enterprise) for each in harness.queue.requests]


@pytest.fixture
def world(tmp_path, open_database, serve, clock):
    slacks = Slacks()
    cipher = FernetCipher(Fernet.generate_key().decode())
    installations = Installations(SqliteInstallations(open_database(tmp_path / "bot.sqlite3")), cipher)
    begun = World(slacks, installations, serve(slacks), clock)
    yield begun
    slacks.close()


def test_what_was_missed_is_read_in_each_workspace_with_its_token_in_order(world):
    for team, token in TOKENS.items():
        world.installations.save(world.slacks.install(team, token))
    since = world.clock()
    expected = [(team, world.say(team), "") for team in (TARO, POCHI, TARO)]
    assert world.asked(since) == expected


def test_a_workspace_that_cannot_be_read_keeps_no_other_from_being_read(world, caplog):
    for team, token in TOKENS.items():
        world.installations.save(world.slacks.install(team, token))
    world.slacks.refuse(TOKENS[POCHI], "account_inactive")
    since = world.clock()
    expected = [(team, world.say(team), "") for team in (POCHI, TARO)][1:]
    assert world.asked(since) == expected
    assert caplog.messages == [f"what was posted in {POCHI} meanwhile is not read: Slack answered account_inactive"]


def test_a_workspace_that_is_out_of_reach_keeps_no_other_from_being_read_and_is_read_later(world, caplog):
    for team, token in TOKENS.items():
        world.installations.save(world.slacks.install(team, token))
    grant = world.slacks.tokens[TOKENS[POCHI]]
    world.slacks.refuse(TOKENS[POCHI], "internal_error")
    since = world.clock()
    expected = [(team, world.say(team), "") for team in (POCHI, TARO)]
    assert world.asked(since, whole=False) == expected[1:]
    assert f"what was posted in {POCHI} meanwhile is not read yet: Slack answered internal_error" in caplog.messages
    world.slacks.tokens[TOKENS[POCHI]] = grant
    assert world.asked(since) == expected


def test_in_an_outage_nothing_is_left_out(world):
    world.installations.save(world.slacks.install(POCHI, TOKENS[POCHI]))
    world.slacks.refuse(TOKENS[POCHI], "internal_error")
    with pytest.raises(SlackUnavailable):
        world.asked(world.clock())


def test_of_an_enterprise_grid_the_teams_are_read_in_which_the_bot_was_asked(world):
    installation = world.slacks.install_for_all("E1", "xoxb-of-all", POCHI, TARO)
    installation.custom_values["teams"] = [TARO]
    world.installations.save(installation)
    since = world.clock()
    expected = [(team, world.say(team), "E1") for team in (POCHI, TARO)][1:]
    assert world.asked(since) == expected
