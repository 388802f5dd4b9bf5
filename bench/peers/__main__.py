"""python -m bench.peers: this memory beside LangChain's and beside the whole thread.

Prints the figures and exits with 1 where a target is missed. What the documents say is written where all is measured.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from bench.peers import pages
from bench.peers.comparing import Settings, compare
from bench.peers.conversations import CONVERSATIONS
from bench.peers.figures import Run
from bench.peers.targets import Report
from domain.memory import Memory

ROOT = Path(__file__).parents[2]
RELEASES = ("langchain", "langchain-classic", "langchain-openai", "langgraph", "openai")


def main(arguments: Sequence[str] | None = None) -> int:
    settings = asked_for(arguments)
    if not find_spec("langchain"):
        print("LangChain is not installed: make bench-peers installs it.", file=sys.stderr)
        return 2
    start = time.monotonic()
    comparison = compare(settings, lambda run: print(_line(run, time.monotonic() - start), file=sys.stderr))
    releases = {name: version(name) for name in RELEASES}
    report = Report(f"{datetime.now(UTC):%Y-%m-%d}", releases, **asdict(comparison))
    report = Report.from_json(asdict(report))
    print("\n".join(pages.lines(report)))
    if settings == Settings():
        pages.write(report, ROOT)
    return 1 if any(each.missed for each in report.targets()) else 0


def asked_for(arguments: Sequence[str] | None) -> Settings:
    """What to compare. Without arguments it is what the documents show."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    limit, keep, summary = asked.limits
    try:
        memory = Memory(limit, keep, summary)
    except ValueError as error:
        parser.error(str(error))
    return Settings(memory, tuple(sorted(asked.turns)), tuple(asked.windows), tuple(asked.conversations))


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    add = parser.add_argument
    add("--turns", type=_positive, nargs="+", default=default.turns, help="lengths of the conversations")
    add("--conversations", nargs="+", choices=CONVERSATIONS, default=default.conversations)
    add("--limits", type=int, nargs=3, metavar=("LIMIT", "KEEP", "SUMMARY"), default=(2_000, 1_000, 1_000))
    add(
        "--windows",
        type=_positive,
        nargs="+",
        default=default.windows,
        help="most tokens of a thread that is sent whole",
    )
    return parser


def _positive(text: str) -> int:
    """Raises ``ValueError`` for anything else."""
    if int(text) <= 0:
        raise ValueError(text)
    return int(text)


def _line(run: Run, seconds: float) -> str:
    figures = run.figures(len(run.made))
    return f"{seconds:6.0f} s  {run.conversation}, {run.contender.name}: {figures.remembering:,.0f} for remembering"


if __name__ == "__main__":
    sys.exit(main())
