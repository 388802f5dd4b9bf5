"""Commands, shortcuts and clicks: what people do that Slack tells the app at once, and only once.

An app has three seconds to acknowledge an interaction. When it does not, Slack tries no second time but
tells the person.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from entrypoints.playground.emulator.event_payloads import TOKEN, message_of
from entrypoints.playground.emulator.response_urls import ResponseUrls
from entrypoints.playground.emulator.signed_requests import Reply
from entrypoints.playground.emulator.workspace.block_kit import pressed
from entrypoints.playground.emulator.workspace.model import (
    APP,
    SLACKBOT,
    TEAM,
    TEAM_DOMAIN,
    Channel,
    Json,
    Post,
    Refused,
)
from entrypoints.playground.emulator.workspace.workspace import Workspace

InteractionKind = Literal["slash_commands", "interactive"]


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing that a person did, as the app gets it. ``label`` is what they call it, ``channel`` where it was."""

    kind: InteractionKind
    payload: Json
    person: str
    channel: str
    thread: str
    label: str

    @property
    def form(self) -> bytes:
        """The body with which Slack posts it."""
        fields = self.payload if self.kind == "slash_commands" else {"payload": json.dumps(self.payload)}
        return urlencode(fields).encode()


class Interactions:
    """What people do besides posting. Each method returns what it handed to ``dispatch``, or raises ``Refused``."""

    def __init__(self, workspace: Workspace, responses: ResponseUrls, dispatch: Callable[[Interaction], None]) -> None:
        self._workspace = workspace
        self._responses = responses
        self._dispatch = dispatch

    def slash(self, person: str, channel: str, text: str = "", thread: str = "") -> Interaction:
        """Type the app's slash command and a text; in a thread Slack refuses every command."""
        where = self._seen(person, channel)
        if thread:
            self._tell(where.id, person, f"{self._workspace.command} is not supported in threads. Sorry!", thread)
            raise Refused("not_supported_in_threads")
        payload = {
            "token": TOKEN,
            "team_id": TEAM,
            "team_domain": TEAM_DOMAIN,
            "channel_id": where.id,
            "channel_name": name_of(where),
            "user_id": person,
            "user_name": self._workspace.directory.name(person),
            "command": self._workspace.command,
            "text": text.strip(),
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._responses.url(where.id, person),
            "trigger_id": self._workspace.modals.trigger(person),
        }
        return self._hand("slash_commands", payload, where.id, "", self._workspace.command)

    def shortcut(self, person: str, channel: str, ts: str, callback_id: str) -> Interaction:
        """Choose an entry of a message's menu."""
        where, post = self._seen(person, channel), self._workspace.messages.find(channel, ts)
        names = {shortcut.callback_id: shortcut.name for shortcut in self._workspace.shortcuts}
        if callback_id not in names:
            raise Refused("shortcut_not_found")
        payload = {
            **self._who(person),
            "type": "message_action",
            "action_ts": self._workspace.messages.next_ts(),
            "channel": {"id": where.id, "name": name_of(where)},
            "callback_id": callback_id,
            "response_url": self._responses.url(where.id, person),
            "message_ts": post.ts,
            "message": message_of(post, self._workspace.address),
        }
        return self._hand("interactive", payload, where.id, post.thread, names[callback_id])

    def click(self, person: str, channel: str, ts: str, action_id: str, value: str = "") -> Interaction:
        """Press a button in a message, or with neither channel nor ts one in the person's own Home tab."""
        if not channel and not ts:
            return self._click_at_home(person, action_id, value)
        where, post = self._seen(person, channel), self._workspace.messages.find(channel, ts, person)
        container = {
            "type": "message",
            "message_ts": post.ts,
            "channel_id": where.id,
            "is_ephemeral": bool(post.only_for),
        } | ({"thread_ts": post.thread} if post.thread else {})
        action = pressed(post.blocks, action_id, value)
        payload = {
            **self._who(person),
            "type": "block_actions",
            "api_app_id": APP,
            "container": container,
            "channel": {"id": where.id, "name": name_of(where)},
            "state": {"values": {}},
            "response_url": self._responses.url(where.id, person, post),
            "actions": [action | {"action_ts": self._workspace.messages.next_ts()}],
        }
        if not post.only_for:  # of an ephemeral message Slack sends no copy
            payload["message"] = message_of(post, self._workspace.address)
        return self._hand("interactive", payload, where.id, post.thread, _label(action))

    def submit(self, person: str, view: str, values: str) -> Interaction:
        """Submit the modal that the person has open; ``values`` are texts by blocks, as JSON."""
        payload = {
            **self._who(person),
            "type": "view_submission",
            "api_app_id": APP,
            "view": self._workspace.modals.filled(person, view, values),
            "response_urls": [],
        }
        where = self._workspace.directory.channel(person).id
        return self._hand("interactive", payload, where, "", payload["view"]["title"]["text"])

    def settle(self, interaction: Interaction, reply: Reply) -> None:
        """Show the person what the app answered, or that it did not. A modal that it has taken closes."""
        if interaction.payload.get("type") == "view_submission" and not reply.reason:
            self._workspace.modals.close(interaction.person, interaction.payload["view"]["id"])
        if reply.reason:
            error = "operation_timeout" if reply.reason == "http_timeout" else "dispatch_failed"
            text = f'{interaction.label} failed with the error "{error}"'
            self._tell(interaction.channel, interaction.person, text, interaction.thread)
            return
        message = _message_in(reply) if interaction.kind == "slash_commands" else {}
        if message:
            try:
                self._responses.answer(interaction.channel, interaction.person, message)
            except Refused:
                text = f'{interaction.label} failed with the error "invalid_command_response"'
                self._tell(interaction.channel, interaction.person, text)

    def _click_at_home(self, person: str, action_id: str, value: str) -> Interaction:
        view = self._workspace.home.view(person)
        if view is None:
            raise Refused("view_not_found")
        action = pressed(view["blocks"], action_id, value)
        payload = {
            **self._who(person),
            "type": "block_actions",
            "api_app_id": APP,
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "actions": [action | {"action_ts": self._workspace.messages.next_ts()}],
        }
        return self._hand("interactive", payload, self._workspace.directory.channel(person).id, "", _label(action))

    def _seen(self, person: str, channel: str) -> Channel:
        where = self._workspace.directory.channel(channel)
        if person not in self._workspace.directory.members(where):
            raise Refused("not_in_channel")
        return where

    def _who(self, person: str) -> Json:
        name = self._workspace.directory.name(person)
        return {
            "user": {"id": person, "username": name, "name": name, "team_id": TEAM},
            "team": {"id": TEAM, "domain": TEAM_DOMAIN},
            "enterprise": None,
            "is_enterprise_install": False,
            "token": TOKEN,
            "trigger_id": self._workspace.modals.trigger(person),
        }

    def _hand(self, kind: InteractionKind, payload: Json, channel: str, thread: str, label: str) -> Interaction:
        person = payload["user_id"] if kind == "slash_commands" else payload["user"]["id"]
        interaction = Interaction(kind, payload, person, channel, thread, label)
        self._dispatch(interaction)
        return interaction

    def _tell(self, channel: str, person: str, text: str, thread: str = "") -> Post:
        return self._workspace.bot.whisper(channel, person, text, thread=thread, user=SLACKBOT)


def name_of(channel: Channel) -> str:
    """A channel's name as Slack tells an app: direct messages have none of their own."""
    if channel.kind == "mpim":
        return f"mpdm-{'--'.join(channel.name.split(', '))}--bot-1".lower()
    return "directmessage" if channel.direct else channel.name


def _label(action: Json) -> str:
    return str(action.get("text", {}).get("text") or action["action_id"])


def _message_in(reply: Reply) -> Json:
    """The message in an answer to a command, which may be JSON or plain text; empty where there is none."""
    text = reply.body.decode(errors="replace")
    if reply.media_type == "application/json":
        try:
            message = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return {"text": text}
        return message if isinstance(message, dict) else {}
    return {"text": text} if text.strip() else {}
