"""What the memory panel shows of a conversation: what is remembered now, and how it came to be so."""

import threading
import time
from collections import OrderedDict, deque
from typing import Any

from domain.errors import AnsweringError
from domain.memory import Memory
from domain.ports import Clock, Conversations
from domain.turn_events import Answered, Condensed, CondensingFailed, Event, Failed, Finished, Obeyed
from domain.usage import Usage

CONVERSATIONS_KEPT = 200
TURNS_KEPT = 100
"""Of each conversation; older ones leave the panel, not the memory."""

Json = dict[str, Any]


class MemoryPanel:
    """Collects what is reported of each conversation. Safe to use from any thread."""

    def __init__(self, conversations: Conversations, memory: Memory, clock: Clock = time.time) -> None:
        self._conversations = conversations
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self._histories: OrderedDict[str, deque[Json]] = OrderedDict()

    def add(self, event: Event) -> None:
        entry = {"at": self._clock(), "question": event.request.ts, "person": event.request.person, **self._of(event)}
        with self._lock:
            history = self._histories.setdefault(event.conversation, deque(maxlen=TURNS_KEPT))
            self._histories.move_to_end(event.conversation)
            if len(self._histories) > CONVERSATIONS_KEPT:
                self._histories.popitem(last=False)
            history.append(entry)

    def show(self, conversation: str) -> Json:
        """The panel's content, in tokens and seconds since the epoch. Raises what loading raises."""
        stored = self._conversations.load(conversation)
        remembered, memory = stored.conversation, self._memory
        with self._lock:
            history = list(self._histories.get(conversation, ()))
        return {
            "conversation": conversation,
            "version": stored.version,
            "notes": [
                {
                    "text": each.text,
                    "tokens": each.tokens,
                    "at": each.last.seconds if each.last else None,
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
            "history": history,
        }

    def _of(self, event: Event) -> Json:
        match event:
            case Answered():
                cut = event.cut and not event.stopped
                return {"kind": "answered", **_tokens(event.usage), "cut": cut, "stopped": event.stopped}
            case Condensed():
                return {
                    "kind": "condensed",
                    "messages": event.messages,
                    "folded": event.folded_tokens,
                    "kept": self._kept(event.conversation),
                    "summary": event.summary_tokens,
                    "trimmed": event.trimmed,
                    **_tokens(event.usage),
                }
            case Obeyed():
                return {"kind": "obeyed", "command": event.command.value}
            case Finished():
                return {"kind": "finished"}
            case CondensingFailed():
                return {"kind": "condensing_failed", "error": type(event.error).__name__}
            case Failed():
                reference = event.request.reference
                return {"kind": "failed", "error": type(event.error).__name__, "reference": reference}

    def _kept(self, conversation: str) -> int | None:
        """How many tokens the buffer still has; none when it cannot be read, since nobody waits for this number."""
        try:
            return self._conversations.load(conversation).conversation.buffer_tokens
        except AnsweringError:
            return None


def _tokens(usage: Usage) -> Json:
    return {"sent": usage.sent, "received": usage.received, "cached": usage.cached}
