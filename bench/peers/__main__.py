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
    asked = _parser().parse_args(arguments)
    if not find_spec("langchain"):
        print("LangChain is not installed: make bench-peers installs it.", file=sys.stderr)
        return 2
    limit, keep, summary = asked.limits
    settings = Settings(Memory(limit, keep, summary), sorted(asked.turns), asked.windows, asked.conversations)
    start = time.monotonic()
    comparison = compare(settings, lambda run: print(_line(run, time.monotonic() - start), file=sys.stderr))
    releases = {name: version(name) for name in RELEASES}
    report = Report(f"{datetime.now(UTC):%Y-%m-%d}", releases, **asdict(comparison))
    report = Report.from_json(asdict(report))
    print("\n".join(pages.lines(report)))
    if settings == Settings():
        pages.write(report, ROOT)
    return 1 if any(each.missed for each in report.targets()) else 0


def _parser() -> argparse.ArgumentParser:
    default = Settings()
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    add = parser.add_argument
    add("--turns", type=int, nargs="+", default=default.turns, help="lengths of the conversations")
    add("--conversations", nargs="+", choices=CONVERSATIONS, default=default.conversations)
    add("--limits", type=int, nargs=3, metavar=("LIMIT", "KEEP", "SUMMARY"), default=(2_000, 1_000, 1_000))
    add("--windows", type=int, nargs="+", default=default.windows, help="most tokens of a thread that is sent whole")
    return parser


def _line(run: Run, seconds: float) -> str:
    figures = run.figures(len(run.made))
    return f"{seconds:6.0f} s  {run.conversation}, {run.contender.name}: {figures.remembering:,.0f} for remembering"


if __name__ == "__main__":
    sys.exit(main())
