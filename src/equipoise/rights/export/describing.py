"""The descriptor of a person's export: a Data Package (version 2) that says what every column means."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from equipoise.rights.export.columns import TABLES, Column, Table
from equipoise.rights.export.taking import Taking, iso

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
"""What the descriptor conforms to."""

TABLE_PROFILE = "https://datapackage.org/profiles/2.0/tableschema.json"
"""What the schema of each table conforms to."""


def descriptor(
    taking: Taking, tables: Mapping[str, bytes], others: Mapping[str, bytes]
) -> dict[str, Any]:
    """The content of `datapackage.json`; `tables` maps paths to CSV files, `others` to all other files."""
    return {
        "$schema": PROFILE,
        "name": "equipoise-person",
        "title": f"Everything that {taking.company} keeps about {taking.person}",
        "created": iso(taking.as_of_ms) or "1970-01-01T00:00:00Z",
        "contributors": [{"title": taking.company, "roles": ["publisher"]}],
        "sources": [{"title": f"{taking.company}, ledger {taking.origin}"}],
        "resources": [_resource(table, tables[f"data/{table.name}.csv"]) for table in TABLES],
        "files": [digest(path, others[path]) for path in sorted(others)],
    }


def digest(path: str, blob: bytes) -> dict[str, Any]:
    """A file by its path, its size in bytes and its SHA-256."""
    return {"path": path, "bytes": len(blob), "hash": f"sha256:{sha256(blob).hexdigest()}"}


def _resource(table: Table, blob: bytes) -> dict[str, Any]:
    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.text,
        **digest(f"data/{table.name}.csv", blob),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "$schema": TABLE_PROFILE,
            "fields": [_field(column, table.key) for column in table.columns],
            "primaryKey": list(table.key),
        },
    }


def _field(column: Column, key: Sequence[str]) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": column.kind,
        "title": column.title,
        "description": column.text,
        "provenance": column.provenance,
        "purpose": column.purpose,
        "art20": column.art20,
    }
    if column.rdf:
        field["rdfType"] = column.rdf
    if column.name in key:
        field["constraints"] = {"required": True}
    return field
