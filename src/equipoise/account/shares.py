"""Receipts of shares: each read, granted or refused, and a person's no to a recipient."""

from collections.abc import Mapping
from typing import Any

import msgspec

from equipoise.account.receipts import VERSION, input_text
from equipoise.nouns.shares import Band, Count, Duties, Question, Share, ShareRead, StopSharing


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a read gave: values of fields by name, or answers by the names of their questions.

    `provenance` says of each field how it came to be known, `basis` on what legal ground it was given.
    """

    fields: Mapping[str, Any] = {}
    answers: Mapping[str, Any] = {}
    provenance: Mapping[str, str] = {}
    basis: Mapping[str, str] = {}


def share_receipt(
    read: ShareRead, share: Share, given: Given, person: int, stated: str
) -> dict[str, Any]:
    """The receipt of one read; `stated` is the purpose that the partner stated.

    For nobody the person and the atom are 0. It holds what was said, so that the person may see it.
    """
    receipt: dict[str, Any] = {
        "v": VERSION,
        "type": "share",
        "id": read.receipt,
        "seq": read.seq,
        "person": person,
        "atom": read.atom,
        "at_ms": read.at_ms,
        "share": share.id,
        "recipient": share.recipient,
        "purpose": share.purpose,
        "mode": share.mode,
        "outcome": read.outcome,
        "reason": read.reason,
        "asked": list(read.asked),
        "duties": duties_of(share.duties),
        "volume": len(given.fields) + len(given.answers),
        "basis": dict(given.basis),
    }
    if stated != share.purpose:
        receipt["stated"] = stated
    questions = {one.name: asks(one) for one in share.questions if one.name in read.asked}
    if questions:
        receipt["questions"] = questions
    if given.answers:
        receipt["answer"] = {name: said(value) for name, value in given.answers.items()}
    if given.fields:
        receipt["fields"] = {name: input_text(value) for name, value in given.fields.items()}
        receipt["provenance"] = dict(given.provenance)
    return receipt


def stop_receipt(said: StopSharing, seq: int, person: int, atom: int, at_ms: int) -> dict[str, Any]:
    """The receipt of a person's no to a recipient (`*`: to all), or of the no that they took back."""
    return {
        "v": VERSION,
        "type": "share_stop",
        "id": f"v_{seq}",
        "seq": seq,
        "person": person,
        "atom": atom,
        "at_ms": at_ms,
        "recipient": said.recipient,
        "outcome": "lifted" if said.lift else "stopped",
    }


def duties_of(duties: Duties) -> dict[str, Any]:
    """What a partner owes, as it stands in receipts and replies; what is not set is left out."""
    told: dict[str, Any] = {"no_onward": duties.no_onward, "no_profiling": duties.no_profiling}
    if duties.delete_days:
        told["delete_days"] = duties.delete_days
    if duties.delete_by:
        told["delete_by"] = duties.delete_by
    return told


def asks(question: Question) -> str:
    """A question as text, as it was granted.

    >>> asks(Band(name="age", field="traits.age", edges=(18.0, 65.5)))
    'band traits.age 18 65.5'
    """
    if isinstance(question, Band):
        return f"band {question.field} {' '.join(f'{edge:g}' for edge in question.edges)}"
    if isinstance(question, Count):
        return f"count {question.at_least} {question.text}"
    return question.text


def said(answer: Any) -> str:
    """An answer as text: yes, no, a band such as `18..40`, or unknown.

    >>> said(True), said({"from": 18, "below": 40.0}), said({"from": 65, "below": None}), said(None)
    ('yes', '18..40', '65..', 'unknown')
    """
    if answer is None:
        return "unknown"
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if "holds" in answer:
        return said(answer["band"]) if answer["holds"] else "no"
    low, high = answer["from"], answer["below"]
    return f"{'' if low is None else f'{low:g}'}..{'' if high is None else f'{high:g}'}"
