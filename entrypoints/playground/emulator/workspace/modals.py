"""Modals: forms that the app opens for a person who has just given a command or pressed a button."""

import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.workspace.block_kit import modal_blocks_in, with_ids
from entrypoints.playground.emulator.workspace.model import APP, BOT, TEAM, Json, Refused
from entrypoints.playground.emulator.workspace.sessions import Notify

TRIGGER_SECONDS = 3
"""So long after what a person did a modal can be opened for it, and once."""

TRIGGERS_KEPT = 1_000
LABEL_LIMIT = 24
"""Characters of a modal's title and of its buttons."""

PRIVATE_METADATA_LIMIT = 3_000
CALLBACK_ID_LIMIT = 255
FIELDS = {"type", "title", "blocks", "close", "submit", "private_metadata", "callback_id", "clear_on_close",
          "notify_on_close", "external_id", "submit_disabled"}  # fmt: skip


class Modals:
    """The modal that each person has open, one at most. Safe to use from any thread."""

    def __init__(self, clock: Clock, notify: Notify) -> None:
        self._clock = clock
        self._notify = notify
        self._lock = threading.RLock()
        self._triggers: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._used: OrderedDict[str, None] = OrderedDict()
        self._views: dict[str, Json] = {}

    def trigger(self, person: str) -> str:
        """A new ``trigger_id`` for something that the person has just done."""
        now = self._clock()
        trigger = f"{int(now * 1_000)}.{int(now)}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[trigger] = person, now
            if len(self._triggers) > TRIGGERS_KEPT:
                self._triggers.popitem(last=False)
        return trigger

    def views(self) -> dict[str, Json]:
        """The open modals by person."""
        with self._lock:
            return dict(self._views)

    def open(self, trigger: str, view: object) -> Json:
        """Open a modal in place of what the person has open.

        Raises ``Refused``: ``invalid_trigger_id``, ``exchanged_trigger_id``, ``expired_trigger_id``, and
        ``invalid_arguments`` for what is no modal.
        """
        blocks = _modal_blocks(view)
        with self._lock:
            person = self._exchange(trigger)
            identity = f"V{secrets.token_hex(5).upper()}"
            asked: Json = view if isinstance(view, dict) else {}
            opened: Json = {
                "id": identity,
                "team_id": TEAM,
                "type": "modal",
                "blocks": with_ids(blocks),
                "private_metadata": asked.get("private_metadata") or "",
                "callback_id": asked.get("callback_id") or "",
                "state": {"values": {}},
                "hash": secrets.token_hex(8),
                "title": asked["title"],
                "clear_on_close": False,
                "notify_on_close": False,
                "close": asked.get("close"),
                "submit": asked.get("submit"),
                "previous_view_id": None,
                "root_view_id": identity,
                "app_id": APP,
                "external_id": asked.get("external_id") or "",
                "app_installed_team_id": TEAM,
                "bot_id": BOT,
            }
            self._show(person, opened)
            return opened

    def filled(self, person: str, view: str, values: str) -> Json:
        """The person's modal with what they have written into it: texts by blocks, as JSON.

        Raises ``Refused``: ``view_not_found``, and ``invalid_value`` for what Slack would not let a person submit.
        """
        with self._lock:
            now = self._views.get(person)
        if now is None or now["id"] != view:
            raise Refused("view_not_found")
        try:
            texts = json.loads(values)
        except (ValueError, RecursionError):
            raise Refused("invalid_value") from None
        if not isinstance(texts, dict):
            raise Refused("invalid_value")
        inputs = [block for block in now["blocks"] if block["type"] == "input"]
        return now | {"state": {"values": {block["block_id"]: _state(block, texts) for block in inputs}}}

    def close(self, person: str, view: str = "") -> None:
        """Take a modal away, or whichever the person has open."""
        with self._lock:
            now = self._views.get(person)
            if now and view in ("", now["id"]):
                del self._views[person]
                self._notify("modal", {"user": person, "view": None})

    def _show(self, person: str, view: Json) -> None:
        self._views[person] = view
        self._notify("modal", {"user": person, "view": view})

    def _exchange(self, trigger: str) -> str:
        if trigger in self._used:
            raise Refused("exchanged_trigger_id")
        person, since = self._triggers.get(trigger, ("", 0.0))
        if not person:
            raise Refused("invalid_trigger_id")
        if self._clock() - since > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        self._used[trigger] = None
        if len(self._used) > TRIGGERS_KEPT:
            self._used.popitem(last=False)
        return person


def _modal_blocks(view: object) -> list[Json]:
    if not isinstance(view, dict) or view.get("type") != "modal" or not set(view) <= FIELDS:
        raise Refused("invalid_arguments")
    labels = [view.get("title"), *(view[name] for name in ("submit", "close") if view.get(name))]
    private, callback = view.get("private_metadata") or "", view.get("callback_id") or ""
    if not all(map(_is_label, labels)) or len(private) > PRIVATE_METADATA_LIMIT or len(callback) > CALLBACK_ID_LIMIT:
        raise Refused("invalid_arguments")
    try:
        blocks = modal_blocks_in(view.get("blocks"))
    except Refused:
        raise Refused("invalid_arguments") from None  # as views.* call it, unlike chat.*
    if any(block["type"] == "input" for block in blocks) and not view.get("submit"):
        raise Refused("invalid_arguments")
    return blocks


def _is_label(label: object) -> bool:
    text = label.get("text") if isinstance(label, dict) and label.get("type") == "plain_text" else None
    return isinstance(text, str) and 0 < len(text) <= LABEL_LIMIT


def _state(block: Json, texts: Mapping[str, object]) -> Json:
    """What Slack sends of one input. Raises ``Refused`` for what its form does not let through."""
    element, text = block["element"], texts.get(block["block_id"]) or ""
    kind = element["type"]
    if not isinstance(text, str) or (not text and not block.get("optional")):
        raise Refused("invalid_value")
    if kind == "static_select":
        option = next((each for each in element["options"] if each["value"] == text), None)
        if text and option is None:
            raise Refused("invalid_value")
        return {element["action_id"]: {"type": kind, "selected_option": option}}
    if len(text) > int(element.get("max_length") or 3_000) or (kind == "number_input" and not _fits(element, text)):
        raise Refused("invalid_value")
    return {element["action_id"]: {"type": kind, "value": text or None}}


def _fits(element: Json, text: str) -> bool:
    try:
        number = float(text) if element.get("is_decimal_allowed") else int(text or 0)
    except ValueError:
        return False
    return float(element.get("min_value", number)) <= number <= float(element.get("max_value", number))
