"""What is charged for the model's calls, when, and how often."""

from dataclasses import replace

import pytest

from adapters.openai.list_prices import PRICES
from domain.errors import (
    Conflict,
    ModelBusy,
    ModelCannotSee,
    ModelRefused,
    ModelUnavailable,
    StoreUnavailable,
    SummaryTooSlow,
    TokenLimitTooLow,
)
from domain.memory import Memory
from domain.ports.model import Completed
from domain.spending.charging import Charging
from domain.spending.ledger import Charge, Kind, Owner, OwnerKind, Sum
from domain.spending.prices import Price, Prices
from domain.spending.usage import Usage
from tests.domain.desk import DOG, THREAD, Desk, follow_up
from tests.fakes import InMemoryLedger, ScriptedModel

SEPTEMBER = "2026-09"
"""The month of a desk's clock."""


class Pieces(ScriptedModel):
    """Says these pieces, and raises what is an error among them."""

    def __init__(self, *pieces) -> None:
        super().__init__()
        self.pieces = pieces

    def reply(self, prompt, *_):
        self.prompts.append(prompt)
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece


def only(desk: Desk) -> Charge:
    (charge,) = desk.store.charges
    return charge


def prompt_tokens(desk: Desk) -> int:
    """Of the last prompt; a token is a character at a desk."""
    return sum(len(part.text_with_name) for part in desk.model.prompts[-1])


def test_an_answer_is_charged_to_its_person_channel_team_and_model_with_its_seconds():
    desk = Desk(Pieces("ポチ", "です", Completed(Usage(100, 20, 80, reasoning=5))))
    desk.answer(DOG)
    charge = only(desk)
    assert charge == Charge(
        request=DOG.identity,
        kind=Kind.ANSWER,
        team="T1",
        channel="C1",
        person="USAKURA",
        model="scripted",
        usage=Usage(100, 20, 80, turns=1, reasoning=5),
        at=desk.clock(),
    )
    assert list(charge.owners) == [
        Owner("T1", OwnerKind.PERSON, "USAKURA"),
        Owner("T1", OwnerKind.CHANNEL, "C1"),
        Owner("T1", OwnerKind.TEAM, "T1"),
        Owner("T1", OwnerKind.MODEL, "scripted"),
    ]
    assert not charge.estimated


def test_the_seconds_to_the_first_word_and_to_the_end_are_in_the_entry():
    class Slow(Pieces):
        def reply(self, prompt, deadline, *_):
            desk.clock.pass_by(2)
            yield "ポチ"
            desk.clock.pass_by(3)
            yield Completed(Usage(9, 9))

    desk = Desk(Slow())
    desk.answer(DOG)
    assert (only(desk).first_word, only(desk).seconds) == (2, 5)


def test_a_delivery_after_the_answer_was_saved_charges_nothing():
    desk = Desk()
    desk.answer(DOG)
    desk.answer(DOG)
    assert len(desk.store.charges) == 1


def test_of_two_deliveries_that_answer_at_once_one_is_charged():
    desk = Desk(ScriptedModel("ポチ", "ポチ"))

    def meanwhile():
        desk.store.interfere = lambda: None
        desk.answer(DOG)

    desk.model.on_reply = meanwhile
    reply = desk.model.reply

    def interrupted(*arguments):
        desk.model.on_reply, once = lambda: None, desk.model.on_reply
        once()
        yield from reply(*arguments)

    desk.model.reply = interrupted
    desk.answer(DOG)
    assert [each.kind for each in desk.store.charges] == [Kind.ANSWER]
    assert desk.memory_of().usage == desk.store.charges[0].usage


def test_what_another_answered_meanwhile_is_neither_refused_nor_charged():
    desk = Desk(ScriptedModel("ポチ", ModelRefused("filter")))
    reply = desk.model.reply

    def interrupted(*arguments):
        desk.model.reply = reply
        desk.answer(DOG)
        yield from reply(*arguments)

    desk.model.reply = interrupted
    desk.answer(DOG)
    assert [each.kind for each in desk.store.charges] == [Kind.ANSWER]
    assert desk.replies.by_ts[desk.memory_of().replies[-1].reply].text == "ポチ"


def test_a_conflict_with_another_question_charges_once():
    desk = Desk()

    def another():
        fresh = desk.store.load(THREAD)
        desk.store.interfere = lambda: None
        desk.store.save(THREAD, replace(fresh, conversation=fresh.conversation.settled("999.000001", "猫です")))

    desk.model.reply = _first(lambda: setattr(desk.store, "interfere", another), desk.model.reply)
    desk.answer(DOG)
    assert len(desk.store.charges) == 1


def _first(action, call):
    def both(*arguments):
        action()
        yield from call(*arguments)

    return both


@pytest.mark.parametrize(
    "pieces", [("ポチは", "柴犬"), ("ポチは", "柴犬", Completed(Usage()))], ids=["stopped", "silent"]
)
def test_where_nobody_has_counted_the_tokens_are_estimated_and_marked(pieces):
    desk = Desk(Pieces(*pieces))
    if len(pieces) == 2:
        desk.replies.on_open = lambda reply: setattr(reply, "write", _stopping(reply))
    desk.answer(DOG)
    assert only(desk).usage == Usage(prompt_tokens(desk), len("ポチは柴犬"), turns=1, estimated=1)
    assert only(desk).estimated
    assert Sum.of(only(desk)).estimated == 1


def _stopping(reply):
    write = reply.write

    def stopped(words):
        write(words)
        reply.stopped = reply.text.endswith("柴犬")

    return stopped


def test_a_refusal_that_was_counted_is_charged_as_such():
    desk = Desk(Pieces(Completed(Usage(70, 3))))  # an answer without a word
    desk.answer(DOG)
    charge = only(desk)
    assert (charge.kind, charge.usage) == (Kind.REFUSAL, Usage(70, 3))
    assert desk.memory_of().usage == Usage(70, 3)
    assert Sum.of(charge) == Sum(Usage(70, 3), refusals=1, unpriced=73)


def test_a_refusal_that_nobody_has_counted_is_estimated():
    desk = Desk(ScriptedModel(ModelRefused("filter")))
    desk.answer(DOG)
    assert only(desk).usage == Usage(prompt_tokens(desk), estimated=1)


def test_a_question_that_the_model_never_read_costs_nothing():
    desk = Desk(ScriptedModel(ModelCannotSee("no pictures")))
    desk.answer(DOG)
    desk.answer(follow_up(1, "   "))
    assert desk.store.charges == []


def test_an_attempt_that_broke_off_in_the_middle_is_charged_and_so_is_the_next():
    desk = Desk(Pieces("ポチは", ModelUnavailable("reset")))
    with pytest.raises(ModelUnavailable):
        desk.answer(DOG)
    assert only(desk).kind is Kind.REFUSAL
    assert only(desk).usage == Usage(prompt_tokens(desk), len("ポチは"), estimated=1)
    desk.model.pieces = ("ポチ", Completed(Usage(50, 2)))
    desk.answer(DOG)
    assert [each.kind for each in desk.store.charges] == [Kind.REFUSAL, Kind.ANSWER]


def test_an_attempt_that_never_reached_the_model_costs_nothing():
    desk = Desk(ScriptedModel(ModelBusy("429")))
    with pytest.raises(ModelBusy):
        desk.answer(DOG)
    assert desk.store.charges == []


def test_where_the_store_is_away_too_the_attempts_own_error_counts():
    desk = Desk(Pieces(TokenLimitTooLow("thoughts").after(Usage(50, 2000, reasoning=2000))))

    def away():
        if desk.model.prompts:
            raise StoreUnavailable("locked")

    desk.store.interfere = away
    with pytest.raises(TokenLimitTooLow):
        desk.answer(DOG)
    assert desk.store.charges == []


def condensing_desk(*summaries, before=lambda desk: None) -> Desk:
    """After three turns, of which the third has made a condensation necessary. ``before`` is called at that."""
    desk = Desk(ScriptedModel(summaries=summaries), memory=Memory(limit=40, keep=20, summary=200))
    summarise = desk.model.summarise

    def summarised(*arguments):
        before(desk)
        return summarise(*arguments)

    desk.model.summarise = summarised
    for number in range(1, 4):
        desk.answer(follow_up(number))
    return desk


def test_a_condensation_is_charged_to_who_made_it_necessary():
    desk = condensing_desk()
    charges = [each for each in desk.store.charges if each.kind is Kind.CONDENSATION]
    assert [each.request for each in charges] == [f"{follow_up(3).identity}/condense"]
    assert charges[0].person == "USAKURA"
    assert Sum.of(charges[0]).condensations == 1


def test_a_condensation_that_says_nothing_is_charged_all_the_same():
    desk = condensing_desk("  ")
    charges = [each for each in desk.store.charges if each.kind is Kind.CONDENSATION]
    assert [each.usage for each in charges] == [Usage(10, 2)]
    assert desk.memory_of().notes == ()


def broken_off(*, paid: bool) -> ModelUnavailable:
    error = ModelUnavailable("reset")
    error.paid = paid
    return error


def test_the_prompt_of_a_condensation_that_broke_off_after_its_first_word_is_estimated():
    desk = condensing_desk(broken_off(paid=True))
    asked = sum(len(part.text_with_name) for part in desk.model.condensations[0].prompt)
    assert condensation_charges(desk) == [Usage(asked, estimated=1)]


def test_a_condensation_that_broke_off_before_its_first_word_costs_nothing():
    assert condensation_charges(condensing_desk(broken_off(paid=False))) == []


def condensation_charges(desk: Desk) -> list[Usage]:
    return [each.usage for each in desk.store.charges if each.kind is Kind.CONDENSATION]


def test_a_condensation_whose_time_was_over_is_estimated():
    desk = condensing_desk(SummaryTooSlow("240 s"))
    asked = sum(len(part.text_with_name) for part in desk.model.condensations[0].prompt)
    assert condensation_charges(desk) == [Usage(asked, estimated=1)]


@pytest.mark.parametrize(
    ("second", "usage"),
    [("ADD ポチ", Usage(10 + 70, 6 + 900, reasoning=900)), (ModelUnavailable("503"), Usage(70, 900, reasoning=900))],
)
def test_thoughts_that_used_up_the_room_of_a_condensation_are_charged(second, usage):
    desk = condensing_desk(TokenLimitTooLow("thoughts").after(Usage(70, 900, reasoning=900)), second)
    assert condensation_charges(desk) == [usage]


def test_a_second_attempt_that_fails_leaves_the_first_to_be_charged():
    desk = condensing_desk("ADD " + "ポチの話。" * 50, ModelUnavailable("503"))
    assert condensation_charges(desk) == [Usage(10, len("ADD " + "ポチの話。" * 50))]


def test_the_sums_of_a_month_are_what_the_conversation_took():
    desk = condensing_desk()
    total = InMemoryLedger(desk.store).sum_of(Owner("T1", OwnerKind.TEAM, "T1"), SEPTEMBER)
    assert total.usage == desk.memory_of().usage
    assert (total.usage.turns, total.condensations) == (3, 1)


def forget(desk: Desk) -> None:
    stored = desk.store.kept[THREAD]
    emptied = stored.conversation.forgotten("1000.000009")
    desk.store.kept[THREAD] = replace(stored, conversation=emptied, version=stored.version + 1)


def test_a_condensation_whose_turns_were_forgotten_meanwhile_is_charged_and_changes_nothing():
    desk = condensing_desk(before=forget)
    failed = desk.events[-1]
    assert isinstance(failed.error, Conflict)
    charges = [each for each in desk.store.charges if each.kind is Kind.CONDENSATION]
    assert [each.usage for each in charges] == [failed.usage]
    assert failed.usage.sent == 10
    assert desk.memory_of().is_empty


def test_billed_tokens_weigh_what_is_cached_a_tenth_and_what_is_received_eightfold():
    assert Usage(sent=1000, cached=800, received=50).billed == 200 + 80 + 400


@pytest.mark.parametrize(
    ("model", "money"),
    [
        ("pochi-1", 100 * 1 + 900 * 0.1 + 50 * 8),
        ("pochi-1-2026-03-17", 590),
        ("kennel/pochi-1-20260317", 590),
        ("pochi-1-mini", None),
    ],
)
def test_money_is_reckoned_by_the_price_of_the_model_whatever_its_release(model, money):
    charging = Charging(Prices({"pochi-1": Price(1, 0.1, 8)}), lambda: 0.0)
    charge = charging.charge(DOG, Kind.ANSWER, model, Usage(1000, 50, 900), seconds=-0.1)
    assert charge.money == money
    assert charge.seconds == 0
    assert Sum.of(charge).unpriced == (0 if money else 1050)


@pytest.mark.parametrize(("price", "money"), [(Price(1, 0.1, 8), 1_500), (Price(1, 0.1, 8, written=1.25), 1_600)])
def test_what_is_written_to_the_cache_has_a_price_of_its_own_where_the_list_has_one(price, money):
    assert price.of(Usage(sent=2_000, cached=1_000, received=50, written=400)) == money


def test_the_price_of_tokens_that_are_written_is_known_of_the_models_that_bill_them():
    written = {name: price.written / price.sent for name, price in PRICES.items() if price.written}
    assert written == dict.fromkeys(("gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna"), 1.25)


def test_a_charge_counts_in_the_month_of_utc_in_which_it_is_made():
    clock = iter([1_796_083_199.9, 1_796_083_200.0])
    charging = Charging(Prices({}), lambda: next(clock))
    made = [charging.charge(DOG, Kind.ANSWER, "m", Usage(1), seconds=0) for _ in range(2)]
    assert [each.month for each in made] == ["2026-11", "2026-12"]


def test_of_a_server_that_counts_the_prompt_alone_the_words_are_estimated():
    desk = Desk(Pieces("ポチは", "柴犬", Completed(Usage(70, cached=60))))
    desk.answer(DOG)
    assert only(desk).usage == Usage(70, len("ポチは柴犬"), 60, turns=1, estimated=1)


def test_a_prompt_whose_tokens_went_into_thoughts_that_nobody_has_counted_is_estimated():
    desk = Desk(ScriptedModel(TokenLimitTooLow("thoughts")))
    with pytest.raises(TokenLimitTooLow):
        desk.answer(DOG)
    assert only(desk).usage == Usage(prompt_tokens(desk), estimated=1)


def test_an_answer_that_others_kept_from_being_saved_is_charged_and_so_is_the_next():
    desk = Desk(ScriptedModel("ポチ", "ポチ"))
    rivals = iter(range(1, 4))

    def another():
        if desk.model.prompts and next(rivals, None):
            kept = desk.store.kept[THREAD]
            desk.store.kept[THREAD] = replace(kept, version=kept.version + 1)

    desk.store.interfere = another
    with pytest.raises(Conflict):
        desk.answer(DOG)
    desk.answer(DOG)
    first, second = desk.store.charges
    assert (first.kind, second.kind) == (Kind.REFUSAL, Kind.ANSWER)
    assert (first.usage, second.usage) == (replace(second.usage, turns=0), replace(first.usage, turns=1))


def test_a_refusal_that_others_kept_from_being_saved_is_charged_all_the_same():
    desk = Desk(ScriptedModel(ModelRefused("filtered").after(Usage(90)), "ポチ"))
    rivals = iter(range(1, 4))

    def another():
        if desk.model.prompts and next(rivals, None):
            kept = desk.store.kept[THREAD]
            desk.store.kept[THREAD] = replace(kept, version=kept.version + 1)

    desk.store.interfere = another
    with pytest.raises(Conflict):
        desk.answer(DOG)
    assert [(each.kind, each.usage) for each in desk.store.charges] == [(Kind.REFUSAL, Usage(90))]
    desk.answer(DOG)
    assert [each.kind for each in desk.store.charges] == [Kind.REFUSAL, Kind.ANSWER]


def test_an_answer_of_which_the_store_did_not_say_whether_it_was_saved_is_charged_at_most_once():
    desk = Desk()
    save = desk.store.save

    def unheard(conversation, stored, charge=None, admitted=None):
        saved = save(conversation, stored, charge, admitted)
        if charge:
            raise StoreUnavailable("no answer")
        return saved

    desk.store.save = unheard
    with pytest.raises(StoreUnavailable):
        desk.answer(DOG)
    desk.answer(DOG)
    assert [each.kind for each in desk.store.charges] == [Kind.ANSWER]


def condensing_prompt_tokens(desk: Desk) -> int:
    return sum(len(part.text_with_name) for part in desk.model.condensations[-1].prompt)


def test_a_condensation_that_a_filter_refused_and_nobody_has_counted_is_estimated():
    desk = condensing_desk(ModelRefused("filter"))
    assert condensation_charges(desk) == [Usage(condensing_prompt_tokens(desk), estimated=1)]


def test_a_condensation_that_never_reached_the_model_costs_nothing():
    assert condensation_charges(condensing_desk(ModelUnavailable("reset"))) == []
