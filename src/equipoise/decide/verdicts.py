"""How a guard words its answer; `detail` fills the places of the reason's sentence."""

from collections.abc import Callable

from equipoise.nouns.decisions import Answer, Verdict
from equipoise.ports import Guard


def looks_at(*fields: str) -> Callable[[Guard], Guard]:
    """Say which fields of the option a guard's answer depends on, beside person, play and moment.

    Options that are alike in these fields are then asked about once. `is_contact` depends on `do` and
    `channel`. A guard that says nothing is asked about every option.
    """

    def mark(guard: Guard) -> Guard:
        guard.looks_at = fields  # type: ignore[attr-defined]
        return guard

    return mark


def refuse(guard: str, *, reason: str, **detail: str) -> Verdict:
    """The verdict that an option must not be done."""
    return Verdict(Answer.REFUSE, reason=reason, guard=guard, detail=detail)


def hold(guard: str, *, reason: str, until_ms: int, **detail: str) -> Verdict:
    """The verdict that an option has to wait until an instant (ms, UTC)."""
    return Verdict(Answer.HOLD, reason=reason, guard=guard, until_ms=until_ms, detail=detail)


def review(guard: str, *, reason: str, **detail: str) -> Verdict:
    """The verdict that a human decides, after the draw."""
    return Verdict(Answer.REVIEW, reason=reason, guard=guard, detail=detail)
