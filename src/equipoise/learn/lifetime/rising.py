"""Rising factorials, which is where the gamma functions of a count come down to sums."""

import numpy as np

from equipoise.learn.lifetime.people import Floats, Ints


def log_rising(base: float, counts: Ints) -> tuple[Floats, Floats]:
    """(ln G(base + x) - ln G(base), its derivative by base) for counts x (n,), G the gamma function.

    As G(base + x) / G(base) = base (base + 1) ... (base + x - 1), both are running sums, of
    ln(base + j) and of 1 / (base + j) (DLMF 5.2.4 and 5.5.2). Exact where differences of two large
    log-gammas would cancel, and one table serves all people.
    """
    steps = base + np.arange(int(counts.max(initial=0)), dtype=np.float64)
    logs = np.concatenate(([0.0], np.cumsum(np.log(steps))))
    slopes = np.concatenate(([0.0], np.cumsum(1.0 / steps)))
    return logs[counts], slopes[counts]
