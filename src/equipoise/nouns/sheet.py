"""What one step writes down, record by record, before it is sealed and committed."""

from collections.abc import Mapping

import msgspec

from equipoise.nouns.changes import LogKind, LogRow, Timer
from equipoise.nouns.decisions import Action, Decision
from equipoise.nouns.events import Refused
from equipoise.nouns.lessons import LessonRow
from equipoise.nouns.state import AtomState

PLACES = 16
"""Numbers set aside for one record: its own, and up to fifteen receipts that it leads to."""

_pack = msgspec.msgpack.Encoder().encode


class Draft(msgspec.Struct, gc=False):
    """A receipt before it has its leaf: `ReceiptRow` without leaf and salt."""

    seq: int
    atom: int
    prev: int
    body: bytes


class Sheet(msgspec.Struct):
    """What one step wrote, in order; the runner turns it into one commit."""

    log: list[LogRow] = []
    drafts: list[Draft] = []
    decisions: list[Decision] = []
    actions: dict[int, Action] = {}
    timers_set: list[Timer] = []
    timers_cleared: list[Timer] = []
    refused: list[Refused] = []
    spent: dict[str, int] = {}
    lessons: list[LessonRow] = []
    counts: dict[str, int] = {}

    def count(self, name: str, n: int = 1) -> None:
        """Add to a running total."""
        self.counts[name] = self.counts.get(name, 0) + n


class Here(msgspec.Struct):
    """Where in the log we are: the record's number, its arrival (ms), and the sheet to write on.

    `spent` is what had been used of every shared resource before this step; a later runner that
    splits people over machines hands in the leases granted to this one instead.
    """

    seq: int
    now_ms: int
    sheet: Sheet
    spent: Mapping[str, int] = {}
    used: int = 0

    def number(self) -> int:
        """The next free number of this record, for a decision or another receipt."""
        self.used += 1
        return self.seq + self.used

    def full(self) -> bool:
        """True where the record has led to as many decisions as one record may."""
        return self.used >= PLACES - 1

    def receipt(self, atom: AtomState, seq: int, body: bytes) -> None:
        """Write a receipt (canonical JSON) and hang it on the atom's chain."""
        self.sheet.drafts.append(Draft(seq, atom.id, atom.decision_seq, body))
        atom.decision_seq = seq

    def log(self, atom: AtomState, kind: LogKind, noun: msgspec.Struct) -> None:
        """Write the record itself into the log and hang it on the atom's chain."""
        self.sheet.log.append(LogRow(self.seq, atom.id, atom.event_seq, kind, _pack(noun)))
        atom.event_seq = self.seq
