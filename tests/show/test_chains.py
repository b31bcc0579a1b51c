"""A person's past is walked in order, each row read once, at a cost that grows as the rows do."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.changes import LogRow
from equipoise.show.chains import read_onward, walk


class Looked(int):
    """A number that counts how often anybody looks at it: compares it, or finds it in a table."""

    times = 0

    def __hash__(self):
        Looked.times += 1
        return super().__hash__()

    def __eq__(self, other):
        Looked.times += 1
        return super().__eq__(other)

    def __lt__(self, other):
        Looked.times += 1
        return super().__lt__(other)

    def __neg__(self):
        return Looked(super().__neg__())


class Shelf:
    """A store of two chains of records, which counts what is read of it."""

    def __init__(self, logged, receipted=()):
        self.rows = {"l": {r.seq: r for r in logged}, "r": {r.seq: r for r in receipted}}
        self.read = Counter()

    def _read(self, where, seqs):
        self.read.update((where, seq) for seq in seqs)
        return {seq: self.rows[where][seq] for seq in seqs if seq in self.rows[where]}

    def log(self, seqs):
        return self._read("l", seqs)

    def receipts(self, seqs):
        return self._read("r", seqs)


def chain(seqs, atom=1):
    return [
        LogRow(Looked(seq), atom, Looked(prev), "event", b"")
        for prev, seq in zip([0, *seqs], seqs, strict=False)
    ]


def looks_of(length):
    rows = chain(range(1, length + 1))
    shelf = Shelf(rows)
    Looked.times = 0
    found = walk(shelf, {("l", rows[-1].seq)}, frozenset({1}), length)
    assert [row.seq for row in found.rows] == list(range(length, 0, -1))
    assert set(shelf.read.values()) == {1}
    return Looked.times


def test_a_chain_twice_as_long_costs_twice_as_many_looks():
    assert looks_of(2_000) <= 2.1 * looks_of(1_000)


@given(
    split=st.lists(st.sampled_from(["l", "r"]), max_size=60),
    atoms=st.lists(st.sampled_from([1, 2, 3]), min_size=60, max_size=60),
    most=st.integers(1, 9),
)
def test_pages_of_any_length_hold_every_row_of_these_atoms_once_newest_first(split, atoms, most):
    rows = {"l": [], "r": []}
    last = Counter()
    for seq, (where, atom) in enumerate(zip(split, atoms, strict=False), 1):
        rows[where].append(LogRow(seq, atom, last[where, atom], "event", b""))
        last[where, atom] = seq
    shelf = Shelf(rows["l"], rows["r"])
    mine = frozenset({1, 2})
    heads = {(where, seq) for (where, _), seq in last.items()}
    told = []
    while heads:
        page = walk(shelf, heads, mine, most)
        assert len(page.rows) <= most
        told += [row.seq for row in page.rows]
        heads = read_onward(page.onward)
    wanted = [row.seq for some in rows.values() for row in some if row.atom in mine]
    assert told == sorted(wanted, reverse=True)


def test_two_heads_that_lead_to_one_row_tell_it_once():
    older = LogRow(1, 1, 0, "event", b"")
    shelf = Shelf([older, LogRow(2, 1, 1, "event", b""), LogRow(3, 1, 1, "event", b"")])
    found = walk(shelf, {("l", 2), ("l", 3)}, frozenset({1}), 9)
    assert [row.seq for row in found.rows] == [3, 2, 1]
