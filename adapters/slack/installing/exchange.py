"""The exchange of Slack's code for an installation, by ``oauth.v2.access``."""

import logging
import re

from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.web import SlackResponse

from adapters.slack.client import web_client
from adapters.slack.errors import UnexpectedResponse, code_of, field, is_refusal, translated
from adapters.slack.payloads.validation import nested
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError, Misconfigured, SlackRefused

OUR_MISTAKES = frozenset(
    {"bad_client_secret", "invalid_client_id", "bad_redirect_uri", "oauth_authorization_url_mismatch"}
)
"""Slack's errors of the app's own settings (docs.slack.dev/reference/methods/oauth.v2.access, November 2026)."""

_ID = re.compile(r"[TEUWAB][A-Z0-9]{1,31}")

logger = logging.getLogger(__name__)


class Exchange:
    """Exchanges codes of one app. ``api_url`` is the Web API's base address, empty for Slack's own."""

    def __init__(self, client_id: str, client_secret: str, api_url: str, clock: Clock) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._api_url = api_url
        self._clock = clock

    def installation(self, code: str) -> Installation:
        """What Slack gives for the code, which is valid once.

        Raises:
            SlackRefused: Slack does not take the code.
            Misconfigured: Slack does not take ``SLACK_CLIENT_ID`` or ``SLACK_CLIENT_SECRET``.
            SlackUnavailable: Slack is out of reach, or its answer cannot be read.
        """
        if not code:
            raise SlackRefused("the redirect has no code")
        client = web_client("", self._api_url)
        with translated():
            try:
                answer = client.oauth_v2_access(client_id=self._client_id, client_secret=self._client_secret, code=code)
            except SlackApiError as error:
                if code_of(error) in OUR_MISTAKES:
                    reason = f"Slack answered {code_of(error)}: SLACK_CLIENT_ID or SLACK_CLIENT_SECRET is wrong"
                    raise Misconfigured(reason) from error
                if is_refusal(error):
                    raise SlackRefused(f"Slack answered {code_of(error)}") from error
                raise
            return self._installation_in(answer)

    def revoke(self, installation: Installation) -> None:
        """Give the token back, or log why Slack does not take it: the person cannot mend that.

        The app stays in the workspace's list, without a bot user (docs.slack.dev/reference/methods/auth.revoke).
        """
        try:
            with translated():
                web_client(installation.bot_token or "", self._api_url).auth_revoke()
        except AnsweringError as error:
            logger.warning("the token of an installation that was refused could not be revoked: %s", error)

    def _installation_in(self, answer: SlackResponse) -> Installation:
        """Slack's answer for a whole Enterprise Grid has ``team: null`` (docs.slack.dev/enterprise)."""
        if answer.get("token_type") != "bot":
            raise UnexpectedResponse("Slack's answer has no bot token")
        for_grid = answer.get("is_enterprise_install") is True
        expires_in = answer.get("expires_in")
        return Installation(
            app_id=_id(answer.get("app_id")),
            enterprise_id=_id(nested(answer.data, "enterprise", "id"), needed=for_grid),
            enterprise_name=_text(nested(answer.data, "enterprise", "name")),
            team_id=None if for_grid else _id(nested(answer.data, "team", "id")),
            team_name=None if for_grid else _text(nested(answer.data, "team", "name")),
            bot_token=field(answer, "access_token", str),
            bot_user_id=_id(answer.get("bot_user_id")),
            bot_scopes=field(answer, "scope", str),
            bot_refresh_token=_text(answer.get("refresh_token")),
            bot_token_expires_at=int(self._clock()) + expires_in if isinstance(expires_in, int) else None,
            user_id=_id(nested(answer.data, "authed_user", "id")) or "",
            is_enterprise_install=for_grid,
            token_type=field(answer, "token_type", str),
            installed_at=float(self._clock()),
        )


def _id(value: object, *, needed: bool = True) -> str | None:
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    if needed:
        raise UnexpectedResponse("Slack's answer lacks an id")
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
