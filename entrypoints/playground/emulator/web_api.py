"""The methods of Slack's Web API that this bot needs, on the made-up workspace.

``chat.*`` are in ``chat_methods``, ``conversations.*`` in ``conversation_methods``.
"""

import re
from collections.abc import Callable, Mapping

from entrypoints.playground.emulator.arguments import listed, required, string, thread_in, truth
from entrypoints.playground.emulator.chat_methods import Chat
from entrypoints.playground.emulator.conversation_methods import Conversations
from entrypoints.playground.emulator.workspace.files import file_object
from entrypoints.playground.emulator.workspace.model import (
    BOT,
    BOT_NAME,
    BOT_USER,
    TEAM,
    Channel,
    Json,
    Refused,
)
from entrypoints.playground.emulator.workspace.workspace import Workspace

LOADING_MESSAGES_LIMIT = 10
"""Messages through which a thread's status may rotate."""


class WebApi:
    """``methods`` by name. Each takes a call's arguments and returns what it adds to ``ok``, or raises ``Refused``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.methods: Mapping[str, Callable[[Json], Json]] = {
            **Chat(workspace).methods,
            **Conversations(workspace).methods,
            "agents.sessions.rename": self._rename_session,
            "agents.sessions.setStatus": self._set_session_status,
            "assistant.threads.setStatus": self._set_thread_status,
            "assistant.threads.setSuggestedPrompts": self._set_suggested_prompts,
            "auth.test": self._auth_test,
            "files.completeUploadExternal": self._complete_upload,
            "files.getUploadURLExternal": self._upload_url,
            "users.info": self._users_info,
            "views.open": self._open_view,
            "views.publish": self._publish_view,
        }

    def _auth_test(self, _: Json) -> Json:
        return {
            "url": f"{self._workspace.address or 'https://playground.example'}/",
            "team": "Playground",
            "user": BOT_NAME,
            "team_id": TEAM,
            "user_id": BOT_USER,
            "bot_id": BOT,
            "is_enterprise_install": False,
        }

    def _set_session_status(self, arguments: Json) -> Json:
        channel, thread = self._session(arguments)
        initiator = string(arguments, "initiator_user_id")
        if initiator and initiator not in self._workspace.directory.members(channel):
            raise Refused("user_not_found")
        status, title = string(arguments, "status"), string(arguments, "title")
        session = self._workspace.sessions.set_status(channel.id, thread, status, title)
        return {"status": session.status, "agent_status": session.status, "title": session.title}

    def _rename_session(self, arguments: Json) -> Json:
        channel, thread = self._session(arguments)
        return {"title": self._workspace.sessions.rename(channel.id, thread, string(arguments, "title")).title}

    def _session(self, arguments: Json) -> tuple[Channel, str]:
        channel, thread = self._workspace.directory.channel(string(arguments, "channel_id")), thread_in(arguments)
        if not thread:
            raise Refused("thread_ts_required")
        return channel, thread

    def _set_thread_status(self, arguments: Json) -> Json:
        channel, thread = self._workspace.directory.channel(string(arguments, "channel_id")), thread_in(arguments)
        if not re.fullmatch(r"[0-9]+[.][0-9]+", thread):
            raise Refused("invalid_thread_ts")
        loading = listed(arguments, "loading_messages") or []
        status = arguments.get("status")
        if not isinstance(status, str) or not isinstance(loading, list) or len(loading) > LOADING_MESSAGES_LIMIT:
            raise Refused("invalid_arguments")
        self._workspace.sessions.say(channel.id, thread, status)
        return {}

    def _set_suggested_prompts(self, arguments: Json) -> Json:
        channel = self._workspace.directory.channel(string(arguments, "channel_id"))
        if not channel.direct:
            raise Refused("channel_not_found")
        if not thread_in(arguments):  # of an app that is an agent, a call for a thread fails without a word
            self._workspace.home.suggest(channel.id, listed(arguments, "prompts"), string(arguments, "title"))
        return {}

    def _open_view(self, arguments: Json) -> Json:
        return {"view": self._workspace.modals.open(required(arguments, "trigger_id"), listed(arguments, "view"))}

    def _publish_view(self, arguments: Json) -> Json:
        person = required(arguments, "user_id")
        if person not in (each.id for each in self._workspace.directory.people):
            raise Refused("user_not_found")
        return {"view": self._workspace.home.publish(person, listed(arguments, "view"), string(arguments, "hash"))}

    def _upload_url(self, arguments: Json) -> Json:
        length = arguments.get("length") or 0
        if not str(length).isdecimal():
            raise Refused("invalid_arguments")
        file, secret = self._workspace.files.ticket(string(arguments, "filename"), int(length))
        return {"upload_url": f"{self._workspace.address}/upload/v1/{secret}", "file_id": file}

    def _complete_upload(self, arguments: Json) -> Json:
        uploads = listed(arguments, "files")
        if not isinstance(uploads, list) or not uploads or not all(isinstance(each, dict) for each in uploads):
            raise Refused("invalid_arguments")
        channel = string(arguments, "channel_id") or string(arguments, "channels")
        where = self._workspace.directory.channel(channel).id if channel else ""
        files = self._workspace.files.complete([(each.get("id") or "", each.get("title") or "") for each in uploads])
        if where:
            comment = string(arguments, "initial_comment")
            self._workspace.bot.post(where, comment, markdown=False, thread=thread_in(arguments), files=files)
        return {"files": [file_object(file, self._workspace.address) for file in files]}

    def _users_info(self, arguments: Json) -> Json:
        user = required(arguments, "user")
        name = self._workspace.directory.name(user)
        locale = {"locale": self._workspace.locale} if truth(arguments.get("include_locale")) else {}
        profile = {"real_name": name, "real_name_normalized": name, "display_name": name, "team": TEAM}
        return {
            "user": {
                "id": user,
                "team_id": TEAM,
                "name": name,
                "real_name": name,
                "profile": {**profile, "display_name_normalized": name},
                "is_bot": user == BOT_USER,
                "is_app_user": False,
                "deleted": False,
                **locale,
            }
        }
