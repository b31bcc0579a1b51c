"""How sure a figure is: intervals at a fixed sample, and sequences that hold at every look at once.

What can be built from (n, sum, sum of squares) is, so that partial counts merge by adding. Arguments
are single numbers, results `Interval`; a sample that is too small to tell gives infinite bounds.
Betting intervals need the rows in their order (`betting_interval`).
"""

from math import inf, isfinite, log, sqrt
from statistics import NormalDist

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Interval(msgspec.Struct, frozen=True):
    """An estimate with its bounds; `se` is 0 where the method needs none, `n` counts independent units.

    `method` names how the bounds were made: `normal`, `student`, `wilson`, `sequence`, `betting`.
    Bounds that are infinite are stored as such in Python and as null in JSON.
    """

    mean: float
    low: float
    high: float
    n: int
    se: float = 0.0
    level: float = 0.95
    method: str = "normal"

    def covers(self, value: float) -> bool:
        """True where a value lies within the bounds."""
        return self.low <= value <= self.high


class Moments(msgspec.Struct, frozen=True):
    """n, sum and sum of squares of independent values: all that a mean and its interval need."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: "Moments") -> "Moments":
        """The moments of both samples together."""
        return Moments(self.n + other.n, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """The mean; 0 of nothing."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The unbiased sample variance; infinite below two values."""
        if self.n < 2:
            return inf
        return max(0.0, (self.squares - self.total * self.total / self.n) / (self.n - 1))


def moments_of(values: Floats) -> Moments:
    """The moments of an array of any length."""
    return Moments(len(values), float(np.sum(values)), float(np.einsum("n,n->", values, values)))


def normal_quantile(level: float) -> float:
    """The z with probability `level` between -z and z under the standard normal distribution."""
    return NormalDist().inv_cdf((1.0 + level) / 2.0)


def student_quantile(level: float, freedom: float) -> float:
    """The t with probability `level` between -t and t under Student's t, to 1e-3 from 4 degrees on.

    The expansion in powers of 1/freedom of Abramowitz and Stegun, "Handbook of Mathematical
    Functions" (1964), 26.7.5.
    """
    z, v = normal_quantile(level), freedom
    if v < 1:
        return inf
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / v**power for power, term in enumerate(terms, 1))


def _around(mean: float, half: float, n: int, se: float, level: float, method: str) -> Interval:
    if not isfinite(half):
        return Interval(mean, -inf, inf, n, se if isfinite(se) else 0.0, level, method)
    return Interval(mean, mean - half, mean + half, n, se, level, method)


def mean_interval(seen: Moments, level: float = 0.95) -> Interval:
    """Student's interval of a mean from moments; it is the normal one from some hundred values on."""
    se = sqrt(seen.variance / seen.n) if seen.n > 1 else inf
    return from_se(seen.mean, se, seen.n, level)


def from_se(mean: float, se: float, n: int, level: float = 0.95) -> Interval:
    """The interval of an estimate with a standard error that rests on `n` independent units.

    Student's quantile with n - 1 degrees of freedom: a small-sample correction, as for the mean of
    normal values, and usual for `n` clusters (Cameron and Miller 2015, section VI.D).
    """
    half = student_quantile(level, n - 1) * se if n > 1 and isfinite(se) else inf
    return _around(mean, half, n, se, level, "normal")


def share_interval(hits: int, n: int, level: float = 0.95) -> Interval:
    """The interval of a share (Wilson 1927, "Probable inference"): within [0, 1], sensible at 0 and n."""
    if n <= 0:
        return Interval(0.0, 0.0, 1.0, 0, 0.0, level, "wilson")
    z, share = normal_quantile(level), hits / n
    shrunk = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low = 0.0 if hits == 0 else shrunk - half
    high = 1.0 if hits == n else shrunk + half
    return Interval(share, low, high, n, sqrt(share * (1 - share) / n), level, "wilson")


def difference_interval(one: Moments, other: Moments, level: float = 0.95) -> Interval:
    """The interval of mean(one) - mean(other) of independent samples, variances apart (Welch 1947)."""
    n, mean = one.n + other.n, one.mean - other.mean
    if one.n < 2 or other.n < 2:
        return _around(mean, inf, n, inf, level, "normal")
    a, b = one.variance / one.n, other.variance / other.n
    se = sqrt(a + b)
    if se == 0:
        return _around(mean, 0.0, n, 0.0, level, "normal")
    freedom = (a + b) ** 2 / (a * a / (one.n - 1) + b * b / (other.n - 1))
    return _around(mean, student_quantile(level, freedom) * se, n, se, level, "normal")


def share_difference_interval(
    hits: tuple[int, int], counts: tuple[int, int], level: float = 0.95
) -> Interval:
    """The interval of a difference of two independent shares (Newcombe 1998, method 10)."""
    one, other = (share_interval(h, n, level) for h, n in zip(hits, counts, strict=True))
    mean, n = one.mean - other.mean, one.n + other.n
    low = mean - sqrt((one.mean - one.low) ** 2 + (other.high - other.mean) ** 2)
    high = mean + sqrt((one.high - one.mean) ** 2 + (other.mean - other.low) ** 2)
    return Interval(mean, low, high, n, sqrt(one.se**2 + other.se**2), level, "wilson")


class Clusters(msgspec.Struct, frozen=True):
    """Sums over people of what a mean per row needs when a person's rows hang together.

    `people` and `rows` count; `total` is the sum of the values; `totals_squared`, `rows_squared`
    and `cross` are sums over people of total^2, rows^2 and total x rows. They merge by adding, as
    long as no person is in two parts.
    """

    people: int = 0
    rows: int = 0
    total: float = 0.0
    totals_squared: float = 0.0
    rows_squared: float = 0.0
    cross: float = 0.0

    def __add__(self, other: "Clusters") -> "Clusters":
        """The sums of two groups that share no person."""
        mine, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Clusters(*(a + b for a, b in zip(mine, theirs, strict=True)))


def clusters_of(values: Floats, people: NDArray[np.intp]) -> Clusters:
    """The sums by person of an array; `people` holds a whole number >= 0 for each row."""
    if len(values) == 0:
        return Clusters()
    return clusters_from(totals_of(values, people), np.bincount(people).astype(np.float64))


def totals_of(values: Floats, people: NDArray[np.intp], least: int = 0) -> Floats:
    """The sum of each person's values, (G,), with at least `least` people."""
    return np.asarray(np.bincount(people, values, minlength=least), dtype=np.float64)


def clusters_from(totals: Floats, rows: Floats) -> Clusters:
    """The same sums from each person's total (G,) and count of rows (G,), some of which may be 0."""
    return Clusters(
        int(np.count_nonzero(rows)),
        int(rows.sum()),
        float(totals.sum()),
        float(np.einsum("g,g->", totals, totals)),
        float(np.einsum("g,g->", rows, rows)),
        float(np.einsum("g,g->", totals, rows)),
    )


def clustered_se(seen: Clusters) -> float:
    """The standard error of the mean per row, robust to whatever hangs together within a person.

    sqrt(G / (G - 1) x sum over people of (total - mean x rows)^2) / rows: Liang and Zeger 1986 for
    a mean, with the usual correction for G people. Infinite below two people.
    """
    if seen.people < 2:
        return inf
    mean = seen.total / seen.rows
    spread = seen.totals_squared - 2 * mean * seen.cross + mean * mean * seen.rows_squared
    return sqrt(max(0.0, spread) * seen.people / (seen.people - 1)) / seen.rows


def clustered_interval(seen: Clusters, level: float = 0.95) -> Interval:
    """The interval of the mean per row when rows hang together within a person."""
    mean = seen.total / seen.rows if seen.rows else 0.0
    return from_se(mean, clustered_se(seen), seen.people, level)


def sequence_width(n: int, tuned_at: int, level: float = 0.95) -> float:
    """Half the width, in standard deviations of one value, of a sequence after `n` values.

    sqrt(2 (n rho^2 + 1) / (n^2 rho^2) log(sqrt(n rho^2 + 1) / alpha)), with rho^2 =
    (-2 log alpha + log(-2 log alpha + 1)) / tuned_at, which makes it narrowest near `tuned_at`:
    Robbins' normal mixture as an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha,
    Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
    Annals of Statistics 2024, theorem 2.2 and the choice of rho after it).
    """
    if n < 1:
        return inf
    alpha = 1.0 - level
    u = -2.0 * log(alpha)
    mixed = n * (u + log(u + 1.0)) / tuned_at
    return sqrt(2.0 * (mixed + 1.0) / (n * mixed) * log(sqrt(mixed + 1.0) / alpha))


def sequence_from_se(
    mean: float, se: float, n: int, tuned_at: int, level: float = 0.95
) -> Interval:
    """One look of an asymptotic confidence sequence, from the standard error after `n` units.

    All looks together cover with probability `level`, as the first look grows.
    """
    half = se * sqrt(n) * sequence_width(n, tuned_at, level) if n > 1 and isfinite(se) else inf
    return _around(mean, half, n, se, level, "sequence")


def mean_sequence(seen: Moments, tuned_at: int, level: float = 0.95) -> Interval:
    """One look of an asymptotic confidence sequence of a mean, from moments."""
    se = sqrt(seen.variance / seen.n) if seen.n > 1 else inf
    return sequence_from_se(seen.mean, se, seen.n, tuned_at, level)


def difference_sequence(
    one: Moments, other: Moments, tuned_at: int, level: float = 0.95
) -> Interval:
    """One look of a sequence of mean(one) - mean(other) of independent samples.

    The values one / share of one, and -other / share of other, are those of one stream whose mean is
    the difference; its variance is that of inverse propensities, centred.
    """
    n, mean = one.n + other.n, one.mean - other.mean
    if one.n < 2 or other.n < 2:
        return _around(mean, inf, n, inf, level, "sequence")
    se = sqrt(one.variance / one.n + other.variance / other.n)
    return sequence_from_se(mean, se, n, tuned_at, level)


class Bounds(msgspec.Struct, frozen=True):
    """What is known of values beforehand: that they lie in [low, high].

    `guess` is a first idea of their variance after they are scaled to [0, 1], where 1/4 is the most
    it can be; it changes how narrow an interval is and never whether it holds.
    """

    low: float
    high: float
    guess: float = 0.25


def betting_interval(
    values: Floats,
    bounds: Bounds,
    level: float = 0.95,
    *,
    rows: Floats | None = None,
    always: bool = False,
) -> Interval:
    """The interval of a bounded mean by betting against every other mean, without any approximation.

    `values` (n,) come in their order; with `rows` (n,), `values` are sums over clusters of that many
    rows, and the mean is per row. With `always` the bets are those of a sequence that holds at every
    n at once, else they are made for this n. Raises `ValueError` where a value is out of bounds.

    Hedged capital with predictable plug-in bets (Waudby-Smith and Ramdas, "Estimating means of
    bounded random variables by betting", JRSS B 2024, section 4.2, theorem 3, with c = 1/2): a mean
    is out as soon as the capital of a gambler who bets against it reached 2 / alpha. The capitals
    are monotone in the mean, so that each bound is found by halving.
    """
    n = len(values)
    sizes = np.ones(n) if rows is None else rows
    width = bounds.high - bounds.low
    if n == 0 or width <= 0:
        return Interval(bounds.low, bounds.low, bounds.high, n, 0.0, level, "betting")
    scaled = (values - bounds.low * sizes) / width
    if scaled.min() < -1e-9 or (scaled - sizes).max() > 1e-9:
        raise ValueError(
            f"betting needs values within [{bounds.low}, {bounds.high}], got {values.min()} to "
            f"{values.max()}; state the range of the reward and the largest weight"
        )
    top = float(sizes.max())
    scaled, sizes = np.clip(scaled, 0.0, sizes) / top, sizes / top
    stakes = _stakes(scaled, sizes, 1.0 - level, bounds.guess, always=always)
    mean = float(scaled.sum() / sizes.sum())
    low = _edge(scaled, sizes, stakes, (0.0, mean), log(2.0 / (1.0 - level)))
    high = 1.0 - _edge(sizes - scaled, sizes, stakes, (0.0, 1.0 - mean), log(2.0 / (1.0 - level)))
    ends = (bounds.low + width * low, bounds.low + width * high)
    return Interval(bounds.low + width * mean, *ends, n, 0.0, level, "betting")


def _stakes(scaled: Floats, sizes: Floats, alpha: float, guess: float, *, always: bool) -> Floats:
    """The bets before each value, from the values before it alone (equations 25 and 26).

    Mean and spread begin as if one value had been seen, which weighs less where the guess is small.
    """
    counted, seen = np.arange(1, len(scaled) + 1, dtype=np.float64), 4.0 * guess
    means = (0.5 * seen + np.cumsum(scaled)) / (seen + np.cumsum(sizes))
    spread = (guess + np.cumsum((scaled - means * sizes) ** 2)) / (counted + 1)
    before = np.concatenate(([guess], spread[:-1]))
    horizon = counted * np.log1p(counted) if always else np.full(len(scaled), float(len(scaled)))
    return np.sqrt(2.0 * log(2.0 / alpha) / (horizon * before))


def _edge(
    scaled: Floats, sizes: Floats, stakes: Floats, between: tuple[float, float], needed: float
) -> float:
    """The largest mean against which betting on more would have won `needed`, by halving."""
    low, high = between
    for _ in range(36):
        middle = (low + high) / 2
        if middle <= 0.0 or high - low < 1e-9:
            break
        gains = np.minimum(stakes, 0.5 / middle)
        gains *= scaled - middle * sizes
        if float(np.cumsum(np.log1p(gains, out=gains), out=gains).max()) >= needed:
            low = middle
        else:
            high = middle
    return low
