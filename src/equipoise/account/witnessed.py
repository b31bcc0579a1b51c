"""The heads of our own ledger that witnesses put their names to, and which of them is shown."""

from collections.abc import Sequence
from typing import Final, Protocol

from equipoise.account.cosignature import Cosigned, WitnessKey, cosigned_by
from equipoise.account.note import (
    NoteKey,
    encode64,
    open_checkpoint,
    read_checkpoint,
    read_note,
)
from equipoise.account.refusal import LedgerRefused
from equipoise.account.view import TreeView
from equipoise.ports import Clock

SHOWN_S: Final = 60
"""How long a witnessed head is shown although the ledger has grown since, in seconds."""


class Keep(Protocol):
    """Where the newest witnessed head is kept between two runs; losing it costs one round."""

    def read(self) -> str:
        """What was written last, or "" before the first time."""
        ...

    def write(self, text: str) -> None:
        """Keep a head with its lines in place of the former."""
        ...


class Witnessed:
    """Collects cosignatures of the witnesses that the house names, for heads that it signed itself."""

    def __init__(
        self, key: NoteKey, witnesses: Sequence[WitnessKey], keep: Keep, clock: Clock
    ) -> None:
        self._key = key
        self._clock = clock
        self._witnesses = witnesses
        self._keep = keep
        self._text = ""
        self._lines: tuple[Cosigned, ...] = ()
        self._remember(keep.read())

    @property
    def text(self) -> str:
        """The largest head that a witness signed, with every such line; "" before the first."""
        return self._text

    @property
    def lines(self) -> tuple[Cosigned, ...]:
        """The cosignatures under that head."""
        return self._lines

    @property
    def size(self) -> int:
        """How many leaves that head covers; 0 before the first."""
        return read_checkpoint(read_note(self._text).text).size if self._text else 0

    def take(self, text: str, view: TreeView) -> tuple[str, ...]:
        """Add the cosignatures under one of our heads; the names of the witnesses that it now has.

        Raises `LedgerRefused` unless we signed this head, our tree has it, and a witness that the
        house names signed it too. A head older than the one kept changes nothing.
        """
        point = open_checkpoint(text, self._key)
        note = read_note(text)
        fresh = cosigned_by(note, self._witnesses)
        if not fresh:
            told = ", ".join(key.name for key in self._witnesses) or "none"
            raise LedgerRefused(f"no witness that this house names signed it; it names {told}")
        if point.size > view.size or view.root(point.size) != point.root:
            raise LedgerRefused("this head is not one of this ledger's history")
        if point.size < self.size:
            return tuple(line.witness for line in self._lines)
        known = {line.witness: line for line in self._lines} if point.size == self.size else {}
        for line in fresh:
            former = known.get(line.witness)
            if former is None or former.at_s <= line.at_s:
                known[line.witness] = line
        own = next(line for line in note.signatures if line.key_id == self._key.id)
        signed = f"— {own.name} {encode64(own.key_id + own.signature)}\n"
        whole = f"{note.text}\n{signed}" + "".join(line.line for line in known.values())
        self._keep.write(whole)
        self._remember(whole)
        return tuple(known)

    def shown(self, newest: str) -> str:
        """The head to show: the witnessed one where it is the newest or under a minute old.

        `newest` is the ledger's newest head. A witness that stays away holds nothing up: after
        `SHOWN_S` seconds the newest head is shown, with no name but ours under it.
        """
        if not self._text or not newest:
            return newest
        if read_checkpoint(read_note(newest).text).size == self.size:
            return self._text
        age_s = self._clock.now_ms() / 1000 - max(line.at_s for line in self._lines)
        return self._text if age_s <= SHOWN_S else newest

    def _remember(self, text: str) -> None:
        """Take a head as our own note; what is damaged, or bears no witness any more, is forgotten."""
        try:
            lines = cosigned_by(read_note(text), self._witnesses) if text else ()
            open_checkpoint(text, self._key) if text else None
        except LedgerRefused:
            lines = ()
        self._text, self._lines = (text, lines) if lines else ("", ())
