"""Opens the modal with a channel's settings, or offers a button where Slack's time for that is over.

Slack lets a modal be opened for three seconds after a slash command or a click, and once for each ``trigger_id``
(docs.slack.dev, November 2026). A worker that starts cold may be too late; the click on the button brings a new one.
"""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement

from adapters.slack.errors import code_of, translated
from adapters.slack.payloads.settings_view import CALLBACK
from adapters.slack.replying.ephemeral import EphemeralReply
from adapters.slack.replying.settings_form import settings_form
from adapters.slack.texts import Labels
from domain.channels.channel_settings import ChannelSettings
from domain.channels.settings_requests import OpenSettings
from domain.requests import Question
from domain.texts.language import Language

TOO_LATE = frozenset({"expired_trigger_id", "invalid_trigger_id"})
"""Slack's errors for a trigger whose time is over."""

OPENED = "exchanged_trigger_id"
"""Slack's error for a trigger that has opened a modal, as an earlier delivery may have had it do."""


class SlackSettingsModal:
    """A ``SettingsModal``. ``username`` is the name under which the button is offered, empty for the bot's own."""

    def __init__(self, client: WebClient, *, labels: Labels, username: str = "") -> None:
        self._client = client
        self._labels = labels
        self._username = username or None

    def open(self, request: OpenSettings, settings: ChannelSettings, language: Language) -> None:
        view = settings_form(request, settings, language, self._labels)
        with translated():
            if not request.trigger:
                return self._offer(request)
            try:
                self._client.views_open(trigger_id=request.trigger, view=view)
            except SlackApiError as error:
                if code_of(error) in TOO_LATE:
                    return self._offer(request)
                if code_of(error) != OPENED:
                    raise

    def _offer(self, request: OpenSettings) -> None:
        button = ButtonElement(action_id=CALLBACK, text=self._labels.open_settings, style="primary")
        whose = (request.team, request.channel, request.ts, request.person)
        reply = EphemeralReply(
            self._client,
            Question(*whose, "", private=True, respond_to=request.respond_to),
            username=self._username,
            refusal=self._labels.refused.format(reference=request.reference),
            below=[ActionsBlock(elements=[button]).to_dict()],
        )
        reply.replace(self._labels.settings_late)
