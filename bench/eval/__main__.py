"""python -m bench.eval: how much is remembered, and what it takes, with the model of the bot's own settings.

The model is what CHAT_MODEL, OPENAI_BASE_URL and OPENAI_API_KEY say. Without one only what needs no model is measured.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path

from adapters.openai.client import openai_client
from adapters.openai.language_model import OpenAILanguageModel
from adapters.tiktoken import count_tokens_for
from bench.eval.journal import Journal
from bench.eval.plan import WAYS, Plan
from bench.eval.progress import Progress
from bench.eval.report import show, write
from bench.eval.results import Run
from bench.eval.scripted import structure
from bench.eval.talks.generator import WORDINGS
from bench.table import print_bounds, print_figures
from domain.errors import AnsweringError
from entrypoints.configuration import env_file
from entrypoints.configuration.settings import SettingError, Settings

PRICES = (0.75, 0.075, 4.50)
"""Dollars for a million tokens sent, cached and received: gpt-5.4-mini in November 2026, as docs/costs.md has it."""


LENGTHS = [50, 400, 2_000]


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    try:
        if asked.env_file:
            env_file.load(asked.env_file)
        settings = Settings.from_env(os.environ)
    except SettingError as error:
        return _refuse(str(error))
    if settings.is_offline:
        return _without_model()
    count_tokens = lru_cache(maxsize=100_000)(count_tokens_for(settings.chat_model))
    continuing = settings.summary_model == settings.chat_model
    plan = Plan(
        asked.languages, asked.turns, settings.memory, asked.window, count_tokens, asked.ways, continuing=continuing
    )
    estimates = _estimated(plan, settings)
    if not (asked.yes or _agreed()):
        return 2
    return _run(plan, settings, asked.folder, sum(run.account.together.calls for run in estimates))


def _without_model() -> int:
    print("No model: OPENAI_API_KEY or OPENAI_BASE_URL names one. What needs none is measured.\n")
    figures = structure.figures()
    missed = print_bounds(structure.BOUNDS, figures)
    print_figures(structure.SHOWN, figures)
    return 1 if missed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.eval", description=__doc__)
    add = partial(parser.add_argument, nargs="+")
    add("--turns", type=_length, default=LENGTHS, help="lengths of the conversations, 50 turns or more")
    add("--languages", choices=WORDINGS, default=[*WORDINGS])
    add("--ways", choices=WAYS, default=[*WAYS], help="ways to remember")
    parser.add_argument("--window", type=int, default=8_000, help="most tokens of the thread that is sent whole")
    parser.add_argument("--folder", type=Path, default=Path(".eval"), help="where the journal and the results are kept")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="settings; the environment has the last word")
    parser.add_argument("--yes", action="store_true", help="do not ask whether to go on")
    return parser


def _length(text: str) -> int:
    """Raises ``ValueError`` for what is too short for facts of every kind."""
    if int(text) < LENGTHS[0]:
        raise ValueError(text)
    return int(text)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


def _estimated(plan: Plan, settings: Settings) -> list[Run]:
    """Prints the bill that is expected, by scripts in place of the model."""
    print("Reckoning what this will take …", file=sys.stderr)
    runs = list(plan.estimates())
    print(f"{settings.chat_model}, expected, at most (what the journal has is not asked again):\n")
    for name in dict.fromkeys(run.way for run in runs):
        _print_bill(name, [run for run in runs if run.way == name])
    _print_bill("together", runs)
    if "langchain" in plan.wanted and "langchain" not in plan.names:
        print("\nLangChain is not installed, so it is left out: make eval installs it.")
    return runs


def _print_bill(name: str, runs: list[Run]) -> None:
    spent = sum((run.account.together for run in runs[1:]), runs[0].account.together)
    sent, cached, received = PRICES
    dollars = ((spent.sent - spent.cached) * sent + spent.cached * cached + spent.received * received) / 1e6
    print(
        f"{name:<12}{spent.calls:>8,} calls{spent.sent:>14,} sent{spent.cached:>14,} cached"
        f"{spent.received:>12,} received   ${dollars:,.2f} at gpt-5.4-mini's prices"
    )


def _agreed() -> bool:
    if not sys.stdin.isatty():
        print("Nothing is asked of the model without --yes.", file=sys.stderr)
        return False
    return input("\nGo on? [y/N] ").strip().lower() in ("y", "yes")


def _run(plan: Plan, settings: Settings, folder: Path, expected: int) -> int:
    progress, runs = Progress(expected), []
    journal, place = Journal(folder / "journal.jsonl"), f"{settings.openai_base_url} {settings.summary_model}"
    try:
        with _model(settings) as model:
            for run in plan.runs(model, place, journal, progress.advance):
                runs.append(run)
                write(runs, folder)
    except (KeyboardInterrupt, AnsweringError) as error:
        progress.close()
        return _refuse(f"Stopped ({type(error).__name__}: {error}). The same command goes on from here.")
    progress.close()
    show(runs)
    print(f"\nEvery answer is in {folder / 'eval.json'}, the chart in {folder / 'eval.svg'}.")
    return 0


@contextmanager
def _model(settings: Settings) -> Iterator[OpenAILanguageModel]:
    with openai_client(api_key=settings.openai_api_key or "none", base_url=settings.openai_base_url) as client:
        yield OpenAILanguageModel(
            client=client,
            chat_model=settings.chat_model,
            summary_model=settings.summary_model,
            temperature=settings.chat_temperature,
            reply_token_limit=settings.reply_token_limit,
        )


if __name__ == "__main__":
    sys.exit(main())
