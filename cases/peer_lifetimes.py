"""The package `lifetimes` on the same buyers, where it is installed, else what it gave when measured."""

import warnings
from collections.abc import Mapping
from importlib import util

import msgspec
import numpy as np

from equipoise.learn.lifetime.people import Floats, Summary

ABSENT = (
    "lifetimes is not installed here (pip install 'equipoise[peers]'): its figures are those of "
    "lifetimes 0.11.3 with NumPy 2.4.6 and SciPy 1.17.1, measured on the sample"
)
MEASURED = {
    "bg_nbd": (0.2425945, 4.4136027, 0.7929218, 2.4259057),
    "pareto_nbd": (0.5532580, 10.5772625, 0.6062264, 11.6681421),
    "gamma_gamma": (6.2495723, 3.7442247, 15.4435210),
}
MEASURED_HOLDOUT = {
    "bg_nbd": ("1,653", "0.7855", "0.6256"),
    "pareto_nbd": ("1,666", "0.7545", "0.6302"),
}


class Figures(msgspec.Struct, frozen=True, eq=False):
    """Parameters by model, and by model of visits what is expected of each buyer, or three scores of it."""

    whose: str
    params: Mapping[str, tuple[float, ...]]
    expected: Mapping[str, Floats | tuple[str, str, str]]


def there() -> bool:
    """True where the package can be imported."""
    return util.find_spec("lifetimes") is not None


def fit(people: Summary, kind: str) -> object:
    """Its fitter, fitted without a penalty, which is maximum likelihood."""
    import lifetimes

    makers = {"bg_nbd": lifetimes.BetaGeoFitter, "pareto_nbd": lifetimes.ParetoNBDFitter}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return makers[kind](0.0).fit(people.frequency, people.recency, people.age)


def figures(people: Summary, ahead_days: float, *, sample: bool) -> Figures | None:
    """What the package says of these buyers; None where it is absent and these are not the sample."""
    if not there():
        return Figures("lifetimes, measured", MEASURED, MEASURED_HOLDOUT) if sample else None
    import lifetimes

    params: dict[str, tuple[float, ...]] = {}
    expected: dict[str, Floats | tuple[str, str, str]] = {}
    columns = (people.frequency, people.recency, people.age)
    names = {"bg_nbd": ("r", "alpha", "a", "b"), "pareto_nbd": ("r", "alpha", "s", "beta")}
    for kind, order in names.items():
        fitted = fit(people, kind)
        params[kind] = tuple(float(fitted.params_[name]) for name in order)
        ahead = ahead_days / people.unit_days
        told = fitted.conditional_expected_number_of_purchases_up_to_time(ahead, *columns)
        expected[kind] = np.asarray(told, np.float64)
    valued = (people.valued > 0) & (people.mean > 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        worth = lifetimes.GammaGammaFitter(0.0).fit(people.valued[valued], people.mean[valued])
    params["gamma_gamma"] = tuple(float(worth.params_[name]) for name in ("p", "q", "v"))
    return Figures("lifetimes", params, expected)
