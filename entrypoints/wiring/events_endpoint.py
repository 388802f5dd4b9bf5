"""How the events endpoint is made from the settings, on one machine and on AWS.

It is made without a container: ``entrypoints.lambda_events`` must start within Slack's three seconds from cold, and
dependency-injector alone loads asyncio and pydantic, a sixth of what the function would import.
"""

from typing import TYPE_CHECKING

from adapters.slack.receiving.endpoint import EventsEndpoint
from adapters.slack.receiving.events import IsAgent
from domain.deliveries.deadline import Clock
from entrypoints.configuration.events_settings import EventsSettings

if TYPE_CHECKING:
    from domain.ports.stores import RequestQueue


def events_endpoint(
    settings: EventsSettings,
    queue: "RequestQueue",
    *,
    clock: Clock,
    signing_secret: str,
    agent_view: bool | IsAgent,
) -> EventsEndpoint:
    """The endpoint of these settings.

    One machine makes up a secret for its playground, and can ask Slack whether the app is an agent.
    """
    return EventsEndpoint(
        signing_secret=signing_secret,
        queue=queue,
        scope=settings.conversation_scope,
        clock=clock,
        teams=settings.slack_team_ids,
        channels=settings.slack_channel_ids,
        bot=settings.slack_bot_user_id,
        agent_view=agent_view,
        external_people=settings.slack_external_people == "answer",
    )
