"""Settings that can hardly be meant."""

from collections.abc import Iterator, Mapping

from entrypoints.configuration.odd_settings import odd_settings
from entrypoints.configuration.settings import Settings
from entrypoints.operator.checks.finding import Finding


def settings_findings(settings: Settings, env: Mapping[str, str]) -> Iterator[Finding]:
    """One for each odd setting, or one that none is odd."""
    odd = list(odd_settings(settings, env, None))
    for sentence in odd:
        yield Finding("settings", False, sentence, "correct or remove the variable")
    if not odd:
        yield Finding("settings", True, "none is odd")
