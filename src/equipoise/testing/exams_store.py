"""The exam of a store: hand in a place where one can be opened, and it passes or is told why not.

Ours take the same exam as those of others; see docs/rooms/stores.md.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from equipoise.nouns.changes import Changes, Erased, LogRow, Position, ReceiptRow, Tile, Timer
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Handle
from equipoise.nouns.people import Atom, CannotLink
from equipoise.nouns.rights import Request, RequestStatus
from equipoise.ports import Store, StoreError
from equipoise.testing.example_changes import COLUMNS, FAR, example_action, example_changes, observe
from equipoise.testing.exams_decide import ExamFailed
from equipoise.testing.exams_intake import same
from equipoise.testing.exams_kept import keeps_aggregates, keeps_hypotheses, keeps_shares


class StorePlace(NamedTuple):
    """`open` opens the store at one place, again after it was closed; `keeps` where it outlives that."""

    open: Callable[[], Store]
    keeps: bool = True


def filled(store: Store, commits: int = 3) -> None:
    """Name the exam's columns and make so many example commits."""
    store.name_columns(COLUMNS)
    for n in range(1, commits + 1):
        store.commit(example_changes(n))


def is_empty_at_first(store: Store) -> None:
    """A new store stands at zero and answers every question with nothing."""
    same("position", store.position(), Position())
    seen = observe(store)
    answers = [seen[name] for name in seen if name not in ("position", "tiles", "by_status")]
    same("what an empty store answers", [answer for answer in answers if answer], [])
    same("actions by status", [found for found in seen["by_status"].values() if found], [])
    same("next timer", store.next_due_ms(), None)
    same("leaf and tile", (store.leaf(0), store.tile(0, 0)), (None, None))


def gives_back_a_commit(store: Store) -> None:
    """Every field of one commit is read back as it was written."""
    store.name_columns(COLUMNS)
    wrote = example_changes(1)
    store.commit(wrote)
    head = Position(cursor=1, seq=100, leaves=2, frontier=b"edge 1", checkpoint="head 1\n")
    same("position", store.position(), head)
    same("log", list(store.log([row.seq for row in wrote.log]).values()), wrote.log)
    same("states", store.states(wrote.states), wrote.states)
    same("atoms", store.atoms(wrote.atoms), wrote.atoms)
    by_handle = {handle: wrote.atoms[atom] for handle, atom in wrote.handles.items()}
    same("atoms_of", store.atoms_of(wrote.handles), by_handle)
    same("joins", store.joins([2]), wrote.joins)
    same("cannot_links", store.cannot_links([1, 2]), wrote.cannot_links)
    same("held_joins", store.held_joins(5), wrote.held_joins)
    same("receipts", list(store.receipts([100]).values()), wrote.receipts)
    same("receipts after none", store.receipts_after(0, 9), wrote.receipts)
    same("leaf", [store.leaf(0), store.leaf(1), store.leaf(2)], [*wrote.leaves, None])
    same("tile", store.tile(1, 1), wrote.tiles[1].hashes)
    same("actions", store.actions(wrote.actions), wrote.actions)
    same("timers", store.timers(FAR, 9), wrote.timers_set)
    same("refused", store.refused(9), wrote.refused)
    same("seen", list(store.seen(0)), [wrote.seen])
    same("spent", store.spent(), wrote.spent)
    same("plays", store.plays(), wrote.plays)
    same("models", store.models(), wrote.models)
    same("model", [store.model("m1"), store.model("m2")], [*wrote.models, None])
    same("lessons", store.lessons("lesson", "p", 0, 9), wrote.lessons[:1])
    same("lessons tried", store.lessons("tried", "p", 0, 9), wrote.lessons[1:])
    same("lessons of a decision", store.lessons_of([0, 100]), wrote.lessons[:1])
    same("counts", store.counts(), wrote.counts)
    same("find", store.find('"traits.city" = :c', {"c": "city 1"}, 9), [1])


def replaces_and_adds(store: Store) -> None:
    """States, atoms, handles, actions and uses are replaced, counts added up, None takes away."""
    filled(store)
    moved = example_action(100, "sent")
    handle = Handle("email", "é1@example.org")
    store.commit(
        Changes(
            cursor=9,
            seq=400,
            states={1: b"new", 2: None, 77: None},
            atoms={1: Atom(1, 3)},
            handles={handle: 2},
            actions={100: moved},
            spent={"play:p": 1, "stock:p/mail": 4},
            counts={"events": 5, "silences": 1},
        )
    )
    same("states", store.states([1, 2, 77]), {1: b"new"})
    same("people with columns, without the one merged away", store.find("1", {}, 9), [1, 3])
    same("atoms", store.atoms([1]), {1: Atom(1, 3)})
    same("atoms_of a handle that moved", store.atoms_of([handle]), {handle: Atom(2, 2)})
    same("actions", store.actions([100]), {100: moved})
    same("due without what was sent", [a.id for a in store.due(FAR, 9)], [200, 300])
    same("spent", store.spent(), {"play:p": 1, "stock:p/mail": 4})
    same("counts", store.counts(), {"events": 35, "people": 3, "silences": 1})
    empty = Position(cursor=9, seq=400, leaves=6, frontier=b"edge 3", checkpoint="head 3\n")
    same("position, edge and head kept", store.position(), empty)


def keeps_order(store: Store) -> None:
    """Each list comes in the order that its port promises, and ends at the number asked for."""
    filled(store)
    more = [("ready", 7), ("sending", 5), ("review", 9), ("dead", 9), ("review", 1), ("sent", 1)]
    actions: dict[int, Action] = {
        401 + i: example_action(401 + i, status, due_ms)  # type: ignore[arg-type]
        for i, (status, due_ms) in enumerate(more)
    }
    store.commit(Changes(cursor=3, seq=500, actions=actions))
    same("recent", [row.seq for row in store.recent(12)], [*range(300, 290, -1), 200, 199])
    same("log after, two", [row.seq for row in store.log_after(199, 2)], [200, 291])
    same("receipts after one", [row.seq for row in store.receipts_after(100, 9)], [200, 300])
    same("receipts after, one", [row.seq for row in store.receipts_after(0, 1)], [100])
    same("held_joins", [held.seq for held in store.held_joins(2)], [300, 200])
    same("held_joins of one", [held.seq for held in store.held_joins(9, [3, 4])], [300, 200])
    same("joins", [join.seq for join in store.joins([3, 2])], [100, 200, 300])
    same("refused", [item.message for item in store.refused(2)], ["no 3", "no 2"])
    same("plays", [play.version for play in store.plays()], ["v1", "v2", "v3"])
    same("models, the newest", [model.version for model in store.models()], ["m3"])
    same("lessons after one", [row.seq for row in store.lessons("lesson", "p", 101, 1)], [201])
    same("lessons of others", store.lessons("lesson", "q", 0, 9), [])
    same("lessons of two", [row.seq for row in store.lessons_of([300, 100])], [101, 301])
    same("due", [action.id for action in store.due(200, 9)], [402, 401, 100, 200])
    same("due, two", [action.id for action in store.due(200, 2)], [402, 401])
    same("review", [action.id for action in store.with_status("review", 9)], [405, 403])
    same("dead", [action.id for action in store.with_status("dead", 9)], [404])
    same("ready", [action.id for action in store.with_status("ready", 2)], [401, 300])
    same("sent", [action.id for action in store.with_status("sent", 2)], [406])
    same("waiting_for", [action.id for action in store.waiting_for([1, 1])], [101, 201, 301])
    same("waiting_for others", store.waiting_for([2]), [])
    same("find", store.find("1", {}, 2), [1, 2])
    same("leaves", store.leaves(1, 3), [b"leaf 3", b"leaf 4"])
    same("leaves past the end", store.leaves(5, 99), [b"leaf 7"])


def rings_timers(store: Store) -> None:
    """Timers ring by (due, atom, key); a commit clears first and sets then, so one may be set anew."""
    first = [
        Timer(5, 2, "b"),
        Timer(5, 1, "z"),
        Timer(3, 9, "a"),
        Timer(5, 2, "a"),
        Timer(7, 1, "a"),
    ]
    store.commit(Changes(cursor=0, seq=1, timers_set=[*first, first[0]]))
    same("timers", store.timers(5, 9), [first[2], first[1], first[3], first[0]])
    same("most", store.timers(5, 2), [first[2], first[1]])
    same("next", store.next_due_ms(), 3)
    gone = [first[2], first[1], Timer(1, 1, "never set")]
    store.commit(Changes(cursor=0, seq=2, timers_cleared=gone, timers_set=[first[1]]))
    same("after clearing", store.timers(6, 9), [first[1], first[3], first[0]])
    same("next after clearing", store.next_due_ms(), 5)


def forgets_message_ids(store: Store) -> None:
    """Hashes are given from a time on, one object a commit, and forgotten before a time."""
    for at_ms, hashes in ((10, b"a" * 8), (20, b"b" * 16), (30, b"c" * 8)):
        store.commit(Changes(cursor=0, seq=1, now_ms=at_ms, seen=hashes))
    same("seen since 20", list(store.seen(20)), [b"b" * 16, b"c" * 8])
    store.forget_seen(20)
    same("seen after forgetting", list(store.seen(0)), [b"b" * 16, b"c" * 8])


def types_its_columns(store: Store) -> None:
    """Columns hold one kind; a value of another is not known; names and kinds never come to quarrel."""
    store.name_columns(COLUMNS)
    store.name_columns({"orders.count": "number", "orders.days_since.at_ms": "number"})
    rows: dict[int, dict[str, Any]] = {
        1: {"traits.city": "Sète", "orders.count": 3, "known": True},
        2: {"traits.city": 34, "orders.count": "3", "known": 1},
        3: {"orders.count": 2.5},
        4: {"traits.city": "Sète", "orders.count": 10**400},
    }
    store.commit(Changes(cursor=0, seq=1, columns=rows))
    store.commit(Changes(cursor=0, seq=2, columns={3: {"known": False}, 4: {"traits.city": None}}))
    same("text", store.find('"traits.city" = :p0', {"p0": "Sète"}, 9), [1])
    same("number", store.find('"orders.count" >= :p0', {"p0": 2.5}, 9), [1, 3])
    same("boolean", store.find('"known" = :p0', {"p0": True}, 9), [1])
    same("not known", store.find('"traits.city" IS NULL', {}, 9), [2, 3, 4])
    same(
        "kept beside a later field", store.find('"orders.count" = 2.5 AND NOT "known"', {}, 9), [3]
    )
    quarrels = (
        {"Traits.City": "text"},
        {"known": "text"},
        {'a"b': "text"},
        {"a": "blob"},
        {"person": "number"},
    )
    for fields in quarrels:
        must_fail(f"name_columns({fields})", lambda fields=fields: store.name_columns(fields))  # type: ignore[misc]


def answers_many_at_once(store: Store) -> None:
    """Questions about thousands of keys, known, unknown and repeated, find exactly the known ones."""
    ids = range(1, 6001, 2)
    link: dict[str, Any] = {"by": "ana", "at_ms": 1}
    store.commit(
        Changes(
            cursor=1,
            seq=9999,
            log=[LogRow(i, i, 0, "event", b"%d" % i) for i in ids],
            states={i: b"%d" % i for i in ids},
            atoms={i: Atom(i, i) for i in ids},
            handles={Handle("card", f"{i}"): i for i in ids},
            receipts=[ReceiptRow(i, i, 0, i, b"", b"") for i in ids],
            actions={i: example_action(i, "waiting") for i in range(1, 3001, 2)},
            cannot_links=[CannotLink(left=i, right=9999, **link) for i in ids],
        )
    )
    asked = [*range(7000), *range(7000)]
    for name in ("log", "states", "atoms", "receipts"):
        same(f"keys of {name}", sorted(getattr(store, name)(asked)), list(ids))
    same("keys of actions", sorted(store.actions(asked)), list(range(1, 3001, 2)))
    handles = [Handle("card", f"{i}") for i in asked]
    same("atoms_of", sorted(atom.id for atom in store.atoms_of(handles).values()), list(ids))
    same("cannot_links", len(store.cannot_links(asked)), len(ids))
    same("waiting_for", len(store.waiting_for(asked)), 1500)
    nothing = (
        store.log([]),
        store.states([]),
        store.atoms([]),
        store.atoms_of([]),
        store.actions([]),
    )
    same("questions about nobody", nothing, ({}, {}, {}, {}, {}))


def keeps_requests(store: Store) -> None:
    """Requests are replaced by number, and asked for by person, by what is owed first, and by age."""
    rows: tuple[tuple[RequestStatus, int], ...] = (
        ("open", 30),
        ("refused", 10),
        ("expired", 20),
    )
    asked = {
        seq: Request(
            seq=seq,
            kind="access",
            status=status,
            atom=seq % 2,
            asked_ms=1,
            due_ms=due_ms,
        )
        for seq, (status, due_ms) in enumerate(rows, 1)
    }
    store.commit(Changes(cursor=1, seq=9, requests=asked))
    same("requests", store.requests([1, 3, 7]), {1: asked[1], 3: asked[3]})
    same("requests of atom 1", store.requests_of([1]), [asked[3], asked[1]])
    same("requests owed", store.requests_owed(9), [asked[3], asked[1]])
    same("requests owed, one", store.requests_owed(1), [asked[3]])
    same("newest requests", store.newest_requests(2), [asked[3], asked[2]])
    done = replace(asked[3], status="fulfilled", atom=0)
    store.commit(Changes(cursor=1, seq=10, requests={3: done}))
    same("requests owed after an answer", store.requests_owed(9), [asked[1]])
    same("requests of atom 1 after it", store.requests_of([1]), [asked[1]])


def forgets_a_person(store: Store) -> None:
    """Every row of an erased person goes in one commit, as many as were counted; of others, none."""
    filled(store)
    asked = Request(seq=7, kind="access", status="open", atom=2, asked_ms=1, due_ms=2)
    store.commit(Changes(cursor=3, seq=300, requests={7: asked}))
    gone = Handle("email", "é2@example.org")
    whom = Erased(person=2, atoms=(2,), logged=(200,), receipted=(200,), handles=(gone,))
    counts = {name: n for name, n in store.traces(whom).items() if n}
    told = (
        *("receipt", "outbox", "request", "atom", "state", "profile", "handle", "log"),
        "share_read",
    )
    same("traces of one each", [counts.pop(name) for name in told], [1] * 9)
    same("traces of two each", counts, dict.fromkeys(
        ("lesson", "timer", "joined", "cannot_link", "held_join", "hypothesis"), 2
    ))  # fmt: skip
    before = observe(store)
    store.commit(Changes(cursor=4, seq=301, erased=[whom]))
    same("handles", store.atoms_of([gone]), {})
    same("states, atoms", (store.states([2]), store.atoms([2])), ({}, {}))
    same("log row and receipt", (store.log([200]), store.receipts([200])), ({}, {}))
    same("what others were joined with", store.joins([1, 2, 3]), store.joins([3]))
    same("lessons, actions", (store.lessons_of([200]), store.actions([200])), ([], {}))
    same("requests", store.requests([7]), {})
    same("timers of theirs", [t for t in store.timers(FAR, 99) if t.atom == 2], [])
    same("leaves, all of them", store.leaves(0, 9), before["leaves"])
    same("traces after it", set(store.traces(whom).values()), {0})
    kept = replace(before["log"][100], body=b"put right")
    store.commit(Changes(cursor=4, seq=302, rewritten=[kept, LogRow(200, 2, 0, "event", b"no")]))
    same("a row put right", store.log([100, 200]), {100: kept})
    others = [handle for handle, _ in store.handles_after(gone, 99)]
    same("handles in order", others, sorted(others))


def sabotaged(base: Changes) -> dict[str, Changes]:
    """Commits that must fail, each otherwise like `base`, by what is wrong with them."""
    text: Any = "a text, not bytes"
    return {
        "cursor back": replace(base, cursor=0),
        "seq back": replace(base, seq=1),
        "log body": replace(base, log=[*base.log, LogRow(base.seq + 1, 1, 0, "event", text)]),
        "log twice": replace(base, log=[*base.log, base.log[0]]),
        "state": replace(base, states={**base.states, 5: text}),
        "receipt": replace(base, receipts=[ReceiptRow(base.seq, 1, 0, 9, b"", text)]),
        "leaf": replace(base, leaves=[*base.leaves, text]),
        "tile": replace(base, tiles=[Tile(0, 1, text)]),
        "seen": replace(base, seen=text),
        "column": replace(base, columns={1: {"no such column": 1}}),
    }


def writes_all_or_nothing(store: Store) -> None:
    """A commit that cannot be written whole raises and leaves everything as it was."""
    filled(store)
    before = observe(store)
    for wrong, changes in sabotaged(example_changes(4)).items():
        must_fail(f"a commit with a wrong {wrong}", lambda changes=changes: store.commit(changes))  # type: ignore[misc]
        found = observe(store)
        changed = [name for name in before if found[name] != before[name]]
        same(f"what a failed commit ({wrong}) left behind", changed, [])
    store.commit(example_changes(4))
    same("the next commit", store.position().cursor, 4)


def must_fail(what: str, do: Callable[[], None]) -> None:
    """Raise `ExamFailed` unless `do` raises `StoreError`."""
    try:
        do()
    except StoreError:
        return
    raise ExamFailed(f"{what}: needs to be refused, and was taken")


STORE_QUESTIONS = (
    is_empty_at_first,
    gives_back_a_commit,
    replaces_and_adds,
    keeps_order,
    rings_timers,
    forgets_message_ids,
    types_its_columns,
    answers_many_at_once,
    keeps_requests,
    keeps_shares,
    keeps_aggregates,
    keeps_hypotheses,
    forgets_a_person,
    writes_all_or_nothing,
)
"""Each is asked of a fresh store."""


def outlives_closing(place: StorePlace) -> None:
    """All that was committed is there when the place is opened again; asked if it keeps."""
    if not place.keeps:
        return
    store = place.open()
    filled(store)
    before = observe(store)
    store.close()
    store = place.open()
    same("what is there after opening again", observe(store), before)
    store.commit(example_changes(4))
    same("the cursor after one more commit", store.position().cursor, 4)
    store.close()


def examine_store(fresh: Callable[[], StorePlace]) -> None:
    """The whole exam; `fresh` gives an empty place each time. Raises `ExamFailed`."""
    for question in STORE_QUESTIONS:
        store = fresh().open()
        question(store)
        store.close()
    outlives_closing(fresh())
