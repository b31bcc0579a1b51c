"""Who is one person, and who only lives with them: a mixture of three kinds of pairs.

The model of Fellegi and Sunter knows two kinds of pairs, one person and two strangers, and takes every field
that agrees as evidence on its own. People of one household agree in surname, address, telephone and often in
e-mail, all at once, so a model of two kinds calls them one person. Here a third kind stands between: in what
a household shares it is as alike as one person with themselves, in what is a person's own as unlike as
strangers. How frequent each kind is, is fitted to the pairs (Dempster, Laird and Rubin 1977, "Maximum
likelihood from incomplete data via the EM algorithm", section 4.3).
"""

from math import log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROUNDS = 200
"""Most rounds of the fit; it settles in far fewer."""

SETTLED = 1e-6
"""The relative change of both frequencies below which the fit has settled."""

_MOST_BITS = 200.0
"""More evidence than this changes no probability."""


class Kinds(NamedTuple):
    """How likely two records drawn by chance are one person, and two people of one household."""

    person: float
    household: float


def floor_of(records: int) -> float:
    """The bits below which a pair of so many records can be neither one person nor of one household."""
    return log2(max(records, 2)) - 7.0


def tell_apart(bits: Floats, shared: Floats, records: int) -> tuple[Floats, Kinds]:
    """The probability that each pair is one person, and how frequent the kinds are.

    `bits` is what all fields of a pair weigh together and `shared` what those weigh that a household shares,
    both as log2 of a ratio against strangers; pairs that are not given count as strangers. No kind is less
    frequent than one pair among all: that none was found does not make it impossible.
    """
    every = records * (records - 1) / 2.0
    one = np.exp2(np.clip(bits, -_MOST_BITS, _MOST_BITS))
    home = np.exp2(np.clip(shared, -_MOST_BITS, _MOST_BITS))
    kinds = Kinds(1.0 / every, 1.0 / every)
    scores = np.zeros_like(one)
    for _ in range(ROUNDS):
        person, household = kinds.person * one, kinds.household * home
        whole = person + household + max(1.0 - kinds.person - kinds.household, 0.0)
        scores = person / whole
        before = kinds
        kinds = Kinds(
            max(float(scores.sum()), 1.0) / every,
            max(float((household / whole).sum()), 1.0) / every,
        )
        if all(abs(new - old) <= SETTLED * old for new, old in zip(kinds, before, strict=True)):
            break
    return scores, kinds
