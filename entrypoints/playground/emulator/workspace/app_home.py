"""The app's own place in Slack: each person's Home tab, and the prompts suggested in their direct messages."""

import secrets
import threading
from collections.abc import Mapping

from entrypoints.playground.emulator.workspace.block_kit import home_blocks_in, with_ids
from entrypoints.playground.emulator.workspace.model import APP, BOT, TEAM, Json, Refused
from entrypoints.playground.emulator.workspace.sessions import Notify

PROMPTS_LIMIT = 4
PRIVATE_METADATA_LIMIT = 3_000
CALLBACK_ID_LIMIT = 255


class AppHome:
    """What the bot has published to each person. Safe to use from any thread."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._lock = threading.RLock()
        self._views: dict[str, Json] = {}
        self._prompts: dict[str, Json] = {}

    def view(self, person: str) -> Json | None:
        """A person's Home tab as events show it; none where nothing was published."""
        with self._lock:
            return self._views.get(person)

    def homes(self) -> dict[str, list[Json]]:
        """The blocks of every Home tab by person."""
        with self._lock:
            return {person: view["blocks"] for person, view in self._views.items()}

    def publish(self, person: str, view: object, expected_hash: str = "") -> Json:
        """Replace a person's Home tab. Raises ``Refused``: ``invalid_arguments`` for what is no Home tab."""
        if not isinstance(view, dict) or view.get("type") != "home" or {"submit", "close", "title"} & set(view):
            raise Refused("invalid_arguments")
        private, callback = view.get("private_metadata") or "", view.get("callback_id") or ""
        if len(private) > PRIVATE_METADATA_LIMIT or len(callback) > CALLBACK_ID_LIMIT:
            raise Refused("invalid_arguments")
        try:
            blocks = home_blocks_in(view.get("blocks"))
        except Refused:
            raise Refused("invalid_arguments") from None  # as views.* call it, unlike chat.*
        with self._lock:
            before = self._views.get(person)
            if expected_hash and (before is None or before["hash"] != expected_hash):
                raise Refused("hash_conflict")
            identity = before["id"] if before else f"V{secrets.token_hex(5).upper()}"
            published: Json = {
                "id": identity,
                "team_id": TEAM,
                "type": "home",
                "blocks": with_ids(blocks),
                "private_metadata": private,
                "callback_id": callback,
                "state": {"values": {}},
                "hash": secrets.token_hex(8),
                "clear_on_close": False,
                "notify_on_close": False,
                "close": None,
                "submit": None,
                "previous_view_id": None,
                "root_view_id": identity,
                "app_id": APP,
                "external_id": view.get("external_id") or "",
                "app_installed_team_id": TEAM,
                "bot_id": BOT,
            }
            self._views[person] = published
            self._notify("home", {"user": person, "blocks": published["blocks"]})
            return published

    def suggest(self, channel: str, prompts: object, title: str = "") -> None:
        """Suggest one to four prompts, each with a title and a message."""
        if not isinstance(prompts, list) or not 1 <= len(prompts) <= PROMPTS_LIMIT:
            raise Refused("invalid_arguments")
        shown = []
        for prompt in prompts:
            texts = {name: prompt.get(name) for name in ("title", "message")} if isinstance(prompt, dict) else {}
            if not texts or not all(isinstance(text, str) and text for text in texts.values()):
                raise Refused("invalid_arguments")
            shown.append(texts)
        with self._lock:
            self._prompts[channel] = {"title": title, "prompts": shown}
            self._notify("prompts", {"channel": channel, **self._prompts[channel]})

    def prompts(self) -> Mapping[str, Json]:
        """The suggested prompts and their common title by channel."""
        with self._lock:
            return dict(self._prompts)
