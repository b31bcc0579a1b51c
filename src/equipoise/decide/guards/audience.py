"""Whether the person is one of those the play is for."""

from equipoise.decide.verdicts import looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked

_NOT_IN = refuse("audience", reason="not_in_audience")


@looks_at()
def audience(asked: Asked) -> Verdict:
    """Refuse where the audience condition of the play does not hold for the person now."""
    return ALLOWED if asked.in_audience else _NOT_IN
