"""An intake in a list: rows are handed to the step, and gone when the process is."""

from collections import deque
from collections.abc import Sequence
from itertools import islice

import msgspec

from equipoise.nouns.events import IntakeRow
from equipoise.stores import Unstorable


class MemoryIntake:
    """`ports.Intake` in a list."""

    def __init__(self) -> None:
        self._rows: deque[IntakeRow] = deque()
        self._last = 0

    def append(self, rows: Sequence[IntakeRow]) -> list[int]:
        """Keep the rows and return their ids; raises `Unstorable` for a body that is not bytes."""
        for row in rows:
            if not isinstance(row.body, bytes):
                raise Unstorable(
                    f"an intake row of kind {row.kind!r} from {row.source.name!r}: needs a body of bytes, "
                    f"got {type(row.body).__name__}; encode it first"
                )
        first = self._last + 1
        self._last += len(rows)
        for id_, row in enumerate(rows, first):
            self._rows.append(msgspec.structs.replace(row, id=id_))
        return list(range(first, self._last + 1))

    def read(self, after: int, most_bytes: int) -> list[IntakeRow]:
        """Rows with an id above `after`, in order, up to `most_bytes` of body, at least one."""
        found: list[IntakeRow] = []
        size = 0
        oldest = self._rows[0].id if self._rows else 0
        for row in islice(self._rows, max(after + 1 - oldest, 0), None):
            size += len(row.body)
            if found and size > most_bytes:
                break
            found.append(row)
        return found

    def last(self) -> int:
        """The id of the newest row ever appended, or 0."""
        return self._last

    def trim(self, upto: int) -> None:
        """Forget rows with an id of at most `upto`."""
        while self._rows and self._rows[0].id <= upto:
            self._rows.popleft()

    def wipe(self, upto: int) -> None:
        """As `trim`: nothing of memory is in a file."""
        self.trim(upto)

    def close(self) -> None:
        """Nothing to release."""
