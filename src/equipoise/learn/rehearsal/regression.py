"""What each option can be expected to bring, learnt on other people than those it is asked about."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.learn.rehearsal.logged import Floats, Logged

MOST_BINS = 8
"""Quantile bins of a feature, besides the one for missing values."""

MOST_COLUMNS = 160
"""Columns of the design over all features; with many features each gets fewer bins, at least two."""

SHARED_PENALTY = 10.0
"""Ridge penalty, in rows, of the effects that all options share."""

MEAN_PENALTIES, OWN_PENALTIES = (10.0, 1e6), (50.0, 500.0)
"""Least and greatest penalty of an option's own mean, and of its own effects of features, which get
five times the former. How great it is in between the log says. A poor model widens intervals and
biases none."""

SAMPLE_ROWS = 50_000
"""Rows from which the cuts between bins are taken."""

MOST_ROWS = 250_000
"""Rows, evenly spread over the log, that the model is fitted on; more would hardly improve it."""


class Design(msgspec.Struct, frozen=True, eq=False):
    """Binned features: `codes` (n, d) are columns of a design of zeros and ones, in which a row has a one.

    Column 0 is the mean, which every row has; the bins of feature j are the columns from `starts[j]`
    up to `starts[j + 1]`, the last of `starts` being the width of the design.
    """

    codes: NDArray[np.intp]
    starts: tuple[int, ...]

    @property
    def width(self) -> int:
        """How many columns, the mean included."""
        return self.starts[-1]


def binned(features: Floats | None, n: int) -> Design:
    """Features cut at their quantiles; few different values are levels; NaN is a bin of its own."""
    if features is None or features.shape[1] == 0:
        return Design(np.empty((n, 0), dtype=np.intp), (1,))
    bins = max(2, min(MOST_BINS, MOST_COLUMNS // features.shape[1]))
    codes, width, starts = np.empty(features.shape, dtype=np.intp), 1, [1]
    sample = features[:: max(1, n // SAMPLE_ROWS)]
    for number in range(features.shape[1]):
        cuts = _cuts(sample[:, number], bins)
        column = features[:, number]
        codes[:, number] = np.searchsorted(cuts, column, side="right") + width
        missing = np.isnan(column)
        if missing.any():
            codes[missing, number] = width + len(cuts) + 1
        width += len(cuts) + 1 + bool(missing.any())
        starts.append(width)
    return Design(codes, tuple(starts))


def _cuts(column: Floats, bins: int) -> Floats:
    known = column[np.isfinite(column)]
    levels = np.unique(known)
    if len(levels) <= bins:
        return (levels[1:] + levels[:-1]) / 2
    return np.unique(np.quantile(known, np.arange(1, bins) / bins))


def folds_of(log: Logged, folds: int, seed: int) -> NDArray[np.intp]:
    """The fold of each row, (n,): at random, of even sizes, and one for all rows of a person."""
    many = int(log.who.max()) + 1
    drawn = np.random.default_rng(seed).permutation(many) % folds
    return drawn[log.who].astype(np.intp)


def expected_rewards(log: Logged, fold: NDArray[np.intp], design: Design) -> Floats:
    """Cross-fitted expected reward of every row and option, (n, K), within the range of the rewards.

    For a row in fold f the model is fitted on all other folds: r = x'(b + d_a), x the bins, b shared
    effects, d_a the deviation of option a; penalised least squares with the heavier penalty on d_a,
    so that a rare option is an average option. Solved exactly: with S_a the sums x x' of option a,
    P its penalties and M_a = P (S_a + P)^-1, b solves (sum M_a S_a + Q) b = sum M_a t_a, and
    d_a = (S_a + P)^-1 (t_a - S_a b).
    """
    many, folds = len(log.options), int(fold.max()) + 1
    squares, targets = _sums(log, fold, design)
    spread = float(log.reward.var())
    expected = np.empty((log.n, many))
    for number in range(folds):
        inside = np.flatnonzero(fold == number)
        others = [other for other in range(folds) if other != number] or [number]
        sums, totals = squares[others].sum(axis=0), targets[others].sum(axis=0)
        penalty = _penalty(sums[:, 0, 0], totals[:, 0], spread)
        effects = _solved(sums, totals, penalty)
        told = np.repeat(effects[:, :1].T, len(inside), axis=0)
        for column in design.codes[inside].T:
            told += effects.T[column]
        expected[inside] = told
    return np.clip(expected, log.reward.min(), log.reward.max(), out=expected)


def _sums(log: Logged, fold: NDArray[np.intp], design: Design) -> tuple[Floats, Floats]:
    """Sums of x x' and of x r for each fold and option: (folds, K, D, D) and (folds, K, D).

    They are counts of pairs of bins: no matrix is multiplied, so that no threads wait for each other.
    """
    many, folds, width = len(log.options), int(fold.max()) + 1, design.width
    fitted = np.arange(0, log.n, -(-log.n // MOST_ROWS))
    group, reward, groups = (fold * many + log.taken)[fitted], log.reward[fitted], folds * many
    squares, targets = np.zeros((groups, width, width)), np.zeros((groups, width))
    starts = (0, *design.starts)
    columns = [np.zeros(len(fitted), dtype=np.intp)]
    columns += [design.codes[fitted, j] - start for j, start in enumerate(design.starts[:-1])]
    for one, column in enumerate(columns):
        here, bins = starts[one], starts[one + 1] - starts[one]
        placed = group * bins + column
        told = np.bincount(placed, reward, minlength=groups * bins)
        targets[:, here : here + bins] = told.reshape(groups, bins)
        for two in range(one, len(columns)):
            there, others = starts[two], starts[two + 1] - starts[two]
            pairs = np.bincount(placed * others + columns[two], minlength=groups * bins * others)
            table = pairs.reshape(groups, bins, others)
            squares[:, here : here + bins, there : there + others] = table
            squares[:, there : there + others, here : here + bins] = table.transpose(0, 2, 1)
    shape = (folds, many, width)
    return squares.reshape(*shape, width), targets.reshape(shape)


def _penalty(counts: Floats, totals: Floats, within: float) -> float:
    """Variance of a reward over the variance of the options' true means, in rows.

    The latter by moments (DerSimonian and Laird 1986, equation 8, with weights n_a): what the means
    of the options differ more than a common mean would make them.
    """
    n = float(counts.sum())
    mean = float(totals.sum()) / n
    seen = counts > 0
    between = float((counts[seen] * (totals[seen] / counts[seen] - mean) ** 2).sum())
    excess = between - (int(seen.sum()) - 1) * within
    room = n - float((counts**2).sum()) / n
    if excess <= 0.0 or room <= 0.0:
        return MEAN_PENALTIES[1]
    return float(np.clip(within * room / excess, *MEAN_PENALTIES))


def _solved(squares: Floats, targets: Floats, penalty: float) -> Floats:
    """Effects of every option, (K, D), from its sums: shared ones plus its own deviations."""
    width = squares.shape[1]
    shared, own = (
        np.full(width, SHARED_PENALTY),
        np.full(width, np.clip(5 * penalty, *OWN_PENALTIES)),
    )
    shared[0], own[0] = 1e-6, penalty
    inverse = np.linalg.inv(squares + np.diag(own))
    kept = own[:, None] * inverse
    b = np.linalg.solve(
        (kept @ squares).sum(axis=0) + np.diag(shared),
        np.einsum("kij,kj->i", kept, targets),
    )
    deviations = np.einsum("kij,kj->ki", inverse, targets - squares @ b)
    effects: Floats = b + deviations
    return effects
