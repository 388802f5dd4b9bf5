"""``bot doctor`` looks for all that can be wrong with a bot on one machine, and says how to mend it."""

import os
import time
from argparse import Namespace
from dataclasses import asdict

from entrypoints.operator.subcommands import FINE, FOUND, Subcommands, add_json, print_json, print_line
from entrypoints.settings import SettingError, Settings


def add_to(subcommands: Subcommands) -> None:
    """Add the command to the operator's."""
    parser = subcommands.add_parser("doctor", help="check settings, Slack, model and data; one question costs a word")
    add_json(parser)
    parser.set_defaults(run=_examine)


def _examine(asked: Namespace) -> int:
    """0 where all is well, 1 where something is to be mended. Raises ``SettingError`` for a wrong setting."""
    from entrypoints.operator.checks import findings  # noqa: PLC0415 - other commands need no SDK of OpenAI's

    settings = Settings.from_env(os.environ)
    if settings.table_name or settings.queue_url:
        raise SettingError("TABLE_NAME and QUEUE_URL name a bot on AWS; bot doctor examines one on this machine")
    found = []
    for finding in findings(settings, os.environ, time.time):
        found.append(finding)
        if not asked.json:
            mend = f"; {finding.mend}" if finding.mend else ""
            print_line(f"{'ok   ' if finding.ok else 'wrong'} {finding.part}: {finding.what}{mend}")
    if asked.json:
        print_json([asdict(each) for each in found])
    return FINE if all(each.ok for each in found) else FOUND
