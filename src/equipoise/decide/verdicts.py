"""How a guard words its answer; `detail` fills the places of the reason's sentence."""

from equipoise.nouns.decisions import Answer, Verdict


def refuse(guard: str, *, reason: str, **detail: str) -> Verdict:
    """The verdict that an option must not be done."""
    return Verdict(Answer.REFUSE, reason=reason, guard=guard, detail=detail)


def hold(guard: str, *, reason: str, until_ms: int, **detail: str) -> Verdict:
    """The verdict that an option has to wait until an instant (ms, UTC)."""
    return Verdict(Answer.HOLD, reason=reason, guard=guard, until_ms=until_ms, detail=detail)


def review(guard: str, *, reason: str, **detail: str) -> Verdict:
    """The verdict that a human decides, after the draw."""
    return Verdict(Answer.REVIEW, reason=reason, guard=guard, detail=detail)
