"""How the events endpoint is made from the settings, on one machine and on AWS.

It stands apart from ``entrypoints.containers`` because ``entrypoints.lambda_events`` must start within Slack's three
seconds from cold and imports nothing that only a worker needs.
"""

from dependency_injector import providers

from adapters.slack.receiving.endpoint import EventsEndpoint
from adapters.slack.receiving.events import IsAgent
from domain.ports.stores import RequestQueue
from entrypoints.base_container import BaseContainer


class EventsContainer(BaseContainer):
    """What receives requests. An heir provides the ``queue``."""

    queue: providers.Provider[RequestQueue] = providers.Dependency()
    signing_secret: providers.Provider[str] = providers.Callable(
        lambda settings: settings.slack_signing_secret, BaseContainer.settings
    )
    # The endpoint on AWS has no token to ask Slack with.
    agent_view: providers.Provider[bool | IsAgent] = providers.Callable(
        lambda settings: settings.may_be_agent, BaseContainer.settings
    )
    endpoint: providers.Provider[EventsEndpoint] = providers.ThreadSafeSingleton(
        EventsEndpoint,
        signing_secret=signing_secret,
        queue=queue,
        scope=BaseContainer.settings.provided.conversation_scope,
        clock=BaseContainer.clock,
        teams=BaseContainer.settings.provided.slack_team_ids,
        channels=BaseContainer.settings.provided.slack_channel_ids,
        bot=BaseContainer.settings.provided.slack_bot_user_id,
        agent_view=agent_view,
        external_people=providers.Callable(
            lambda settings: settings.slack_external_people == "answer", BaseContainer.settings
        ),
    )
