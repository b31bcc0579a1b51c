"""The exams of stores and intakes fail those that do not do what they promise."""

import pytest
from msgspec.structs import replace

from equipoise.nouns.changes import Changes
from equipoise.stores.memory import MemoryIntake, MemoryStore
from equipoise.testing.exams_decide import ExamFailed
from equipoise.testing.exams_intake import IntakePlace, examine_intake
from equipoise.testing.exams_store import StorePlace, examine_store


class Forgetful(MemoryStore):
    """Keeps no receipts."""

    def commit(self, changes):
        super().commit(replace(changes, receipts=[]))


class Hasty(MemoryStore):
    """Writes states before it looks whether the rest can be written."""

    def commit(self, changes):
        super().commit(Changes(self._position.cursor, self._position.seq, states=changes.states))
        super().commit(changes)


class Backwards(MemoryStore):
    """Gives the oldest rows first."""

    def recent(self, most):
        return super().recent(10**9)[::-1][:most]


class Lenient(MemoryStore):
    """Takes commits that go back."""

    def commit(self, changes):
        self._position = replace(self._position, cursor=0, seq=0)
        super().commit(changes)


class Deaf(MemoryStore):
    """Clears timers after it has set them."""

    def commit(self, changes):
        super().commit(replace(changes, timers_cleared=[]))
        self._timers -= {(t.due_ms, t.atom, t.key) for t in changes.timers_cleared}


class Loose(MemoryStore):
    """Takes any column."""

    def name_columns(self, fields):
        self._fields.update(fields)


class Narrow(MemoryStore):
    """Answers at most 999 keys at once."""

    def states(self, people):
        return super().states(sorted(set(people))[:999])


STORES = [Forgetful, Hasty, Backwards, Lenient, Deaf, Loose, Narrow]


@pytest.mark.parametrize("store", STORES)
def test_a_store_that_breaks_a_promise_fails(store):
    with pytest.raises(ExamFailed):
        examine_store(lambda: StorePlace(store, keeps=False))


def test_a_store_that_says_it_keeps_and_does_not_fails():
    with pytest.raises(ExamFailed, match="opening again"):
        examine_store(lambda: StorePlace(MemoryStore, keeps=True))
    with pytest.raises(ExamFailed, match="opening again"):
        examine_intake(lambda: IntakePlace(MemoryIntake, keeps=True))


class Repeating(MemoryIntake):
    """Gives numbers anew once all rows are trimmed."""

    def trim(self, upto):
        super().trim(upto)
        self._last = self._rows[-1].id if self._rows else 0


class Greedy(MemoryIntake):
    """Gives all rows, however many bytes were asked for."""

    def read(self, after, most_bytes):
        return super().read(after, 10**12)


class Swallowing(MemoryIntake):
    """Takes a body of any type."""

    def append(self, rows):
        return super().append([replace(row, body=bytes(str(row.body), "utf-8")) for row in rows])


class Partial(MemoryIntake):
    """Keeps the rows before the bad one."""

    def append(self, rows):
        return [id_ for row in rows for id_ in super(Partial, self).append([row])]


@pytest.mark.parametrize("intake", [Repeating, Greedy, Swallowing, Partial])
def test_an_intake_that_breaks_a_promise_fails(intake):
    with pytest.raises(ExamFailed):
        examine_intake(lambda: IntakePlace(intake, keeps=False))
