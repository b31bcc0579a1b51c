"""One version of the lifetime value of people: immutable, encoded, named by its hash."""

import hashlib
import math
from typing import Self

import msgspec
import numpy as np

from equipoise.learn.lifetime import gamma_gamma
from equipoise.learn.lifetime.ahead import Horizon, discounted
from equipoise.learn.lifetime.fitting import Fit
from equipoise.learn.lifetime.people import DAY_MS, Floats, Summary, ValueFrom
from equipoise.learn.lifetime.visits import VISITS, Kind

Matrix = tuple[tuple[float, ...], ...]

PLACES = 6
"""A value is rounded to a millionth of the currency, so that it reads the same wherever it is kept."""


class Unsupported(ValueError):
    """The data does not support a model of lifetime value; `reason` is the code of why."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(
            f"lifetime value: {sentence}. Until then, give what a person is worth by hand"
        )
        self.reason = reason


class BadModel(ValueError):
    """The bytes are not a version of a lifetime model that this release can use."""


class LifetimeModel(msgspec.Struct, frozen=True, kw_only=True, tag="lifetime/1"):
    """Parameters of visits (BG/NBD or Pareto/NBD) and of value (Gamma-Gamma), and where they come from.

    `visits` are (r, alpha, a, b) or (r, alpha, s, beta) with times in units of `unit_days` days, `worth`
    is (p, q, v) in `currency`; the covariances are those of their logarithms. Fitted on `people` persons
    as of `fitted_ms`, watched for at most `watched_days`, with the value of `value_from`.
    """

    kind: Kind
    visits: tuple[float, float, float, float]
    visits_covariance: Matrix
    worth: tuple[float, float, float]
    worth_covariance: Matrix
    unit_days: float
    people: int
    watched_days: float
    fitted_ms: int
    value_from: ValueFrom
    currency: str
    horizon: Horizon = Horizon()

    def __post_init__(self) -> None:
        numbers = (*self.visits, *self.worth, self.unit_days)
        if (
            not all(math.isfinite(number) and number > 0 for number in numbers)
            or self.worth[1] <= 1
        ):
            raise BadModel(
                "LifetimeModel: all parameters and the unit are above 0 and q is above 1; came visits "
                f"{self.visits}, worth {self.worth}, unit_days {self.unit_days}. Fit it again"
            )
        sizes = [[len(row) for row in m] for m in (self.visits_covariance, self.worth_covariance)]
        if sizes != [[4] * 4, [3] * 3]:
            raise BadModel(
                f"LifetimeModel: covariances of 4 x 4 and 3 x 3 are needed; came rows of {sizes}. "
                "Fit it again"
            )

    @classmethod
    def of(cls, visits: Fit, worth: Fit, people: Summary, currency: str, fitted_ms: int) -> Self:
        """The version that two fits on the same people give; `Unsupported` where either must not be used.

        The horizon is the default; `msgspec.structs.replace(model, horizon=...)` gives another version.
        """
        for fitted in (visits, worth):
            if not fitted.supported:
                raise Unsupported(fitted.reason, f"{fitted.kind}: {fitted.sentence}")
        r, alpha, third, fourth = visits.params
        p, q, v = worth.params
        return cls(
            kind="pareto_nbd" if visits.kind == "pareto_nbd" else "bg_nbd",
            visits=(r, alpha, third, fourth),
            visits_covariance=visits.covariance,
            worth=(p, q, v),
            worth_covariance=worth.covariance,
            unit_days=people.unit_days,
            people=len(people),
            watched_days=float(people.age.max()) * people.unit_days,
            fitted_ms=fitted_ms,
            value_from=people.value_from,
            currency=currency,
        )

    def encode(self) -> bytes:
        """The version as bytes (JSON, keys in the order of the fields): the same for equal models."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, body: bytes) -> "LifetimeModel":
        """The version in these bytes; `BadModel` where they hold none."""
        try:
            return msgspec.json.decode(body, type=LifetimeModel)
        except msgspec.MsgspecError as mistake:
            raise BadModel(
                f"LifetimeModel: bytes of `encode` are needed; {mistake}. Teach the model again"
            ) from mistake

    @property
    def version(self) -> str:
        """The SHA-256 of the bytes, 64 hex digits."""
        return hashlib.sha256(self.encode()).hexdigest()

    def value_of(self, n: int, first_ms: int, last_ms: int, total: float, now_ms: int) -> float:
        """What one person is expected to bring within the horizon, discounted, in `currency`.

        From the aggregate of their orders: count, first, last and sum (that of refunds below 0 is 0).
        It is P(alive) x expected discounted purchases x expected value of one x margin, rounded to
        1e-6: what is at stake when they leave. 0 for somebody who never bought: the models are of buyers.
        """
        if n < 1:
            return 0.0
        unit_ms = self.unit_days * DAY_MS
        t_x = max(last_ms - first_ms, 0) / unit_ms if n > 1 else 0.0
        age = max((now_ms - first_ms) / unit_ms, t_x)
        one = VISITS[self.kind]
        purchases = one.coming_one(self.visits, n - 1, age, self.horizon.grid(self.unit_days))
        p, q, v = self.worth
        worth = p * (v + max(total, 0.0)) / (p * n + q - 1.0)
        there = one.alive_one(self.visits, n - 1, t_x, age)
        return round(there * purchases * worth * self.horizon.margin, PLACES)

    def values(self, people: Summary) -> Floats:
        """`value_of` for many people (n,), not rounded; the two agree to 1e-9 of the value."""
        visits, worth = np.array(self.visits), np.array(self.worth)
        model, grid = VISITS[self.kind], self.horizon.grid(self.unit_days)
        found = [np.zeros(0)]
        for part in people.parts():
            bought = discounted(model, visits, part.frequency, part.age, grid)
            there = model.alive(visits, part.frequency, part.recency, part.age)
            spent = gamma_gamma.expected(worth, part.valued, part.mean)
            found.append(there * bought * spent * self.horizon.margin)
        return np.concatenate(found)
