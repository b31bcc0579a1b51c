"""What each person will do and bring, every figure with an interval."""

from collections.abc import Callable

import msgspec
import numpy as np

from equipoise.learn.lifetime import gamma_gamma
from equipoise.learn.lifetime.ahead import discounted
from equipoise.learn.lifetime.fitting import Fit
from equipoise.learn.lifetime.model import LifetimeModel
from equipoise.learn.lifetime.people import Floats, Ints, Summary
from equipoise.learn.lifetime.visits import VISITS, Visits

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


class Drawn(msgspec.Struct, frozen=True, eq=False):
    """What people may do, by drawing: the mean and the 95 % prediction interval of each, and all totals.

    `purchases` and `money` are for each person (n,), `counts` and `sums` the totals over all people in
    each draw (draws,). `money` is spent within the time ahead and not discounted.
    """

    purchases: Ranged
    money: Ranged
    counts: Ints
    sums: Floats


def between(totals: Ints | Floats) -> tuple[float, float]:
    """The 95 % prediction interval of drawn totals (draws,)."""
    low, high = np.quantile(totals, (0.025, 0.975))
    return float(low), float(high)


def foresee(model: LifetimeModel, people: Summary) -> Foresight:
    """Everything foreseen of these people, whose unit of time must be the model's."""
    _same_unit(model, people)
    rows = [_foreseen(model, part) for part in people.parts()]
    return Foresight(
        alive=_joined([row.alive for row in rows]),
        purchases=_joined([row.purchases for row in rows]),
        mean_value=_joined([row.mean_value for row in rows]),
        value=_joined([row.value for row in rows]),
    )


def _joined(parts: list[Ranged]) -> Ranged:
    nobody = np.zeros(0)
    return Ranged(
        np.concatenate([nobody, *(part.estimate for part in parts)]),
        np.concatenate([nobody, *(part.low for part in parts)]),
        np.concatenate([nobody, *(part.high for part in parts)]),
    )


def _foreseen(model: LifetimeModel, people: Summary) -> Foresight:
    visits, shape = VISITS[model.kind], model.horizon
    x, t_x, age = people.frequency, people.recency, people.age
    grid = shape.grid(model.unit_days)

    def alive(params: Floats) -> Floats:
        return visits.alive(params, x, t_x, age)

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
        purchases=_around(*_log_delta(_purchases(visits, people, shape.days), *by_visits)),
        mean_value=_around(spent, spent_var),
        value=_around(bought * spent * shape.margin, bought_var + spent_var),
    )


def drawn(
    model: LifetimeModel,
    people: Summary,
    ahead_days: float,
    rng: np.random.Generator,
    draws: int = 400,
) -> Drawn:
    """Purchases and money in the next `ahead_days`, drawn `draws` times: what people may really do.

    Each draw takes parameters from the normal distribution of their logarithms, then for each person
    whether they are there, a rate and a leaving, a count, a scale of spending from its posterior gamma(q
    + p n, v + n m), and a sum of that many gamma(p) purchases. So it covers parameters, people and
    chance; not that the model may be wrong. Needs memory for 2 x draws x people numbers.
    """
    _same_unit(model, people)
    visits = VISITS[model.kind]
    x, t_x, age = people.frequency, people.recency, people.age
    seen = people.valued * np.where(people.valued > 0, people.mean, 0.0)
    counts, money = np.empty((draws, len(x)), np.int64), np.empty((draws, len(x)))
    by_visits = rng.multivariate_normal(
        np.log(model.visits), np.array(model.visits_covariance), draws
    )
    by_worth = rng.multivariate_normal(np.log(model.worth), np.array(model.worth_covariance), draws)
    for row in range(draws):
        params, (p, q, v) = np.exp(by_visits[row]), np.exp(by_worth[row])
        there = rng.random(len(x)) < visits.alive(params, x, t_x, age)
        bought = visits.draw(params, x, age, ahead_days / people.unit_days, rng)
        counts[row] = np.where(there, bought, 0)
        scale = rng.gamma(q + p * people.valued) / (v + seen)
        money[row] = rng.gamma(p * counts[row]) / scale
    return Drawn(
        Ranged(counts.mean(axis=0), *np.quantile(counts, (0.025, 0.975), axis=0)),
        Ranged(money.mean(axis=0), *np.quantile(money, (0.025, 0.975), axis=0)),
        counts.sum(axis=1),
        money.sum(axis=1),
    )


def expected_purchases(fitted: Fit, people: Summary, ahead_days: float) -> Ranged:
    """Expected purchases (n,) in the next `ahead_days`, with intervals as in `Foresight`."""
    each = _purchases(_of(fitted), people, ahead_days)
    return _around(*_log_delta(each, np.array(fitted.params), np.array(fitted.covariance)))


def expected_total(fitted: Fit, people: Summary, ahead_days: float) -> Ranged:
    """The sum of `expected_purchases` over all people, as arrays of one number, with its interval.

    All people share the parameters, so the interval of the sum is not the root of a sum of squares.
    """
    each = _purchases(_of(fitted), people, ahead_days)

    def total(params: Floats) -> Floats:
        found: Floats = each(params).sum(keepdims=True)
        return found

    return _around(*_log_delta(total, np.array(fitted.params), np.array(fitted.covariance)))


def _of(fitted: Fit) -> Visits:
    """The model of visits of a fit; ValueError where it is none or must not be used."""
    for kind, visits in VISITS.items():
        if fitted.kind == kind and fitted.supported:
            return visits
    raise ValueError(
        f"a supported fit of {' or '.join(VISITS)} is needed; came {fitted.kind}: "
        f"{fitted.sentence or 'supported'}. Fit another model or wait for more purchases"
    )


def _purchases(visits: Visits, people: Summary, ahead_days: float) -> Callable[[Floats], Floats]:
    """Expected purchases (n,) as a function of the parameters."""
    x, t_x, age = people.frequency, people.recency, people.age
    ahead = np.full(len(people), ahead_days / people.unit_days)

    def purchases(params: Floats) -> Floats:
        return visits.alive(params, x, t_x, age) * visits.stay(params, x, age, ahead)

    return purchases


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
