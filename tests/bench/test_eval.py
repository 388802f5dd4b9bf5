"""Measuring what is remembered: with a model on loopback, and with one in this process that reads its prompt."""

import io
import json
import os
from collections.abc import Generator
from itertools import compress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.eval.__main__ import main
from bench.eval.journal import Journal, JournaledModel
from bench.eval.plan import WAYS
from bench.eval.results import Run, recall_by_age, recall_by_kind, remember, share
from bench.eval.scripted import structure
from bench.eval.scripted.prefixes import as_text
from bench.eval.scripted.summarisers import Rewriter, Summariser
from bench.eval.talks.english import ENGLISH
from bench.eval.talks.facts import Kind
from bench.eval.talks.generator import Talk, Turn, talk, telling
from bench.eval.ways.buffered import Circumstances
from domain.deliveries.deadline import NO_DEADLINE, Deadline
from domain.errors import ContextTooSmall, ModelUnavailable
from domain.memory import Memory
from domain.ports.model import Completed
from domain.prompts import Prompt, Prompts
from domain.spending.usage import Usage
from domain.texts import english
from tests.stand_ins import Model

MEMORY = Memory(limit=2_000, keep=1_000, summary=1_000)
ARGUMENTS = ["--turns", "50", "--languages", "en", "--ways", "notes", "buffer", "--folder"]


def count(text: str) -> int:
    """About as many as a tokenizer counts."""
    return len(text) // 4 + 1


class Reader(Summariser):
    """Answers with the fact where what was said of it stands in the prompt, and else that it is not known."""

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[str | Completed, None, None]:
        asked, text = prompt[-1].text, as_text(prompt[:-1])
        known = [fact for fact, turn in telling(self.made).items() if turn.note in text or said(turn) in text]
        asked_for = [ENGLISH.patterns[fact.kind].ask.format(subject=fact.subject) in asked for fact in known]
        yield next(compress((fact.value for fact in known), asked_for), ENGLISH.unknown)
        yield Completed(Usage(sent=100, received=2))


def said(turn: Turn) -> str:
    """A turn as a prompt shows it. A yes stands below the offer that it answers."""
    return turn.note.replace("? ", "?\nperson\n") if turn.fact.kind is Kind.AGREEMENT else turn.note


class RewritingReader(Reader, Rewriter):
    """The same, and a summariser that writes everything anew."""


def remembered(name: str, made: Talk, script: type[Summariser] = Reader, **circumstances) -> Run:
    model = JournaledModel(script(made, count), Journal(), "Pochi", lambda: None)
    given = {"memory": MEMORY, "window": 100_000} | circumstances
    way = WAYS[name].make(Circumstances(model, count, prompts=Prompts(english.ENGLISH), **given), "en")
    return remember(name, way, made, model, model.account)


@pytest.fixture(scope="module")
def made() -> Talk:
    return talk(ENGLISH, 120)


def test_the_whole_thread_recalls_everything_and_honestly_does_not_know_the_rest(made):
    run = remembered("thread", made)

    assert share(run.results) == 1.0
    assert recall_by_kind(run.results)[Kind.UNTOLD] == 1.0
    assert run.account.remembering.calls == 0


def test_the_buffer_alone_recalls_what_was_just_said_and_nothing_older(made):
    recall = recall_by_age(remembered("buffer", made).results)

    assert recall[5] == 1.0
    assert recall[100] == 0.0


def test_a_thread_that_is_cut_at_a_window_recalls_what_the_window_holds(made):
    recall = recall_by_age(remembered("thread", made, window=4_000).results)

    assert recall[5] == recall[25] == 1.0
    assert recall[100] == 0.0


def test_the_notes_recall_everything_with_a_summariser_that_obeys(made):
    run = remembered("notes", made)

    assert share(run.results) == 1.0
    assert run.account.remembering.calls > 5


def test_a_rewritten_summary_recalls_everything_with_a_summariser_that_loses_nothing(made):
    run = remembered("rewritten", made, RewritingReader)

    assert share(run.results) == 1.0
    assert run.account.remembering.calls > 5


def test_every_answer_is_kept_with_what_was_expected(made):
    run = remembered("buffer", made)

    assert len(run.results) == len(made.probes)
    assert {(each.answer, each.admitted, each.right) for each in run.results if each.kind is Kind.UNTOLD} == {
        (ENGLISH.unknown, True, True)
    }


class Away(Summariser):
    """Fails as often as it is told to."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error
        self.asked = 0

    def reply(
        self, prompt: Prompt, deadline: Deadline = NO_DEADLINE, conversation: str = "", model: str = ""
    ) -> Generator[str | Completed, None, None]:
        self.asked += 1
        if self.error:
            raise self.error
        yield "Mori"
        yield Completed(Usage(sent=7, received=1, cached=3))


def journaled(model: Away, folder: Path) -> JournaledModel:
    return JournaledModel(model, Journal(folder / "journal.jsonl"), "Pochi", lambda: None)


def test_what_the_journal_has_is_not_asked_again_and_is_counted_as_before(tmp_path):
    model = Away(ModelUnavailable("down"))
    model.error = None
    first = journaled(model, tmp_path)
    answer = list(first.reply(()))
    again = journaled(model, tmp_path)

    assert list(again.reply(())) == answer == ["Mori", Completed(Usage(7, 1, 3))]
    assert again.account == first.account
    assert model.asked == 1


def test_the_same_question_a_second_time_is_asked_a_second_time(tmp_path):
    model = Away(ModelUnavailable("down"))
    model.error = None
    journal = journaled(model, tmp_path)

    list(journal.reply(()))
    list(journal.reply(()))

    assert model.asked == 2


def test_an_outage_is_not_written_down_and_ends_the_run(tmp_path):
    model = Away(ModelUnavailable("down"))
    with pytest.raises(ModelUnavailable):
        list(journaled(model, tmp_path).reply(()))
    model.error = None

    assert "Mori" in list(journaled(model, tmp_path).reply(()))


def test_what_a_model_cannot_do_is_written_down_and_fails_again_without_being_asked(tmp_path):
    model = Away(ContextTooSmall("too long"))

    for _ in range(2):
        with pytest.raises(ContextTooSmall):
            list(journaled(model, tmp_path).reply(()))

    assert model.asked == 1


def test_a_line_that_was_cut_off_is_asked_again(tmp_path):
    model = Away(ModelUnavailable("down"))
    model.error = None
    list(journaled(model, tmp_path).reply(()))
    journal = tmp_path / "journal.jsonl"
    journal.write_text(journal.read_text()[:-20] + "\n[]\n")

    list(journaled(model, tmp_path).reply(()))

    assert model.asked == 2


@pytest.fixture
def model(serve, monkeypatch) -> Model:
    """A model on loopback that knows nothing, and the settings that lead to it."""
    served = Model()
    served.answer = ENGLISH.unknown
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "OPENAI_API_KEY", "CHAT_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{serve(served.app)}/v1")
    return served


def test_a_model_that_knows_nothing_is_honest_and_recalls_nothing(model, tmp_path, capsys):
    assert main([*ARGUMENTS, str(tmp_path), "--yes"]) == 0

    shown = capsys.readouterr().out
    rows = {line[:44].strip(): line[44:].split() for line in shown.splitlines()}
    assert rows["recall"] == ["0%"] * 2
    assert rows["never told, honestly not known"] == ["100%"] * 2
    assert "50 turns in en" in shown


def test_the_answers_are_kept_as_json_and_shown_as_a_chart(model, tmp_path):
    main([*ARGUMENTS, str(tmp_path), "--yes"])

    runs = json.loads((tmp_path / "eval.json").read_text())
    assert [run["way"] for run in runs] == ["notes", "buffer"]
    assert {each["answer"] for run in runs for each in run["results"]} == {ENGLISH.unknown}
    assert runs[0]["account"]["answering"]["sent"] == 20 * len(runs[0]["results"])
    ElementTree.fromstring((tmp_path / "eval.svg").read_text())


def test_a_run_that_was_interrupted_goes_on_and_asks_nothing_twice(model, tmp_path, capsys):
    model.status = 401
    assert main([*ARGUMENTS, str(tmp_path), "--yes"]) == 2
    assert "The same command goes on from here." in capsys.readouterr().err
    model.status = 200
    while not model.requests.empty():
        model.requests.get()

    main([*ARGUMENTS, str(tmp_path), "--yes"])
    asked = model.requests.qsize()
    main([*ARGUMENTS, str(tmp_path), "--yes"])

    assert asked == model.requests.qsize() > 25


@pytest.mark.parametrize(("said", "code"), [("n", 2), ("", 2), ("yes", 0)])
def test_the_bill_is_shown_and_nothing_asked_of_the_model_before_somebody_agrees(
    model, tmp_path, capsys, monkeypatch, said, code
):
    def answer(question: str) -> str:
        assert model.requests.empty()
        assert "together" in capsys.readouterr().out
        return said

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.setattr("sys.stdin", Terminal())

    assert main([*ARGUMENTS, str(tmp_path)]) == code
    assert model.requests.empty() is (code == 2)


class Terminal:
    def isatty(self) -> bool:
        return True


def test_without_a_person_to_ask_nothing_is_asked_of_the_model(model, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert main([*ARGUMENTS, str(tmp_path)]) == 2
    assert model.requests.empty()
    assert capsys.readouterr().err.endswith("Nothing is asked of the model without --yes.\n")


def test_without_a_model_it_says_so_and_measures_what_needs_none(model, monkeypatch, capsys):
    monkeypatch.delenv("OPENAI_BASE_URL")
    monkeypatch.setattr(structure, "TURNS", 60)
    monkeypatch.setattr(structure, "PER_KIND", 1)

    assert main([]) == 1  # so few turns are not condensed 180 times
    shown = capsys.readouterr().out
    assert shown.startswith("No model: OPENAI_API_KEY or OPENAI_BASE_URL names one.")
    assert [line.split()[3] for line in shown.splitlines() if line[14:15] in "≤≥" and line][:2] == ["MISSED", "ok"]
    assert model.requests.empty()


def test_settings_may_stand_in_a_file(model, tmp_path, monkeypatch, capsys):
    (tmp_path / ".env").write_text("MEMORY_TOKEN_LIMIT=many\n")
    monkeypatch.setattr(os, "environ", dict(os.environ))

    assert main(["--env-file", str(tmp_path / ".env")]) == 2
    assert capsys.readouterr().err.startswith("MEMORY_TOKEN_LIMIT must be")


@pytest.mark.parametrize("arguments", [["--turns", "49"], ["--languages", "fr"], ["--ways", "elephant"]])
def test_an_argument_that_cannot_be_meant_is_refused(arguments, capsys):
    with pytest.raises(SystemExit):
        main(arguments)

    assert arguments[1] in capsys.readouterr().err


def test_a_setting_that_cannot_be_meant_is_one_sentence(model, monkeypatch, capsys):
    monkeypatch.setenv("MEMORY_TOKEN_LIMIT", "many")

    assert main([]) == 2
    assert capsys.readouterr().err.startswith("MEMORY_TOKEN_LIMIT must be")
