"""What the memory panel shows of a conversation: what is remembered now, and how it came to be so."""

import threading
import time
from collections import OrderedDict, deque
from typing import Any

from domain.conversations.conversation import Conversation
from domain.conversations.notes import Notes
from domain.conversations.place import parts_of_key
from domain.correction.edits_and_deletions import Edit
from domain.deliveries.deadline import Clock
from domain.errors import AnsweringError
from domain.memory import Memory
from domain.ports.stores import Conversations, Ledger
from domain.spending.ledger import Owner, OwnerKind, Sum, month_of
from domain.turn_events import (
    Answered,
    Condensed,
    CondensingFailed,
    Corrected,
    Event,
    Failed,
    Finished,
    Obeyed,
    Redacted,
    SettingsChanged,
)
from entrypoints.playground.page.note_changes import note_changes
from entrypoints.playground.page.usage import tokens, used

CONVERSATIONS_KEPT = 200
TURNS_KEPT = 100
"""Of each conversation; older ones leave the panel, not the memory."""

Json = dict[str, Any]


class MemoryPanel:
    """Collects what is reported of each conversation. Safe to use from any thread."""

    def __init__(self, conversations: Conversations, ledger: Ledger, memory: Memory, clock: Clock = time.time) -> None:
        self._conversations = conversations
        self._ledger = ledger
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self._histories: OrderedDict[str, deque[Json]] = OrderedDict()
        self._notes: dict[str, Notes] = {}  # as they were when last looked at, of the conversations with a history

    def add(self, event: Event) -> None:
        entry = {"at": self._clock(), "question": event.request.ts, "person": event.request.person, **self._of(event)}
        with self._lock:
            history = self._histories.setdefault(event.conversation, deque(maxlen=TURNS_KEPT))
            self._histories.move_to_end(event.conversation)
            if len(self._histories) > CONVERSATIONS_KEPT:
                oldest, _ = self._histories.popitem(last=False)
                self._notes.pop(oldest, None)
            history.append(entry)

    def show(self, conversation: str) -> Json:
        """The panel's content, in tokens and seconds since the epoch. Raises what loading raises."""
        stored = self._conversations.load(conversation)
        remembered, memory = stored.conversation, self._memory
        with self._lock:
            history = list(self._histories.get(conversation, ()))
        answered = (each for each in reversed(history) if each["kind"] == "answered" and each["sent"])
        return {
            "conversation": conversation,
            "version": stored.version,
            "notes": [
                {
                    "text": each.text,
                    "tokens": each.tokens,
                    "from": each.last.seconds if each.last else None,
                    "rewrites": each.rewrites,
                }
                for each in remembered.notes
            ],
            "notes_tokens": remembered.notes_tokens,
            "buffer": [
                {"speaker": each.speaker.value, "name": each.name, "text": each.text, "tokens": each.tokens}
                for each in remembered.buffer
            ],
            "buffer_tokens": remembered.buffer_tokens,
            "limits": {"buffer": memory.limit, "keep": memory.keep, "summary": memory.summary},
            "used": list(used(next(answered, None), remembered.usage, self._month(conversation))),
            "history": history,
        }

    def _month(self, conversation: str) -> Sum:
        """What the conversation's workspace has used this month."""
        team, _, _ = parts_of_key(conversation)
        return self._ledger.sum_of(Owner(team, OwnerKind.TEAM, team), month_of(self._clock()))

    def _of(self, event: Event) -> Json:
        said: Json
        match event:
            case Answered():
                cut = event.cut and not event.stopped
                said = {"kind": "answered", **tokens(event.usage), "cut": cut, "stopped": event.stopped}
            case Condensed():
                before = self._notes.get(event.conversation)
                after = self._look(event.conversation)
                said = {
                    "kind": "condensed",
                    "messages": event.messages,
                    "folded": event.folded_tokens,
                    "kept": after.buffer_tokens if after else None,
                    "summary": event.summary_tokens,
                    "trimmed": event.trimmed,
                    **note_changes(event, before, after.notes if after else None),
                    **tokens(event.usage),
                }
            case Obeyed():
                self._look(event.conversation)  # some commands change the notes
                said = {"kind": "obeyed", "command": event.command.value}
            case Finished():
                said = {"kind": "finished"}
            case CondensingFailed():
                said = {"kind": "condensing_failed", "error": type(event.error).__name__}
            case Corrected():
                self._look(event.conversation)
                said = {"kind": "edited" if isinstance(event.request, Edit) else "deleted"}
            case SettingsChanged():
                said = {"kind": "settings", "names": list(event.names)}
            case Redacted():
                self._look(event.conversation)
                said = {"kind": "redacted", "notes": event.notes, "changed": event.changed, **tokens(event.usage)}
            case Failed():
                reference = event.request.reference
                said = {"kind": "failed", "error": type(event.error).__name__, "reference": reference}
        return said

    def _look(self, conversation: str) -> Conversation | None:
        """What is remembered now; none where it cannot be read, since nobody waits for it."""
        try:
            remembered = self._conversations.load(conversation).conversation
        except AnsweringError:
            self._notes.pop(conversation, None)
            return None
        self._notes[conversation] = remembered.notes
        return remembered
