"""Gauss-Legendre nodes and weights on [0, 1]: few for what lies ahead, more for what is behind."""

import numpy as np

from equipoise.learn.lifetime.people import Floats


def _legendre(count: int) -> tuple[Floats, Floats]:
    at, share = np.polynomial.legendre.leggauss(count)
    return (1.0 + at) / 2, share / 2


NODES, WEIGHTS = _legendre(12)
AT, WEIGHT = tuple(NODES.tolist()), tuple(WEIGHTS.tolist())
"""For the time ahead, in which paces are nearly exponential."""
FAR = 20.0
"""How many decay lengths of it are looked at: exp(-20) is 2e-9."""

FINE_NODES, FINE_WEIGHTS = _legendre(24)
FINE_AT, FINE_WEIGHT = tuple(FINE_NODES.tolist()), tuple(FINE_WEIGHTS.tolist())
"""For the unseen moment of leaving, whose likelihood may be steep."""
FINE_FAR = 38.0
"""How many decay lengths of that are looked at: exp(-38) is below the precision of a float."""
