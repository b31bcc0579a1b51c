"""What lies ahead, discounted: how many purchases somebody is expected to make in a horizon."""

from math import log1p

import msgspec
import numpy as np

from equipoise.learn.lifetime.nodes import FAR, NODES, WEIGHTS
from equipoise.learn.lifetime.people import Floats, Ints
from equipoise.learn.lifetime.visits import Visits

YEAR_DAYS = 365.25


class Horizon(msgspec.Struct, frozen=True):
    """How far to look (`days`), at which yearly discount, and which share of the value is `margin`.

    A discount of .1 makes money in a year worth 1 / 1.1 of money today.
    """

    days: float = 1096.0
    discount_per_year: float = 0.1
    margin: float = 1.0

    def __post_init__(self) -> None:
        if not (0 < self.days < 36_525 and self.discount_per_year >= 0 and 0 < self.margin <= 1):
            raise ValueError(
                "Horizon: days above 0 and below 36,525, a discount from 0 and a margin above 0 and up "
                f"to 1 are needed; came {self}. Correct the setting"
            )

    def grid(self, unit_days: float) -> tuple[float, float]:
        """The horizon and the continuous rate of discount, in units of `unit_days` days."""
        return self.days / unit_days, log1p(self.discount_per_year) * unit_days / YEAR_DAYS


def discounted(
    model: Visits, params: Floats, x: Ints, age: Floats, grid: tuple[float, float]
) -> Floats:
    """Expected discounted purchases (n,) within the horizon of people who are there now.

    The integral of exp(-d t) pace(t) dt up to the horizon, as Fader, Hardie and Lee (2005), RFM and CLV,
    Journal of Marketing Research 42, define it for ever ("DET"); here by 12 nodes in ln(1 + t/scale), in
    which the pace falls at last as exp(-c ln(1 + t/scale)), c being the model's `falls`. `grid` is that of
    `Horizon.grid`.
    """
    horizon, discount = grid
    scale = model.scale(params, age)[:, None]
    falls = model.falls(params, x)[:, None]
    reach = np.minimum(np.log1p(horizon / scale), FAR / np.maximum(falls - 1.0, 1e-9))
    later = reach * NODES
    paces = model.pace(params, x[:, None], age[:, None], later)
    parts = paces * np.exp(later - discount * scale * np.expm1(later)) * WEIGHTS
    found: Floats = parts.sum(axis=1) * (scale * reach)[:, 0]
    return found
