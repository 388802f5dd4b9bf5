"""``GET /slack/install`` and ``GET /slack/oauth_redirect``, whoever serves them."""

import logging
from collections.abc import Collection, Mapping, Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from slack_sdk.oauth.installation_store import Installation, InstallationStore

from adapters.installations.installation_records import owner_of
from adapters.slack.installing.exchange import Exchange
from adapters.slack.installing.pages import HEADERS, PAGES, Page, page
from adapters.slack.installing.state import States, cookie_with, number_in
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError, Misconfigured, SlackRefused

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
"""Slack's own libraries serve the two at the same paths."""

QUERY_LIMIT = 4_096
"""Bytes of a query. Slack's code has about 100, our state 77."""

FIELDS_LIMIT = 20

logger = logging.getLogger(__name__)


class Installing:
    """Installs the app in a workspace, as its own admin allows in Slack.

    ``scopes`` are what is asked for, those of the manifest. ``teams`` are the ids of those that may install it: teams,
    or Enterprise Grids with all of their teams; an empty one allows all. ``api_url`` is the Web API's base address,
    empty for Slack's own; where it names another Slack, the browser is sent to that one's page. ``language`` is ``ja``
    or ``en``.
    """

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str],
        installations: InstallationStore,
        clock: Clock,
        api_url: str = "",
        teams: Collection[str] = (),
        language: str = "ja",
    ) -> None:
        self._client_id = client_id
        self._scopes = ",".join(scopes)
        self._authorize_url = _authorize_url(api_url)
        self._installations = installations
        self._teams = frozenset(teams)
        self._texts = PAGES[language]
        self._states = States(client_secret, clock)
        self._exchange = Exchange(client_id, client_secret, api_url, clock)

    def begin(self, *, secure: bool) -> Page:
        """Send the browser to Slack's page. ``secure`` where it came by https.

        Without a ``redirect_uri`` Slack sends it back to the redirect URL of the app's manifest.
        """
        state, number = self._states.issue()
        query = urlencode({"client_id": self._client_id, "scope": self._scopes, "state": state})
        cookie = cookie_with(number, secure=secure)
        return Page(302, {**HEADERS, "Location": f"{self._authorize_url}?{query}", "Set-Cookie": cookie})

    def finish(self, query: str, cookies: str, *, secure: bool) -> Page:
        """Exchange Slack's code for an installation and keep it, or say why not.

        ``query`` is the address's part after the question mark as it came, ``cookies`` the header ``Cookie``. The
        browser's cookie is deleted in any case, so that a repetition is refused here, and by Slack: its code is valid
        once.
        """
        fields = _fields_in(query)
        if not self._states.is_valid(fields.get("state", ""), number_in(cookies)):
            logger.warning("refused an installation: its state is missing, forged, expired or another browser's")
            return self._refusal(400, self._texts.stale, secure)
        if fields.get("error"):
            logger.info("an installation was cancelled in Slack")
            return self._refusal(403, self._texts.cancelled, secure)
        try:
            return self._kept(self._exchange.installation(fields.get("code", "")), secure)
        except SlackRefused as error:
            logger.warning("refused an installation: %s", error)
            return self._refusal(400, self._texts.refused_code, secure)
        except Misconfigured as error:
            logger.error("an installation failed: %s", error)
            return self._refusal(500, self._texts.misconfigured, secure)
        except AnsweringError as error:
            logger.error("an installation failed: %s", error)
            return self._refusal(503, self._texts.away, secure)

    def _kept(self, installation: Installation, secure: bool) -> Page:
        owner, for_grid = owner_of(installation), installation.is_enterprise_install
        name = (installation.enterprise_name if for_grid else installation.team_name) or owner
        if self._teams and self._teams.isdisjoint((owner, installation.enterprise_id)):
            logger.warning("refused an installation: %s is not in SLACK_TEAM_IDS", owner)
            self._exchange.revoke(installation)
            return self._page(403, self._texts.foreign, secure, name)
        self._installations.save(installation)
        logger.info("installed in %s by %s", owner, installation.user_id)
        if not for_grid:
            return self._page(200, self._texts.installed, secure, name)
        # An org-wide app is in no workspace until an admin adds it there (docs.slack.dev/enterprise).
        address = f"https://app.slack.com/manage/{owner}/integrations/profile/{installation.app_id}/workspaces/add"
        return self._page(200, self._texts.installed_in_grid, secure, name, (self._texts.add_to_teams, address))

    def _refusal(self, status: int, sentences: tuple[str, str], secure: bool) -> Page:
        return self._page(status, sentences, secure, link=(self._texts.again, INSTALL_PATH))

    def _page(
        self,
        status: int,
        sentences: tuple[str, str],
        secure: bool,
        workspace: str = "",
        link: tuple[str, str] | None = None,
    ) -> Page:
        cookie = cookie_with("", secure=secure, lifetime=0)
        return page(self._texts, status, sentences, workspace=workspace, link=link, cookie=cookie)


def _fields_in(query: str) -> Mapping[str, str]:
    """Empty where the query is none of Slack's."""
    if len(query) > QUERY_LIMIT:
        return {}
    try:
        return dict(parse_qsl(query, keep_blank_values=True, max_num_fields=FIELDS_LIMIT))
    except ValueError:
        return {}


def _authorize_url(api_url: str) -> str:
    parts = urlsplit(api_url or "https://slack.com/api/")
    return f"{parts.scheme}://{parts.netloc}/oauth/v2/authorize"
