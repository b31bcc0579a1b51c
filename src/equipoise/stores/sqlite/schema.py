"""The tables of the two files, and the steps that bring an older file to this release's layout."""

from typing import NamedTuple


class Layout(NamedTuple):
    """One kind of file: its SQLite application id, its tables, and how older versions become this one.

    `steps[n]` is the SQL that turns version n + 1 into n + 2, so that a file's version is kept in
    `user_version` and the newest is one more than the number of steps.
    """

    kind: str
    application_id: int
    tables: str
    steps: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        """The version that this release reads and writes."""
        return 1 + len(self.steps)


LEARNING = """
CREATE TABLE lesson (
  seq INTEGER PRIMARY KEY, atom INTEGER NOT NULL, kind TEXT NOT NULL, play TEXT NOT NULL,
  decision INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX lesson_play ON lesson (kind, play, seq);
CREATE INDEX lesson_decision ON lesson (decision) WHERE decision > 0;
CREATE TABLE model (
  n INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, seq INTEGER NOT NULL,
  at_ms INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE INDEX model_version ON model (version);
"""
"""What became of decisions, and what was learnt from it: in files since their second version."""

RIGHTS = """
CREATE TABLE request (
  seq INTEGER PRIMARY KEY, atom INTEGER NOT NULL, status TEXT NOT NULL, due_ms INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX request_atom ON request (atom);
CREATE INDEX request_owed ON request (due_ms, seq) WHERE status IN ('open', 'in_progress', 'expired');
CREATE INDEX lesson_atom ON lesson (atom);
CREATE INDEX timer_atom ON timer (atom);
CREATE INDEX held_join_left ON held_join ("left");
CREATE INDEX held_join_right ON held_join ("right");
"""
"""What people asked, and how everything of a person is found: in files since their third version."""

KEPT = """
CREATE TABLE share (seq INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE share_read (
  seq INTEGER PRIMARY KEY, share INTEGER NOT NULL, atom INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX share_read_atom ON share_read (atom) WHERE atom > 0;
CREATE INDEX share_read_share ON share_read (share, seq);
CREATE TABLE share_notice (
  share INTEGER NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (share, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE aggregate_grant (recipient TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE release (
  seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, year INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX release_year ON release (year);
CREATE TABLE hypothesis (
  seq INTEGER PRIMARY KEY, "left" INTEGER NOT NULL, "right" INTEGER NOT NULL, state TEXT NOT NULL,
  score REAL NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE INDEX hypothesis_left ON hypothesis ("left");
CREATE INDEX hypothesis_right ON hypothesis ("right");
CREATE INDEX hypothesis_state ON hypothesis (state, score);
"""
"""What partners may read, what they read, what they have to do, what left as figures with noise, and who
may be one: in files since their fourth version."""

# Tables are STRICT, so that a value of the wrong type fails its commit and not its reader. Rows that
# come in order have their number as rowid: they are appended at the right edge of their tree.
STORE = Layout(
    kind="store",
    application_id=0x45515053,
    tables="""
CREATE TABLE position (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  cursor INTEGER NOT NULL, seq INTEGER NOT NULL, leaves INTEGER NOT NULL,
  frontier BLOB NOT NULL, checkpoint TEXT NOT NULL
) STRICT;
INSERT INTO position VALUES (1, 0, 0, 0, x'', '');
CREATE TABLE log (
  seq INTEGER PRIMARY KEY, atom INTEGER NOT NULL, prev INTEGER NOT NULL,
  kind TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE state (person INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE atom (id INTEGER PRIMARY KEY, person INTEGER NOT NULL) STRICT;
CREATE TABLE handle (
  kind TEXT NOT NULL, value TEXT NOT NULL, atom INTEGER NOT NULL, PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE joined (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, "left" INTEGER NOT NULL, "right" INTEGER NOT NULL,
  event TEXT NOT NULL, source TEXT NOT NULL, evidence TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX joined_left ON joined ("left");
CREATE INDEX joined_right ON joined ("right");
CREATE TABLE cannot_link (
  id INTEGER PRIMARY KEY, "left" INTEGER NOT NULL, "right" INTEGER NOT NULL,
  by TEXT NOT NULL, at_ms INTEGER NOT NULL, note TEXT NOT NULL
) STRICT;
CREATE INDEX cannot_link_left ON cannot_link ("left");
CREATE INDEX cannot_link_right ON cannot_link ("right");
CREATE TABLE held_join (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, "left" INTEGER NOT NULL, "right" INTEGER NOT NULL,
  reason TEXT NOT NULL, event TEXT NOT NULL, evidence TEXT NOT NULL, at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE receipt (
  seq INTEGER PRIMARY KEY, atom INTEGER NOT NULL, prev INTEGER NOT NULL, leaf INTEGER NOT NULL,
  body BLOB NOT NULL, salt BLOB NOT NULL
) STRICT;
CREATE TABLE leaf (id INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;
CREATE TABLE tile (
  level INTEGER NOT NULL, id INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, id)
) STRICT;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY, status TEXT NOT NULL, due_ms INTEGER NOT NULL, atom INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (due_ms, id) WHERE status IN ('ready', 'sending');
CREATE INDEX outbox_desk ON outbox (status, id) WHERE status IN ('review', 'dead');
CREATE INDEX outbox_waiting ON outbox (atom, id) WHERE status = 'waiting';
CREATE TABLE timer (
  due_ms INTEGER NOT NULL, atom INTEGER NOT NULL, key TEXT NOT NULL, PRIMARY KEY (due_ms, atom, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE refused (
  n INTEGER PRIMARY KEY, source TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  received_ms INTEGER NOT NULL, id TEXT NOT NULL, item BLOB NOT NULL
) STRICT;
CREATE TABLE seen (n INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, hashes BLOB NOT NULL) STRICT;
CREATE INDEX seen_at ON seen (at_ms);
CREATE TABLE spent (resource TEXT PRIMARY KEY, used INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE play (
  n INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, seq INTEGER NOT NULL,
  status TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE profile (person INTEGER PRIMARY KEY) STRICT;
CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
    + LEARNING
    + RIGHTS
    + KEPT,
    steps=(LEARNING, RIGHTS, KEPT),
)
"""What the engine remembers. `profile` gains one column for each field that `name_columns` names."""

INTAKE = Layout(
    kind="intake",
    application_id=0x45515049,
    tables="""
CREATE TABLE trimmed (one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER NOT NULL) STRICT;
INSERT INTO trimmed VALUES (1, 0);
CREATE TABLE row (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, trust TEXT NOT NULL,
  history INTEGER NOT NULL, received_ms INTEGER NOT NULL, size INTEGER NOT NULL,
  packed INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
""",
)
"""The queue in front of the step. `packed` bodies are zstd; `trimmed` keeps numbers from coming twice."""
