"""Prints runs as a table for each length, and writes them as JSON and as a chart."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bench.eval.chart import Panel, svg
from bench.eval.plan import WAYS
from bench.eval.results import Result, Run, recall_by_age, recall_by_kind, share
from bench.eval.spending import Account, Spending
from bench.eval.talks.facts import Kind

Cell = str


def show(runs: Sequence[Run]) -> None:
    """A table for each length, of all languages together: a row for each figure, a column for each way."""
    for turns in sorted({run.turns for run in runs}):
        columns = {name: [run for run in runs if (run.way, run.turns) == (name, turns)] for name in WAYS}
        columns = {name: column for name, column in columns.items() if column}
        print(f"\n{turns:,} turns in {', '.join(dict.fromkeys(run.language for run in runs))}\n")
        _row("", [WAYS[name].title for name in columns])
        for title, figures in _rows(list(columns.values())):
            _row(title, figures)


def _row(title: str, cells: Iterable[Cell]) -> None:
    print(f"{title:<44}" + "".join(f"{cell:>27}" for cell in cells))


def _rows(columns: list[list[Run]]) -> Iterable[tuple[str, list[Cell]]]:
    answers = [[each for run in column for each in run.results] for column in columns]
    yield "recall", [_percent(share(_told(each))) for each in answers]
    for age in sorted({each.age for column in answers for each in _told(column)}):
        yield f"  {age:,} turns after", [_percent(recall_by_age(each).get(age)) for each in answers]
    for kind in Kind:
        title = {Kind.CORRECTION: "corrected, and right", Kind.UNTOLD: "never told, honestly not known"}.get(kind, kind)
        yield f"  {title}", [_percent(recall_by_kind(each)[kind]) for each in answers]
    accounts = [sum((run.account for run in column), Account()) for column in columns]
    yield from _spent("remembering", [each.remembering for each in accounts])
    yield from _spent("answering", [each.answering for each in accounts])


def _told(results: Iterable[Result]) -> list[Result]:
    return [each for each in results if each.kind is not Kind.UNTOLD]


def _spent(what: str, spent: list[Spending]) -> Iterable[tuple[str, list[Cell]]]:
    for name in ("calls", "sent", "cached", "received", "seconds", "failures"):
        yield f"{what}: {name}", [f"{getattr(each, name):,.0f}" for each in spent]


def _percent(value: float | None) -> Cell:
    return "—" if value is None else f"{value:.0%}"


def write(runs: Sequence[Run], folder: Path) -> None:
    """``eval.json`` with every answer, and ``eval.svg``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps([run.as_json() for run in runs], ensure_ascii=False, indent=1)
    (folder / "eval.json").write_text(text + "\n", encoding="utf-8")
    (folder / "eval.svg").write_text(chart(runs), encoding="utf-8")


def chart(runs: Sequence[Run]) -> str:
    """Recall by age, and what each way is billed for, by length."""
    names = dict.fromkeys(run.way for run in runs)
    ages = _lines(runs, names, lambda of: recall_by_age(each for run in of for each in run.results))
    bills = _lines(runs, names, _billed_by_length)
    return svg(
        [
            Panel("Recall by age", "turns since the fact was told", ages, percent=True),
            Panel("Bill", "turns of the conversation (tokens, 1 : 0.1 : 8)", bills),
        ]
    )


def _lines(
    runs: Sequence[Run], names: Iterable[str], points: Callable[[list[Run]], dict[int, float | None]]
) -> dict[str, list[tuple[float, float]]]:
    made = {name: points([run for run in runs if run.way == name]) for name in names}
    return {WAYS[name].title: [(x, y) for x, y in line.items() if y is not None] for name, line in made.items()}


def _billed_by_length(runs: list[Run]) -> dict[int, float | None]:
    return {
        turns: sum(run.account.together.billed for run in runs if run.turns == turns)
        for turns in sorted({run.turns for run in runs})
    }
