"""One contract for every store of the ledger: charges that are entered with a turn, the sums of them, and limits."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters.dynamodb import DynamoConversations, DynamoLedger, DynamoLimits, DynamoSettings
from adapters.serialization.ledger_records import counts_of
from adapters.sqlite import Database, SqliteConversations, SqliteLedger, SqliteLimits, SqliteSettings
from domain.channels.channel_settings import NO_SETTINGS, ChannelSettings
from domain.conversations.conversation import Conversation
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.errors import AlreadyWarned, Conflict, StoreCorrupt, TooManyQuestions
from domain.limits.owner_limits import NO_LIMIT, NO_OWNER_LIMITS, Limit, Limits
from domain.limits.question_rate import Admission
from domain.ports.stores import Conversations, Ledger, LimitsStore
from domain.requests import Question
from domain.spending.ledger import KEPT_DAYS, NO_ACCOUNTS, NO_SUM, Accounts, Charge, Kind, Owner, OwnerKind, Sum
from domain.spending.usage import Usage
from tests.fakes import InMemoryConversations, InMemoryLedger
from tests.notes import notes

POCHI = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前はポチです")
NOVEMBER = 1_795_800_000.0
"""27 November 2026, 20:00 in UTC."""

CHARGE = Charge(
    request=POCHI.identity,
    kind=Kind.ANSWER,
    team="T1",
    channel="C1",
    person="USAKURA",
    model="gpt-5.4-mini",
    usage=Usage(sent=1211, received=90, cached=1024, turns=1, reasoning=30),
    at=NOVEMBER,
    seconds=2.5,
    first_word=0.75,
    money=478,
)
CONDENSATION = replace(
    CHARGE, kind=Kind.CONDENSATION, usage=Usage(700, 40, 512), first_word=0.0, money=None, person="UHARU"
)
TURNS = 10
SAKURA = Owner("T1", OwnerKind.PERSON, "USAKURA")


@dataclass
class Store:
    conversations: Conversations
    ledger: Ledger
    limits: LimitsStore
    set_settings: Callable[[ChannelSettings], object]


@pytest.fixture(params=["moto", "ministack", "sqlite", "in memory"])
def store(request, tmp_path: Path, clock) -> Iterator[Store]:
    clock.now = NOVEMBER
    match request.param:
        case "moto" | "ministack" as server:
            aws = request.getfixturevalue(server)
            table, usage = aws.create_table(), aws.create_usage_table()
            yield Store(
                DynamoConversations(table, ttl_days=90, clock=clock, count_tokens=len, usage_table=usage),
                DynamoLedger(usage, clock=clock),
                DynamoLimits(table),
                lambda settings: DynamoSettings(table).change("T1", "C1", lambda _: settings),
            )
        case "sqlite":
            with closing(Database(tmp_path / "bot.sqlite3")) as database:
                yield Store(
                    SqliteConversations(database, ttl_days=90, clock=clock),
                    SqliteLedger(database),
                    SqliteLimits(database),
                    lambda settings: SqliteSettings(database).change("T1", "C1", lambda _: settings),
                )
        case "in memory":
            conversations = InMemoryConversations(clock)
            yield Store(
                conversations,
                InMemoryLedger(conversations),
                conversations.limits,
                lambda settings: conversations.settings.update({("T1", "C1"): settings}),
            )


def save(store: Store, *charges: Charge, key: str = "T1/C1") -> Stored:
    stored = store.conversations.load(key)
    for charge in charges:
        stored = store.conversations.save(key, stored, charge)
    return stored


def test_before_the_first_charge_there_is_nothing(store: Store):
    assert list(store.ledger.months()) == []
    assert store.ledger.sum_of(SAKURA, "2026-11") == NO_SUM
    assert store.ledger.sums("T1", "2026-11", OwnerKind.PERSON) == {}
    assert list(store.ledger.entries("T1", "2026-11")) == []
    assert store.conversations.load("T1/C1", of=POCHI) == Stored(
        Conversation(), 0, NO_ACCOUNTS, NO_SETTINGS, NO_OWNER_LIMITS
    )


def test_a_charge_is_added_to_the_sums_of_its_person_channel_team_and_model(store: Store):
    save(store, CHARGE, CONDENSATION)
    answer, condensation = Sum.of(CHARGE), Sum.of(CONDENSATION)
    both = answer + condensation
    assert both == Sum(Usage(1911, 130, 1536, 1, 30), condensations=1, money=478, unpriced=740)
    sums = {kind: store.ledger.sums("T1", "2026-11", kind) for kind in OwnerKind}
    assert sums == {
        OwnerKind.PERSON: {"USAKURA": answer, "UHARU": condensation},
        OwnerKind.CHANNEL: {"C1": both},
        OwnerKind.TEAM: {"T1": both},
        OwnerKind.MODEL: {"gpt-5.4-mini": both},
    }
    assert store.ledger.sum_of(SAKURA, "2026-11") == answer
    assert store.ledger.sum_of(Owner("T1", OwnerKind.TEAM, "T1"), "2026-11") == both


def test_an_entry_is_kept_to_the_letter(store: Store):
    later = replace(CONDENSATION, at=NOVEMBER + 1, usage=Usage(700, 40, estimated=1))
    free = replace(CHARGE, at=NOVEMBER + 2, money=0)  # of a model that costs nothing, which is not one without a price
    save(store, CHARGE, later, free)
    assert list(store.ledger.entries("T1", "2026-11")) == [CHARGE, later, free]


def test_a_conversation_comes_with_the_accounts_settings_and_limits_of_its_turn(store: Store):
    stored = save(store, CHARGE, replace(CHARGE, person="UHARU", channel="C2"))
    store.set_settings(ChannelSettings("犬の話だけ。", "gpt-5.4", "en", Scope.CHANNEL, 5_000))
    store.limits.set_limit(SAKURA, Limit(budget=100_000))
    store.limits.set_limit(Owner("T1", OwnerKind.TEAM, "T1"), Limit(questions=0))
    once = Sum.of(CHARGE)
    assert store.conversations.load("T1/C1", of=POCHI) == Stored(
        stored.conversation,
        2,
        Accounts(person=once, channel=once, team=once + once),
        ChannelSettings("犬の話だけ。", "gpt-5.4", "en", Scope.CHANNEL, 5_000),
        Limits(person=Limit(budget=100_000), team=Limit(questions=0)),
    )


def test_a_save_that_conflicts_charges_nothing(store: Store):
    save(store, CHARGE)
    with pytest.raises(Conflict):
        store.conversations.save("T1/C1", Stored(Conversation(notes=notes("古い")), 0), CHARGE)
    assert store.ledger.sum_of(SAKURA, "2026-11") == Sum.of(CHARGE)
    assert list(store.ledger.entries("T1", "2026-11")) == [CHARGE]


def test_two_workers_at_once_on_one_person_lose_nothing(store: Store):
    def turns(channel: str) -> None:
        for number in range(TURNS):
            request = f"T1/{channel}/{number}"
            save(store, replace(CHARGE, request=request, channel=channel), key=request)

    with ThreadPoolExecutor() as workers:
        list(workers.map(turns, ["C1", "C2"]))
    assert store.ledger.sum_of(SAKURA, "2026-11").usage.turns == 2 * TURNS
    assert store.ledger.sums("T1", "2026-11", OwnerKind.TEAM)["T1"].money == 2 * TURNS * 478
    assert len(list(store.ledger.entries("T1", "2026-11"))) == 2 * TURNS


@pytest.mark.parametrize("model", ["org/pochi:free", "person/USAKURA", "犬#1", "m" * 1_000])
def test_a_model_may_be_called_whatever_the_settings_allow(store: Store, model):
    save(store, replace(CHARGE, model=model))
    assert list(store.ledger.sums("T1", "2026-09", OwnerKind.MODEL)) == []
    assert list(store.ledger.sums("T1", "2026-11", OwnerKind.MODEL)) == [model]
    assert list(store.ledger.sums("T1", "2026-11", OwnerKind.PERSON)) == ["USAKURA"]


def test_two_charges_of_one_request_at_one_moment_are_two(store: Store):
    save(store, CONDENSATION, CONDENSATION)
    assert list(store.ledger.entries("T1", "2026-11")) == [CONDENSATION, CONDENSATION]
    assert store.ledger.sum_of(Owner("T1", OwnerKind.PERSON, "UHARU"), "2026-11").condensations == 2


def test_a_charge_counts_in_the_month_in_which_it_was_made(store: Store, clock):
    midnight = 1_796_083_200.0  # 1 December, 0:00 in UTC
    clock.now = midnight
    save(store, replace(CHARGE, at=midnight - 0.001), replace(CHARGE, at=midnight))
    assert list(store.ledger.months()) == [("T1", "2026-12"), ("T1", "2026-11")]
    assert list(store.ledger.months("2026-11")) == [("T1", "2026-11")]
    assert list(store.ledger.months("2026-10")) == []
    clock.now = midnight - 0.001
    assert store.conversations.load("T1/C1", of=POCHI).accounts.person == Sum.of(CHARGE)
    clock.now = midnight
    assert store.conversations.load("T1/C1", of=POCHI).accounts.person == Sum.of(CHARGE)
    clock.now = midnight + 31 * 86_400
    assert store.conversations.load("T1/C1", of=POCHI).accounts == NO_ACCOUNTS
    assert store.conversations.load("T1/C1", of=POCHI).accounts.month == "2027-01"


def test_teams_do_not_mix(store: Store):
    save(store, CHARGE)
    save(store, replace(CHARGE, team="T2"), replace(CHARGE, team="T2"), key="T2/C1")
    assert sorted(store.ledger.months()) == [("T1", "2026-11"), ("T2", "2026-11")]
    assert store.ledger.sum_of(SAKURA, "2026-11") == Sum.of(CHARGE)
    assert list(store.ledger.sums("T2", "2026-11", OwnerKind.TEAM)) == ["T2"]


def test_a_limit_that_is_set_to_nothing_is_gone(store: Store):
    for limit in (Limit(budget=0), NO_LIMIT):
        store.limits.set_limit(SAKURA, limit)
        assert store.limits.limit(SAKURA) == limit


def test_a_person_who_is_forgotten_leaves_the_sums_of_others_as_they_are(store: Store):
    save(store, CHARGE, CONDENSATION, replace(CHARGE, at=NOVEMBER - 30 * 86_400))
    store.ledger.forget(SAKURA)
    assert store.ledger.sum_of(SAKURA, "2026-11") == store.ledger.sum_of(SAKURA, "2026-10") == NO_SUM
    assert list(store.ledger.sums("T1", "2026-11", OwnerKind.PERSON)) == ["UHARU"]
    assert list(store.ledger.entries("T1", "2026-11")) == [CONDENSATION]
    assert list(store.ledger.entries("T1", "2026-10")) == []
    assert store.ledger.sums("T1", "2026-11", OwnerKind.TEAM) == {"T1": Sum.of(CHARGE) + Sum.of(CONDENSATION)}


WARNING = replace(CHARGE, warned=(OwnerKind.PERSON, OwnerKind.TEAM))


def test_of_each_budget_that_is_nearly_used_up_somebody_is_told_once_a_month(store: Store):
    save(store, CHARGE, WARNING)
    accounts = store.conversations.load("T1/C1", of=POCHI).accounts
    assert [accounts.person.warnings, accounts.channel.warnings, accounts.team.warnings] == [1, 0, 1]
    assert list(store.ledger.entries("T1", "2026-11")) == [CHARGE, WARNING]


def test_of_two_workers_who_would_tell_at_once_one_is_refused_and_writes_nothing(store: Store):
    save(store, WARNING)
    before = store.conversations.load("T1/C9", of=POCHI)
    with pytest.raises(AlreadyWarned):
        store.conversations.save("T1/C9", before, replace(CHARGE, person="UHARU", warned=(OwnerKind.TEAM,)))
    assert store.conversations.load("T1/C9", of=POCHI) == before
    store.conversations.save("T1/C9", before, replace(CHARGE, person="UHARU", warned=(OwnerKind.CHANNEL,)))


def test_the_next_month_somebody_is_told_again(store: Store):
    save(store, WARNING, replace(WARNING, at=NOVEMBER + 30 * 86_400))
    assert store.ledger.sum_of(SAKURA, "2026-12").warnings == 1


def test_a_stale_writer_who_would_tell_is_a_stale_writer_first(store: Store):
    save(store, WARNING)
    with pytest.raises(Conflict) as refused:
        store.conversations.save("T1/C1", Stored(Conversation(), 0), WARNING)
    assert not isinstance(refused.value, AlreadyWarned)


def admit(store: Store, *questions: Question, limit: int = 9) -> None:
    for number, question in enumerate(questions):
        admitted = Admission(question, limit)
        store.conversations.save(f"T1/C1/{number}", Stored(Conversation(), 0), admitted=admitted)


def asked_at(seconds: float, **changes) -> Question:
    return replace(POCHI, ts=f"{seconds:.6f}", **changes)


def test_what_a_person_asked_within_a_minute_comes_with_the_conversation(store: Store):
    now = NOVEMBER // 60 * 60 + 30.25  # in the midst of one of the clock's minutes
    others = (asked_at(now, person="UHARU"), asked_at(now, team="T2"))
    admit(store, *(asked_at(now + each) for each in (-60.5, -59.5, 0, 59.5, 60.5)), *others)
    beside = store.conversations.load("T1/C1", of=asked_at(now)).admitted
    assert beside == (now - 59.5, now, now + 59.5)


def test_one_question_is_counted_once_however_often_it_is_admitted(store: Store):
    admit(store, asked_at(NOVEMBER), asked_at(NOVEMBER))
    assert store.conversations.load("T1/C1", of=asked_at(NOVEMBER)).admitted == (NOVEMBER,)


def test_of_questions_that_came_at_once_no_more_are_admitted_than_may_be(store: Store):
    now = NOVEMBER // 60 * 60 + 30
    admit(store, asked_at(now), asked_at(now, person="UHARU"), asked_at(now + 1), limit=2)
    with pytest.raises(TooManyQuestions) as refused:
        store.conversations.save("T1/C1/9", Stored(Conversation(), 0), admitted=Admission(asked_at(now + 2), 2))
    assert 0 < refused.value.seconds <= 60
    assert store.conversations.load("T1/C1/9", of=asked_at(now)).admitted == (now, now + 1)
    assert store.conversations.load("T1/C1/9").version == 0  # nothing is saved either
    store.conversations.save("T1/C1/9", Stored(Conversation(), 0), admitted=Admission(asked_at(now + 1), 2))  # again


def test_a_save_that_conflicts_admits_nothing(store: Store):
    save(store, CHARGE)
    with pytest.raises(Conflict):
        store.conversations.save("T1/C1", Stored(Conversation(), 0), admitted=Admission(asked_at(NOVEMBER), 9))
    assert store.conversations.load("T1/C1", of=asked_at(NOVEMBER)).admitted == ()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "bot.sqlite3")) as database:
        yield database


def test_in_a_file_thirteen_months_are_kept_and_no_more(database: Database, clock):
    conversations, ledger = SqliteConversations(database, ttl_days=90, clock=clock), SqliteLedger(database)
    clock.now = NOVEMBER
    conversations.save("T1/C1", Stored(Conversation(), 0), CHARGE)
    for days, entries, sums in ((KEPT_DAYS - 1, 1, 1), (1, 0, 1), (31, 0, 0)):  # a sum waits for its month's end
        with database.transaction():
            for _ in range(days):  # each day something is written, so that the clock has not leapt
                clock.pass_by(86_400)
                database.trusted_time(clock())
        conversations.save("T1/C2", conversations.load("T1/C2"), replace(CHARGE, at=clock()))
        assert len(list(ledger.entries("T1", "2026-11"))) == entries
        assert len(ledger.sums("T1", "2026-11", OwnerKind.PERSON)) == sums


def test_in_a_file_what_cannot_be_read_is_named(database: Database, clock):
    conversations, limits = SqliteConversations(database, ttl_days=90, clock=clock), SqliteLimits(database)
    conversations.save("T1/C1", Stored(Conversation(), 0), CHARGE)
    limits.set_limit(SAKURA, Limit(budget=7))
    with database.transaction() as connection:
        connection.execute("UPDATE entries SET content = '{}'")
        connection.execute("UPDATE limits SET content = '[7]'")
    with pytest.raises(StoreCorrupt, match="T1/2026-11"):
        list(SqliteLedger(database).entries("T1", "2026-11"))
    with pytest.raises(StoreCorrupt, match="USAKURA"):
        limits.limit(SAKURA)


def test_ten_thousand_sums_of_a_file_are_listed_at_once(database: Database):
    row = counts_of(Sum.of(CHARGE)) | {"team": "T1", "month": "2026-11", "kind": "person", "expires_at": 0}
    with database.transaction() as connection:
        columns, places = ", ".join([*row, "owner"]), ", ".join("?" * (len(row) + 1))
        rows = [[*row.values(), f"U{number:07}"] for number in range(10_000)]
        connection.executemany(f"INSERT INTO sums ({columns}) VALUES ({places})", rows)
    sums = SqliteLedger(database).sums("T1", "2026-11", OwnerKind.PERSON)
    assert len(sums) == 10_000
    assert set(sums.values()) == {Sum.of(CHARGE)}


def test_a_ledger_without_a_table_is_empty(clock):
    ledger = DynamoLedger("", clock=clock)
    assert list(ledger.months()) == []
    assert ledger.sum_of(SAKURA, "2026-11") == NO_SUM
    assert ledger.sums("T1", "2026-11", OwnerKind.PERSON) == {}
    assert list(ledger.entries("T1", "2026-11")) == []
    ledger.forget(SAKURA)
