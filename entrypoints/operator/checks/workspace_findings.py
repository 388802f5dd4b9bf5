"""The tokens of all workspaces that have installed the app, by asking Slack with each."""

from collections.abc import Iterator

from adapters.installations.bot_token import NotInstalled
from adapters.installations.clients import Workspace
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError, StoreCorrupt, StoreUnavailable
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.operator.checks.finding import Finding
from entrypoints.operator.checks.slack_findings import slack_failed, token_findings
from entrypoints.operator.installed import clients_of

AGAIN = "have the app installed there again, at /slack/install; bot forget deletes what is kept of a team"
KEY = "look at TOKEN_ENCRYPTION_KEY, which must name the key that encrypted it; on AWS at kms:Decrypt and TOKEN_KMS_KEY"


def workspace_findings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """At least one; the clock is compared with Slack's once."""
    try:
        with clients_of(settings) as clients:
            found = [finding for each in clients.all() for finding in _findings(settings, each, clock)]
    except (AnsweringError, SettingError) as error:
        yield Finding("workspaces", False, str(error), KEY)
        return
    if not found:
        yield Finding("workspaces", True, "none has installed the app yet, at /slack/install")
    clocks = [each for each in found if each.part == "clock"]
    yield from (each for each in found if each.part != "clock")
    yield from clocks[:1]


def _findings(settings: Settings, workspace: Workspace, clock: Clock) -> Iterator[Finding]:
    part = f"workspace {workspace.team}"
    try:
        workspace.token.refresh()
    except (StoreCorrupt, StoreUnavailable) as error:
        yield Finding(part, False, str(error), KEY)
    except NotInstalled:
        yield Finding(part, False, "it has removed the app meanwhile", AGAIN)
    except AnsweringError as error:
        yield slack_failed(part, error, AGAIN)
    else:
        yield from token_findings(settings, workspace.client, clock, part, AGAIN)
