"""A company takes everything along: open tables, the ledger's files, plays, settings, sealed secrets."""

import io
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import chain
from os import urandom
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.account.tiles import TilePlace, tile_path
from equipoise.account.tree import TILE_HEIGHT, TILE_WIDTH
from equipoise.compose.library import keyring_of, keyring_path
from equipoise.compose.parquet import write_table
from equipoise.compose.tombstones import lines_of
from equipoise.nouns.changes import Position
from equipoise.ports import Intake, Store
from equipoise.rights.leaving.reading import tables_of
from equipoise.rights.leaving.tables import PARTS, Part
from equipoise.settings import SETTINGS, Settings
from equipoise.stores import open_store
from equipoise.stores.keyring import Keyring
from equipoise.stores.sqlite import backup, intake_path
from equipoise.stores.sqlite.sealing import Sealer

FORMAT = "equipoise-house"
"""The name of the package that an import takes."""

VERSION = 1
"""The version of its layout."""

SECRETS = ("seed", "smtp.url", "webhook.url", "webhook.secret")
"""Settings that travel sealed, beside the key material."""

PLACES = ("store", "keys", "plays", "phrases")
"""Settings that name places of the old house, and stay there."""

KIND_TYPES = {"int64": "integer", "string": "string", "binary": "any", "bool": "boolean"}
"""Types of Table Schema for those of Arrow."""


ERASED = "erased.jsonl"
"""The file that tells who was erased, as keyed digests; the key is in `keys.sealed`."""


class Secrets(msgspec.Struct, frozen=True):
    """What `keys.sealed` holds."""

    keyring: Keyring
    settings: dict[str, Any] = {}


class House(msgspec.Struct, frozen=True):
    """What is taken along of a house beside its store; `erased` are the lines that tell who was erased."""

    settings: Settings
    keyring: Keyring
    erased: tuple[bytes, ...] = ()


def leave_with(settings: Settings, path: Path, folder: Path, secret: bytes | str) -> dict[str, int]:
    """Write the house at `path` into `folder` as of one moment, while it may be in use; rows by table.

    `secret` seals the key material. Raises `StoreError`, `KeyringError` or `NoParquet`.
    """
    keyring = keyring_of(settings.text("store"), settings)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".leaving-") as scratch:
        # A sealed copy of one moment, opened again: what is written meanwhile is not in it.
        key, place = urandom(32), Path(scratch)
        backup.backup(path, intake_path(path), place / "copy", key)
        manifest = backup.restore(place / "copy", place / "open", key)
        store, intake = open_store(f"sqlite:{place / 'open' / manifest.store}", "reader")
        try:
            # Read last: whoever was erased meanwhile is still in the copy, and goes from it again.
            erased = tuple(lines_of(erased_path(settings, path)))
            return write_house(store, intake, House(settings, keyring, erased), folder, secret)
        finally:
            store.close()
            intake.close()


def erased_path(settings: Settings, path: Path) -> Path:
    """Where the house with its store at `path` keeps who was erased: beside its key file."""
    keys = keyring_path(settings.text("store"), settings) or path.with_suffix(".keys")
    return keys.with_suffix(".erased")


def write_house(
    store: Store, intake: Intake, house: House, folder: Path, secret: bytes | str
) -> dict[str, int]:
    """Write all of a store that nobody else writes meanwhile into `folder`; rows by table."""
    tables = folder / "tables"
    tables.mkdir(parents=True, exist_ok=True)
    source = tables_of(store, intake)
    rows = {
        part.name: write_table(tables / f"{part.name}.parquet", part, source[part.name])
        for part in PARTS
    }
    files = chain(
        _ledger(store, house),
        _plays(store).items(),
        [
            ("equipoise.toml", _settings(house.settings)),
            ("keys.sealed", _sealed(house, secret)),
            (ERASED, b"".join(line + b"\n" for line in house.erased)),
        ],
    )
    names = []
    for name, blob in files:
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(blob)
        names.append(name)
    told = descriptor(folder, rows, store.position(), sorted(names))
    (folder / "datapackage.json").write_bytes(msgspec.json.format(msgspec.json.encode(told)))
    return rows


def descriptor(
    folder: Path, rows: Mapping[str, int], position: Position, files: list[str]
) -> dict[str, Any]:
    """The Data Package (version 2) of a whole export: each file with its size and SHA-256."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": FORMAT,
        "title": "Everything that one Equipoise house keeps",
        "version": str(VERSION),
        "position": {"seq": position.seq, "leaves": position.leaves},
        "resources": [_resource(folder, part, rows[part.name]) for part in PARTS],
        "files": [file_digest(folder, name) for name in files],
    }


def _resource(folder: Path, part: Part, rows: int) -> dict[str, Any]:
    return {
        "name": part.name.replace("_", "-"),
        "description": part.text,
        **file_digest(folder, f"tables/{part.name}.parquet"),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "rows": rows,
        "schema": {
            "fields": [
                {"name": name, "type": KIND_TYPES[kind], "description": text}
                for name, kind, text in part.columns
            ]
        },
    }


def file_digest(folder: Path, name: str) -> dict[str, Any]:
    """A file of the folder by its path, its size in bytes and its SHA-256."""
    digest = sha256()
    with (folder / name).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
        size = file.tell()
    return {"path": name, "bytes": size, "hash": f"sha256:{digest.hexdigest()}"}


def _ledger(store: Store, house: House) -> Iterator[tuple[str, bytes]]:
    """The ledger as it is published: signed head, key, bundles of leaves, and tiles."""
    key = NoteSigner(house.settings.text("origin"), house.keyring.ledger).key
    publisher = Publisher(store, key)
    yield "ledger/checkpoint", publisher.newest().encode()
    yield "ledger/vkey", key.vkey.encode()
    for place in ledger_places(store.position().leaves):
        path = tile_path(place)
        yield f"ledger/{path}", publisher.file(path) or b""


def ledger_places(leaves: int) -> Iterator[TilePlace]:
    """Every tile and bundle of a ledger with so many leaves."""
    for level in (None, *range(8)):
        width = leaves >> (TILE_HEIGHT * (level or 0))
        for index in range(width // TILE_WIDTH):
            yield TilePlace(level, index)
        if width % TILE_WIDTH:
            yield TilePlace(level, width // TILE_WIDTH, width % TILE_WIDTH)


def _plays(store: Store) -> dict[str, bytes]:
    """The newest text of every play, as a folder of plays holds it."""
    return {f"plays/{row.name}.yaml": row.text.encode() for row in store.plays()}


def _settings(settings: Settings) -> bytes:
    """The settings that differ from their defaults, without secrets and without places."""
    return settings_text(
        {
            one.name: settings.values[one.name]
            for one in SETTINGS
            if one.name not in SECRETS + PLACES and settings.values[one.name] != one.default
        }
    ).encode()


def settings_text(values: Mapping[str, Any]) -> str:
    """Settings as a TOML file: a text, a number or a truth reads in TOML as it does in JSON."""
    lines = [f"{name} = {msgspec.json.encode(value).decode()}\n" for name, value in values.items()]
    return "".join(lines)


def _sealed(house: House, secret: bytes | str) -> bytes:
    values = house.settings.values
    hidden = {name: values[name] for name in SECRETS if values[name]}
    out = io.BytesIO()
    sealer = Sealer(out, secret)
    sealer.write(msgspec.json.encode(Secrets(house.keyring, hidden)))
    sealer.close()
    return out.getvalue()
