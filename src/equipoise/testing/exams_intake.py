"""The exam of an intake: hand in a place where one can be opened, and it passes or is told why not.

Ours take the same exam as those of others; see docs/rooms/stores.md.
"""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from equipoise.nouns.events import IntakeRow, Source
from equipoise.ports import Intake, StoreError
from equipoise.testing.exams_decide import ExamFailed


class IntakePlace(NamedTuple):
    """`open` opens the intake at one place, again after it was closed; `keeps` where rows outlive that."""

    open: Callable[[], Intake]
    keeps: bool = True


def example_rows(n: int, size: int = 300, seed: int = 1) -> list[IntakeRow]:
    """`n` rows of different kinds and sources, with bodies of about `size` bytes."""
    chance = Random(seed)  # noqa: S311 - example bodies, not secrets
    sources = (Source("shop"), Source("site", "public"), Source("crm", history=True))
    rows = []
    for i in range(n):
        plain = b'{"n": %d, "what": "%s"}' % (i, b"ab" * (size // 2))
        body = chance.randbytes(size) if i % 3 == 2 else plain
        kind = ("segment", "events", "tick")[i % 3]
        rows.append(IntakeRow(0, kind, sources[i % 3], 1_700_000_000_000 + i, body))  # type: ignore[arg-type]
    return rows


def same(question: str, found: object, expected: object) -> None:
    """Raise `ExamFailed` unless the two are equal."""
    if found != expected:
        raise ExamFailed(f"{question}: expected {expected!r:.400}, found {found!r:.400}")


def numbers_rows_from_one(intake: Intake) -> None:
    """Ids grow by one from 1, whatever ids the rows came with; an empty append does nothing."""
    same("last of an empty intake", intake.last(), 0)
    same("read of an empty intake", intake.read(0, 100), [])
    same("ids of the first append", intake.append(example_rows(3)), [1, 2, 3])
    same("ids of an empty append", intake.append([]), [])
    same("ids of the second append", intake.append(example_rows(2)), [4, 5])
    same("last", intake.last(), 5)


def gives_back_what_came(intake: Intake) -> None:
    """Bodies of every size come back to the byte, with kind, source, trust, history and time."""
    rows = [row for size in (0, 1, 199, 200, 201, 70_000) for row in example_rows(6, size, size)]
    ids = intake.append(rows)
    found = intake.read(0, 10**9)
    same("ids of what was read", [row.id for row in found], ids)
    for row, came in zip(found, rows, strict=True):
        fields = (row.kind, row.source, row.received_ms, row.body)
        same(f"row {row.id}", fields, (came.kind, came.source, came.received_ms, came.body))


def reads_in_order_within_bytes(intake: Intake) -> None:
    """A read gives whole rows in order, as many as fit and at least one, and goes on where it ended."""
    intake.append(example_rows(50, 300))
    walked: list[int] = []
    after = 0
    while rows := intake.read(after, 1_500):
        size = sum(len(row.body) for row in rows)
        if size > 1_500 and len(rows) > 1:
            raise ExamFailed(f"a read of 1,500 bytes gave {len(rows)} rows of {size} bytes")
        after = rows[-1].id
        walked += [row.id for row in rows]
    same("ids walked in small reads", walked, list(range(1, 51)))
    same("a read of one byte", [row.id for row in intake.read(10, 1)], [11])
    same("a read past the end", intake.read(50, 10**6), [])


def forgets_what_is_trimmed(intake: Intake) -> None:
    """Trimmed rows are gone, the others stay, and numbers are never given twice."""
    intake.append(example_rows(10))
    intake.trim(4)
    same("ids after trim(4)", [row.id for row in intake.read(0, 10**6)], list(range(5, 11)))
    intake.trim(2)
    same("ids after a second, smaller trim", len(intake.read(0, 10**6)), 6)
    intake.trim(99)
    same("rows after trimming all", intake.read(0, 10**6), [])
    same("last after trimming all", intake.last(), 10)
    same("ids after trimming all", intake.append(example_rows(1)), [11])


def refuses_what_it_cannot_keep(intake: Intake) -> None:
    """An append with one row that cannot be kept fails as a whole and uses up no number."""
    intake.append(example_rows(1))
    bad = IntakeRow(0, "tick", Source("shop"), 1, "a text, not bytes")  # type: ignore[arg-type]
    try:
        intake.append([*example_rows(2), bad])
    except StoreError as error:
        failed = str(error)
    else:
        raise ExamFailed("a row whose body is a text was taken; refuse what is not bytes")
    same(f"ids after {failed!r}", [row.id for row in intake.read(0, 10**6)], [1])
    same("the next id", intake.append(example_rows(1)), [2])


INTAKE_QUESTIONS = (
    numbers_rows_from_one,
    gives_back_what_came,
    reads_in_order_within_bytes,
    forgets_what_is_trimmed,
    refuses_what_it_cannot_keep,
)
"""Each is asked of a fresh intake."""


def outlives_closing(place: IntakePlace) -> None:
    """What was appended is there when the place is opened again, and numbers go on; asked if it keeps."""
    if not place.keeps:
        return
    intake = place.open()
    intake.append(example_rows(5))
    intake.trim(2)
    before = intake.read(0, 10**6)
    intake.close()
    intake = place.open()
    same("rows after opening again", intake.read(0, 10**6), before)
    intake.trim(5)
    intake.close()
    intake = place.open()
    same("last of an emptied intake after opening again", intake.last(), 5)
    same("ids after opening again", intake.append(example_rows(1)), [6])
    intake.close()


def examine_intake(fresh: Callable[[], IntakePlace]) -> None:
    """The whole exam; `fresh` gives an empty place each time. Raises `ExamFailed`."""
    for question in INTAKE_QUESTIONS:
        intake = fresh().open()
        question(intake)
        intake.close()
    outlives_closing(fresh())
