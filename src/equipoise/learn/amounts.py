"""How much responses bring: a histogram in steps of one per cent, from which a row can be taken out again."""

from math import ceil, copysign, floor, log

import msgspec

STEP = log(1.01)
"""The width of a bin on the logarithmic scale: an amount is known to one per cent."""


class Amounts(msgspec.Struct):
    """Amounts of money by size, folded in place: `bins` maps a size and sign to (how many, their sum)."""

    bins: dict[int, tuple[float, float]] = {}

    def add(self, amount: float, weight: float = 1.0) -> None:
        """Take in one amount; 0 is not kept, and a weight of -1 takes it out again."""
        if amount == 0.0:
            return
        # Below a hundredth of a millionth an amount is nothing; sizes are positive, the sign rides on them.
        size = max(1, 2000 + floor(log(abs(amount)) / STEP))
        key = int(copysign(size, amount))
        count, total = self.bins.get(key, (0.0, 0.0))
        count += weight
        if count <= 1e-9:
            self.bins.pop(key, None)
        else:
            self.bins[key] = (count, total + weight * amount)

    def scaled(self, factor: float) -> "Amounts":
        """The same amounts, each counting `factor` times as much."""
        return Amounts({key: (n * factor, s * factor) for key, (n, s) in self.bins.items()})

    def merged(self, other: "Amounts") -> "Amounts":
        """The amounts of both."""
        bins = dict(self.bins)
        for key, (count, total) in other.bins.items():
            had = bins.get(key, (0.0, 0.0))
            bins[key] = (had[0] + count, had[1] + total)
        return Amounts(bins)

    @property
    def n(self) -> float:
        """How many amounts there are that are not 0."""
        return sum(count for count, _ in self.bins.values())

    def quantile(self, share: float, n: float) -> float:
        """The size |amount| below which the share of n decisions lies, the others of which brought 0.

        The mean of the bin it falls into, within one per cent of it.
        """
        sizes: dict[int, tuple[float, float]] = {}
        for key, (count, total) in self.bins.items():
            had = sizes.get(abs(key), (0.0, 0.0))
            sizes[abs(key)] = (had[0] + count, had[1] + abs(total))
        wanted = ceil(share * n - 1e-9)
        reached = max(n - self.n, 0.0)
        found = 0.0
        for size in sorted(sizes):
            if reached >= wanted:
                break
            reached += sizes[size][0]
            found = sizes[size][1] / sizes[size][0]
        return found

    def winsorised_mean(self, share: float, prior: float) -> float:
        """The mean where what is beyond the quantile `share` counts as the quantile.

        `prior` further amounts of the median are added, so that a few large ones decide little. 0.0
        where there is none.
        """
        n = self.n
        if n <= 0.0:
            return 0.0
        top, middle = self.quantile(share, n), self.quantile(0.5, n)
        total = 0.0
        for key in sorted(self.bins):
            count, summed = self.bins[key]
            mean = summed / count
            total += count * copysign(min(abs(mean), top), mean)
        return (total + prior * middle) / (n + prior)
