"""Whether the person is one of the few who are left alone, so that effects can be measured."""

from equipoise.canon import uniform
from equipoise.decide.verdicts import looks_at, refuse
from equipoise.nouns.decisions import ALLOWED, Verdict
from equipoise.ports import Asked

_HOUSE = refuse("holdout", reason="holdout_global")
_PLAY = refuse("holdout", reason="holdout_play")


@looks_at()
def holdout(asked: Asked) -> Verdict:
    """Refuse everything to a fixed share of people: of the house, and of the play.

    Who is held out is a hash of seed and person (and play), so it never changes and needs no table.
    The house's holdout spares what is part of the contract: a parcel that is late is told to
    everybody. A play's own holdout spares nothing.
    """
    play, rules = asked.play, asked.rules
    if rules.holdout > 0.0 and rules.basis(play.purpose) != "contract":
        person = f"person:{asked.standing.person}"
        if uniform(asked.seed, person, "holdout") < rules.holdout:
            return _HOUSE
    if play.holdout > 0.0:
        person = f"person:{asked.standing.person}"
        if uniform(asked.seed, person, f"holdout:{play.name}") < play.holdout:
            return _PLAY
    return ALLOWED
