PRAGMA application_id = 1369919889;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, expires_at REAL NOT NULL, content TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "conversations" VALUES('T1/C1/1000.000001',3,4000000000.0,'{"summary":"犬はポチという。\n毎朝散歩する。","summary_tokens":11,"buffer":[["person","犬の名前は?",5,"さくら"],["bot","ポチです。",4]],"replies":[["1000.000001","1000.000002",true,"ポチです。",["gpt-5.4-mini","ja-3",120,30,100,1.5]]],"quiet":true,"spent":[3,420,90,300]}');
CREATE TABLE marks (name TEXT PRIMARY KEY, seconds REAL NOT NULL) WITHOUT ROWID;
INSERT INTO "marks" VALUES('open',0.0);
CREATE TABLE questions (
    identity TEXT PRIMARY KEY, conversation TEXT NOT NULL, asked_at REAL NOT NULL, content TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done', 'dead')),
    deliveries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
INSERT INTO "questions" VALUES('T1/C1/1000.000003','T1/C1/1000.000001',1000.000003,'{"team":"T1","channel":"C1","ts":"1000.000003","person":"USAKURA","text":"散歩は?","thread":"1000.000001","direct":false,"addressed":true,"private":false,"respond_to":"","files":[],"quotes":[],"person_team":"","external":false}','waiting',0,0.0,'');
INSERT INTO "questions" VALUES('T1/C1/1000.000004','T1/C1/1000.000001',1000.000004,'{"team":"T1","channel":"C1","ts":"1000.000004","person":"USAKURA","text":"餌は?","thread":"1000.000001","direct":false,"addressed":true,"private":false,"respond_to":"","files":[],"quotes":[],"person_team":"","external":false}','dead',0,0.0,'the model was away');
CREATE TABLE retries (
    identity TEXT PRIMARY KEY, attempts TEXT NOT NULL, scheduled_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE votes (
    question TEXT NOT NULL, person TEXT NOT NULL, voted_at REAL NOT NULL, expires_at REAL NOT NULL,
    content TEXT NOT NULL, PRIMARY KEY (question, person)
) WITHOUT ROWID;
INSERT INTO "votes" VALUES('T1/C1/1000.000001','USAKURA',1000.0,4000000000.0,'{"kind":"vote","team":"T1","channel":"C1","ts":"1000.000005","person":"USAKURA","question":"T1/C1/1000.000001","good":true,"receipt":{"model":"gpt-5.4-mini","prompts":"ja-3","sent":120,"received":30,"cached":100,"seconds":1.5}}');
CREATE INDEX conversations_by_expiry ON conversations (expires_at);
CREATE VIEW next_questions AS SELECT * FROM questions AS mine WHERE state = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM questions AS other WHERE other.conversation = mine.conversation
    AND (other.state = 'claimed' OR (other.state = 'waiting' AND other.asked_at < mine.asked_at))
);
CREATE INDEX questions_by_conversation ON questions (conversation, state, asked_at);
CREATE INDEX questions_by_state ON questions (state, due);
CREATE INDEX votes_by_expiry ON votes (expires_at);
COMMIT;
