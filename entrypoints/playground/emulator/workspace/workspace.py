"""The emulated workspace: its people and channels, and what people do there.

Nothing here knows HTTP. What Slack would refuse raises ``Refused`` with Slack's own name for the error.
"""

import html
import re
import time
from collections.abc import Callable, Iterable, Sequence

from domain.deliveries.deadline import Clock
from entrypoints import manifest
from entrypoints.playground.emulator.workspace.app_home import AppHome
from entrypoints.playground.emulator.workspace.bot_messages import MARKDOWN_LIMIT, BotMessages
from entrypoints.playground.emulator.workspace.directory import Directory
from entrypoints.playground.emulator.workspace.files import Files
from entrypoints.playground.emulator.workspace.messages import Messages
from entrypoints.playground.emulator.workspace.modals import Modals
from entrypoints.playground.emulator.workspace.model import (
    BOT_NAME,
    BOT_USER,
    SLACKBOT,
    Channel,
    Json,
    Person,
    Post,
    Refused,
    Shortcut,
    Upload,
)
from entrypoints.playground.emulator.workspace.sessions import Sessions

COMMAND = "/bot"

_NAMES = {
    "ja": (("総務", "開発", "random"), ("私", "さくら", "ケン")),
    "en": (("office", "dev", "random"), ("Me", "Sakura", "Ken")),
}


class Workspace:
    """A workspace with three channels, three people and the bot. Safe to use from any thread.

    ``language`` is ``ja`` or ``en`` and chooses the names. ``clock`` dates posts and ends streams.
    ``posts`` were written before, oldest first. ``command`` is the app's slash command, ``shortcuts`` are what
    it has put into the menu of messages, by default those of the manifest.

    ``group`` is the direct messages of all people and the bot together. ``bot`` is what the bot may do with its
    ``messages``. ``address`` is where this Slack is served, for the URLs that events carry.
    """

    def __init__(
        self,
        language: str,
        clock: Clock = time.time,
        posts: Iterable[Post] = (),
        *,
        command: str = COMMAND,
        shortcuts: Sequence[Shortcut] | None = None,
    ) -> None:
        names, people = _NAMES[language]
        members = tuple(Person(f"U0PERSON0{n}", name) for n, name in enumerate(people, 1))
        self.group = Channel("G0GROUP001", ", ".join(people), kind="mpim")
        channels = (
            *(Channel(f"C0CHANNEL{n}", name) for n, name in enumerate(names, 1)),
            *(Channel(f"D0DIRECT0{n}", BOT_NAME, owner.id, "im") for n, owner in enumerate(members, 1)),
            self.group,
        )
        self._notice_observers: list[Callable[[str, Json], None]] = []
        self._event_observers: list[Callable[[Json], None]] = []
        self.directory = Directory(members, channels)
        self.messages = Messages(self.directory, clock, posts)
        self.sessions = Sessions(clock, self._report_notice)
        self.bot = BotMessages(self.directory, self.messages, self.sessions, clock)
        self.files = Files(clock)
        self.home = AppHome(self._report_notice)
        self.modals = Modals(clock, self._report_notice)
        self.command = command
        in_manifest = (Shortcut(each["callback_id"], each["name"][language]) for each in manifest.parts()["shortcuts"])
        self.shortcuts = tuple(in_manifest if shortcuts is None else shortcuts)
        self.locale = {"ja": "ja-JP", "en": "en-US"}[language]
        self.address = ""

    def observe_notices(self, observer: Callable[[str, Json], None]) -> None:
        """Call ``observer`` with ``session``, ``status``, ``prompts``, ``home`` or ``modal``, and what it is now."""
        self._notice_observers.append(observer)

    def observe_events(self, observer: Callable[[Json], None]) -> None:
        """Call ``observer`` with every event that is about no post: a stop button pressed, a tab opened."""
        self._event_observers.append(observer)

    def say(self, person: str, channel: str, text: str, thread: str = "", files: Sequence[Upload] = ()) -> Post:
        """Post what a person typed and the files they share; the text may be empty where there are files.

        ``@bot`` and the people's names after an ``@`` become mentions. Raises ``Refused``:
        ``channel_not_found``, ``not_in_channel``, ``no_text``, ``msg_too_long``.
        """
        where = self.directory.channel_of(person, channel)
        if not text.strip() and not files:
            raise Refused("no_text")
        if len(text) > MARKDOWN_LIMIT:
            raise Refused("msg_too_long")
        shared = tuple(self.files.keep(Upload(*each), person) for each in files)
        return self.messages.add(where, person, self._with_mentions(text.strip()), thread, files=shared)

    def edit(self, person: str, channel: str, ts: str, text: str) -> Post:
        """Replace the text of what a person posted. Raises ``Refused`` for what they did not post, too."""
        if not text.strip():
            raise Refused("no_text")
        if len(text) > MARKDOWN_LIMIT:
            raise Refused("msg_too_long")
        with self.messages.lock:
            post = self.messages.find(self.directory.channel_of(person, channel).id, ts)
            if post.user != person:
                raise Refused("cant_update_message")
            edited = self.messages.next_ts()
            return self.messages.change(post, text=self._with_mentions(text.strip()), edited=edited)

    def delete(self, person: str, channel: str, ts: str) -> None:
        """Delete what a person posted, or the bot, as an admin may.

        Of a thread's first post a tombstone stays while it has replies. Raises ``Refused`` for posts of others.
        """
        with self.messages.lock:
            post = self.messages.find(self.directory.channel_of(person, channel).id, ts)
            if post.user not in (person, BOT_USER):
                raise Refused("cant_delete_message")
            if self.messages.has_replies(post):
                left = {"user": SLACKBOT, "text": "This message was deleted.", "files": (), "blocks": ()}
                self.messages.change(post, **left, tombstone=True, streamed=None, metadata="", username="")
            else:
                self.messages.remove(post)

    def stop(self, person: str, channel: str, thread: str) -> Json:
        """Press the stop button of a thread: its streams end, and the bot is sent the event that is returned.

        The session goes on showing that it is at work: to end that is for the bot. Raises ``Refused``
        where no session is, as then there is no button.
        """
        where = self.directory.channel_of(person, channel)
        self.sessions.require_stop_button(where.id, thread)
        with self.messages.lock:
            streams = self.messages.live_in(where.id, thread)
            for post in streams:
                self.messages.change(post, streamed=None, stopped=True)
            event = {
                "type": "agent_session_stopped",
                "channel": where.id,
                "thread_ts": thread,
                "streaming_message_ts": [post.ts for post in streams],
                "user": person,
                "event_ts": self.messages.next_ts(),
            }
            return self._report_event(event)

    def open_tab(self, person: str, tab: str) -> Json:
        """Open the app's ``home`` or ``messages`` tab: the bot is sent the event that is returned."""
        where = self.directory.channel(person)
        if not where.direct:
            raise Refused("user_not_found")
        if tab not in ("home", "messages"):
            raise Refused("invalid_tab")
        with self.messages.lock:
            event = {
                "type": "app_home_opened",
                "user": where.owner,
                "channel": where.id,
                "tab": tab,
                "event_ts": self.messages.next_ts(),
            }
            view = self.home.view(where.owner) if tab == "home" else None
            return self._report_event(event | ({"view": view} if view else {}))

    def _report_notice(self, kind: str, now: Json) -> None:
        for observer in self._notice_observers:
            observer(kind, now)

    def _report_event(self, event: Json) -> Json:
        for observer in self._event_observers:
            observer(event)
        return event

    def _with_mentions(self, text: str) -> str:
        text = html.escape(text, quote=False)
        for name, user in ((BOT_NAME, BOT_USER), *((person.name, person.id) for person in self.directory.people)):
            # Japanese writes no space around a name, so only what could belong to a Latin word or an address counts.
            mention = rf"(?<![A-Za-z0-9_.])@{re.escape(name)}(?![A-Za-z0-9_]|[.-][A-Za-z0-9])"
            text = re.sub(mention, f"<@{user}>", text, flags=re.IGNORECASE)
        return text
