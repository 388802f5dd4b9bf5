PRAGMA application_id = 1369919889;
PRAGMA user_version = 0;
BEGIN TRANSACTION;
CREATE TABLE conversations (
    id TEXT PRIMARY KEY, version INTEGER NOT NULL, expires_at REAL NOT NULL, content TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "conversations" VALUES('T1/C1/1000.000001',3,4000000000.0,'{"summary":"犬はポチという。\n毎朝散歩する。","summary_tokens":11,"buffer":[["person","犬の名前は?",5],["bot","ポチです。",4]],"replies":[["1000.000001","1000.000002",true,"ポチです。"]]}');
CREATE TABLE questions (
    identity TEXT PRIMARY KEY, conversation TEXT NOT NULL, asked_at REAL NOT NULL, content TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'done', 'dead')),
    deliveries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
INSERT INTO "questions" VALUES('T1/C1/1000.000003','T1/C1/1000.000001',1000.000003,'{"team":"T1","channel":"C1","ts":"1000.000003","person":"USAKURA","text":"散歩は?","thread":"1000.000001","direct":false,"addressed":true}','waiting',0,0.0,'');
INSERT INTO "questions" VALUES('T1/C1/1000.000004','T1/C1/1000.000001',1000.000004,'{"team":"T1","channel":"C1","ts":"1000.000004","person":"USAKURA","text":"餌は?","thread":"1000.000001","direct":false,"addressed":true}','dead',0,0.0,'the model was away');
CREATE INDEX conversations_by_expiry ON conversations (expires_at);
CREATE INDEX questions_by_conversation ON questions (conversation, state, asked_at);
CREATE INDEX questions_by_state ON questions (state, due);
COMMIT;
