"""``bot doctor`` looks for all that can be wrong with a bot, on one machine or on AWS, and says how to mend it."""

import os
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict

from entrypoints.configuration.settings import Settings
from entrypoints.operator.checks.finding import Finding
from entrypoints.operator.open_stores import aws_installed
from entrypoints.operator.subcommands import FINE, FOUND, Subcommands, add_json, print_json, print_line

ON_AWS = ("TABLE_NAME", "QUEUE_URL", "PARAMETERS_PREFIX")
"""Variables of which any names a bot on AWS."""


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("doctor", help="check everything; the question to the model costs a word")
    parser.add_argument(
        "--function",
        metavar="NAME",
        default="",
        help="on AWS the worker, if not the function that QUEUE_URL feeds",
    )
    add_json(parser)
    parser.set_defaults(run=_examine)


def _examine(asked: Namespace) -> int:
    """0 where all is well, 1 where something is to be mended. Raises ``SettingError`` for a wrong setting."""
    found = []
    for finding in _findings(asked.function):
        found.append(finding)
        if not asked.json:
            mend = f"; {finding.mend}" if finding.mend else ""
            print_line(f"{'ok   ' if finding.ok else 'wrong'} {finding.part}: {finding.what}{mend}")
    if asked.json:
        print_json([asdict(each) for each in found])
    return FINE if all(each.ok for each in found) else FOUND


def _findings(function: str) -> Iterator[Finding]:
    """Those of the bot that the environment or ``function`` names. Other commands need no SDK of OpenAI's."""
    if function or any(os.environ.get(name) for name in ON_AWS):
        with aws_installed():
            from entrypoints.operator.checks.deployment_findings import deployment_findings  # noqa: PLC0415
        return deployment_findings(os.environ, function, time.time)
    from entrypoints.operator.checks.on_one_machine import findings  # noqa: PLC0415

    return findings(Settings.from_env(os.environ), os.environ, time.time)
