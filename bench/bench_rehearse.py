"""How long does the rehearsal of a million logged decisions take? Aim: under ten seconds.

Ten features of eight levels, five and then twenty options, rows of 400,000 people, four segments, guards
that take options away, the incumbent's whole distribution known: everything that a report holds.
"""

from statistics import median
from time import perf_counter, process_time

import numpy as np

from equipoise.learn.rehearsal import Logged, rehearse

N, PEOPLE, FEATURES, ROUNDS = 1_000_000, 400_000, 10, 3


def softmax(scores: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Probabilities over what is allowed, a tenth of them by chance."""
    raised = np.exp(scores) * allowed
    even = allowed / allowed.sum(axis=1, keepdims=True)
    return 0.1 * even + 0.9 * raised / raised.sum(axis=1, keepdims=True)


def made(options: int, n: int, seed: int = 5) -> tuple[dict, np.ndarray]:
    """The columns of a log, and a candidate."""
    draw = np.random.default_rng(seed)
    features = draw.integers(0, 8, (n, FEATURES)).astype(np.float64)
    centred = (features - 3.5) / 8
    allowed = draw.random((n, options)) < 0.8
    allowed[:, 0] = True
    logging = softmax(centred @ draw.normal(0, 1, (FEATURES, options)), allowed)
    candidate = softmax(centred @ draw.normal(0, 1, (FEATURES, options)), allowed)
    taken = (logging.cumsum(axis=1) > draw.random((n, 1))).argmax(axis=1)
    means = 1 / (1 + np.exp(3 - centred @ draw.normal(0, 1, (FEATURES, options))))
    columns = {
        "options": tuple(f"option-{k}" for k in range(options)),
        "taken": taken,
        "propensity": logging[np.arange(n), taken],
        "reward": (draw.random(n) < means[np.arange(n), taken]) * 20.0,
        "people": draw.integers(0, PEOPLE * n // N, n),
        "features": features,
        "segments": np.array(["new", "seldom", "often", "gone"])[draw.integers(0, 4, n)],
        "allowed": allowed,
        "incumbent": logging,
        "silence": "option-0",
    }
    return columns, candidate


def timed(options: int, n: int = N) -> tuple[float, float]:
    """Median seconds from columns to report, on the clock and of the processor."""
    columns, candidate = made(options, n)
    rounds = []
    for _ in range(ROUNDS):
        began = perf_counter(), process_time()
        rehearse(Logged(**columns), candidate)
        rounds.append((perf_counter() - began[0], process_time() - began[1]))
    return median(r[0] for r in rounds), median(r[1] for r in rounds)


def main() -> list[tuple[str, str, str]]:
    """Rows of (what, figure, target)."""
    rows = []
    for n, options, target in ((N, 5, "10"), (N, 20, "-"), (N // 10, 5, "-")):
        clock, processor = timed(options, n)
        rows.append(
            (f"{n:,} decisions, {options} options, {FEATURES} features, s", f"{clock:.1f}", target)
        )
        rows.append(("  of the processor, s", f"{processor:.1f}", "-"))
    return rows
