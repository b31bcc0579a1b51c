"""Backup while the engine runs, into one sealed file, and restoring it into an empty place."""

import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Literal, cast

import apsw
import msgspec
import zstandard

from equipoise.stores import StoreError
from equipoise.stores.sqlite.files import check_sqlite
from equipoise.stores.sqlite.schema import INTAKE, STORE, Layout
from equipoise.stores.sqlite.scrubbing import scrub
from equipoise.stores.sqlite.sealing import Sealer, Unsealer

Progress = Callable[[int, int], None]
"""Told how many pages of how many are copied; pages are 4,096 bytes."""

STEP_PAGES = 4096
ATTEMPTS = 20


class BackupError(StoreError):
    """The backup could not be made or restored; nothing was overwritten."""


class Manifest(msgspec.Struct, frozen=True):
    """What is in a backup: the names of the two files, and where the engine stood.

    Rows of the intake above `cursor`, up to `last`, were acknowledged and not yet walked.
    """

    store: str
    intake: str
    cursor: int
    seq: int
    leaves: int
    last: int
    format: Literal[1] = 1


def backup(
    store: Path, intake: Path, target: Path, secret: bytes | str, progress: Progress | None = None
) -> Manifest:
    """Copy both files as of one moment into `target`, sealed; the engine goes on writing meanwhile.

    `secret` is a key (32 bytes or more) or a passphrase. Room for a copy of both files is needed
    beside `target`. Raises `BackupError` where `target` exists or a file cannot be read.
    """
    check_sqlite(apsw.sqlite_lib_version())
    if target.exists():
        raise BackupError(
            f"{target}: exists already, and a backup is never overwritten; name another"
        )
    with _scratch(target.parent) as scratch:
        manifest = _copy_both(store, intake, scratch, progress)
        draft = scratch / "sealed"
        with draft.open("wb") as file:
            sealer = Sealer(file, secret)
            _pack(cast("IO[bytes]", sealer), scratch, manifest)
            sealer.close()
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    return manifest


def _copy_both(store: Path, intake: Path, scratch: Path, progress: Progress | None) -> Manifest:
    for path in (store, intake):
        if not path.exists():
            raise BackupError(f"{path}: there is no such file to back up")
    try:
        with _reader(store) as first, _reader(intake) as second:
            for _ in range(ATTEMPTS):
                # Both connections hold what they saw until they are done. The store comes first, so
                # that the intake holds every row after its cursor, unless rows were trimmed between
                # the two looks; then they look again.
                manifest = _look(first, second, (store.name, intake.name))
                if manifest is not None:
                    _copy(first, scratch / store.name, progress)
                    _copy(second, scratch / intake.name, progress)
                    return manifest
            raise BackupError(
                f"{intake}: rows are trimmed faster than they can be copied; raise intake.keep_rows"
            )
    except apsw.Error as error:
        raise BackupError(f"{store}: cannot be copied: {error}") from error


@contextmanager
def _reader(path: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(10_000)
    try:
        yield connection
    finally:
        connection.close()


def _look(
    first: apsw.Connection, second: apsw.Connection, names: tuple[str, str]
) -> Manifest | None:
    """Begin a read of both files; None where the intake lacks rows after the store's cursor."""
    for connection in (first, second):
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    first.execute("BEGIN")
    cursor, seq, leaves = _row(first, "SELECT cursor, seq, leaves FROM position")
    second.execute("BEGIN")
    upto, newest = _row(second, "SELECT upto, ifnull((SELECT max(id) FROM row), 0) FROM trimmed")
    last = max(upto, newest)
    whole = upto <= cursor <= last
    return Manifest(names[0], names[1], cursor, seq, leaves, last) if whole else None


def _row(connection: apsw.Connection, query: str) -> tuple[int, ...]:
    row: tuple[int, ...] = connection.execute(query).fetchall()[0]  # type: ignore[assignment]
    return row


def _copy(source: apsw.Connection, target: Path, progress: Progress | None) -> None:
    copy = apsw.Connection(str(target))
    try:
        copy.pragma("synchronous", "OFF")
        with copy.backup("main", source, "main") as steps:
            while not steps.done:
                steps.step(STEP_PAGES)
                if progress is not None:
                    progress(steps.page_count - steps.remaining, steps.page_count)
    finally:
        copy.close()


def _pack(sealer: IO[bytes], scratch: Path, manifest: Manifest) -> None:
    """The manifest and both files, as tar, through zstd: parts that others can read as well."""
    packer = zstandard.ZstdCompressor(level=3).stream_writer(sealer, closefd=False)
    with packer, tarfile.open(mode="w|", fileobj=packer) as tar:
        text = msgspec.json.encode(manifest)
        head = tarfile.TarInfo("manifest.json")
        head.size = len(text)
        tar.addfile(head, io.BytesIO(text))
        for name in (manifest.store, manifest.intake):
            tar.add(scratch / name, arcname=name, filter=_nameless)


def _nameless(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def restore(source: Path, folder: Path, secret: bytes | str) -> Manifest:
    """Put the two files of a backup into `folder`, after every frame, page and number was checked.

    Raises `BackupError` where one of them is there already, where the secret is not the one that
    sealed the file, or where anything is missing or changed; then `folder` is as it was.
    """
    check_sqlite(apsw.sqlite_lib_version())
    folder.mkdir(parents=True, exist_ok=True)
    with _scratch(folder) as scratch:
        try:
            with source.open("rb") as file:
                manifest = _unpack(Unsealer(file, secret), scratch)
        except (tarfile.TarError, zstandard.ZstdError, msgspec.DecodeError, OSError) as error:
            raise BackupError(f"{source}: cannot be restored: {error}") from error
        _check_both(source, scratch, manifest)
        for name in (manifest.store, manifest.intake):
            scrub(scratch / name)
        names = (manifest.store, manifest.intake)
        for name in names:
            for end in ("", "-wal", "-shm", "-journal"):
                if (folder / f"{name}{end}").exists():
                    raise BackupError(
                        f"{folder / name}{end}: exists already, and is never overwritten; "
                        f"restore into an empty folder"
                    )
        for name in names:
            (scratch / name).rename(folder / name)
    return manifest


def _check_both(source: Path, scratch: Path, manifest: Manifest) -> None:
    names = (manifest.store, manifest.intake)
    for name, layout in zip(names, (STORE, INTAKE), strict=True):
        _check(source, scratch / name, layout)
    with _reader(scratch / names[0]) as first, _reader(scratch / names[1]) as second:
        found = _look(first, second, names)
    if found != manifest:
        raise BackupError(f"{source}: promises {manifest}, but holds {found}")


def _unpack(stream: Unsealer, scratch: Path) -> Manifest:
    unpacker = zstandard.ZstdDecompressor().stream_reader(cast("IO[bytes]", stream))
    with tarfile.open(mode="r|", fileobj=unpacker) as tar:
        manifest = msgspec.json.decode(_member(tar, "manifest.json").read(), type=Manifest)
        for name in (manifest.store, manifest.intake):
            if Path(name).name != name or name.startswith("."):
                raise BackupError(f"the backup holds a file called {name!r}; it was not made by us")
            with (scratch / name).open("wb") as out:
                shutil.copyfileobj(_member(tar, name), out, 1 << 20)
                out.flush()
                os.fsync(out.fileno())
    while unpacker.read(1 << 20):
        pass
    # Only the last frame says that nothing was cut off.
    while stream.read(1 << 20):
        pass
    return manifest


def _member(tar: tarfile.TarFile, name: str) -> io.BufferedIOBase:
    member = tar.next()
    if member is None or member.name != name or (data := tar.extractfile(member)) is None:
        raise BackupError(f"the backup lacks {name}; it was not made by this release")
    return data  # type: ignore[return-value]


def _check(source: Path, path: Path, layout: Layout) -> None:
    try:
        with _reader(path) as connection:
            kind = connection.pragma("application_id")
            faults = connection.pragma("integrity_check")
    except apsw.Error as error:
        raise BackupError(f"{source}: {path.name} is damaged: {error}") from error
    if kind != layout.application_id or faults != "ok":
        raise BackupError(f"{source}: {path.name} is no sound {layout.kind}: {faults}")


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """A folder that only its owner can read, on the volume of the result, and gone afterwards."""
    scratch = Path(mkdtemp(prefix=".equipoise-", dir=folder))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
