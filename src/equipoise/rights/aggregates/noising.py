"""Noise on counted figures, by OpenDP: discrete Laplace noise on whole numbers, pure differential privacy.

The mechanism and the source of chance are OpenDP's (Ghosh, Roughgarden and Sundararajan 2009; sampled
exactly as in Canonne, Kamath and Steinke 2020), so no floating-point number can give the true figure away.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

from equipoise.nouns.aggregates import MICRO, Cell, Question
from equipoise.rights.aggregates.asking import LEAST_GROUP, groups_of
from equipoise.rights.aggregates.counting import Tally, middle, sensitivity

SURE = 0.95
"""How often the noise stays within the widths that are told."""

_I64 = 2**63 - 1


class NoOpenDP(Exception):
    """OpenDP is not installed, and there is no noise of our own."""

    def __init__(self) -> None:
        super().__init__(
            "figures about many people need OpenDP: install the extra `privacy` "
            "(pip install 'equipoise[privacy]'). Nothing was asked and nothing was spent"
        )


class Parts(NamedTuple):
    """What of a question's epsilon goes to the counts, and what to the sums, in millionths."""

    n: int
    total: int


def parts(question: Question) -> Parts:
    """All of it for the counts; for a sum or a mean half each: both are released, so both are paid for."""
    if question.measure == "count":
        return Parts(question.epsilon, 0)
    half = question.epsilon // 2
    return Parts(half, question.epsilon - half)


@lru_cache(maxsize=64)
def laplace(reach: int, epsilon: int) -> tuple[Any, float]:
    """OpenDP's mechanism for vectors of 64-bit whole numbers that one person moves by `reach`, and its scale.

    The scale is the least (to the last bit) at which OpenDP itself says that it costs no more than
    `epsilon` millionths.
    """
    dp = _opendp()
    scale = reach * MICRO / epsilon
    while True:
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
        mechanism: Any = dp.m.make_laplace(*space, scale=scale)
        if mechanism.map(reach) <= epsilon / MICRO:
            return mechanism, scale
        scale = math.nextafter(scale, math.inf)


def _opendp() -> Any:
    try:
        import opendp.prelude as dp
    except ImportError as missing:
        raise NoOpenDP from missing
    dp.enable_features("contrib")
    return dp


def width(scale: float, sure: float = SURE) -> int:
    """The least whole number that noise of this scale exceeds, either way, at most `1 - sure` of the time.

    With a = exp(-1/scale), the noise exceeds k in size with probability 2 a^(k+1) / (1 + a).
    """
    a = math.exp(-1.0 / scale)
    return max(0, math.ceil(math.log((1.0 - sure) * (1.0 + a) / 2.0) * -scale) - 1)


def floor(question: Question) -> int:
    """The noisy count under which a group is not told: 20, and what noise alone hides 95 times in 100.

    It keeps useless figures back, and protects nobody: the noise does.
    """
    return max(LEAST_GROUP, width(MICRO / parts(question).n))


def release(question: Question, tally: Tally) -> tuple[Cell, ...]:
    """The answer: one cell for each group, of figures with noise, or of none where they are too small.

    Raises `NoOpenDP`. Whatever follows the noise (the floor, the cut at 0, the division of a mean) reads
    nothing else, so it costs nothing.
    """
    share = parts(question)
    counts = laplace(1, share.n)[0](tally.n)
    totals = [0] * len(counts)
    if share.total:
        totals = laplace(sensitivity(question), share.total)[0]([_fit(one) for one in tally.total])
    keys = groups_of(question)
    return tuple(_cell(question, *one) for one in zip(keys, counts, totals, strict=True))


def _fit(number: int) -> int:
    return max(-_I64, min(_I64, number))


def _cell(question: Question, key: str, n: int, total: int) -> Cell:
    if n < floor(question):
        return Cell(key, None)
    if question.measure == "count":
        return Cell(key, n)
    unit = 10**question.decimals
    if question.measure == "sum":
        return Cell(key, n, total / unit)
    mean = (middle(question) + total / n) / unit
    return Cell(key, n, min(max(mean, question.lower), question.upper))


class Widths(NamedTuple):
    """Within what the noise lies 95 times in 100: of a count, and of a sum or a mean (None for a count).

    Where both are told they hold together 90 times in 100.
    """

    n: int
    value: float | None


def widths(question: Question, cell: Cell) -> Widths | None:
    """How far a cell may be off because of the noise; None where it has no figures.

    Of a mean: an error dS of the sum (each number within R of the middle) and dN of the count move it by at
    most (|dS| + R |dN|) / N, each within its width 97.5 times in 100.
    """
    if cell.n is None:
        return None
    share = parts(question)
    n = width(MICRO / share.n)
    if not share.total:
        return Widths(n, None)
    reach, unit = sensitivity(question), 10**question.decimals
    if question.measure == "sum":
        return Widths(n, width(reach * MICRO / share.total) / unit)
    each = (1.0 + SURE) / 2.0
    off = width(reach * MICRO / share.total, each) + reach * width(MICRO / share.n, each)
    return Widths(n, off / cell.n / unit)
