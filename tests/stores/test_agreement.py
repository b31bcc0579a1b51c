"""Whatever is committed, in whatever order, the stores answer every question alike."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from equipoise.nouns.changes import Changes, LogRow, PlayRow, ReceiptRow, Tile, Timer
from equipoise.nouns.events import Handle, Refused
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.stores import StoreError
from equipoise.stores.memory import MemoryStore
from equipoise.stores.sqlite import SqliteStore
from equipoise.testing.example_changes import COLUMNS, example_action, observe

ids = st.integers(1, 12)
times = st.integers(0, 40)
texts = st.text(st.characters(codec="utf-8"), max_size=6)
blobs = st.binary(max_size=8)
values = st.one_of(
    st.none(), st.booleans(), texts, st.integers(-(10**30), 10**30), st.floats(allow_nan=False)
)
statuses = st.sampled_from(["ready", "sending", "review", "waiting", "sent", "cancelled", "dead"])
handles = st.builds(Handle, st.sampled_from(["email", "anonymous_id"]), ids.map(str))
evidence = st.lists(handles, max_size=2).map(tuple)
timers = st.lists(st.builds(Timer, times, ids, st.sampled_from("ab")), max_size=4)


def few(items):
    return st.lists(items, max_size=3)


@st.composite
def commits(draw):
    """Parts of a commit, with numbers that grow by `step` from where the store stands."""
    link = {"left": ids, "right": ids, "at_ms": times}
    actions = draw(st.dictionaries(ids, st.tuples(statuses, times), max_size=3))
    return Changes(
        cursor=draw(st.integers(0, 2)),
        seq=draw(st.integers(1, 3)),
        now_ms=draw(times),
        log=draw(few(st.builds(LogRow, ids, ids, ids, st.sampled_from(["event", "tick"]), blobs))),
        states=draw(st.dictionaries(ids, st.none() | blobs, max_size=3)),
        atoms={id_: Atom(id_, person) for id_, person in draw(st.dictionaries(ids, ids)).items()},
        handles=draw(st.dictionaries(handles, ids, max_size=3)),
        joins=draw(
            few(st.builds(Join, seq=ids, event=texts, source=texts, evidence=evidence, **link))
        ),
        cannot_links=draw(few(st.builds(CannotLink, by=texts, note=texts, **link))),
        held_joins=draw(
            few(
                st.builds(
                    HeldJoin,
                    seq=ids,
                    reason=st.just("too_large"),
                    event=texts,
                    evidence=evidence,
                    **link,
                )
            )
        ),
        receipts=draw(few(st.builds(ReceiptRow, ids, ids, ids, ids, blobs, blobs))),
        leaves=draw(few(blobs)),
        tiles=draw(few(st.builds(Tile, st.integers(0, 1), st.integers(0, 3), blobs))),
        frontier=draw(blobs),
        checkpoint=draw(texts),
        actions={i: example_action(i, status, due) for i, (status, due) in actions.items()},
        timers_set=draw(timers),
        timers_cleared=draw(timers),
        refused=draw(
            few(
                st.builds(
                    Refused,
                    source=texts,
                    code=texts,
                    message=texts,
                    received_ms=times,
                    id=texts,
                    item=blobs,
                )
            )
        ),
        seen=draw(blobs),
        spent=draw(st.dictionaries(texts, st.integers(0, 9), max_size=2)),
        plays=draw(few(st.builds(PlayRow, texts, texts, ids, st.just("live"), texts))),
        columns=draw(
            st.dictionaries(
                ids, st.dictionaries(st.sampled_from(list(COLUMNS)), values), max_size=3
            )
        ),
        counts=draw(st.dictionaries(texts, st.integers(0, 9), max_size=2)),
    )


class Agreement(RuleBasedStateMachine):
    """Commits, forgetting and opening again, done to both stores."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.sqlite = SqliteStore(self.folder / "shop.db")
        self.memory = MemoryStore()
        self.cursor = self.seq = 0
        for store in (self.sqlite, self.memory):
            store.name_columns(COLUMNS)

    @rule(changes=commits())
    def commit(self, changes):
        changes.cursor += self.cursor
        changes.seq += self.seq
        outcomes = []
        for store in (self.sqlite, self.memory):
            try:
                store.commit(changes)
            except StoreError:
                outcomes.append("refused")
            else:
                outcomes.append("taken")
        assert outcomes[0] == outcomes[1]
        position = self.memory.position()
        self.cursor, self.seq = position.cursor, position.seq

    @rule(at_ms=times)
    def forget(self, at_ms):
        self.sqlite.forget_seen(at_ms)
        self.memory.forget_seen(at_ms)

    @rule()
    def open_again(self):
        self.sqlite.close()
        self.sqlite = SqliteStore(self.folder / "shop.db")

    @rule(at_ms=times, most=st.integers(1, 4), where=st.sampled_from(list(COLUMNS)))
    def ask(self, at_ms, most, where):
        for question in (
            lambda store: store.due(at_ms, most),
            lambda store: store.timers(at_ms, most),
            lambda store: list(store.seen(at_ms)),
            lambda store: store.find(f'"{where}" > :v', {"v": at_ms}, most),
            lambda store: store.leaves(most, at_ms),
            lambda store: store.waiting_for([most]),
        ):
            assert question(self.sqlite) == question(self.memory)

    @invariant()
    def they_agree(self):
        assert observe(self.sqlite, 50) == observe(self.memory, 50)

    def teardown(self):
        self.sqlite.close()
        shutil.rmtree(self.folder)


Agreement.TestCase.settings = settings(
    max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAgreement = Agreement.TestCase
