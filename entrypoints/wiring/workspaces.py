"""Several workspaces in one process: each has Slack adapters of its own, with its own token, and shares all else.

With one workspace nothing of this is imported.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from dependency_injector import providers
from slack_sdk import WebClient

from adapters.dead_letters import remedy
from adapters.installations.bot_token import NotInstalled
from adapters.installations.clients import Clients, Workspace
from adapters.observability.evidence import evidence
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.errors import AnsweringError, PersonNotNotified, SlackRefused, Unavailable
from domain.requests import Apology, Question, Request, Uninstall
from entrypoints.configuration.settings import Settings
from entrypoints.forgetting.uninstalling import Uninstalling
from entrypoints.wiring.containers import WorkerContainer
from entrypoints.wiring.dispatch import Dispatcher

MOST = 500
"""Workspaces whose adapters are kept. Those of one take some 50 KB, and 10 ms to make."""

logger = logging.getLogger(__name__)

DispatcherOf = Callable[[WebClient], Dispatcher]
"""Makes the dispatcher of one workspace, whose client it gets."""


def dispatchers(container: type[WorkerContainer], settings: Settings, shared: Mapping[str, object]) -> DispatcherOf:
    """Makes dispatchers as ``container`` does. They share these objects, by the names of their providers."""
    ready = {name: providers.Object(each) for name, each in shared.items()}

    def dispatcher_of(client: WebClient) -> Dispatcher:
        return container(settings=settings, slack_client=providers.Object(client), **ready).dispatcher()

    return dispatcher_of


@dataclass
class _Member:
    """A workspace and its dispatcher, which is made when it is first needed."""

    workspace: Workspace
    dispatcher: Dispatcher | None = None


class Workspaces:
    """Handles the requests of all workspaces. Safe to use from any thread."""

    def __init__(
        self, clients: Clients, dispatcher_of: DispatcherOf, uninstalling: Uninstalling, most: int = MOST
    ) -> None:
        self._clients = clients
        self._dispatcher_of = dispatcher_of
        self._uninstalling = uninstalling
        self._most = most
        self._members: OrderedDict[tuple[str, str], _Member] = OrderedDict()
        self._lock = Lock()
        self._making = Lock()

    def dispatch(self, request: Request, delivery: Delivery = FIRST_DELIVERY) -> None:
        """Handle one request with its team's own token; one of a team that has none is dropped.

        Raises what ``Dispatcher.dispatch`` raises, and ``StoreUnavailable``, ``StoreCorrupt`` and
        ``SlackUnavailable`` where the token cannot be read or rotated now: in an outage ``PersonNotNotified`` after
        the last delivery of a question.
        """
        if isinstance(request, Uninstall):
            self._uninstalling.end(request, delivery)
            self._let_go(request.team)
            return
        member = self._member(request)
        try:
            _refresh(member.workspace, request, delivery)
            self._dispatcher(member).dispatch(request, delivery)
        except NotInstalled:
            _drop(request)
        except SlackRefused:
            if member.workspace.token.token:
                raise
            _drop(request)  # the token was known here for longer than it was good
            self._uninstalling.forget_later(request)

    def _let_go(self, team: str) -> None:
        with self._lock:
            for key in [each for each in self._members if team in each]:
                del self._members[key]

    def _member(self, request: Request) -> _Member:
        key = request.team, request.enterprise
        with self._lock:
            member = self._members.pop(key, None) or _Member(self._clients.of(*key))
            self._members[key] = member
            if len(self._members) > self._most:
                self._members.popitem(last=False)
        return member

    def _dispatcher(self, member: _Member) -> Dispatcher:
        with self._making:  # one at a time: no container says that it may be made by several threads at once
            if member.dispatcher is None:
                member.dispatcher = self._dispatcher_of(member.workspace.client)
        return member.dispatcher


def _refresh(workspace: Workspace, request: Request, delivery: Delivery) -> None:
    """Have the token ready. Without one no turn begins, so that nobody else logs why a question fails."""
    try:
        workspace.token.refresh()
    except AnsweringError as error:
        is_question = isinstance(request, Question) and not isinstance(request, Apology)
        if is_question and delivery.is_last(error):
            logger.error("%s failed: %s; %s", request.reference, evidence(error), remedy(request.reference))
            if isinstance(error, Unavailable):
                raise PersonNotNotified("the person is told as soon as there is a token") from error
        raise


def _drop(request: Request) -> None:
    logger.warning("dropped %s: %s has not installed the app", request.reference, request.team)
