"""One workspace's Web API, as the messages of all its replies share it."""

import copy

from slack_sdk import WebClient

from adapters.slack.replying.rate_limits import Pace, Quota
from domain.ports import Clock


class Connection:
    """One workspace's Web API. ``hasty`` is the same as ``patient``, but never waits out a rate limit."""

    def __init__(self, client: WebClient, clock: Clock) -> None:
        self.clock = clock
        self.patient = client
        self.hasty = copy.copy(client)
        self.hasty.retry_handlers = []
        # The calls a minute that Slack promises for chat.startStream (tier 2), appendStream (4) and update (3).
        self.streams = Quota(clock, calls=20)
        self.appends = Pace(clock, promise=100, interval=0.5)
        self.updates = Pace(clock, promise=50, interval=1.2, first_at_once=False)
