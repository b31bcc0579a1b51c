"""Which message ids were taken in before: sorted runs of 64-bit keyed hashes, kept at least a day."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HASH_BYTES = 8
"""Bytes of one hash: that any two of ten million ids share one has a chance of 1 in 370,000."""

SPAN_MS = 3 * 3_600_000
"""Runs are merged only while they span at most this long, in ms, so that old ones can be dropped."""


class _Run(NamedTuple):
    """Sorted hashes; times of the oldest and newest commit in it, None before a commit was told."""

    hashes: "NDArray[np.uint64]"
    oldest_ms: int | None
    newest_ms: int | None


class Seen:
    """The message ids of the last day or so. `key` (1 to 64 bytes) keys the hashes.

    `runs` are hashes remembered before, 8 bytes each, in any order; their age is counted from the
    first commit that follows.
    """

    def __init__(self, key: bytes, runs: Iterable[bytes] = ()) -> None:
        import numpy as np

        self._key = key
        self._runs: list[_Run] = []
        former = np.unique(np.frombuffer(b"".join(runs), "<u8"))
        if len(former):
            self._runs.append(_Run(former, None, None))

    def __len__(self) -> int:
        return sum(len(run.hashes) for run in self._runs)

    def sift(self, ids: Sequence[str]) -> tuple[list[bool], bytes]:
        """Which of the ids are fresh, also within `ids`, and the hashes of the fresh ones in order.

        Nothing is remembered: a step that fails and is walked again finds the same ids fresh.
        """
        import numpy as np

        if not ids:
            return [], b""
        key = self._key
        digests = [
            blake2b(id_.encode("utf-8", "replace"), digest_size=HASH_BYTES, key=key).digest()
            for id_ in ids
        ]
        hashes = np.frombuffer(b"".join(digests), "<u8")
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        fresh = np.ones(len(ordered), bool)
        fresh[1:] = ordered[1:] != ordered[:-1]
        for run in self._runs:
            places = np.searchsorted(run.hashes, ordered)
            places[places == len(run.hashes)] = 0
            fresh &= run.hashes[places] != ordered
        flags = np.empty(len(ordered), bool)
        flags[order] = fresh
        return flags.tolist(), hashes[flags].tobytes()

    def remember(self, hashes: bytes, now_ms: int) -> None:
        """Keep the hashes that `sift` gave, after the commit at `now_ms`."""
        import numpy as np

        self._runs = [
            _Run(run.hashes, now_ms, now_ms) if run.newest_ms is None else run for run in self._runs
        ]
        if not hashes:
            return
        self._runs.append(_Run(np.sort(np.frombuffer(hashes, "<u8")), now_ms, now_ms))
        while len(self._runs) > 1 and _belong_together(self._runs[-2], self._runs[-1]):
            self._runs.append(_merged(self._runs.pop(), self._runs.pop()))

    def expire(self, before_ms: int) -> None:
        """Forget runs whose newest commit lies before `before_ms`; what is newer always stays."""
        self._runs = [
            run for run in self._runs if run.newest_ms is None or run.newest_ms >= before_ms
        ]


def _belong_together(older: _Run, newer: _Run) -> bool:
    """Merging only runs of like size moves each hash a logarithmic number of times."""
    span_ms = (newer.newest_ms or 0) - (older.oldest_ms or 0)
    return len(older.hashes) <= 2 * len(newer.hashes) and span_ms <= SPAN_MS


def _merged(newer: _Run, older: _Run) -> _Run:
    import numpy as np

    # The stable sort sees two ascending runs and merges them in linear time.
    hashes = np.sort(np.concatenate((older.hashes, newer.hashes)), kind="stable")
    return _Run(hashes, older.oldest_ms, newer.newest_ms)
