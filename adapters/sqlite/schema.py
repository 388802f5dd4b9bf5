"""The tables, and the steps by which they grew."""

APPLICATION_ID = 0x51A75191
"""Written into the file's header, so that another program's database is never mistaken for ours."""

NEXT_QUESTIONS = """
-- Those that have no other of their conversation before them.
CREATE VIEW IF NOT EXISTS next_questions AS SELECT * FROM questions AS mine WHERE state = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM questions AS other WHERE other.conversation = mine.conversation
    AND (other.state = 'claimed' OR (other.state = 'waiting' AND other.asked_at < mine.asked_at))
);
"""
"""Files of the first days lack it."""

FIRST = """
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, expires_at REAL NOT NULL, content TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_by_expiry ON conversations (expires_at);
CREATE TABLE questions (
    identity TEXT PRIMARY KEY, conversation TEXT NOT NULL, asked_at REAL NOT NULL, content TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done', 'dead')),
    deliveries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX questions_by_conversation ON questions (conversation, state, asked_at);
CREATE INDEX questions_by_state ON questions (state, due);
"""

VOTES = """
CREATE TABLE IF NOT EXISTS votes (
    question TEXT NOT NULL, person TEXT NOT NULL, voted_at REAL NOT NULL, expires_at REAL NOT NULL,
    content TEXT NOT NULL, PRIMARY KEY (question, person)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS votes_by_expiry ON votes (expires_at);
"""

RETRIES = """
-- Of the questions that wait for another delivery: how their deliveries failed, and when the next was put off.
CREATE TABLE IF NOT EXISTS retries (
    identity TEXT PRIMARY KEY, attempts TEXT NOT NULL, scheduled_at REAL NOT NULL
) WITHOUT ROWID;
-- 'trusted': see Database.trusted_time. A file that has none yet begins with its last question, by Slack's clock.
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, seconds REAL NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO marks SELECT 'trusted', max(asked_at) FROM questions HAVING max(asked_at) IS NOT NULL;
"""

CHANNELS = """
CREATE TABLE IF NOT EXISTS channel_settings (
    team TEXT NOT NULL, channel TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (team, channel)
) WITHOUT ROWID;
"""

ASKERS = """
-- Whose the requests are that wait or are being worked on, so that those of one person wait behind their own.
CREATE TABLE IF NOT EXISTS askers (identity TEXT PRIMARY KEY, person TEXT NOT NULL) WITHOUT ROWID;
-- Those of next_questions, with when they were put off and how many requests of their person are being worked on.
CREATE VIEW IF NOT EXISTS next_of_people AS
SELECT next_questions.*, scheduled_at, coalesce(running, 0) AS running
FROM next_questions LEFT JOIN retries USING (identity) LEFT JOIN askers USING (identity) LEFT JOIN (
    SELECT person, count(*) AS running FROM questions JOIN askers USING (identity)
    WHERE state = 'claimed' GROUP BY person
) USING (person);
"""

LEDGER = """
CREATE TABLE IF NOT EXISTS sums (
    team TEXT NOT NULL, month TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, expires_at REAL NOT NULL,
    turns INTEGER NOT NULL, sent INTEGER NOT NULL, cached INTEGER NOT NULL, received INTEGER NOT NULL,
    reasoning INTEGER NOT NULL, condensations INTEGER NOT NULL, redactions INTEGER NOT NULL,
    refusals INTEGER NOT NULL, estimated INTEGER NOT NULL, money INTEGER NOT NULL, unpriced INTEGER NOT NULL,
    warnings INTEGER NOT NULL,
    PRIMARY KEY (team, month, kind, owner)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sums_by_expiry ON sums (expires_at);
CREATE TABLE IF NOT EXISTS entries (
    team TEXT NOT NULL, month TEXT NOT NULL, at REAL NOT NULL, expires_at REAL NOT NULL, content TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_time ON entries (team, month, at);
CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries (expires_at);
-- What the operator has set for single people and teams.
CREATE TABLE IF NOT EXISTS limits (
    team TEXT NOT NULL, kind TEXT NOT NULL, owner TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (team, kind, owner)
) WITHOUT ROWID;
-- When people asked lately what was not refused, in Slack's seconds.
CREATE TABLE IF NOT EXISTS admitted (
    team TEXT NOT NULL, person TEXT NOT NULL, ts REAL NOT NULL, PRIMARY KEY (team, person, ts)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS admitted_by_time ON admitted (ts);
"""

INSTALLATIONS = """
-- Of the app in several workspaces: a team, or an Enterprise Grid. The tokens in their content are encrypted.
CREATE TABLE IF NOT EXISTS installations (owner TEXT PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID;
"""

SCHEMA = (FIRST + NEXT_QUESTIONS, NEXT_QUESTIONS + VOTES, RETRIES, CHANNELS, ASKERS, LEDGER, INSTALLATIONS)
"""``user_version`` in the file's header says how many of these steps it has taken; those made before anybody counted
say 0. All but the first do no harm where another process is ahead of this one."""
