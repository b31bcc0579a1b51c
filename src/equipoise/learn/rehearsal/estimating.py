"""Five estimators of what a policy is worth, each as one number a row, so that differences are paired.

The mean of the rows is the estimate, and their spread by person gives its interval; the rows of two
policies on the same log may be subtracted.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.learn.rehearsal.logged import Floats, Logged


class Weighed(msgspec.Struct, frozen=True, eq=False):
    """A policy against a log, row by row, each (n,).

    `ratio` is its probability of what was done over the logged one, `modelled` the reward that the
    regression model expects of it.
    """

    ratio: Floats
    modelled: Floats


class Sample(msgspec.Struct, frozen=True, eq=False):
    """A log with expected rewards (n, K) for every option, and those of what was done, (n,)."""

    log: Logged
    expected: Floats
    of_taken: Floats

    @classmethod
    def of(cls, log: Logged, expected: Floats) -> "Sample":
        """A log with the expected rewards of a regression model."""
        return cls(log, expected, expected[np.arange(log.n), log.taken])

    def policy(self, chances: Floats) -> Weighed:
        """A policy given by its probabilities (n, K)."""
        ratio = chances[np.arange(self.log.n), self.log.taken] / self.log.propensity
        return Weighed(ratio, np.einsum("nk,nk->n", chances, self.expected))

    def choice(self, chosen: NDArray[np.intp]) -> Weighed:
        """A policy without chance, given by the index (n,) of what it does."""
        ratio = (chosen == self.log.taken) / self.log.propensity
        return Weighed(ratio, self.expected[np.arange(self.log.n), chosen])


def dm(sample: Sample, policy: Weighed) -> Floats:
    """Direct method: what the model expects. Its interval does not know of the model's bias."""
    del sample
    return policy.modelled


def ips(sample: Sample, policy: Weighed) -> Floats:
    """Inverse propensity score, w r (Horvitz and Thompson 1952)."""
    return policy.ratio * sample.log.reward


def snips(sample: Sample, policy: Weighed) -> Floats:
    """Self-normalised: V = sum w r / sum w; the row is V + w (r - V) / mean w, its linear part.

    Swaminathan and Joachims, "The self-normalized estimator for counterfactual learning", NIPS 2015;
    variance by the delta method (Owen, "Monte Carlo theory", 2013, section 9.2). Zero weight
    throughout gives NaN: there is nothing to normalise.
    """
    weight = float(policy.ratio.mean())
    if weight == 0.0:
        return np.full(sample.log.n, np.nan)
    value = _product(policy.ratio, sample.log.reward) / (weight * sample.log.n)
    return value + policy.ratio / weight * (sample.log.reward - value)


def dr(sample: Sample, policy: Weighed) -> Floats:
    """Doubly robust: what the model expects, plus the weighted error of the model on what was done.

    Dudik, Langford and Li, "Doubly robust policy evaluation and learning", ICML 2011. The logged
    propensities are known, so with a model from other people it is unbiased whatever the model.
    """
    return policy.modelled + policy.ratio * (sample.log.reward - sample.of_taken)


def switch_dr(sample: Sample, policy: Weighed, switch_at: float) -> Floats:
    """Doubly robust where the weight is at most `switch_at`, the model alone above.

    Wang, Agarwal and Dudik, "Optimal and adaptive off-policy evaluation in contextual bandits",
    ICML 2017, with the doubly robust part below the threshold.
    """
    ratio = np.where(policy.ratio <= switch_at, policy.ratio, 0.0)
    return policy.modelled + ratio * (sample.log.reward - sample.of_taken)


def every(sample: Sample, policy: Weighed, switch_at: float) -> dict[str, Floats]:
    """The rows of a policy by each estimator, by its name in the report."""
    return {
        "dm": dm(sample, policy),
        "ips": ips(sample, policy),
        "snips": snips(sample, policy),
        "dr": dr(sample, policy),
        "switch_dr": switch_dr(sample, policy, switch_at),
    }


def effective_size(weights: Floats) -> float:
    """Kish's effective sample size, (sum w)^2 / sum w^2 (Kish 1965); 0 where all weights are 0."""
    squares = _product(weights, weights)
    return float(weights.sum()) ** 2 / squares if squares else 0.0


def _product(one: Floats, other: Floats) -> float:
    """The sum of products, in one thread whatever the length."""
    return float(np.einsum("n,n->", one, other))
