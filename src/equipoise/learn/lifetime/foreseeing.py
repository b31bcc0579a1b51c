"""What each person will do and bring, every figure with an interval."""

from collections.abc import Callable

import msgspec
import numpy as np

from equipoise.learn.lifetime import gamma_gamma
from equipoise.learn.lifetime.ahead import discounted
from equipoise.learn.lifetime.fitting import Fit
from equipoise.learn.lifetime.model import LifetimeModel
from equipoise.learn.lifetime.people import Floats, Ints, Summary
from equipoise.learn.lifetime.visits import VISITS, Kind

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""
STEP = 1e-4
"""The step of the differences in the delta method, in logarithms of parameters."""
EDGE = 1e-15
"""How near to 0 and 1 a logit is taken."""


class Ranged(msgspec.Struct, frozen=True, eq=False):
    """A figure for each person (n,) with the ends of its 95 % interval."""

    estimate: Floats
    low: Floats
    high: Floats


class Foresight(msgspec.Struct, frozen=True, eq=False):
    """What is foreseen of people (n,).

    `alive` is P(alive), `purchases` the expected number within the horizon, `mean_value` the expected
    value of one purchase, `value` the discounted value of all of them. The intervals cover the
    uncertainty of the parameters (delta method with the observed information, on logits of
    probabilities and logarithms of the rest), so they say where the expectation lies, and not what one
    person will do: for that there is `drawn`.
    """

    alive: Ranged
    purchases: Ranged
    mean_value: Ranged
    value: Ranged


class Counts(msgspec.Struct, frozen=True, eq=False):
    """Purchases drawn for people: 95 % prediction intervals of each (n,), and all `totals` (draws,)."""

    mean: Floats
    low: Floats
    high: Floats
    totals: Ints

    def total_interval(self) -> tuple[float, float]:
        """The 95 % prediction interval of the sum over all people."""
        low, high = np.quantile(self.totals, (0.025, 0.975))
        return float(low), float(high)


def foresee(model: LifetimeModel, people: Summary) -> Foresight:
    """Everything foreseen of these people, whose unit of time must be the model's."""
    _same_unit(model, people)
    visits, shape = VISITS[model.kind], model.horizon
    x, t_x, age = people.frequency, people.recency, people.age
    grid = shape.grid(model.unit_days)

    def alive(params: Floats) -> Floats:
        return visits.alive(params, x, t_x, age)

    def purchases(params: Floats) -> Floats:
        return alive(params) * visits.stay(params, x, age, np.full(len(x), grid[0]))

    def discounting(params: Floats) -> Floats:
        return alive(params) * discounted(visits, params, x, age, grid)

    def worth(params: Floats) -> Floats:
        return gamma_gamma.expected(params, people.valued, people.mean)

    by_visits = (np.array(model.visits), np.array(model.visits_covariance))
    by_worth = (np.array(model.worth), np.array(model.worth_covariance))
    bought, bought_var = _log_delta(discounting, *by_visits)
    spent, spent_var = _log_delta(worth, *by_worth)
    return Foresight(
        alive=_probability(alive, *by_visits),
        purchases=_around(*_log_delta(purchases, *by_visits)),
        mean_value=_around(spent, spent_var),
        value=_around(bought * spent * shape.margin, bought_var + spent_var),
    )


def drawn(
    fitted: Fit, people: Summary, ahead_days: float, rng: np.random.Generator, draws: int = 400
) -> Counts:
    """Purchases in the next `ahead_days`, drawn `draws` times: what people may really do.

    Each draw takes parameters from the normal distribution of their logarithms, and then for each
    person whether they are there, their rate and their leaving, and a count. So it covers parameters,
    differences between people and chance; not that the model may be wrong. Needs memory for
    draws x people numbers. A fit that is not supported raises ValueError.
    """
    if not fitted.supported:
        raise ValueError(f"drawn: a supported fit is needed; {fitted.kind}: {fitted.sentence}")
    kind: Kind = "pareto_nbd" if fitted.kind == "pareto_nbd" else "bg_nbd"
    visits, logs = VISITS[kind], np.log(np.array(fitted.params))
    x, t_x, age = people.frequency, people.recency, people.age
    counts = np.empty((draws, len(people)), np.int64)
    for row, at in enumerate(rng.multivariate_normal(logs, np.array(fitted.covariance), draws)):
        params = np.exp(at)
        there = rng.random(len(people)) < visits.alive(params, x, t_x, age)
        bought = visits.draw(params, x, age, ahead_days / people.unit_days, rng)
        counts[row] = np.where(there, bought, 0)
    low, high = np.quantile(counts, (0.025, 0.975), axis=0)
    return Counts(counts.mean(axis=0), low, high, counts.sum(axis=1))


def expected_purchases(fitted: Fit, people: Summary, ahead_days: float) -> Ranged:
    """Expected purchases (n,) in the next `ahead_days`, with intervals as in `Foresight`."""
    kind: Kind = "pareto_nbd" if fitted.kind == "pareto_nbd" else "bg_nbd"
    visits = VISITS[kind]
    ahead = np.full(len(people), ahead_days / people.unit_days)

    def purchases(params: Floats) -> Floats:
        there = visits.alive(params, people.frequency, people.recency, people.age)
        return there * visits.stay(params, people.frequency, people.age, ahead)

    return _around(*_log_delta(purchases, np.array(fitted.params), np.array(fitted.covariance)))


def _same_unit(model: LifetimeModel, people: Summary) -> None:
    if people.unit_days != model.unit_days:
        raise ValueError(
            f"foresee: people in units of {model.unit_days} days are needed, as the model; theirs are "
            f"{people.unit_days}. Summarise them in the model's unit"
        )


def _slopes(quantity: Callable[[Floats], Floats], params: Floats) -> Floats:
    """Central differences (k, n) of a quantity by the logarithms of the parameters."""
    rows = []
    for place in range(len(params)):
        up, down = params.copy(), params.copy()
        up[place] *= np.exp(STEP)
        down[place] *= np.exp(-STEP)
        rows.append((quantity(up) - quantity(down)) / (2 * STEP))
    return np.array(rows)


def _variance(slopes: Floats, covariance: Floats) -> Floats:
    """Sum over i, j of slope_i cov_ij slope_j for each person, (n,)."""
    found: Floats = np.einsum("in,ij,jn->n", slopes, covariance, slopes)
    return np.maximum(found, 0.0)


def _log_delta(
    quantity: Callable[[Floats], Floats], params: Floats, covariance: Floats
) -> tuple[Floats, Floats]:
    """A positive quantity (n,) and the variance of its logarithm."""

    def logs(at: Floats) -> Floats:
        found: Floats = np.log(np.maximum(quantity(at), 1e-300))
        return found

    return quantity(params), _variance(_slopes(logs, params), covariance)


def _around(estimate: Floats, log_variance: Floats) -> Ranged:
    ratio = np.exp(Z95 * np.sqrt(log_variance))
    return Ranged(estimate, estimate / ratio, estimate * ratio)


def _probability(
    quantity: Callable[[Floats], Floats], params: Floats, covariance: Floats
) -> Ranged:
    def logit(at: Floats) -> Floats:
        inside = np.clip(quantity(at), EDGE, 1.0 - EDGE)
        found: Floats = np.log(inside) - np.log1p(-inside)
        return found

    centre = logit(params)
    half = Z95 * np.sqrt(_variance(_slopes(logit, params), covariance))
    estimate = quantity(params)
    low, high = 1 / (1 + np.exp(half - centre)), 1 / (1 + np.exp(-half - centre))
    return Ranged(estimate, np.minimum(low, estimate), np.maximum(high, estimate))
