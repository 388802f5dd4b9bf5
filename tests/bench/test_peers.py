"""The comparison with others: its stand-in for the model, what it bills, and that all ways run side by side."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.openai.messages import messages
from bench.eval.scripted.prefixes import STEP
from bench.peers.billing import FRAME, Billing
from bench.peers.conversations import CONVERSATIONS
from bench.peers.facts import FACT_TOKENS, count_tokens, told_in
from bench.peers.figures import Contender
from bench.peers.measuring import Place, run
from bench.peers.model import Unreadable, answer, condensation
from bench.peers.server import serving
from bench.peers.verbatim import Verbatim
from domain.condensation.edit_lines import Add, Drop, Merge, read_edits
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.conversations.notes import Note
from domain.memory import Memory
from domain.prompts import Prompts
from domain.timestamp import Timestamp
from tests.repository import ROOT

PYTHON = ROOT / ".venv-peers/bin/python"
CHAT = CONVERSATIONS["chat"]
BOUND = 400

in_each = pytest.mark.parametrize("conversation", CONVERSATIONS.values(), ids=CONVERSATIONS)


def turns(conversation, start: int, end: int) -> tuple[Message, ...]:
    said = [(Speaker.PERSON, conversation.question(turn)) for turn in range(start, end)]
    answered = [(Speaker.BOT, conversation.answer(turn)) for turn in range(start, end)]
    pairs = zip(said, answered, strict=True)
    return tuple(Message(speaker, text, count_tokens(text)) for pair in pairs for speaker, text in pair)


def notes(prompts: Prompts, texts: list[str]) -> tuple[Note, ...]:
    day = Timestamp("1767571200.000000")
    made = [Note(text, 0, day, day) for text in texts]
    return tuple(replace(each, tokens=count_tokens(f"{prompts.note(n, each)}\n")) for n, each in enumerate(made, 1))


def edits(conversation, remembered: Conversation, folded: int) -> list[Add | Merge | Drop]:
    """What the stand-in answers to this project's own request."""
    prompt = Prompts(conversation.language).condensation(remembered, folded, BOUND)
    asked = [(each["role"], each["content"]) for each in messages(prompt)]
    return list(read_edits(condensation(conversation, asked, BOUND).text, BOUND).edits)


def numbers(text: str) -> list[int]:
    return [number for number, _ in told_in(text)]


@in_each
def test_a_fact_is_written_in_as_many_tokens_as_any_other(conversation):
    facts = [conversation.fact(number) for number in [*range(60), *range(1_960, 2_000)]]

    assert {count_tokens(each) for each in facts} == {FACT_TOKENS}
    assert [numbers(each)[0] for each in facts] == [*range(60), *range(1_960, 2_000)]


@in_each
def test_of_what_is_folded_every_fact_is_added_and_nothing_of_what_stays(conversation):
    remembered = Conversation(buffer=turns(conversation, 0, 5))

    made = edits(conversation, remembered, folded=6)

    assert [numbers(each.text) for each in made] == [[0], [1], [2], [3], [4], [5]]


@in_each
def test_a_correction_takes_the_place_of_the_note_that_it_corrects(conversation):
    kept = notes(Prompts(conversation.language), [conversation.fact(0), conversation.fact(1)])
    remembered = Conversation(notes=kept, buffer=turns(conversation, 9, 11))

    made = edits(conversation, remembered, folded=2)

    assert [(type(each), getattr(each, "numbers", ())) for each in made] == [(Add, ()), (Merge, (1,))]
    assert [numbers(each.text) for each in made] == [[18], [19]]


@in_each
def test_the_oldest_notes_are_dropped_as_far_as_there_is_no_room(conversation):
    prompts = Prompts(conversation.language)
    kept = notes(prompts, [conversation.fact(number) for number in range(9)])
    remembered = Conversation(notes=kept, buffer=turns(conversation, 5, 9))

    *added, dropped = edits(conversation, remembered, folded=6)
    left = [each.text for each in kept[len(dropped.numbers) :]] + [each.text for each in added]

    assert dropped.numbers == tuple(range(1, len(dropped.numbers) + 1))
    assert len(added) == 6
    assert BOUND - 40 < sum(each.tokens for each in notes(prompts, left)) <= BOUND


@in_each
def test_a_summary_in_prose_has_the_newest_facts_within_the_same_bound(conversation):
    known = "\n".join(conversation.fact(number) for number in range(16))
    asked = (
        f"END OF EXAMPLE\n\nCurrent summary:\n{known}\n\nNew lines of conversation:\nHuman: {conversation.question(9)}"
    )

    written = condensation(conversation, [("user", f"{asked}\nAI: {conversation.answer(9)}")], BOUND)

    assert numbers(written.text)[-2:] == [18, 19]
    assert 0 not in numbers(written.text)
    assert BOUND - FACT_TOKENS - 1 <= count_tokens(written.text) <= BOUND
    assert written.facts == len(numbers(written.text))


def test_a_fact_that_is_corrected_is_not_written_again():
    asked = f"END OF EXAMPLE {CHAT.fact(0)} {CHAT.fact(1)} {CHAT.answer(9)}"

    assert numbers(condensation(CHAT, [("user", asked)], BOUND).text) == [1, 19]


def test_the_last_question_is_answered():
    asked = [("system", "…"), ("user", CHAT.question(1)), ("assistant", CHAT.answer(1)), ("user", CHAT.question(7))]

    assert answer(CHAT, asked).text == CHAT.answer(7)


@pytest.mark.parametrize("text", ["ポチは元気ですか?", "ADD か MERGE か DROP で答えてください。"])
def test_a_prompt_of_another_form_is_no_condensation_to_the_stand_in(text):
    with pytest.raises(Unreadable):
        condensation(CHAT, [("user", text)], BOUND)


def test_what_asks_for_no_fact_is_no_question_to_the_stand_in():
    with pytest.raises(Unreadable):
        answer(CHAT, [("user", "ポチは元気ですか?")])


@in_each
def test_the_stand_in_obeys_so_that_it_is_never_asked_for_less(conversation):
    prompts = Prompts(conversation.language)
    prompt = prompts.shorter(prompts.condensation(Conversation(buffer=turns(conversation, 0, 5)), 6, BOUND), 500, BOUND)

    with pytest.raises(Unreadable):
        condensation(conversation, [(each["role"], each["content"]) for each in messages(prompt)], BOUND)


def words(text: str) -> list[int]:
    return [hash(each) for each in text.split()]


def test_a_prefix_of_a_recent_prompt_is_cached_in_steps_from_1024_tokens_on():
    billing, story = Billing(words), ("user", "Pochi " * 1_500)

    first = billing.measure([story, ("assistant", "Woof")])
    again = billing.measure([story, ("assistant", "Woof again")])

    assert first == (1_500 + FRAME + 1 + FRAME, 0)
    assert again == (1_500 + FRAME + 2 + FRAME, (1_500 + FRAME + 1) // STEP * STEP)


def test_less_than_that_is_not_cached_nor_what_only_ends_alike():
    billing, end = Billing(words), ("user", "Pochi " * 1_500)
    short = ("user", "Pochi " * 900)

    assert billing.measure([short])[1] == billing.measure([short])[1] == 0
    assert billing.measure([("system", "Woof"), end])[1] == billing.measure([("system", "Wuff"), end])[1] == 0


def test_a_message_that_goes_on_shares_its_beginning():
    billing = Billing(words)
    billing.measure([("user", "Pochi " * 1_100)])

    assert billing.measure([("user", "Pochi " * 2_000)])[1] == 1_100 // STEP * STEP


def test_verbatim_is_what_a_prompt_shows_word_for_word():
    verbatim = Verbatim(CHAT, count_tokens)
    shown = [("user", f"<記録>\n{CHAT.fact(0)}\n</記録>\n\nさくら: {CHAT.question(2)}"), ("assistant", CHAT.answer(2))]

    tokens, share = verbatim.measure([("system", "…"), *shown, ("user", CHAT.question(3))])

    assert tokens == count_tokens(CHAT.question(2)) + count_tokens(CHAT.answer(2))
    assert share == pytest.approx(1 / 3)


def test_this_project_and_the_whole_thread_are_billed_by_the_same_stand_in():
    memory = Memory(limit=600, keep=300, summary=300)
    with serving(CHAT) as address:
        place = Place(CHAT, address)
        ours = run(Contender("notes", "notes", 600), place, memory, 12).figures(12)
        thread = run(Contender("thread", "thread", 100_000), place, memory, 12).figures(12)
        cut = run(Contender("thread", "thread", 500), place, memory, 12).figures(12)

    assert ours.calls > thread.calls == cut.calls == 12
    assert thread.share == 1.0
    assert ours.verbatim < 600
    assert cut.verbatim < 500 < thread.verbatim
    assert ours.facts > 0 == thread.facts
    assert ours.answers == thread.answers
    assert thread.remembering == thread.billed - thread.answers


@pytest.fixture(scope="module")
def python() -> Path:
    if not PYTHON.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(".venv-peers is not installed")
    return PYTHON


def test_all_ways_are_compared_in_one_run(python):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "COV"))}
    few = ["--turns", "12", "--conversations", "chat", "--limits", "600", "300", "300", "--windows", "1500"]

    done = subprocess.run(
        [python, "-m", "bench.peers", *few],
        cwd=ROOT, env=environment | {"LANGSMITH_TRACING": "false"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, "Warning" in done.stderr) == (0, False), done.stderr
    rows = [[cell.strip() for cell in line.split("|")] for line in done.stdout.splitlines()]
    calls = {row[2]: int(row[4]) for row in rows if len(row) > 12 and row[3][:1].isdigit()}
    assert list(calls) == [
        "this project", "`ConversationSummaryBufferMemory`", "`SummarizationMiddleware`", "whole thread, 1,500",
    ]  # fmt: skip
    assert calls["`ConversationSummaryBufferMemory`"] > calls["this project"] > calls["whole thread, 1,500"] == 12
