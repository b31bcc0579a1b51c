"""A whole export is taken into an empty house: checked file by file, or not at all."""

import io
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from equipoise.account.commitment import check_opening
from equipoise.account.note import NoteSigner, open_checkpoint
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import tile_path, unpack_entries
from equipoise.account.tree import Frontier, append, leaf_hash
from equipoise.compose.leaving import ERASED, FORMAT, VERSION, Secrets, file_digest, ledger_places
from equipoise.compose.parquet import read_table
from equipoise.compose.tombstones import Stone, add_lines, lines_of
from equipoise.nouns.changes import Changes
from equipoise.ports import Intake, Store, StoreError
from equipoise.rights.leaving.tables import BY_NAME, PARTS, Row
from equipoise.rights.leaving.writing import changes_of, intake_rows
from equipoise.stores import open_store
from equipoise.stores.keyring import Keyring, read_keyring, write_keyring
from equipoise.stores.sqlite import intake_path
from equipoise.stores.sqlite.sealing import Unsealer

ENDS = ("", "-wal", "-shm", "-journal", ".lock")
"""The files that an empty store may have left beside it."""


class CannotSettle(StoreError):
    """An export cannot be taken in; nothing was written."""


class _Position(msgspec.Struct, frozen=True):
    seq: int
    leaves: int


class _Entry(msgspec.Struct, frozen=True):
    path: str
    bytes: int
    hash: str
    rows: int = 0


class Manifest(msgspec.Struct, frozen=True):
    """As much of `datapackage.json` as an import needs: where the log stood, and every file."""

    name: str
    version: str
    position: _Position
    resources: tuple[_Entry, ...]
    files: tuple[_Entry, ...]

    @property
    def rows(self) -> dict[str, int]:
        """How many rows each table has, by its name."""
        return {Path(entry.path).stem: entry.rows for entry in self.resources}


class Settled(msgspec.Struct, frozen=True):
    """What was taken in: rows by table, the leaves of the ledger, and the settings that came along."""

    rows: dict[str, int]
    leaves: int
    settings: dict[str, Any]


def is_house(folder: Path) -> bool:
    """True for a folder that a whole export wrote."""
    try:
        return read_manifest(folder).name == FORMAT
    except CannotSettle:
        return False


def read_manifest(folder: Path) -> Manifest:
    """What the folder promises to hold. Raises `CannotSettle`."""
    file = folder / "datapackage.json"
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as fault:
        raise CannotSettle(f"{folder}: is no whole export ({fault})") from None
    if (found.name, found.version) != (FORMAT, str(VERSION)):
        raise CannotSettle(
            f"{file}: needs {FORMAT} version {VERSION}, got {found.name} {found.version}"
        )
    return found


def settle(folder: Path, path: Path, keys: Path, secret: bytes | str, now_ms: int) -> Settled:
    """Take the export in `folder` into a store at `path`, which must be empty or missing, with its key file.

    A key file that is there already has signed nothing; it is kept beside, as NAME.keys.before.

    Raises `CannotSettle` where it is not, or where a file is missing or was altered, `SealError` where the
    secret is not the one that sealed the keys, and `LedgerRefused` where the ledger does not hold.
    """
    need_empty(path)
    manifest = check_files(folder)
    secrets = open_secrets(folder, secret)
    erased = _erased(folder, manifest)
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".settling-") as scratch:
        draft = Path(scratch) / path.name
        store, intake = open_store(f"sqlite:{draft}")
        try:
            leaves = fill(store, intake, folder, secrets, now_ms)
        finally:
            store.close()
            intake.close()
        for place in (path, intake_path(path)):
            for end in ENDS:
                place.with_name(f"{place.name}{end}").unlink(missing_ok=True)
        # The store comes last: without it there is no house, and the import can be run again.
        intake_path(draft).rename(intake_path(path))
        _furnish_keys(keys, secrets.keyring, erased)
        draft.rename(path)
    plain = tomllib.loads((folder / "equipoise.toml").read_text("utf-8"))
    return Settled(manifest.rows, leaves, _flat(plain) | secrets.settings)


def _erased(folder: Path, manifest: Manifest) -> list[bytes]:
    """Who was erased, as the export tells; one of an older release tells nothing."""
    if ERASED not in {entry.path for entry in manifest.files}:
        return []
    lines = lines_of(folder / ERASED)
    try:
        for line in lines:
            msgspec.json.decode(line, type=Stone)
    except msgspec.DecodeError as fault:
        raise CannotSettle(f"{folder / ERASED}: does not tell who was erased ({fault})") from None
    return lines


def _furnish_keys(keys: Path, keyring: Keyring, erased: Sequence[bytes]) -> None:
    """Put the key file in place, and beside it who was erased.

    What was told there under the same key stays: an older export brings nobody back who was erased since.
    """
    there = keys.with_suffix(".erased")
    if keys.exists():
        if there.exists() and read_keyring(keys).digests != keyring.digests:
            there.rename(there.with_name(f"{there.name}.before"))
        keys.rename(keys.with_name(f"{keys.name}.before"))
    add_lines(there, erased)
    write_keyring(keys, keyring)


def need_empty(path: Path) -> None:
    """Raise `CannotSettle` where the store at `path` holds anything; a missing one is empty."""
    if not path.exists():
        return
    store, intake = open_store(f"sqlite:{path}", "reader")
    try:
        if store.position().seq or store.position().leaves or intake.last():
            raise CannotSettle(
                f"{path}: is not empty, and nothing is ever mixed with what is there. "
                "Name a store that does not exist yet: --store new.db"
            )
    finally:
        store.close()
        intake.close()


def check_files(folder: Path) -> Manifest:
    """Compare every file with the size and digest that it was written with. Raises `CannotSettle`."""
    manifest = read_manifest(folder)
    needed = {f"tables/{part.name}.parquet" for part in PARTS}
    missing = needed - {entry.path for entry in manifest.resources}
    if missing:
        raise CannotSettle(f"{folder}: lacks {', '.join(sorted(missing))}")
    for entry in manifest.resources + manifest.files:
        parts = PurePosixPath(entry.path)
        if parts.is_absolute() or ".." in parts.parts:
            raise CannotSettle(f"{folder}: names a file outside of it, {entry.path!r}")
        try:
            found = file_digest(folder, entry.path)
        except OSError as fault:
            raise CannotSettle(f"{folder / entry.path}: cannot be read ({fault})") from None
        if (found["bytes"], found["hash"]) != (entry.bytes, entry.hash):
            raise CannotSettle(f"{folder / entry.path}: was changed since it was written")
    return manifest


def open_secrets(folder: Path, secret: bytes | str) -> Secrets:
    """The key material and the settings that travelled sealed. Raises `SealError`."""
    stream = Unsealer(io.BytesIO((folder / "keys.sealed").read_bytes()), secret)
    blob = b""
    while block := stream.read(1 << 16):
        blob += block
    return msgspec.json.decode(blob, type=Secrets)


def fill(store: Store, intake: Intake, folder: Path, secrets: Secrets, now_ms: int) -> int:
    """Write a whole export into an empty store, its ledger first; how many leaves there are.

    Every receipt must open its leaf, and the leaves must lead to the signed head. Raises `LedgerRefused`.
    """
    position = read_manifest(folder).position
    frontier = _grow(store, folder, position.leaves)
    checkpoint = (folder / "ledger/checkpoint").read_text("utf-8")
    if checkpoint:
        origin = checkpoint.partition("\n")[0]
        point = open_checkpoint(checkpoint, NoteSigner(origin, secrets.keyring.ledger).key)
        if (point.size, point.root) != (frontier.size, frontier.root()):
            raise LedgerRefused("the leaves of the export do not lead to its signed head")
    for part in PARTS:
        for rows in read_table(folder / f"tables/{part.name}.parquet", part):
            if part.name == "receipts":
                _check_receipts(store, rows)
            if part.name == "intake":
                intake.append(intake_rows(rows))
            else:
                store.commit(changes_of(part.name, rows, now_ms))
    edge = frontier.encode() if frontier.size else b""
    store.commit(
        Changes(cursor=0, seq=position.seq, now_ms=now_ms, frontier=edge, checkpoint=checkpoint)
    )
    return frontier.size


def _grow(store: Store, folder: Path, size: int) -> Frontier:
    """The ledger grown again from its leaves, with its tiles; the frontier where it ends."""
    frontier = Frontier()
    for leaves in _bundles(folder, size):
        frontier, tiles = append(frontier, [leaf_hash(leaf) for leaf in leaves])
        store.commit(Changes(cursor=0, seq=0, leaves=leaves, tiles=tiles))
    return frontier


def _bundles(folder: Path, size: int) -> Iterator[list[bytes]]:
    for place in ledger_places(size):
        if place.level is None:
            yield unpack_entries((folder / "ledger" / tile_path(place)).read_bytes())


def _check_receipts(store: Store, rows: list[Row]) -> None:
    """Raise `LedgerRefused` unless each receipt opens the leaf that it names."""
    names = BY_NAME["receipts"].names
    at, body, salt = names.index("leaf"), names.index("json"), names.index("salt")
    for row in rows:
        leaf = store.leaf(row[at])
        if leaf is None:
            raise LedgerRefused(f"receipt {row[0]} names leaf {row[at]}, which is not there")
        check_opening(leaf, row[body].encode(), row[salt])


def _flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= (
            _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
    return flat
