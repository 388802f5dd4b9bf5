"""Agent sessions and the status of a thread: what people see of a bot at work besides its posts."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from domain.deliveries.deadline import Clock
from entrypoints.playground.emulator.workspace.model import Json, Refused

STATUSES = ("active", "processing", "suspended", "closed")
TITLE_LIMIT = 200
STATUS_SECONDS = 120
"""A thread's status goes away so long after it was set."""

THREADS_KEPT = 1_000

Notify = Callable[[str, Json], None]
"""Is told what kind of thing has changed, and how it is now."""

Thread = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Session:
    """An agent session, which is one thread. While it is ``processing`` there is a stop button."""

    channel: str
    thread: str
    status: str
    title: str = ""


class Sessions:
    """The sessions and statuses by channel and thread. Safe to use from any thread."""

    def __init__(self, clock: Clock, notify: Notify) -> None:
        self._clock = clock
        self._notify = notify
        self._lock = threading.RLock()
        self._sessions: OrderedDict[Thread, Session] = OrderedDict()
        self._statuses: OrderedDict[Thread, tuple[str, float]] = OrderedDict()

    def session(self, channel: str, thread: str) -> Session | None:
        with self._lock:
            return self._sessions.get((channel, thread))

    def sessions(self) -> list[Session]:
        """All of them, the one that was changed last at the end."""
        with self._lock:
            return list(self._sessions.values())

    def set_status(self, channel: str, thread: str, status: str, title: str = "") -> Session:
        """Bring a session to a status; begin it, with the title, where there is none. Nothing else moves it."""
        if status not in STATUSES:
            raise Refused("invalid_status")
        if len(title) > TITLE_LIMIT:
            raise Refused("invalid_arguments")
        with self._lock:
            before = self._sessions.get((channel, thread))
            after = replace(before, status=status) if before else Session(channel, thread, status, title)
            return self._put(after)

    def rename(self, channel: str, thread: str, title: str) -> Session:
        """Give a session another title. Raises ``Refused`` where there is no session."""
        if not 1 <= len(title) <= TITLE_LIMIT:
            raise Refused("invalid_arguments")
        with self._lock:
            if (channel, thread) not in self._sessions:
                raise Refused("session_not_found")
            return self._put(replace(self._sessions[channel, thread], title=title))

    def require_stop_button(self, channel: str, thread: str) -> None:
        """Raises ``Refused`` where people have no stop button: only a session at work shows one."""
        session = self.session(channel, thread)
        if session is None or session.status != "processing":
            raise Refused("session_not_processing")

    def say(self, channel: str, thread: str, text: str) -> None:
        """Set the status that a thread shows; an empty one takes it away."""
        with self._lock:
            if text:
                self._statuses[channel, thread] = (text, self._clock())
                self._statuses.move_to_end((channel, thread))
                if len(self._statuses) > THREADS_KEPT:
                    self._statuses.popitem(last=False)
            elif self._statuses.pop((channel, thread), None) is None:
                return
            self._notify("status", {"channel": channel, "thread": thread, "text": text})

    def statuses(self) -> list[Json]:
        """The threads that show a status now."""
        with self._lock:
            return [
                {"channel": channel, "thread": thread, "text": text}
                for (channel, thread), (text, since) in self._statuses.items()
                if self._clock() - since < STATUS_SECONDS
            ]

    def _put(self, session: Session) -> Session:
        self._sessions[session.channel, session.thread] = session
        self._sessions.move_to_end((session.channel, session.thread))
        if len(self._sessions) > THREADS_KEPT:
            self._sessions.popitem(last=False)
        self._notify("session", asdict(session))
        return session
