PRAGMA application_id = 1162956883;
PRAGMA user_version = 1;
CREATE TABLE atom (id INTEGER PRIMARY KEY, person INTEGER NOT NULL) STRICT;
CREATE TABLE cannot_link (
  id INTEGER PRIMARY KEY, "left" INTEGER NOT NULL, "right" INTEGER NOT NULL,
  by TEXT NOT NULL, at_ms INTEGER NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE TABLE handle (
  kind TEXT NOT NULL, value TEXT NOT NULL, atom INTEGER NOT NULL, PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE held_join (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, "left" INTEGER NOT NULL, "right" INTEGER NOT NULL,
  reason TEXT NOT NULL, event TEXT NOT NULL, evidence TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE joined (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, "left" INTEGER NOT NULL, "right" INTEGER NOT NULL,
  event TEXT NOT NULL, source TEXT NOT NULL, evidence TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE leaf (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
CREATE TABLE log (
  seq INTEGER PRIMARY KEY, atom INTEGER NOT NULL, prev INTEGER NOT NULL,
  kind TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, status TEXT NOT NULL, due_ms INTEGER NOT NULL, atom INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE play (
  n INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, seq INTEGER NOT NULL,
  status TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE position (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  cursor INTEGER NOT NULL, seq INTEGER NOT NULL, leaves INTEGER NOT NULL,
  frontier BLOB NOT NULL, checkpoint TEXT NOT NULL
) STRICT;
CREATE TABLE profile (person INTEGER PRIMARY KEY, "known" INTEGER, "orders.count" REAL, "traits.city" TEXT) STRICT;
CREATE TABLE receipt (
  seq INTEGER PRIMARY KEY, atom INTEGER NOT NULL, prev INTEGER NOT NULL, leaf INTEGER NOT NULL,
  body BLOB NOT NULL, salt BLOB NOT NULL
) STRICT;
CREATE TABLE refused (
  n INTEGER PRIMARY KEY, source TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  received_ms INTEGER NOT NULL, id TEXT NOT NULL, item BLOB NOT NULL
) STRICT;
CREATE TABLE seen (n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, hashes BLOB NOT NULL) STRICT;
CREATE TABLE spent (resource TEXT PRIMARY KEY, used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE state (person INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tile (
  level INTEGER NOT NULL, id INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, id)
) STRICT;
CREATE TABLE timer (
  due_ms INTEGER NOT NULL, atom INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (due_ms, atom, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "atom" VALUES (16, 16);
INSERT INTO "atom" VALUES (32, 16);
INSERT INTO "cannot_link" VALUES (1, 16, 48, 'ana', 6, 'twins');
INSERT INTO "handle" VALUES ('card', '1''2', 32);
INSERT INTO "handle" VALUES ('email', 'zoë@example.org', 16);
INSERT INTO "held_join" VALUES (1, 48, 16, 48, 'cannot_link', 'f', '[["email","zoë@example.org"]]', 7);
INSERT INTO "joined" VALUES (1, 32, 16, 32, 'e', 's', '[["email","zoë@example.org"]]', 5);
INSERT INTO "leaf" VALUES (0, X'6C656166');
INSERT INTO "log" VALUES (16, 16, 0, 'event', X'006F6E65');
INSERT INTO "log" VALUES (32, 16, 16, 'tick', X'74776F');
INSERT INTO "outbox" VALUES (33, 'ready', 33, 3, '{"id":33,"key":"d_33_key","atom":3,"person":0,"play":"p","version":"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv","option":{"name":"mail","do":"notify","channel":"email","content":{"subject":{"en":"Hello","fr":"Bonjour"}},"cost":0.5,"share":null,"stock":null,"review":false},"sender":"email","status":"ready","due_ms":33,"until_ms":1000000000000000,"at_ms":3,"moment":{"id":"33.p","kind":"order","event":"e","channel":"web","at_ms":1,"opened_ms":2,"facts":{"value":12.5,"n":2,"new":true,"note":null,"name":"Zoë"},"rung":false},"content":{"subject":"Bonjour"},"handles":[["email","zoë@example.org"]],"locale":"fr","attempts":1,"detail":"later"}');
INSERT INTO "outbox" VALUES (34, 'waiting', 34, 4, '{"id":34,"key":"d_34_key","atom":4,"person":1,"play":"p","version":"vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv","option":{"name":"mail","do":"notify","channel":"email","content":{"subject":{"en":"Hello","fr":"Bonjour"}},"cost":0.5,"share":null,"stock":null,"review":false},"sender":"email","status":"waiting","due_ms":34,"until_ms":1000000000000000,"at_ms":3,"moment":{"id":"34.p","kind":"order","event":"e","channel":"web","at_ms":1,"opened_ms":2,"facts":{"value":12.5,"n":2,"new":true,"note":null,"name":"Zoë"},"rung":false},"content":{"subject":"Bonjour"},"handles":[["email","zoë@example.org"]],"locale":"fr","attempts":1,"detail":"later"}');
INSERT INTO "play" VALUES (1, 'p', 'v1', 1, 'live', 'name: p
');
INSERT INTO "position" VALUES (1, 2, 64, 1, X'65646765', 'head
');
INSERT INTO "profile" VALUES (16, 1, 2.0, 'Sète');
INSERT INTO "receipt" VALUES (33, 16, 0, 0, X'7B2261223A317D', X'0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO "refused" VALUES (1, 's', 'c', 'm', 8, 'i', X'FE');
INSERT INTO "seen" VALUES (1, 1700000000000, X'3132333435363738');
INSERT INTO "spent" VALUES ('play:p', 3);
INSERT INTO "state" VALUES (16, X'737461746520FF');
INSERT INTO "state" VALUES (48, X'6F74686572');
INSERT INTO "tally" VALUES ('events', 2);
INSERT INTO "tile" VALUES (0, 0, X'74696C65');
INSERT INTO "timer" VALUES (99, 16, 'held:x');
CREATE INDEX cannot_link_left ON cannot_link ("left");
CREATE INDEX cannot_link_right ON cannot_link ("right");
CREATE INDEX joined_left ON joined ("left");
CREATE INDEX joined_right ON joined ("right");
CREATE INDEX outbox_desk ON outbox (status, id) WHERE status IN ('review', 'dead');
CREATE INDEX outbox_due ON outbox (due_ms, id) WHERE status IN ('ready', 'sending');
CREATE INDEX outbox_waiting ON outbox (atom, id) WHERE status = 'waiting';
CREATE INDEX seen_at ON seen (at_ms);
