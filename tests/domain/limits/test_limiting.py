"""Turns under limits: what is refused, what is told, and that nothing is asked or lost."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.channels.channel_settings import ChannelSettings
from domain.conversations.conversation import Conversation
from domain.conversations.place import Scope
from domain.conversations.saving import Stored
from domain.correction.waiting_changes import PostChange
from domain.deliveries.delivery import Delivery
from domain.errors import BudgetUsedUp, ModelUnavailable, SlackUnavailable, StoreUnavailable, TooManyQuestions
from domain.limits.allowance import Allowance
from domain.limits.owner_limits import Limit
from domain.memory import Memory
from domain.spending.ledger import Owner, OwnerKind
from domain.texts.english import ENGLISH
from domain.timestamp import Timestamp
from tests.domain.desk import DOG, Desk, follow_up, raising
from tests.fakes import ScriptedModel, spending

NOVEMBER = datetime(2026, 11, 26, 18, tzinfo=UTC).timestamp()
MIDNIGHT = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
SAKURA = Owner("T1", OwnerKind.PERSON, "USAKURA")
TEAM = Owner("T1", OwnerKind.TEAM, "T1")
AGAIN = Delivery(2)


def desk(model=None, *, spent: int = 0, memory=None, scope=Scope.THREAD, **limits: int) -> Desk:
    """A desk with these limits, in a November in which さくら has spent so much in channel C1."""
    made = Desk(model, memory=memory, scope=scope, allowance=Allowance(**limits))
    made.clock.now = NOVEMBER
    made.store.charges += [spending(spent, NOVEMBER)] if spent else []
    return made


def text_for(made: Desk, question) -> str:
    return made.replies.of[question.identity].text


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"person": 1_000}, "あなたの今月のトークン予算を使い切りました。2026-12-01(UTC)に新しくなります。"),
        ({"channel": 1_000}, "このチャンネルの今月のトークン予算を使い切りました。2026-12-01(UTC)に"),
        ({"team": 1_000}, "このワークスペースの今月のトークン予算を使い切りました。2026-12-01(UTC)に"),
    ],
)
def test_a_budget_that_is_used_up_asks_no_model_and_says_whose_it_is_and_when_the_next_begins(limits, sentence):
    made = desk(spent=1_000, **limits)
    made.answer(DOG)
    assert made.model.prompts == []
    assert sentence in text_for(made, DOG)
    assert made.replies.only.private
    assert isinstance(made.events[-1].error, BudgetUsedUp)


def test_below_the_budget_a_question_is_answered():
    made = desk(spent=999, person=1_000)
    made.answer(DOG)
    assert len(made.model.prompts) == 1


@pytest.mark.parametrize("whose", ["person", "channel", "team"])
def test_in_english_too_the_sentence_has_a_date(whose):
    sentence = ENGLISH.trouble(BudgetUsedUp(whose, 1_000, datetime(2026, 12, 1, tzinfo=UTC).date()), "0123abcd")
    assert "2026-12-01 (UTC)" in sentence
    assert "0123abcd" in sentence


def test_what_others_have_spent_elsewhere_is_not_held_against_a_person_or_a_channel():
    made = desk(person=1_000, channel=1_000)
    made.store.charges.append(spending(5_000, NOVEMBER, person="UHARU", channel="C2"))
    made.store.charges.append(spending(5_000, NOVEMBER, team="T2"))
    made.answer(DOG)
    assert len(made.model.prompts) == 1


def test_with_the_next_month_a_new_budget_begins():
    made = desk(spent=1_000, person=1_000)
    made.clock.now = MIDNIGHT - 0.001
    made.answer(DOG)
    assert made.model.prompts == []
    made.clock.now = MIDNIGHT
    made.answer(follow_up(1))
    assert len(made.model.prompts) == 1


def test_a_refusal_that_is_delivered_again_is_told_once():
    made = desk(spent=1_000, person=1_000)
    made.answer(DOG)
    posted = dict(made.replies.of)
    made.replies.of.clear()
    made.answer(DOG, AGAIN)
    assert made.replies.of == {}
    assert posted[DOG.identity].text == made.memory_of().reply_to(DOG.ts).answer
    assert made.model.prompts == []


@pytest.mark.parametrize("word", ["記憶", "エクスポート", "使用量", "忘れて 1", "静かに", "ヘルプ", "リセット"])
def test_a_person_over_every_limit_can_still_use_commands(word):
    made = desk(person=1_000, questions=1)
    made.answer(DOG)
    made.store.charges.append(spending(1_000, NOVEMBER))
    made.answer(follow_up(1, word))
    assert "予算" not in text_for(made, follow_up(1, word))
    assert type(made.events[-1]).__name__ == "Obeyed"


def test_a_limit_that_is_lowered_below_what_is_used_asks_no_model_and_loses_nothing():
    made = desk(person=100_000)
    made.answer(DOG)
    before = made.memory_of()
    made.store.charges.append(spending(900, NOVEMBER))
    made.store.limits.set_limit(SAKURA, Limit(budget=500))
    made.answer(follow_up(1))
    assert len(made.model.prompts) == 1
    assert made.memory_of().buffer == before.buffer


def test_what_the_operator_has_set_for_a_person_a_channel_or_the_team_goes_before_the_settings():
    made = desk(spent=1_000, person=500, channel=500, team=500)
    made.store.limits.set_limit(SAKURA, Limit(budget=0))
    made.store.limits.set_limit(TEAM, Limit(budget=2_000))
    made.store.settings["T1", "C1"] = ChannelSettings(budget=1_001)
    made.answer(DOG)
    assert len(made.model.prompts) == 1
    made.store.settings["T1", "C1"] = ChannelSettings(budget=1_000)
    made.answer(follow_up(1))
    assert len(made.model.prompts) == 1
    assert "このチャンネル" in text_for(made, follow_up(1))


def test_of_a_refused_question_nothing_is_condensed_either():
    made = desk(spent=1_000, person=1_000, memory=Memory(limit=10, keep=5, summary=10))
    made.answer(DOG)
    assert made.queue.requests == []


def test_more_questions_than_a_minute_may_have_are_refused_until_the_minute_is_over():
    made = desk(questions=2)
    asked = [replace(DOG, channel=f"C{number}", ts=Timestamp(f"{1000 + number}.000001")) for number in range(3)]
    for question in asked:
        made.answer(question)
    assert len(made.model.prompts) == 2
    assert "2 件まで" in text_for(made, asked[2])
    assert "58 秒後にまた質問できます" in text_for(made, asked[2])
    assert made.replies.of[asked[2].identity].private
    assert isinstance(made.events[-1].error, TooManyQuestions)
    made.answer(replace(DOG, ts=Timestamp("1060.000001")))
    assert len(made.model.prompts) == 3


def test_the_questions_of_others_do_not_count():
    made = desk(questions=1)
    made.answer(DOG)
    made.answer(follow_up(1, person="UHARU"))
    assert len(made.model.prompts) == 2


def test_a_question_that_comes_again_is_not_counted_twice():
    made = desk(questions=1)
    made.answer(DOG)
    made.answer(DOG, AGAIN)
    assert [type(each).__name__ for each in made.events] == ["Answered", "Finished"]


def test_a_question_that_is_tried_again_was_let_through_before():
    made = desk(ScriptedModel(ModelUnavailable("503")), questions=1)
    with pytest.raises(ModelUnavailable):
        made.answer(DOG)
    made.answer(DOG, AGAIN)
    assert type(made.events[-1]).__name__ == "Answered"


def test_a_refusal_whose_worker_was_killed_after_its_reply_was_opened_is_a_refusal_again():
    made = desk(questions=1)
    made.answer(DOG)
    made.store.interfere = raising(StoreUnavailable("down"))
    with pytest.raises(StoreUnavailable):
        made.answer(follow_up(1))
    made.store.interfere = lambda: None
    made.answer(follow_up(1), AGAIN)
    assert len(made.model.prompts) == 1
    assert isinstance(made.events[-1].error, TooManyQuestions)


def test_questions_are_counted_only_where_there_is_a_limit():
    made = desk()
    made.answer(DOG)
    assert made.store.admitted == set()
    made.store.limits.set_limit(SAKURA, Limit(questions=1))
    made.answer(follow_up(1))
    made.answer(follow_up(2))
    assert [each.ts for each in made.store.admitted] == [follow_up(1).ts]


def test_what_is_refused_does_not_count():
    made = desk(questions=2)
    made.answer(replace(DOG, text=""))
    made.answer(follow_up(1, "記憶"))
    made.answer(follow_up(2, external=True))
    assert made.store.admitted == set()


def test_of_questions_that_come_at_once_no_more_are_answered_than_may_be_asked_in_a_minute():
    made = desk(questions=2)
    flood = [replace(DOG, ts=Timestamp(f"1000.{number:06}")) for number in range(1, 7)]
    waiting = iter(flood[1:])

    def another_begins(_):
        if question := next(waiting, None):
            made.answer(question)  # before the one before it is saved

    made.replies.on_open = another_begins
    made.answer(flood[0])
    assert len(made.model.prompts) == 2
    refused = [each for each in flood if "一分間" in text_for(made, each)]
    assert len(refused) == 4
    assert all(made.store.kept[f"T1/C1/{each.ts}"].conversation.is_empty for each in refused)


@pytest.mark.parametrize(("edited", "event"), [("犬の名前はハチです", "Failed"), ("記憶", "Obeyed")])
def test_one_too_many_that_was_edited_meanwhile_is_still_one_too_many_unless_it_is_a_command(edited, event):
    made = desk(questions=1)
    first, second = replace(DOG, ts=Timestamp("1000.000001")), replace(DOG, ts=Timestamp("1000.000002"))

    def meanwhile(_):
        made.replies.on_open = lambda _: None
        made.answer(first)
        changed = Conversation(changes=(PostChange(second.ts, Timestamp("1000.000003"), edited),))
        made.store.kept["T1/C1/1000.000002"] = Stored(changed, 1)

    made.replies.on_open = meanwhile
    made.answer(second)
    assert len(made.model.prompts) == 1
    assert type(made.events[-1]).__name__ == event


def test_where_a_channel_is_one_conversation_a_flood_is_refused_and_the_question_of_another_is_answered():
    made = desk(scope=Scope.CHANNEL, questions=5)
    flood = [replace(DOG, ts=Timestamp(f"1000.{number:06}"), person="UFLOOD") for number in range(1, 201)]
    for question in (*flood, replace(DOG, ts=Timestamp("1001.000001"), text="散歩は?")):
        made.answer(question)
    assert len(made.model.prompts) == 6
    assert "散歩は?" in made.model.prompts[-1][-1].text


ASKED = replace(DOG, ts=Timestamp(f"{NOVEMBER:.6f}"))
ELSEWHERE = replace(ASKED, channel="C2", ts=Timestamp(f"{NOVEMBER + 1:.6f}"))
LATER = replace(ASKED, ts=Timestamp(f"{NOVEMBER + 2:.6f}"), thread=ASKED.ts, text="それで?")
NEARLY = {"spent": 79_900, "person": 100_000}
"""A short turn leads to 80 per cent."""

NOTICE = "(あなたの今月のトークン予算の 80 % を使いました。2026-12-01(UTC)に新しくなります。)"


def notices(made: Desk) -> int:
    """How often people read that a budget is nearly used up."""
    return sum(reply.text.count("今月のトークン予算の 8") for reply in made.replies.of.values())


def test_the_answer_that_reaches_eighty_per_cent_says_so_below_and_the_next_one_does_not():
    made = desk(**NEARLY)
    made.answer(ASKED)
    made.answer(LATER)
    assert text_for(made, ASKED).endswith(f"\n\n{NOTICE}")
    assert NOTICE not in text_for(made, LATER)
    assert NOTICE not in "".join(message.text for message in made.memory_of(f"T1/C1/{ASKED.ts}").buffer)


def test_below_eighty_per_cent_nobody_is_told():
    made = desk(spent=70_000, person=100_000)
    made.answer(ASKED)
    assert notices(made) == 0


def test_of_each_budget_somebody_is_told_once():
    made = desk(spent=79_900, person=100_000, channel=100_000, team=100_000)
    made.answer(ASKED)
    made.answer(replace(LATER, person="UHARU"))
    assert text_for(made, ASKED).count("今月のトークン予算の 80 %") == 3
    assert notices(made) == 3


def test_the_next_month_people_are_told_again():
    made = desk(**NEARLY)
    made.answer(ASKED)
    made.clock.now = MIDNIGHT
    made.store.charges.append(spending(79_900, MIDNIGHT))
    made.answer(replace(LATER, ts=Timestamp(f"{MIDNIGHT:.6f}")))
    assert notices(made) == 2


def test_an_answer_that_is_written_while_the_month_ends_tells_nobody_of_either_months_budget():
    made = desk(**NEARLY)
    made.clock.now = MIDNIGHT
    made.answer(replace(ASKED, ts=Timestamp(f"{MIDNIGHT - 1:.6f}")))
    assert notices(made) == 0


def test_a_clock_behind_slacks_at_the_turn_of_the_month_holds_the_old_months_sums_against_nobody():
    made = desk(**NEARLY)
    made.clock.now = MIDNIGHT - 3
    made.replies.on_open = lambda _: setattr(made.clock, "now", MIDNIGHT)
    made.answer(replace(ASKED, ts=Timestamp(f"{MIDNIGHT + 1:.6f}")))
    assert notices(made) == 0
    made.store.charges.append(spending(79_900, MIDNIGHT))
    made.answer(replace(LATER, ts=Timestamp(f"{MIDNIGHT + 2:.6f}")))
    assert notices(made) == 1


def test_an_answer_that_ends_in_the_next_month_counts_there():
    made = desk(**NEARLY)
    made.replies.on_open = lambda _: setattr(made.clock, "now", MIDNIGHT)
    made.answer(ASKED)
    assert [charge.month for charge in made.store.charges] == ["2026-11", "2026-12"]
    assert notices(made) == 0


def test_of_two_workers_who_reach_it_at_once_one_tells_and_no_model_is_asked_again():
    made = desk(**NEARLY)
    saves: list[int] = []

    def faster() -> None:
        saves.append(1)
        if len(saves) == 2:  # the first one opened the reply
            made.answer(ELSEWHERE)

    made.store.interfere = faster
    made.answer(ASKED)
    assert (text_for(made, ELSEWHERE).count(NOTICE), text_for(made, ASKED).count(NOTICE)) == (1, 0)
    assert len(made.model.prompts) == 2
    assert [len(charge.warned) for charge in made.store.charges] == [0, 1, 0]


@pytest.mark.parametrize("number", [1, 2])
def test_wherever_a_worker_is_killed_the_person_is_told_once(number):
    made = desk(**NEARLY)
    calls: list[int] = []

    def killed() -> None:
        calls.append(1)
        if len(calls) == number:
            raise StoreUnavailable("down")

    made.store.interfere = killed
    for delivery in (1, 2, 3):
        with suppress(StoreUnavailable):
            made.answer(ASKED, Delivery(delivery))
    made.answer(LATER)
    assert notices(made) == 1
    assert sum(len(charge.warned) for charge in made.store.charges) == 1


def test_a_reply_that_could_not_be_closed_is_finished_with_the_notice():
    made = desk(**NEARLY)
    made.replies.on_open = lambda reply: setattr(reply, "fail_to_close", True)
    with pytest.raises(SlackUnavailable):
        made.answer(ASKED)
    made.answer(ASKED, AGAIN)
    assert text_for(made, ASKED).count(NOTICE) == 1
    assert type(made.events[-1]).__name__ == "Finished"


def test_what_is_under_way_when_a_budget_is_used_up_is_still_answered_and_nothing_after_it():
    made = desk(spent=99_999, person=100_000)
    made.replies.on_open = lambda _: made.replies.__dict__.update(on_open=lambda _: None) or made.answer(ELSEWHERE)
    made.answer(ASKED)
    made.answer(LATER)
    assert len(made.model.prompts) == 2
    assert "使い切りました" in text_for(made, LATER)
    assert [charge.request for charge in made.store.charges[1:]] == [ELSEWHERE.identity, ASKED.identity]
