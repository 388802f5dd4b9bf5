"""Where a question is answered, and the key of the conversation it belongs to."""

import enum
from dataclasses import dataclass


class Scope(enum.StrEnum):
    """What shares one memory: each thread by itself, or a whole channel."""

    THREAD = "thread"
    CHANNEL = "channel"


def conversation_key(team: str, channel: str, thread: str = "") -> str:
    """The key under which a conversation is stored, and the queue's group of its questions."""
    return f"{team}/{channel}/{thread}" if thread else f"{team}/{channel}"


def parts_of_key(key: str) -> tuple[str, str, str]:
    """Team, channel and thread of a ``conversation_key``; the thread is empty where it names none."""
    team, channel, thread = f"{key}//".split("/")[:3]
    return team, channel, thread


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question is answered: the key of the conversation it belongs to and the thread of the reply.

    ``thread`` is empty where the reply stands in the channel itself.
    """

    conversation: str
    thread: str

    @property
    def is_thread_with_own_memory(self) -> bool:
        return bool(self.thread) and self.conversation.endswith(f"/{self.thread}")
