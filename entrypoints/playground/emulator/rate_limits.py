"""How often Slack lets an app call each method."""

import threading
from collections import defaultdict, deque
from collections.abc import Mapping

from domain.deliveries.deadline import Clock

RATES: Mapping[str, int] = {
    "agents.sessions.rename": 50,
    "agents.sessions.setStatus": 50,
    "assistant.threads.setStatus": 600,
    "assistant.threads.setSuggestedPrompts": 100,
    "auth.test": 200,
    "chat.appendStream": 100,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "chat.postMessage": 60,
    "chat.startStream": 20,
    "chat.stopStream": 20,
    "chat.update": 50,
    "conversations.history": 50,
    "conversations.info": 50,
    "conversations.open": 50,
    "conversations.replies": 50,
    "files.completeUploadExternal": 100,
    "files.getUploadURLExternal": 100,
    "users.conversations": 50,
    "users.info": 100,
    "views.open": 100,
    "views.publish": 100,
}
"""Calls a minute that Slack promises to allow (its tiers); ``chat.postMessage`` is counted channel by channel.

Of ``assistant.threads.setStatus`` Slack says that special limits apply, of ``auth.test`` hundreds a minute.
"""


class RateLimits:
    """How often each method may be called within any sixty seconds."""

    def __init__(self, rates: Mapping[str, int], clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], deque[float]] = defaultdict(deque)

    def wait(self, method: str, channel: str) -> int:
        """Seconds until this call would be allowed; 0 allows and counts it."""
        if method not in self._rates:
            return 0
        seconds, allowed = 60.0, self._rates[method]
        if method == "chat.postMessage":  # one a second, not sixty at once
            seconds, allowed = seconds / allowed, 1
        else:
            channel = ""
        with self._lock:
            calls, now = self._calls[method, channel], self._clock()
            while calls and now - calls[0] >= seconds:
                calls.popleft()
            if len(calls) >= allowed:
                return max(1, round(calls[0] + seconds - now))
            calls.append(now)
            return 0
