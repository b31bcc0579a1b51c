"""A log of decisions as columns: who, what was done, how likely that was, and what came of it."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import force_setattr
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLOSE = 1e-6
"""How far probabilities may be from summing to 1, and a propensity from the distribution it is of."""


class LogMistake(ValueError):
    """A log or a candidate cannot be rehearsed; the message says where, what is needed, what came."""


class Logged(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Logged decisions, one a row, in the order in which they were made; n rows, K options.

    `options` are the K names, `silence` the one that leaves people alone, if the log has it. `taken`
    (n,) is the index of what was done, `propensity` (n,) its probability then, `reward` (n,) what
    came of it in `unit`. `people` (n,) names whose decision it was (numbers or text; each row its own
    person where None): rows of one person are kept together in folds and intervals. `features`
    (n, d) are numbers or numeric codes, NaN where missing. `segments` (n,) are labels. `allowed`
    (n, K) says what the guards allowed (everything where None). `incumbent` (n, K) is the whole
    distribution of the logging policy where it is known. Raises `LogMistake`.
    """

    options: tuple[str, ...]
    taken: NDArray[np.intp]
    propensity: Floats
    reward: Floats
    people: NDArray[np.intp] | Sequence[Any] | None = None
    features: Floats | None = None
    segments: NDArray[np.str_] | Sequence[str] | None = None
    allowed: NDArray[np.bool_] | None = None
    incumbent: Floats | None = None
    silence: str | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        """Bring the columns to their types and check them."""
        for name, kind in (("taken", np.intp), ("propensity", np.float64), ("reward", np.float64)):
            force_setattr(self, name, _column(name, getattr(self, name), kind))
        n = len(self.taken)
        whose = np.arange(n) if self.people is None else _codes("people", self.people)
        force_setattr(self, "people", whose)
        if self.features is not None:
            features = np.asarray(self.features, dtype=np.float64)
            force_setattr(self, "features", features.reshape(len(features), -1))
        if self.segments is not None:
            force_setattr(self, "segments", np.asarray(self.segments, dtype=np.str_))
        if self.allowed is not None:
            force_setattr(self, "allowed", np.asarray(self.allowed, dtype=np.bool_))
        _check_lengths(self)
        _check_rows(self)
        if self.allowed is not None:
            _check_allowed(self)
        if self.incumbent is not None:
            checked = distribution(self, self.incumbent, "incumbent")
            force_setattr(self, "incumbent", checked)
            _check_incumbent(self, checked)

    @property
    def n(self) -> int:
        """How many decisions."""
        return len(self.taken)

    @property
    def who(self) -> NDArray[np.intp]:
        """Whole numbers 0 .. G-1, one for each person."""
        assert isinstance(self.people, np.ndarray)  # noqa: S101  `__post_init__` has made it so
        return self.people

    @property
    def silent(self) -> int | None:
        """The index of silence, or None."""
        return None if self.silence is None else self.options.index(self.silence)

    def mask(self) -> NDArray[np.bool_]:
        """What was allowed, (n, K), everything where the log does not say."""
        if self.allowed is None:
            return np.ones((self.n, len(self.options)), dtype=np.bool_)
        return self.allowed


def distribution(log: Logged, given: Any, name: str = "candidate") -> Floats:
    """The probabilities of a policy for every row and option, (n, K), checked against the log.

    Raises `LogMistake` for a wrong shape, NaN, what is outside [0, 1], rows that do not sum to 1,
    and mass on an option that the guards did not allow.
    """
    chances = np.asarray(given, dtype=np.float64)
    if chances.shape != (log.n, len(log.options)):
        raise LogMistake(
            f"{name}: needed one probability for each of {log.n} decisions and "
            f"{len(log.options)} options, got shape {chances.shape}; give an array of that shape"
        )
    _refuse(name, ~(chances >= 0) | (chances > 1 + CLOSE), chances, "probabilities in [0, 1]")
    sums = chances.sum(axis=1)
    _refuse(name, np.abs(sums - 1) > CLOSE, sums, "rows that sum to 1", "normalise each row")
    if log.allowed is not None:
        _refuse(name, (chances > 0) & ~log.allowed, chances, "no mass on what is not allowed")
    return chances


def _column(name: str, given: Any, kind: type) -> NDArray[Any]:
    column = np.asarray(given)
    if column.ndim != 1 or column.dtype.kind not in "biuf":
        raise LogMistake(
            f"{name}: needed one number for each decision, got shape {column.shape} of "
            f"{column.dtype}; give a flat column of numbers"
        )
    _refuse(name, ~np.isfinite(column), column, "finite numbers", "drop or fill those rows")
    if kind is np.intp:
        _refuse(name, column != np.floor(column), column, "whole numbers")
    return column.astype(kind)


def _codes(name: str, given: Any) -> NDArray[np.intp]:
    column = np.asarray(given)
    if column.ndim != 1:
        raise LogMistake(f"{name}: needed one for each decision, got shape {column.shape}")
    if column.dtype.kind in "iu" and len(column) and column.min() >= 0:
        top = int(column.max())
        if top < 4 * len(column):
            seen = np.zeros(top + 1, dtype=np.bool_)
            seen[column] = True
            dense: NDArray[np.intp] = (np.cumsum(seen) - 1)[column].astype(np.intp)
            return dense
    codes: NDArray[np.intp] = np.unique(column, return_inverse=True)[1].astype(np.intp)
    return codes


def _refuse(
    name: str, wrong: NDArray[np.bool_], values: NDArray[Any], needed: str, advice: str = ""
) -> None:
    if not wrong.any():
        return
    place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    raise LogMistake(
        f"{name}: needed {needed}, got {values[place]} at row {int(place[0])} "
        f"({int(wrong.sum())} such values); {advice or 'correct the log where it is written'}"
    )


def _check_lengths(log: Logged) -> None:
    if log.n == 0:
        raise LogMistake("the log: needed at least one decision, got none; widen the period")
    if len(log.options) < 2 or len(set(log.options)) < len(log.options):
        raise LogMistake(
            f"options: needed two or more names, each once, got {log.options}; name what was possible"
        )
    if log.silence is not None and log.silence not in log.options:
        raise LogMistake(
            f"silence: needed one of {', '.join(log.options)}, got {log.silence!r}; name the option "
            "that leaves people alone, or none"
        )
    for name in ("propensity", "reward", "people", "features", "segments", "allowed"):
        column = getattr(log, name)
        if column is not None and len(column) != log.n:
            raise LogMistake(f"{name}: needed {log.n} rows as in taken, got {len(column)}")


def _check_rows(log: Logged) -> None:
    many = len(log.options)
    _refuse("taken", (log.taken < 0) | (log.taken >= many), log.taken, f"an index below {many}")
    _refuse(
        "propensity",
        (log.propensity <= 0) | (log.propensity > 1 + CLOSE),
        log.propensity,
        "the probability of what was done, above 0 and at most 1",
        "what was done had a chance; log that, not the score of the option",
    )


def _check_allowed(log: Logged) -> None:
    mask, shape = log.mask(), (log.n, len(log.options))
    if mask.shape != shape:
        raise LogMistake(f"allowed: needed shape {shape}, got {mask.shape}")
    some: NDArray[np.bool_] = np.logical_or.reduce(mask, axis=1)
    _refuse("allowed", ~some, some, "at least one allowed option a row")
    done = mask[np.arange(log.n), log.taken]
    _refuse("allowed", ~done, done, "that what was done was allowed")
    if log.silent is None and not mask.all():
        raise LogMistake(
            "allowed: needed the name of `silence` where guards take options away, got none; name "
            "the option that is left then"
        )
    if log.silent is not None:
        _refuse("allowed", ~mask[:, log.silent], mask[:, log.silent], "silence allowed everywhere")


def _check_incumbent(log: Logged, chances: Floats) -> None:
    own = chances[np.arange(log.n), log.taken]
    _refuse(
        "incumbent",
        np.abs(own - log.propensity) > CLOSE,
        own,
        "the logged propensity for what was done",
        "the distribution and the propensities must be of the same policy",
    )
