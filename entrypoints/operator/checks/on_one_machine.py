"""All that can be looked at of a bot on one machine, in the order in which it is to be mended."""

from collections.abc import Iterator, Mapping

from domain.deliveries.deadline import Clock
from entrypoints.configuration.settings import Settings
from entrypoints.operator.checks.data_findings import data_findings
from entrypoints.operator.checks.finding import Finding
from entrypoints.operator.checks.model_findings import model_findings
from entrypoints.operator.checks.settings_findings import settings_findings
from entrypoints.operator.checks.slack_findings import slack_findings


def findings(settings: Settings, env: Mapping[str, str], clock: Clock) -> Iterator[Finding]:
    yield from settings_findings(settings, env)
    yield from slack_findings(settings, clock)
    yield from model_findings(settings)
    yield from data_findings(settings, clock)
