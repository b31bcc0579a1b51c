"""Buyers as columns: how often they came back, when last, since when, and what they spend."""

from collections.abc import Iterable, Iterator
from typing import Literal, Self, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from equipoise.nouns.state import Tally

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reals = TypeVar("Reals", float, Floats)
"""One number, or one for each person."""

DAY_MS = 86_400_000
WEEK_DAYS = 7.0

ValueFrom = Literal["orders", "repeats"]
"""What the mean value is a mean of: all orders of a person, or those after the first."""


BLOCK = 8_192
"""So many people are computed at a time: their numbers stay in the cache, and memory stays small."""


def blocks(n: int) -> Iterator[slice]:
    """The slices that part n rows into blocks."""
    return (slice(start, start + BLOCK) for start in range(0, n, BLOCK))


class BadPeople(ValueError):
    """The columns cannot be those of buyers: who, what was needed, what came, what to do."""


class Summary(msgspec.Struct, frozen=True, eq=False):
    """People in rows, each column with one entry a person (n,).

    `frequency` x is the number of purchases after the first, `recency` t_x the time from the first
    purchase to the last, `age` T the time from the first purchase to the end of observation, both in
    units of `unit_days` days. `valued` is how many purchases `mean` is the mean value of; where it is
    0, `mean` means nothing. The names are those of Fader, Hardie and Lee (2005), section 4.1.
    """

    frequency: Ints
    recency: Floats
    age: Floats
    valued: Ints
    mean: Floats
    unit_days: float = WEEK_DAYS
    value_from: ValueFrom = "orders"

    def __len__(self) -> int:
        return len(self.frequency)

    def parts(self) -> Iterator[Self]:
        """These people in blocks, in order."""
        for rows in blocks(len(self)):
            yield msgspec.structs.replace(
                self,
                frequency=self.frequency[rows],
                recency=self.recency[rows],
                age=self.age[rows],
                valued=self.valued[rows],
                mean=self.mean[rows],
            )

    def checked(self) -> Self:
        """These people, or `BadPeople` where a row is impossible; the first such row is named."""
        lengths = {len(c) for c in (self.recency, self.age, self.valued, self.mean)}
        if lengths != {len(self)}:
            raise BadPeople(
                f"Summary: all columns need the {len(self)} rows of frequency; they have "
                f"{sorted(lengths)}. Give every person one entry in each"
            )
        if not (np.isfinite(self.unit_days) and self.unit_days > 0):
            raise BadPeople(f"Summary: unit_days is {self.unit_days}; give a length above 0")
        worth = np.where(self.valued > 0, self.mean, 1.0)
        slack = 1e-9 * np.maximum(1.0, np.abs(self.age))
        rules = (
            (np.isfinite(self.recency) & np.isfinite(self.age), "recency and age are finite"),
            (self.frequency >= 0, "frequency is a count from 0"),
            (
                (self.recency >= 0) & (self.recency <= self.age + slack),
                "recency is within 0 and age",
            ),
            ((self.frequency > 0) | (self.recency == 0), "recency is 0 without a repeat"),
            (np.isfinite(worth) & (self.valued >= 0), "mean is finite where values were counted"),
        )
        for holds, needed in rules:
            if not holds.all():
                row = int(np.argmin(holds))
                raise BadPeople(
                    f"Summary: {needed}; row {row} has frequency {self.frequency[row]}, recency "
                    f"{self.recency[row]}, age {self.age[row]}, mean {self.mean[row]}. Correct that row"
                )
        return self


def of_tallies(tallies: Iterable[Tally], now_ms: int, unit_days: float = WEEK_DAYS) -> Summary:
    """People from the aggregate of their orders (count, first, last, total), as of `now_ms`.

    x = n - 1, t_x = last - first, T = now - first, mean = total / n over all n orders, since the value
    of the first alone is not kept. Nobody without an order is in it. An order that was refunded in full
    leaves n as it is, and a total below 0 counts as 0. Two orders of one day are two purchases.
    """
    told = [(t.n, t.first_ms, t.last_ms, t.total) for t in tallies if t.n > 0]
    rows = np.array(told, np.float64).reshape(-1, 4)
    n, first_ms, last_ms, total = rows.T
    unit_ms = unit_days * DAY_MS
    recency = np.where(n > 1, (last_ms - first_ms) / unit_ms, 0.0)
    age = np.maximum((now_ms - first_ms) / unit_ms, recency)
    mean = np.maximum(total, 0.0) / np.maximum(n, 1.0)
    counted = n.astype(np.int64)
    return Summary(counted - 1, recency, age, counted, mean, unit_days, "orders").checked()


def of_purchases(
    person: Ints,
    day: Ints,
    value: Floats,
    end_day: int,
    unit_days: float = WEEK_DAYS,
    value_from: ValueFrom = "repeats",
) -> Summary:
    """People from single purchases (m,), in order of their ids; what is after `end_day` is not seen.

    All purchases of a person on one day count as one, as Fader, Hardie and Lee (2005) count them.
    `day` is any running day number, `value` the money. `value_from` says whether `mean` leaves out the
    first day, as Fader and Hardie (2013) do.
    """
    seen = day <= end_day
    person, day, value = person[seen], day[seen], value[seen]
    order = np.lexsort((day, person))
    person, day, value = person[order], day[order], value[order]
    fresh = np.ones(len(person), bool)
    fresh[1:] = (person[1:] != person[:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(fresh)
    person, day = person[starts], day[starts]
    value = np.add.reduceat(value, starts) if len(starts) else value
    heads = np.flatnonzero(np.r_[True, person[1:] != person[:-1]][: len(person)])
    days = np.diff(np.r_[heads, len(person)])
    tails = heads + days - 1
    spent = np.add.reduceat(value, heads) if len(heads) else value
    valued = days if value_from == "orders" else days - 1
    counted = spent if value_from == "orders" else spent - value[heads]
    return Summary(
        frequency=days - 1,
        recency=(day[tails] - day[heads]) / unit_days,
        age=(end_day - day[heads]) / unit_days,
        valued=valued,
        mean=np.where(valued > 0, counted / np.maximum(valued, 1), 0.0),
        unit_days=unit_days,
        value_from=value_from,
    ).checked()


class Buyers(msgspec.Struct, frozen=True, eq=False):
    """What a likelihood of visits sees: rows of (x, t_x, T) with `weight` how many people they are."""

    frequency: Ints
    recency: Floats
    age: Floats
    weight: Floats


def squeezed(people: Summary) -> Buyers:
    """The people with those who never came back put together by their age, which are most of them."""
    back = people.frequency > 0
    ages, count = np.unique(people.age[~back], return_counts=True)
    none = np.zeros(len(ages))
    return Buyers(
        np.r_[people.frequency[back], none.astype(np.int64)],
        np.r_[people.recency[back], none],
        np.r_[people.age[back], ages],
        np.r_[np.ones(int(back.sum())), count.astype(np.float64)],
    )
