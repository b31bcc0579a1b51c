"""The two models of visits, side by side: the same questions, asked of either."""

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np

from equipoise.learn.lifetime import bg_nbd, pareto_nbd
from equipoise.learn.lifetime.people import Floats, Ints, Reals

Kind = Literal["bg_nbd", "pareto_nbd"]
Params = Floats | tuple[float, float, float, float]


class Visits(Protocol):
    """What a model of visits gives; both are modules of functions. Shapes as in `bg_nbd`."""

    @property
    def NAMES(self) -> tuple[str, str, str, str]:  # noqa: N802  (a constant of a module)
        """The parameters in their order."""
        ...

    def start(self, age: float, /) -> tuple[float, float, float, float]:
        """Where a search begins."""
        ...

    def logliks(
        self, params: Floats, x: Ints, t_x: Floats, age: Floats, /
    ) -> tuple[Floats, Floats]:
        """Log-likelihoods (n,) and their gradient (4, n)."""
        ...

    def alive(self, params: Floats, x: Ints, t_x: Floats, age: Floats, /) -> Floats:
        """P(alive), (n,)."""
        ...

    def alive_one(
        self, params: tuple[float, float, float, float], x: int, t_x: float, age: float, /
    ) -> float:
        """P(alive) of one person."""
        ...

    def coming_one(
        self,
        params: tuple[float, float, float, float],
        x: int,
        age: float,
        grid: tuple[float, float],
        /,
    ) -> float:
        """Expected discounted purchases of one person who is there now; `grid` as in `Horizon.grid`."""
        ...

    def scale(self, params: Params, age: Reals, /) -> Reals:
        """The time on which somebody's pace changes."""
        ...

    def falls(self, params: Params, x: Ints, /) -> Floats:
        """The power (n,) of 1 + time ahead / scale with which the pace falls at last."""
        ...

    def pace(self, params: Params, x: Ints | int, age: Floats | float, later: Floats, /) -> Floats:
        """Purchases per unit of time of those who are there now, at ln(1 + time ahead / scale)."""
        ...

    def stay(self, params: Floats, x: Ints, age: Floats, ahead: Floats, /) -> Floats:
        """Purchases in the time ahead of those who are there now."""
        ...

    def draw(
        self, params: Floats, x: Ints, age: Floats, ahead: float, rng: np.random.Generator, /
    ) -> Ints:
        """Drawn counts of purchases of those who are there now."""
        ...


VISITS: Mapping[Kind, Visits] = {"bg_nbd": bg_nbd, "pareto_nbd": pareto_nbd}
