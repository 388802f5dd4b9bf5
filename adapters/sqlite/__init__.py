"""Conversations, votes and the durable queue of questions in one SQLite file, for the one-machine mode.

One connection serves every thread behind a lock: a turn's writes take well under a millisecond, and
a model's words take seconds. Commits are synchronous, because Slack is told 200 on their strength.
"""

from adapters.sqlite.channel_settings import SqliteSettings
from adapters.sqlite.conversations import SqliteConversations
from adapters.sqlite.database import Database
from adapters.sqlite.dead_letters import SqliteDeadLetters
from adapters.sqlite.feedback import SqliteFeedback
from adapters.sqlite.installations import SqliteInstallations
from adapters.sqlite.last_heard import SqliteLastHeard
from adapters.sqlite.ledger import SqliteLedger
from adapters.sqlite.limits import SqliteLimits
from adapters.sqlite.only_process import OnlyProcess
from adapters.sqlite.queue import RECOGNISED_FOR, Claim, SqliteQueue
from adapters.sqlite.requests import SqliteRequests
from adapters.sqlite.trusted_time import DAY, HOUR

__all__ = [
    "DAY",
    "HOUR",
    "RECOGNISED_FOR",
    "Claim",
    "Database",
    "OnlyProcess",
    "SqliteConversations",
    "SqliteDeadLetters",
    "SqliteFeedback",
    "SqliteInstallations",
    "SqliteLastHeard",
    "SqliteLedger",
    "SqliteLimits",
    "SqliteQueue",
    "SqliteRequests",
    "SqliteSettings",
]
