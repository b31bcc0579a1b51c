"""Maximum likelihood, which says in a sentence where the data does not support a model."""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
import numpy as np

from equipoise.learn.lifetime import gamma_gamma
from equipoise.learn.lifetime.people import Buyers, Floats, Summary, blocks, squeezed
from equipoise.learn.lifetime.rising import log_rising
from equipoise.learn.lifetime.searching import Optimum, maximise
from equipoise.learn.lifetime.visits import VISITS, Kind

Reason = Literal[
    "",
    "too_few_people",
    "too_few_repeats",
    "no_value",
    "no_dropout_visible",
    "not_converged",
    "not_identified",
    "heavy_tail",
]
"""Why a fit must not be used; empty where it may be."""

FEWEST_PEOPLE = 100
FEWEST_REPEATERS = 30
LEAST_GAIN = 3.0
"""How much log-likelihood leaving must add: 5.99 / 2, the 5 % point of chi-squared of its 2 parameters."""
WIDEST_LOG_ERROR = 3.0
"""A parameter whose logarithm has a larger standard error may be 400 times larger or smaller."""


class Fit(msgspec.Struct, frozen=True):
    """Parameters by maximum likelihood, and whether the data supports them.

    `covariance` is that of the logarithms of `params`, the inverse of the observed information; `loglik`
    the sum over `people` persons, `repeaters` of whom came back (for the value: were valued). Where
    `supported` is False, `reason` and `sentence` say why, and no figure of it should be used.
    """

    kind: str
    names: tuple[str, ...]
    params: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    loglik: float
    people: int
    repeaters: int
    evaluations: int
    supported: bool = True
    reason: Reason = ""
    sentence: str = ""

    def interval(self, name: str) -> tuple[float, float]:
        """The 95 % interval of one parameter, normal on the logarithm: its uncertainty alone."""
        place = self.names.index(name)
        half = 1.959963984540054 * float(np.sqrt(self.covariance[place][place]))
        return self.params[place] * float(np.exp(-half)), self.params[place] * float(np.exp(half))


def fit(people: Summary, kind: Kind = "bg_nbd", begin: Sequence[float] | None = None) -> Fit:
    """The model of visits for these people, by maximum likelihood on the logarithms of its parameters.

    `begin` is where to start, such as the parameters of the former version. Raises `BadPeople` where a
    row is impossible; data that is possible and does not support the model gives `supported` False.
    """
    people.checked()
    model = VISITS[kind]
    repeaters = int((people.frequency > 0).sum())
    if few := _too_few(len(people), repeaters):
        return _unfit(kind, model.NAMES, people, repeaters, few)
    buyers = squeezed(people)
    age = float(np.median(people.age))

    def loglik(params: Floats) -> tuple[float, Floats]:
        value, gradient = 0.0, np.zeros(4)
        for part in blocks(len(buyers.age)):
            who = (buyers.frequency[part], buyers.recency[part], buyers.age[part])
            rows, slopes = model.logliks(params, *who)
            value += float((rows * buyers.weight[part]).sum())
            gradient += (slopes * buyers.weight[part]).sum(axis=1)
        return value, gradient

    found = maximise(loglik, begin or model.start(age), len(people))
    staying = maximise(_staying(buyers), model.start(age)[:2], len(people))
    return _told(kind, model.NAMES, people, repeaters, found, found.loglik - staying.loglik)


def fit_value(people: Summary, begin: Sequence[float] | None = None) -> Fit:
    """The Gamma-Gamma model for all people with a value above 0, by maximum likelihood.

    Whether these are all orders or those after the first is said by `people.value_from`.
    """
    people.checked()
    valued = (people.valued > 0) & (people.mean > 0)
    many, mean = people.valued[valued], people.mean[valued]
    several = int((many > 1).sum())
    names = gamma_gamma.NAMES
    if int(valued.sum()) < FEWEST_REPEATERS:
        sentence = (
            f"{_people(int(valued.sum()))} a purchase with a value above 0; "
            f"at least {FEWEST_REPEATERS} are needed"
        )
        return _unfit("gamma_gamma", names, people, several, ("no_value", sentence))
    if several < FEWEST_REPEATERS:
        sentence = (
            f"{_people(several)} two purchases with a value; what varies within a person is not seen "
            f"with fewer than {FEWEST_REPEATERS}"
        )
        return _unfit("gamma_gamma", names, people, several, ("too_few_repeats", sentence))
    scale = float(mean.mean())

    def loglik(params: Floats) -> tuple[float, Floats]:
        rows, slopes = gamma_gamma.logliks(params, many, mean)
        return float(rows.sum()), slopes.sum(axis=1)

    found = maximise(loglik, begin or gamma_gamma.start(scale), len(many))
    return _told("gamma_gamma", names, people, len(many), found, np.inf)


def _staying(buyers: Buyers) -> Callable[[Floats], tuple[float, Floats]]:
    """The likelihood where nobody ever leaves (the NBD model of visits), to hold leaving against."""

    def loglik(params: Floats) -> tuple[float, Floats]:
        r, alpha = params
        visits, visits_r = log_rising(r, buyers.frequency)
        logs = np.log(alpha + buyers.age)
        rows = visits + r * np.log(alpha) - (r + buyers.frequency) * logs
        by_r = visits_r + np.log(alpha) - logs
        by_alpha = r / alpha - (r + buyers.frequency) / (alpha + buyers.age)
        slopes = np.stack((by_r, by_alpha))
        return float((rows * buyers.weight).sum()), (slopes * buyers.weight).sum(axis=1)

    return loglik


def _people(n: int) -> str:
    return "1 person has" if n == 1 else f"{n} people have"


def _too_few(people: int, repeaters: int) -> tuple[Reason, str] | None:
    if people < FEWEST_PEOPLE:
        return "too_few_people", f"{_people(people)} bought; at least {FEWEST_PEOPLE} are needed"
    if repeaters < FEWEST_REPEATERS:
        return (
            "too_few_repeats",
            f"{repeaters} of {people} people came back; at least {FEWEST_REPEATERS} are needed",
        )
    return None


def _unfit(
    kind: str, names: tuple[str, ...], people: Summary, repeaters: int, why: tuple[Reason, str]
) -> Fit:
    """A fit that was not even tried; its numbers are not numbers, so that nothing can use them."""
    nan = tuple(np.nan for _ in names)
    return Fit(
        kind,
        names,
        nan,
        (nan,) * len(names),
        np.nan,
        len(people),
        repeaters,
        0,
        supported=False,
        reason=why[0],
        sentence=why[1],
    )


def _told(
    kind: str, names: tuple[str, ...], people: Summary, repeaters: int, found: Optimum, gain: float
) -> Fit:
    """What was found, with the first reason for which it must not be used."""
    reason, sentence = _doubt(kind, names, found, gain)
    return Fit(
        kind,
        names,
        tuple(found.params.tolist()),
        tuple(tuple(row) for row in found.covariance.tolist()),
        found.loglik,
        len(people),
        repeaters,
        found.evaluations,
        not reason,
        reason,
        sentence,
    )


def _doubt(kind: str, names: tuple[str, ...], found: Optimum, gain: float) -> tuple[Reason, str]:
    if gain < LEAST_GAIN:
        sentence = (
            f"leaving adds {gain:.2f} to the log-likelihood of a model in which nobody leaves, and "
            f"{LEAST_GAIN} are needed: these people have not been watched long enough to see any go"
        )
        return "no_dropout_visible", sentence
    if not found.converged:
        sentence = (
            f"the search ended after {found.evaluations} evaluations with {found.left:.1e} of "
            "log-likelihood still to gain"
        )
        return "not_converged", sentence
    widest = float(np.sqrt(np.max(np.diag(found.covariance))))
    if not widest <= WIDEST_LOG_ERROR:
        name = names[int(np.argmax(np.diag(found.covariance)))]
        sentence = (
            f"the data does not tell {name}: its logarithm has a standard error of {widest:.1f}, "
            f"and at most {WIDEST_LOG_ERROR} is accepted"
        )
        return "not_identified", sentence
    if kind == "gamma_gamma" and found.params[1] <= 1.0:
        sentence = (
            f"q is {found.params[1]:.3f}: at 1 or below the mean value of a purchase is infinite"
        )
        return "heavy_tail", sentence
    return "", ""
