"""Whether people fell into the arms as they should have: a test that may be looked at all the time."""

from collections.abc import Iterable, Mapping
from math import exp, lgamma, log

from equipoise.nouns.effects import Ratio

ALPHA = 0.01
"""How often, at most, the alarm is given in the whole life of a play whose arms are drawn rightly."""

CONCENTRATION = 1_000.0
"""How near to the shares other shares are looked for: the larger, the nearer, and the later it sees."""


def evidence(counts: Mapping[str, int], shares: Mapping[str, float]) -> float:
    """The logarithm of the odds that the counts give against the shares (which sum to 1).

    Multinomial counts under the shares against the mixture of all others by a Dirichlet distribution
    whose mean is the shares: Lindon and Malek, "Anytime-valid inference for multinomial count data"
    (NeurIPS 2022), section 3. Under the shares it is a martingale that begins at odds 1, so by Ville's
    inequality the odds ever reach 1 / alpha with probability alpha at most. Infinite where somebody is
    in an arm without a share.
    """
    n = sum(counts.values())
    found = lgamma(CONCENTRATION) - lgamma(CONCENTRATION + n)
    for arm, count in counts.items():
        share = shares.get(arm, 0.0)
        if count and share <= 0.0:
            return float("inf")
        if count:
            prior = CONCENTRATION * share
            found += lgamma(prior + count) - lgamma(prior) - count * log(share)
    return found


def ratio_of(drawn: Iterable[tuple[Mapping[str, int], Mapping[str, float]]]) -> Ratio:
    """The alarm over groups of people, each (counts by arm, shares by arm).

    The odds of groups multiply, since only one group grows at a time. People in an arm that had no
    share are counted apart; what is tested is how the others are divided.
    """
    found, n, strangers = 0.0, 0, 0
    for counts, shares in drawn:
        known = {arm: count for arm, count in counts.items() if shares.get(arm, 0.0) > 0.0}
        total = sum(shares[arm] for arm in shares)
        found += evidence(known, {arm: share / total for arm, share in shares.items()})
        n += sum(known.values())
        strangers += sum(counts.values()) - sum(known.values())
    p = exp(min(0.0, -found))
    return Ratio(n=n, p=p, alarm=p <= ALPHA, strangers=strangers)
