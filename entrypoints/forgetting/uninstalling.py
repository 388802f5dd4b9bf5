"""A team has removed the app: its installation ends, and what the bot keeps of it is forgotten."""

import logging
from dataclasses import replace

from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Installation

from adapters.installations.bot_token import NotInstalled
from adapters.installations.clients import Clients, Workspace, teams_of
from adapters.slack.errors import code_of, translated
from adapters.slack.workspace_client import STALE
from domain.conversations.place import Scope
from domain.deliveries.deadline import Deadline
from domain.deliveries.delivery import Delivery
from domain.errors import SlackUnavailable, StillAnswering
from domain.ports.stores import RequestQueue
from domain.requests import Request, Uninstall
from entrypoints.counted import counted
from entrypoints.forgetting.all_stores import Stores
from entrypoints.forgetting.plan import Plan
from entrypoints.forgetting.selection import Selection

logger = logging.getLogger(__name__)


class Uninstalling:
    """Ends installations. Each step may be repeated.

    Slack's event may come late, or after the team has installed the app again, and clocks may differ. So Slack is asked
    whether the token of the present installation still works; then nothing is changed.
    """

    def __init__(self, clients: Clients, stores: Stores, queue: RequestQueue) -> None:
        self._clients = clients
        self._stores = stores
        self._queue = queue

    def end(self, request: Uninstall, delivery: Delivery) -> None:
        """Delete the installation, then all that is kept of the team.

        Raises ``SlackUnavailable`` where Slack does not say whether the token works, or the next one is on its way,
        ``StillAnswering`` where a question of the team was being worked on or the time was over, and what the stores
        raise.
        """
        installation = self._clients.installations.serving(request.team, request.enterprise)
        if installation is not None:
            if self._clients.rotation.is_under_way(installation):
                raise SlackUnavailable("the token is being rotated: the one that is stored says nothing")
            if self._works(self._clients.of(request.team, request.enterprise)):
                logger.info("%s of %s changes nothing: its installation works", request.event, request.team)
                return
            self._queue_teams(request, installation)
            if not self._deleted(installation):
                logger.info("%s of %s changes nothing: it was installed again", request.event, request.team)
                return
            logger.info("the installation of %s has ended", request.team)
        self._forget(request, delivery)

    def forget_later(self, request: Request) -> None:
        """Queue the end of the team's installation: the team removed the app while this request was being handled.

        What was forgotten meanwhile is kept again in part: on AWS nobody knows which requests are being worked on.
        Raises ``StoreUnavailable``.
        """
        whose = (request.team, request.channel, request.ts)
        again = Uninstall(*whose, person="", enterprise=request.enterprise, event="app_uninstalled")
        self._queue.put(again, again.group(Scope.THREAD))

    def _works(self, workspace: Workspace) -> bool:
        with translated():
            try:
                workspace.token.refresh()
                workspace.client.auth_test()
            except NotInstalled:
                return False
            except SlackApiError as error:
                if code_of(error) in STALE:
                    return False
                raise
        return True

    def _queue_teams(self, request: Uninstall, installation: Installation) -> None:
        """Of an Enterprise Grid each team is forgotten by itself, whatever happens to this request."""
        for team in teams_of(installation):
            if team != request.team and installation.is_enterprise_install:
                of_team = replace(request, team=team, enterprise="")
                self._queue.put(of_team, of_team.group(Scope.THREAD))

    def _deleted(self, installation: Installation) -> bool:
        is_enterprise = installation.is_enterprise_install
        return self._clients.installations.delete_older(
            enterprise_id=installation.enterprise_id,
            team_id=None if is_enterprise else installation.team_id,
            than=installation.installed_at,
        )

    def _forget(self, request: Uninstall, delivery: Delivery) -> None:
        team = Selection("team", request.team)
        claimed = self._forget_requests(request, team)
        plan = Plan(team)
        self._forget_conversations(plan, delivery.deadline)
        self._forget_all_else(plan)
        logger.info("%s is forgotten: %s", request.team, counted(len(plan.whole), "conversation"))
        under_way = StillAnswering("a question of the team was being worked on")
        if claimed and not delivery.is_last(under_way):
            raise under_way

    def _forget_requests(self, request: Uninstall, team: Selection) -> int:
        """Delete what waits or is a dead letter. Returns how many requests, this one apart, are being worked on."""
        with self._stores.requests() as waiting:
            found = [each for each in waiting.everything() if team.has_request(each)]
            for each in found:
                if each.state != "claimed":
                    waiting.delete(each)
        return sum(each.state == "claimed" and each.identity != request.identity for each in found)

    def _forget_conversations(self, plan: Plan, deadline: Deadline) -> None:
        """One after the other as they are found, so that the next delivery goes on where this one's time is over."""
        conversations = self._stores.conversations
        for key, stored in conversations.everything():
            before = len(plan.whole)
            plan.add_conversation(key, stored.conversation)
            if len(plan.whole) > before:
                plan.forget_in(conversations, key)
            if deadline.is_over:
                raise StillAnswering(f"{counted(len(plan.whole), 'conversation')} forgotten, and there may be more")

    def _forget_all_else(self, plan: Plan) -> None:
        stores = self._stores
        plan.add_votes(stores.votes.votes())
        plan.forget_votes(stores.votes)
        plan.add_limits(stores.limits)
        plan.forget_limits(stores.limits)
        plan.add_settings(stores.settings)
        plan.forget_settings(stores.settings)
        plan.add_ledger(stores.ledger)
        plan.forget_ledger(stores.ledger)
        stores.scrub()
