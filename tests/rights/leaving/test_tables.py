"""Whatever a store holds goes into tables and comes out of them the same, in any store."""

import msgspec
import pytest

from equipoise.nouns.changes import Changes, LogRow, PlayRow, ReceiptRow, Timer
from equipoise.nouns.events import Event, Handle, IntakeRow, Refused, Source
from equipoise.nouns.lessons import Lesson, LessonRow, ModelRow, Tried
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.rights import Request
from equipoise.nouns.shares import ShareNotice
from equipoise.nouns.state import AtomState, PersonState, Profile, Tally
from equipoise.rights.leaving.reading import tables_of
from equipoise.rights.leaving.tables import BY_NAME, PARTS, named
from equipoise.rights.leaving.writing import changes_of, intake_rows
from equipoise.stores import open_store
from equipoise.testing.example_changes import (
    example_action,
    example_grant,
    example_hypothesis,
    example_read,
    example_release,
    example_share,
)

pack = msgspec.msgpack.encode
ANA, MIA = Handle("email", "ana@example.org"), Handle("user_id", "é/7")
EVENT = Event(
    id="e1",
    kind="page",
    channel="web",
    source="shop",
    at_ms=1,
    received_ms=2,
    handles=(ANA,),
    facts={"n": 1, "x": 1.0, "list": [None, {"a": True}]},
)


def everything():
    """One commit with something in every table that a whole export has."""
    profile = Profile(tallies={"page": Tally(1, 0.5, 0.25, 1, 1)}, slots={20_000: 1 << 47})
    state = PersonState([AtomState(16, [ANA], profile=profile), AtomState(32, [MIA])])
    lesson = Lesson(
        seq=65,
        decision=33,
        person=16,
        atom=16,
        play="p",
        version="v",
        option="mail",
        arm="engine",
        propensity=1 / 3,
        decided_ms=1,
        matured_ms=2,
    )
    tried = Tried(seq=66, person=16, atom=16, play="p", arm="engine", begun_ms=1, over_ms=2)
    header = msgspec.json.encode({"name": "play/p", "sha256": "m1"})
    evidence = {"event": "e1", "evidence": (ANA, MIA), "at_ms": 3}
    return Changes(
        cursor=3,
        seq=96,
        now_ms=5,
        log=[
            LogRow(16, 16, 0, "event", pack(EVENT)),
            LogRow(80, 0, 0, "model", header),
            LogRow(96, 0, 0, "model", header.replace(b"m1", b"m2")),
        ],
        states={16: pack(state)},
        atoms={16: Atom(16, 16), 32: Atom(32, 16)},
        handles={ANA: 16, MIA: 32},
        joins=[Join(seq=32, left=16, right=32, source="shop", **evidence)],
        cannot_links=[CannotLink(left=16, right=48, by="ana", at_ms=4, note="two")],
        held_joins=[HeldJoin(seq=48, left=16, right=32, reason="too_large", **evidence)],
        receipts=[ReceiptRow(33, 16, 0, 0, b'{"id":"d_33"}', b"s" * 32)],
        leaves=[b"l" * 36],
        actions={33: example_action(33)},
        timers_set=[Timer(7, 16, "held:x")],
        refused=[Refused(source="s", code="c", message="m", received_ms=1, item=b"\xff")],
        seen=b"12345678abcdefgh",
        spent={"play:p": 3},
        plays=[PlayRow("p", "v1", 8, "live", "name: p"), PlayRow("p", "v2", 9, "live", "name: p ")],
        models=[
            ModelRow("play/p", "m1", 80, 1, b"old"),
            ModelRow("play/p", "m2", 96, 2, b"\x00\xff"),
        ],
        lessons=[
            LessonRow(65, 16, "lesson", "p", 33, pack(lesson)),
            LessonRow(66, 16, "tried", "p", 0, pack(tried)),
        ],
        counts={"events": 4},
        aggregate_grants=[example_grant(64, "Ville")],
        releases=[example_release(80, 2026)],
        hypotheses={64: example_hypothesis(64, 16)},
        shares=[example_share(64)],
        share_reads=[example_read(65, 64, 16), example_read(66, 64, 0)],
        share_notices=[ShareNotice(seq=96, share=64, demand="delete", at_ms=1, receipts=(65,))],
        requests={
            49: Request(
                seq=49,
                kind="contest",
                status="open",
                atom=16,
                asked_ms=1,
                due_ms=2,
                frozen=b"\x00{}",
                values={"traits.city": "Nice", "n": 1.5},
            )
        },
    )


def rows_of(store, intake):
    return {name: list(rows) for name, rows in tables_of(store, intake).items()}


@pytest.fixture
def full():
    store, intake = open_store("memory:")
    intake.append([IntakeRow(0, "tick", Source("s"), 1, b"walked")] * 3)
    intake.append([IntakeRow(0, "page", Source("b", "public", history=True), 9, b"\x00")])
    store.commit(everything())
    return store, intake


def test_every_table_has_a_row_here_so_that_none_is_tried_for_nothing(full):
    assert all(rows_of(*full).values())
    assert set(rows_of(*full)) == {part.name for part in PARTS}


def test_a_row_has_as_many_values_as_its_table_has_columns(full):
    for name, rows in rows_of(*full).items():
        assert {len(row) for row in rows} == {len(BY_NAME[name].columns)}


@pytest.mark.parametrize("url", ["memory:", "sqlite:{}/new.db"])
def test_what_is_read_is_written_and_read_the_same(full, url, tmp_path):
    store, intake = open_store(url.format(tmp_path))
    before = rows_of(*full)
    for name, rows in before.items():
        if name == "intake":
            intake.append(intake_rows(rows))
        else:
            store.commit(changes_of(name, rows, 7))
    store.commit(Changes(cursor=0, seq=96, leaves=[b"l" * 36]))
    assert rows_of(store, intake) == before
    assert store.position().cursor == 0
    assert [row.id for row in intake.read(0, 1000)] == [1]
    store.close()
    intake.close()


def test_what_was_walked_is_not_taken_along_again(full):
    ((kind, *_),) = rows_of(*full)["intake"]
    assert kind == "page"


def test_a_state_is_told_with_the_names_of_its_fields(full):
    ((_, _, told),) = rows_of(*full)["states"]
    atom = msgspec.json.decode(told)["atoms"][0]
    assert atom["profile"]["tallies"]["page"] == {
        "n": 1,
        "total": 0.5,
        "squares": 0.25,
        "first_ms": 1,
        "last_ms": 1,
    }


def test_names_reach_into_lists_and_maps():
    assert named({"a": [AtomState(3)]})["a"][0]["id"] == 3
