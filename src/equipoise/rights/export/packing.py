"""A person's export as one archive: the same state gives the same bytes."""

import csv
import io
import zipfile
from typing import Any

import msgspec

from equipoise.rights.export.activity import outbox
from equipoise.rights.export.columns import TABLES
from equipoise.rights.export.describing import descriptor
from equipoise.rights.export.page import WORDS, page
from equipoise.rights.export.rows import rows_of
from equipoise.rights.export.taking import Row, Sentence, Taking
from equipoise.rights.leaving.tables import named

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the archive: a zip knows none that is earlier."""

LEVEL = 6


def pack(taking: Taking, sentence: Sentence, consents: dict[str, Any]) -> bytes:
    """The archive (zip) with all that is in the taking, and `consents`, the consent records in JSON-LD."""
    return write_zip(files_of(taking, sentence, consents))


def files_of(taking: Taking, sentence: Sentence, consents: dict[str, Any]) -> dict[str, bytes]:
    """The files of the archive by their paths, the descriptor first."""
    rows = rows_of(taking, sentence)
    tables = {f"data/{table.name}.csv": write_csv(table.name, rows) for table in TABLES}
    others = {
        f"README.{language}.html": page(taking, language, rows, sentence) for language in WORDS
    }
    others |= {
        "jsonld/consents.jsonld": _json(consents),
        "activity/outbox.json": _json(outbox(taking)),
        "state.json": _json(named(taking.state)),
    }
    for receipt in taking.receipts:
        if receipt.bundle:
            others[f"receipts/{receipt.name}.json"] = receipt.bundle
            others[f"receipts/{receipt.name}.tlog-proof"] = receipt.proof.encode()
        else:
            others[f"receipts/{receipt.name}.json"] = _json(receipt.body)
    if taking.checker:
        others["verify.py"] = taking.checker.encode()
    if taking.vkey:
        others["vkey"] = f"{taking.vkey}\n".encode()
    head = {"datapackage.json": _json(descriptor(taking, tables, others))}
    return head | tables | dict(sorted(others.items()))


def write_csv(name: str, rows: dict[str, list[Row]]) -> bytes:
    """One table as CSV (RFC 4180) in UTF-8: truth as true and false, None as an empty cell."""
    table = next(table for table in TABLES if table.name == name)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in table.columns])
    truths = [at for at, column in enumerate(table.columns) if column.kind == "boolean"]
    if not truths:
        writer.writerows(rows[name])
        return out.getvalue().encode("utf-8", "replace")
    for row in rows[name]:
        cells = list(row)
        for at in truths:
            cells[at] = "true" if cells[at] else "false"
        writer.writerow(cells)
    return out.getvalue().encode("utf-8", "replace")


def write_zip(files: dict[str, bytes]) -> bytes:
    """A zip of these files in this order, without the time and the machine of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for path, blob in files.items():
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, blob)
    return out.getvalue()


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"
