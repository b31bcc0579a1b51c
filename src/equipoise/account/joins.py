"""Receipts of joins: a hypothesis that was confirmed, and a join that was taken apart."""

from typing import Any

from equipoise.account.receipts import VERSION
from equipoise.nouns.hypotheses import KeptHypothesis


def join_receipt(
    said: KeptHypothesis, did: str, seq: int, whom: tuple[int, int], at_ms: int
) -> dict[str, Any]:
    """The receipt for one of the two sides; `whom` is the person and the atom, `did` `joined` or `parted`.

    It names neither the other side nor a trait of theirs, so that it may stay with one when the other is
    erased: what spoke for the join is in the hypothesis, which goes with either.
    """
    person, atom = whom
    return {
        "v": VERSION,
        "type": "join",
        "id": f"j_{seq}",
        "seq": seq,
        "person": person,
        "atom": atom,
        "at_ms": at_ms,
        "did": did,
        "hypothesis": said.id,
        "score": f"{said.score:.4f}",
        "how": said.how,
        "by": said.by,
    }
