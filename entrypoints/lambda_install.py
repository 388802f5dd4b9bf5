"""The Lambda function behind API Gateway in which workspaces install the app: ``GET /slack/install`` and
``GET /slack/oauth_redirect``, by an HTTP API's payload 2.0.

It is a function of its own, so that the one that receives events gets neither its imports nor its rights.
"""

import os
import time
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_HTTP

from adapters.dynamodb import DynamoInstallations
from adapters.installations.store import Installations
from adapters.kms import KmsCipher, kms_client
from adapters.observability.evidence import evidence
from adapters.observability.powertools import structured_logger, write_packages_with
from adapters.parameter_store import CREDENTIALS
from adapters.slack.installing import Installing, Page
from adapters.slack.installing.installing import REDIRECT_PATH
from adapters.slack.installing.pages import PAGES, page
from domain.errors import StoreUnavailable
from entrypoints.configuration.lambda_settings import Current
from entrypoints.configuration.settings import SettingError, Settings
from entrypoints.manifest import scopes_for

logger = structured_logger()

COOKIE = "Set-Cookie"


def _installing(settings: Settings) -> Installing:
    write_packages_with(logger, settings.log_level)
    cipher = KmsCipher(settings.token_kms_key, kms_client())
    return Installing(
        client_id=settings.slack_client_id,
        client_secret=settings.slack_client_secret,
        scopes=scopes_for(settings),
        installations=Installations(DynamoInstallations(settings.table_name), cipher),
        clock=time.time,
        api_url=settings.slack_api_url,
        teams=settings.slack_team_ids,
        language=settings.bot_language,
    )


current = Current(
    _installing,
    Settings,
    required=("TABLE_NAME", "TOKEN_KMS_KEY", *CREDENTIALS),
    in_ssm=(*CREDENTIALS, "SLACK_TEAM_IDS"),
    unused={"SLACK_SIGNING_SECRET": "-"},
)


@logger.inject_lambda_context(correlation_id_path=API_GATEWAY_HTTP, clear_state=True, log_event=False)
def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Answer one visit of a browser with a page, or with the way to Slack's."""
    try:
        answer = _page(event)
    except StoreUnavailable as error:
        logger.error("nobody can install the app now: %s", evidence(error))
        answer = _failure(503)
    except SettingError as error:
        logger.error("nobody can install the app: %s", error)
        answer = _failure(500)
    except Exception as error:  # noqa: BLE001 - Lambda would log its message, which may quote secrets
        logger.error("an installation failed: %s", evidence(error))
        answer = _failure(500)
    headers = {name: value for name, value in answer.headers.items() if name != COOKIE}
    cookies = [answer.headers[COOKIE]] if COOKIE in answer.headers else []
    return {"statusCode": answer.status, "headers": headers, "cookies": cookies, "body": answer.body}


def _page(event: Mapping[str, Any]) -> Page:
    """API Gateway takes https only."""
    installing = current()
    if event.get("rawPath") != REDIRECT_PATH:
        return installing.begin(secure=True)
    return installing.finish(event.get("rawQueryString") or "", _cookies(event), secure=True)


def _cookies(event: Mapping[str, Any]) -> str:
    """API Gateway takes them out of the headers; emulators leave them there."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return "; ".join([*(event.get("cookies") or ()), headers.get("cookie", "")])


def _failure(status: int) -> Page:
    texts = PAGES.get(os.environ.get("BOT_LANGUAGE", ""), PAGES[Settings.bot_language])
    return page(texts, status, texts.away if status == 503 else texts.misconfigured)
