"""Example actions and commits, and everything that can be read of a store, for the store's exam."""

from typing import Any

from equipoise.nouns.aggregates import AggregateGrant, Question, Release
from equipoise.nouns.changes import Changes, LogRow, PlayRow, ReceiptRow, Tile, Timer
from equipoise.nouns.decisions import Action, ActionStatus, Moment
from equipoise.nouns.events import Handle, Refused
from equipoise.nouns.hypotheses import HypothesisState, KeptHypothesis, Likeness
from equipoise.nouns.lessons import LessonRow, ModelRow
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.plays import Compare, Not, Option
from equipoise.nouns.shares import (
    Band,
    Count,
    Counted,
    Holds,
    Share,
    ShareNotice,
    ShareRead,
    ShareToken,
)
from equipoise.ports import Store

FAR = 10**15
"""A time and a number beyond all others in the exam."""

STATES: tuple[HypothesisState, ...] = ("open", "later", "confirmed", "refused")
"""The states of hypotheses."""

COLUMNS = {"traits.city": "text", "orders.count": "number", "known": "boolean"}
"""The typed columns of the exam."""


def example_action(id_: int, status: ActionStatus = "ready", due_ms: int = 0) -> Action:
    """An action with every field set; `due_ms` 0 takes its id."""
    option = Option(name="mail", content={"subject": {"en": "Hello", "fr": "Bonjour"}}, cost=0.5)
    facts = {"value": 12.5, "n": 2, "new": True, "note": None, "name": "Zoë"}
    moment = Moment(
        id=f"{id_}.p", kind="order", event="e", channel="web", at_ms=1, opened_ms=2, facts=facts
    )
    return Action(
        id=id_,
        key=f"d_{id_}_key",
        atom=id_ % 5,
        person=id_ % 3,
        play="p",
        version="v" * 64,
        option=option,
        sender="email",
        status=status,
        due_ms=due_ms or id_,
        until_ms=FAR,
        at_ms=3,
        moment=moment,
        content={"subject": "Bonjour"},
        handles=(Handle("email", "zoë@example.org"),),
        locale="fr",
        attempts=1,
        detail="later",
    )


def example_share(seq: int) -> Share:
    """A share with questions of each kind."""
    adult = Compare("traits.age", "at_least", 18)
    return Share(
        seq=seq,
        recipient="Crèche",
        purpose="partner",
        by="zoë",
        opened_ms=seq,
        tokens=(ShareToken("abcd1234", "0" * 64, seq),),
        questions=(
            Holds(name="adult", condition=adult, text="traits.age >= 18"),
            Band(name="age", field="traits.age", edges=(18.0, 65.5)),
            Count(name="adults", condition=Not(adult), text="not adult", at_least=40),
        ),
        counted={"adults": Counted(day=20_000, n=41)},
    )


def example_read(seq: int, share: int, atom: int) -> ShareRead:
    """One read about an atom, or about nobody (0)."""
    return ShareRead(
        seq=seq,
        share=share,
        atom=atom,
        at_ms=seq,
        outcome="granted" if atom else "refused",
        reason="" if atom else "share_unknown",
        recipient="Crèche",
        purpose="partner",
        asked=("adult",),
    )


def example_grant(seq: int, recipient: str) -> AggregateGrant:
    """Somebody who may ask for figures."""
    return AggregateGrant(
        seq=seq,
        recipient=recipient,
        purpose="city",
        by="zoë",
        at_ms=seq,
        fields=("traits.city",),
        epsilon=500_000,
    )


def example_release(seq: int, year: int) -> Release:
    """A question whose budget was spent and that has no answer yet."""
    question = Question(
        recipient="Ville",
        purpose="city",
        measure="sum",
        day=20_000,
        epsilon=100_000,
        field="orders.count",
        upper=10.0,
        group="traits.city",
        keys=("Nîmes", "Sète"),
        where=Not(Compare("traits.age", "less_than", 18)),
    )
    return Release(seq=seq, key=f"{seq:064d}", year=year, question=question, by="zoë", at_ms=seq)


def example_hypothesis(seq: int, n: int, state: HypothesisState = "open") -> KeptHypothesis:
    """A hypothesis about an atom and the next one, with every field set."""
    return KeptHypothesis(
        seq=seq,
        left=n,
        right=n + 1,
        score=0.9 + n / 1000,
        evidence=(Likeness("family_name", "close", 3.25), Likeness("email", "different", -2.0)),
        found_ms=seq,
        held="cluster_loose",
        state=state,
        by="zoë",
        how="human",
        answered_ms=seq + 1,
        note="Zoë’s twin",
    )


def example_changes(n: int) -> Changes:
    """The `n`-th of a row of commits (from 1), with something in every field."""
    seq = n * 100
    shared: dict[str, Any] = {"left": n, "right": n + 1, "event": "e", "at_ms": seq}
    seen_by = (Handle("email", "é@example.org"), Handle("card", f"{n}"))
    return Changes(
        cursor=n,
        seq=seq,
        now_ms=seq,
        log=[LogRow(seq + i - 9, n, seq - 100, "event", b"log %d" % i) for i in range(10)],
        states={n: b"state %d" % n, n + 1000: b"\x00" * 5000},
        atoms={n: Atom(n, n), n + 1000: Atom(n + 1000, n)},
        handles={Handle("email", f"é{n}@example.org"): n, Handle("anonymous_id", f"{n}"): n + 1000},
        joins=[Join(seq=seq, source="shop", evidence=seen_by, **shared)],
        cannot_links=[CannotLink(left=n, right=n + 1, by="ana", at_ms=seq, note="twins")],
        held_joins=[HeldJoin(seq=seq, reason="too_large", evidence=seen_by, **shared)],
        receipts=[ReceiptRow(seq, n, seq - 100, n * 2, b'{"receipt":%d}' % n, b"\x00\xff" * 16)],
        leaves=[b"leaf %d" % (n * 2 + i) for i in range(2)],
        tiles=[Tile(0, n, bytes([n % 256]) * 8192), Tile(1, n, b"up" * 4096)],
        frontier=b"edge %d" % n,
        checkpoint=f"head {n}\n",
        actions={seq: example_action(seq), seq + 1: example_action(seq + 1, "waiting")},
        timers_set=[Timer(seq + 50, n, "held:a"), Timer(seq + 50, n, "hush:")],
        refused=[
            Refused(
                source="shop",
                code="bad_json",
                message=f"no {n}",
                received_ms=seq,
                id="i",
                item=b"\xff",
            )
        ],
        seen=n.to_bytes(8, "big") * 3,
        spent={"play:p": n},
        plays=[PlayRow("p", f"v{n}", seq, "live", "name: p")],
        models=[ModelRow("play/p", f"m{n}", seq, seq, b"model %d" % n)],
        lessons=[
            LessonRow(seq + 1, n, "lesson", "p", seq, b"lesson %d" % n),
            LessonRow(seq + 2, n, "tried", "p", 0, b"tried %d" % n),
        ],
        columns={n: {"traits.city": f"city {n}", "orders.count": n, "known": n % 2 == 0}},
        counts={"events": 10, "people": 1},
        shares=[example_share(seq)],
        share_reads=[example_read(seq + 3, seq, n), example_read(seq + 4, seq, 0)],
        share_notices=[
            ShareNotice(seq=seq, share=seq, demand="correct", at_ms=seq, receipts=(seq + 3,), n=1)
        ],
        aggregate_grants=[example_grant(seq, f"Ville {n}")],
        releases=[example_release(seq, 2025 + n)],
        hypotheses={seq: example_hypothesis(seq, n)},
    )


def observe(store: Store, below: int = 3000) -> dict[str, Any]:
    """Everything that can be read of a store whose ids lie below a number; equal stores give equals."""
    ids = range(below)
    statuses = ("ready", "sending", "review", "waiting", "sent", "cancelled", "dead")
    recent = store.recent(below)
    known = [Handle("anonymous_id", f"{i}") for i in ids]
    known += [Handle("email", f"é{i}@example.org") for i in ids]
    supposed = {f"hypotheses {state}": store.hypotheses_in(state, below) for state in STATES}
    supposed |= {f"answered {state}": store.hypotheses_answered(state, below) for state in STATES}
    return supposed | {
        "position": store.position(),
        "recent": recent,
        "log": store.log([row.seq for row in recent]),
        "handles": store.atoms_of(known),
        "atoms": store.atoms(ids),
        "states": store.states(ids),
        "cannot_links": store.cannot_links(ids),
        "joins": store.joins(ids),
        "held_joins": store.held_joins(below),
        "found": {
            name: store.find(f'"{name}" IS NOT NULL', {}, below) for name in _columns_of(store)
        },
        "leaves": store.leaves(0, below),
        "tiles": [store.tile(level, i) for level in (0, 1) for i in range(10)],
        "receipts": store.receipts(ids),
        "actions": store.actions(ids),
        "due": store.due(FAR, below),
        "by_status": {status: store.with_status(status, below) for status in statuses},
        "waiting": store.waiting_for(ids),
        "timers": store.timers(FAR, below),
        "next": store.next_due_ms(),
        "plays": store.plays(),
        "models": store.models(),
        "lessons": store.lessons("lesson", "p", 0, below),
        "tried": store.lessons("tried", "p", 0, below),
        "lessons_of": store.lessons_of(ids),
        "seen": list(store.seen(0)),
        "spent": store.spent(),
        "refused": store.refused(below),
        "shares": store.shares(),
        "share_reads": store.share_reads(ids, below),
        "share_reads_of": store.share_reads_of(ids),
        "share_notices": [store.share_notices(share.seq) for share in store.shares()],
        "aggregate_grants": store.aggregate_grants(),
        "releases": store.releases(),
        "releases of 2026": store.releases(2026),
        "hypotheses": store.hypotheses(ids),
        "hypotheses_of": store.hypotheses_of(ids),
        "release_of": store.release_of(f"{100:064d}"),
        "counts": store.counts(),
    }


def _columns_of(store: Store) -> list[str]:
    return list(COLUMNS) if store.counts() else []
