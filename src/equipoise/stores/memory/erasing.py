"""What people asked of the house, and everything of one person, in plain dictionaries."""

from collections import deque
from collections.abc import Iterable, Mapping
from itertools import islice
from operator import attrgetter

from equipoise.nouns.changes import Changes, Erased, LogRow, ReceiptRow
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Handle, Refused, Value
from equipoise.nouns.lessons import LessonRow
from equipoise.nouns.people import Atom, CannotLink, HeldJoin, Join
from equipoise.nouns.rights import Request
from equipoise.stores import Naming
from equipoise.stores.memory.aggregates import AggregatesInMemory
from equipoise.stores.memory.hypotheses import HypothesesInMemory
from equipoise.stores.memory.sharing import SharingInMemory

Linked = Join | CannotLink | HeldJoin


class Erasing(SharingInMemory, AggregatesInMemory, HypothesesInMemory):
    """The part of a store in memory that keeps requests, and forgets people."""

    _log: dict[int, LogRow]
    _states: dict[int, bytes]
    _atoms: dict[int, Atom]
    _handles: dict[Handle, int]
    _joins: list[Join]
    _cannot_links: list[CannotLink]
    _held_joins: list[HeldJoin]
    _receipts: dict[int, ReceiptRow]
    _actions: dict[int, Action]
    _timers: set[tuple[int, int, str]]
    _refused: deque[Refused]
    _lessons: dict[int, LessonRow]
    _columns: dict[int, dict[str, Value]]

    def __init__(self) -> None:
        SharingInMemory.__init__(self)
        AggregatesInMemory.__init__(self)
        HypothesesInMemory.__init__(self)
        self._requests: dict[int, Request] = {}

    def requests(self, seqs: Iterable[int]) -> dict[int, Request]:
        """The requests with these numbers."""
        return {seq: self._requests[seq] for seq in seqs if seq in self._requests}

    def requests_of(self, atoms: Iterable[int]) -> list[Request]:
        """Every request of these atoms, newest first."""
        mine = set(atoms)
        found = [request for request in self._requests.values() if request.atom in mine]
        return sorted(found, key=attrgetter("seq"), reverse=True)

    def requests_owed(self, most: int) -> list[Request]:
        """Requests that still wait for an answer, the one that is due first first."""
        found = [request for request in self._requests.values() if request.owed]
        return sorted(found, key=attrgetter("due_ms", "seq"))[:most]

    def newest_requests(self, most: int) -> list[Request]:
        """The newest requests, whatever their status, newest first."""
        return [self._requests[seq] for seq in sorted(self._requests, reverse=True)[:most]]

    def handles_after(self, after: Handle | None, most: int) -> list[tuple[Handle, int]]:
        """The next `most` handles with their atoms, in order of (kind, value), after one of them."""
        found = sorted(pair for pair in self._handles.items() if after is None or pair[0] > after)
        return list(islice(found, most))

    def traces(self, whom: Erased) -> dict[str, int]:
        """How many rows of each table a commit that erases them would delete."""
        atoms = set(whom.atoms)
        receipted = _chain(self._receipts, whom, whom.receipted)
        return {
            "log": len(_chain(self._log, whom, whom.logged)),
            "receipt": len(receipted),
            "outbox": len(receipted & self._actions.keys()),
            "lesson": sum(row.atom in atoms for row in self._lessons.values()),
            "timer": sum(timer[1] in atoms for timer in self._timers),
            "request": sum(request.atom in atoms for request in self._requests.values()),
            "share_read": len(self.share_reads_of(atoms)),
            "joined": sum(_touches(link, atoms) for link in self._joins),
            "cannot_link": sum(_touches(link, atoms) for link in self._cannot_links),
            "held_join": sum(_touches(link, atoms) for link in self._held_joins),
            "hypothesis": len(self.hypotheses_of(atoms)),
            "atom": len(atoms & self._atoms.keys()),
            "state": int(whom.person in self._states),
            "profile": int(whom.person in self._columns),
            "handle": sum(self._handles.get(handle) in atoms for handle in set(whom.handles)),
            "refused": len(self._named(whom)),
        }

    def _named(self, whom: Erased) -> list[Refused]:
        naming = Naming(whom.handles)
        return [item for item in self._refused if naming.names(item.message, item.id, item.item)]

    def _keep_rights(self, changes: Changes) -> None:
        """Forget who is erased, then keep what was rewritten and asked."""
        for whom in changes.erased:
            self._erase(whom)
        self._log.update({row.seq: row for row in changes.rewritten if row.seq in self._log})
        self._requests.update(changes.requests)
        self._keep_shares(changes)
        self._keep_aggregates(changes)
        self._keep_hypotheses(changes)

    def _erase(self, whom: Erased) -> None:
        atoms = set(whom.atoms)
        for seq in _chain(self._log, whom, whom.logged):
            del self._log[seq]
        for seq in _chain(self._receipts, whom, whom.receipted):
            del self._receipts[seq]
            self._actions.pop(seq, None)
        for seq in [seq for seq, row in self._lessons.items() if row.atom in atoms]:
            del self._lessons[seq]
        self._timers -= {timer for timer in self._timers if timer[1] in atoms}
        for seq in [seq for seq, request in self._requests.items() if request.atom in atoms]:
            del self._requests[seq]
        self._forget_reads(atoms)
        self._forget_hypotheses(atoms)
        self._joins = [link for link in self._joins if not _touches(link, atoms)]
        self._cannot_links = [link for link in self._cannot_links if not _touches(link, atoms)]
        self._held_joins = [link for link in self._held_joins if not _touches(link, atoms)]
        for handle in set(whom.handles):
            if self._handles.get(handle) in atoms:
                del self._handles[handle]
        for item in self._named(whom):
            self._refused.remove(item)
        for atom in atoms:
            self._atoms.pop(atom, None)
        self._states.pop(whom.person, None)
        self._columns.pop(whom.person, None)


def _touches(link: Linked, atoms: set[int]) -> bool:
    return link.left in atoms or link.right in atoms


def _chain(rows: Mapping[int, LogRow | ReceiptRow], whom: Erased, heads: Iterable[int]) -> set[int]:
    """The numbers of the rows under these heads that belong to the person's atoms."""
    atoms = set(whom.atoms)
    found: set[int] = set()
    for head in heads:
        seq = head
        while (row := rows.get(seq)) is not None and row.atom in atoms and seq not in found:
            found.add(seq)
            seq = row.prev
    return found
