"""What the proofs of reliability share: Lambda functions as processes, and a table of what was seen."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.entrypoints.conftest import deployment, log  # noqa: F401 - fixtures
from tests.reliability.lambda_runtime import Environment

Tabulate = Callable[..., None]

ROW = "a row of the table"


@pytest.fixture
def tabulate(record_property) -> Tabulate:
    """``tabulate(storm="…", replies=200, …)`` adds a row to the table at the end of pytest's report."""
    return lambda **row: record_property(ROW, row)


def pytest_terminal_summary(terminalreporter) -> None:
    # By way of the reports, which come from every process that runs tests.
    reports = [each for outcome in ("passed", "failed") for each in terminalreporter.getreports(outcome)]
    rows = [row for each in reports for name, row in each.user_properties if name == ROW]
    if not rows:
        return
    terminalreporter.section("reliability")
    for heads in dict.fromkeys(tuple(row) for row in rows):
        lines = [heads, *(tuple(row.values()) for row in rows if tuple(row) == heads)]
        widths = [max(len(str(line[column])) for line in lines) for column in range(len(heads))]
        for line in lines:
            terminalreporter.write_line(
                "  ".join(str(cell).ljust(width) for cell, width in zip(line, widths, strict=True))
            )


@pytest.fixture
def start_lambda(tmp_path) -> Iterator[Callable[..., Environment]]:
    """``start_lambda("worker", forked=True, LOG_LEVEL="DEBUG")`` starts an environment of a function, which sees this
    process's environment variables beside these, and ends it with the test."""
    environments: list[Environment] = []

    def begin(function: str, *, forked: bool = False, **variables: str) -> Environment:
        output: Path = tmp_path / f"{function}-{len(environments)}.log"
        environments.append(Environment(function, dict(os.environ) | variables, output, forked=forked))
        return environments[-1]

    yield begin
    for environment in environments:
        environment.end()
