"""The bot's App Home: what the bot can do and what its visitor has used, and in the Messages tab suggested prompts.

A Home tab takes no ``markdown`` block, only mrkdwn in sections (docs.slack.dev, November 2026).
"""

import html
import logging
import re
from collections.abc import Callable

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block, HeaderBlock, SectionBlock
from slack_sdk.models.blocks.basic_components import MarkdownTextObject
from slack_sdk.models.views import View

from adapters.slack.channels import channels_of
from adapters.slack.errors import PERMANENT_ERRORS, code_of, is_refusal, translated
from adapters.slack.texts import Labels
from domain.channels.channel_settings import ChannelSettings
from domain.channels.showing import set_settings
from domain.ports.stores import SettingsStore
from domain.requests import Tab, Visit
from domain.spending.monthly_usage import MonthlyUsage
from domain.texts.language import Language

logger = logging.getLogger(__name__)


CHANNELS_SHOWN = 20
"""Channels with settings of their own on one Home tab at most."""

SECTION_LIMIT = 3_000
"""Characters of a section's text."""


class SlackAppHome:
    """Fills the pages. ``ttl_days`` is how long a silent conversation is remembered.

    ``usage`` is what a visitor has used this month, ``settings`` are those of the channels that they are in.
    """

    def __init__(
        self,
        client: WebClient,
        *,
        language: Language,
        labels: Labels,
        ttl_days: float,
        usage: Callable[[Visit], MonthlyUsage],
        settings: SettingsStore,
    ) -> None:
        self._client = client
        self._settings = settings
        self._language = language
        self._labels = labels
        self._ttl_days = ttl_days
        self._usage = usage

    def show(self, visit: Visit) -> None:
        """Fill the page that was opened. Where the app has no such page, that is logged and nothing is raised.

        Raises what the stores of ``usage`` raise, too.
        """
        with translated():
            try:
                if visit.tab is Tab.HOME:
                    self._client.views_publish(user_id=visit.person, view=self._home(visit))
                else:
                    self._suggest(visit.channel)
            except SlackApiError as error:
                code = code_of(error)
                if not is_refusal(error) or code in PERMANENT_ERRORS - {"missing_scope"}:
                    raise
                logger.warning("the %s tab cannot be filled: Slack answered %s", visit.tab.value, code)

    def _suggest(self, channel: str) -> None:
        # Without a thread: with one, the call fails silently in the current kind of app, says the reference.
        self._client.assistant_threads_setSuggestedPrompts(
            channel_id=channel,
            prompts=[{"title": title, "message": message} for title, message in self._labels.suggestions],
        )

    def _home(self, visit: Visit) -> View:
        text = (
            f"{self._language.help.fill(days=f'{self._ttl_days:g}')}\n\n{self._usage(visit).of_person(self._language)}"
        )
        sections = [
            SectionBlock(text=MarkdownTextObject(text=mrkdwn(paragraph), verbatim=True))
            for paragraph in text.split("\n\n")
        ]
        return View(type="home", blocks=[HeaderBlock(text=self._labels.home), *sections, *self._channels(visit)])

    def _channels(self, visit: Visit) -> list[Block]:
        """The settings of the person's channels, as far as they have some."""
        channels = [visit.channel, *channels_of(self._client, visit.person)]
        own = self._settings.among(visit.team, list(dict.fromkeys(channels)))
        shown = [(channel, own[channel]) for channel in channels if channel in own][:CHANNELS_SHOWN]
        sections = [self._section(visit, *each) for each in shown]
        return [HeaderBlock(text=self._labels.settings), *sections] if sections else []

    def _section(self, visit: Visit, channel: str, settings: ChannelSettings) -> SectionBlock:
        name = self._labels.here if channel == visit.channel else f"<#{channel}>"
        text = f"{name}: {html.escape(set_settings(settings, self._language), quote=False)}"
        shown = text if len(text) <= SECTION_LIMIT else f"{text[: SECTION_LIMIT - 1]}…"
        return SectionBlock(text=MarkdownTextObject(text=shown, verbatim=True))


def mrkdwn(text: str) -> str:
    """The Markdown of the bot's own sentences (bold, code and lists) as mrkdwn."""
    text = html.escape(text, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"*\1*", text)
    return re.sub(r"^[-*] ", "• ", text, flags=re.MULTILINE)
