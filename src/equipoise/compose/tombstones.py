"""Who was erased, as keyed digests in a file beside the key file, so that no backup brings them back.

One line for each erasure: its time, and a digest of each handle under a key that is in the key file alone.
The file is not in a backup of the store, and outlives one that is restored.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from equipoise.nouns.changes import Changes
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.state import PersonState
from equipoise.ports import Store
from equipoise.rights.erasing import tombstone
from equipoise.runners.forgetting import forget

CHUNK = 5_000

_event = msgspec.msgpack.Decoder(Event).decode
_state = msgspec.msgpack.Decoder(PersonState).decode
_encode = msgspec.msgpack.Encoder().encode


class Stone(msgspec.Struct, frozen=True):
    """One erasure: when (ms), and the digests of the handles in hex."""

    at_ms: int
    handles: list[str]


_stone = msgspec.json.Decoder(Stone).decode


class Tombstones:
    """The file of those who were erased; `key` is the key of the digests."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key
        self._erased_ms = last_erased(self.stones())
        self._newest_ms = max(self._erased_ms.values(), default=0)

    def entomb(self, handles: Sequence[Handle], at_ms: int) -> None:
        """Keep the digests of these handles; on disk when this returns. Raises `OSError`."""
        digests = sorted(tombstone(handle, self._key).hex() for handle in set(handles))
        line = msgspec.json.encode(Stone(at_ms, digests)) + b"\n"
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(self._path, flags, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._erased_ms |= dict.fromkeys(digests, at_ms)
        self._newest_ms = max(self._newest_ms, at_ms)

    def gone(self, handles: Sequence[Handle], at_ms: int) -> frozenset[Handle]:
        """Those of these handles that were erased after `at_ms`: what came then must not come again."""
        if at_ms >= self._newest_ms:
            return frozenset()
        return frozenset(handle for handle in handles if at_ms < self._when(handle))

    def _when(self, handle: Handle) -> int:
        """When this handle was last erased (ms); -1 for never."""
        return self._erased_ms.get(tombstone(handle, self._key).hex(), -1)

    def stones(self) -> list[Stone]:
        """Every erasure, oldest first; a last line that was cut off by a crash is passed over."""
        return [_stone(line) for line in lines_of(self._path)]

    def bury_again(self, store: Store) -> int:
        """Erase whoever a restored backup has brought back; returns how many people that were.

        A store that has seen as many erasures as the file has nobody to lose, and is not looked through.
        Somebody who came anew after their erasure stays. No receipt is written: the first one stands in the
        ledger, or in what was published of it.
        """
        stones = self.stones()
        missing = len(stones) - store.counts().get("erased", 0)
        if missing <= 0:
            return 0
        people = set()
        for handle, atom in _handles(store):
            at_ms = self._when(handle)
            if at_ms >= 0 and _born_ms(store, atom) <= at_ms:
                people |= {found.person for found in store.atoms([atom]).values()}
        for person in sorted(people):
            _bury(store, person)
        stands = store.position()
        counts = {"erased": missing, "people": -len(people)}
        store.commit(Changes(cursor=stands.cursor, seq=stands.seq, counts=counts))
        return len(people)


def lines_of(path: Path) -> list[bytes]:
    """The whole lines of such a file; none where there is no file."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [line for line in lines[:-1] if line]


def add_lines(path: Path, lines: Sequence[bytes]) -> None:
    """Keep what another such file tells, beside what this one told; on disk when this returns.

    The digests of both must be under one key, else those that came tell nobody anything. Raises `OSError`.
    """
    there = lines_of(path)
    told = b"".join(line + b"\n" for line in dict.fromkeys([*there, *lines]))
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(told)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def last_erased(stones: Sequence[Stone]) -> dict[str, int]:
    """By digest (hex), when it was last erased (ms)."""
    found: dict[str, int] = {}
    for stone in stones:
        for digest in stone.handles:
            found[digest] = max(stone.at_ms, found.get(digest, 0))
    return found


def _handles(store: Store) -> Iterator[tuple[Handle, int]]:
    after: Handle | None = None
    while found := store.handles_after(after, CHUNK):
        yield from found
        after = found[-1][0]


def _born_ms(store: Store, atom: int) -> int:
    """When an atom was first seen; 0 where its first record cannot be read any more."""
    row = store.log([atom]).get(atom)
    return _event(row.body).received_ms if row is not None and row.kind == "event" else 0


def _bury(store: Store, person: int) -> None:
    blob = store.states([person]).get(person)
    if blob is None:
        return
    forgotten = forget(
        store,
        _state(blob),
        lambda people: {who: _state(found) for who, found in store.states(people).items()},
    )
    stands = store.position()
    store.commit(
        Changes(
            cursor=stands.cursor,
            seq=stands.seq,
            states={other.person: _encode(other) for other in forgotten.neighbours},
            actions=forgotten.actions,
            rewritten=list(forgotten.rewritten),
            erased=[forgotten.erased],
        )
    )
