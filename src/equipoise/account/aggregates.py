"""The receipt of figures that left with noise: to whom, for what, at which cost; not the figures."""

from hashlib import sha256
from typing import Any

import msgspec

from equipoise.account.receipts import VERSION
from equipoise.nouns.aggregates import MICRO, Cell, Release


def answer_digest(cells: tuple[Cell, ...]) -> str:
    """The SHA-256 (hex) of an answer: of its JSON as a list of key, people and value, in order."""
    told = [[cell.key, cell.n, cell.value] for cell in cells]
    return sha256(msgspec.json.encode(told)).hexdigest()


def aggregate_receipt(release: Release, seq: int, at_ms: int) -> dict[str, Any]:
    """The receipt of one answer; it names nobody, and holds no figure but the digest of the noisy ones."""
    question = release.question
    return {
        "v": VERSION,
        "type": "aggregate",
        "id": f"f_{seq}",
        "seq": seq,
        "at_ms": at_ms,
        "recipient": question.recipient,
        "purpose": question.purpose,
        "by": release.by,
        "measure": question.measure,
        "field": question.field,
        "bounds": [repr(question.lower), repr(question.upper), str(question.decimals)],
        "group": question.group,
        "groups": len(question.keys),
        "conditional": question.where is not None,
        "day": question.day,
        "question_sha256": release.key,
        "mechanism": "discrete Laplace",
        "epsilon": f"{question.epsilon / MICRO:.7g}",
        "year": release.year,
        "answer_sha256": answer_digest(release.cells),
    }
