"""What was decided and what came of it, as data frames: Arrow tables, or Polars or pandas frames.

`equipoise.frames.decisions("shop.db")` and its neighbours read a store in chunks, in order, also beside the
engine that writes it. Every row has the key `decision`, so that the frames join; times are UTC to the
millisecond, money is in the play's currency. They need pyarrow (`pip install "equipoise[frames]"`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from equipoise.account.receipts import input_value
from equipoise.compose.columns import (
    DECISION,
    INPUT,
    OPTION,
    OUTCOME,
    PART,
    TRIAL,
    Columns,
    Receipt,
    lay_decisions,
    lay_options,
    lay_outcomes,
    lay_parts,
    lay_trials,
)
from equipoise.nouns.lessons import Lesson, LessonKind, Tried
from equipoise.ports import Store
from equipoise.runners.embedded import Embedded
from equipoise.stores import open_store

Source = Embedded | Store | str | Path
"""Where to read: an open engine, an open store, or the path or URL of one."""

As = Literal["arrow", "polars", "pandas"]
"""What kind of frame is wanted."""

CHUNK = 2_000
"""How many rows are read and laid into columns at a time."""

__all__ = ["contributions", "decisions", "outcomes", "propensities", "trials"]

Noun = TypeVar("Noun", Lesson, Tried)


class FramesError(ImportError):
    """A library that frames are made with is not installed; the message says how to install it."""


def decisions(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row a decision that has a receipt, oldest first: (decisions, 20 columns and more).

    `propensity` is the probability with which what was chosen could be drawn; `x.FEATURE` are the inputs
    as they stood, numbers where all of them are. `play` leaves out the others. A day's repeats of the same
    silence are one row, as in the ledger. Raises `FramesError`, and `StoreError` for a path without a store.
    """
    return _frame(_chunks(source, play, lay_decisions), DECISION, as_)


def propensities(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each option of each decision: probability, appraisal in money, and the guards' verdicts.

    `answer` is the verdict that counted (allow, hold, review or refuse), `verdicts` all that were not
    plain permission. `score` to `left` are null where no model was asked. Raises as `decisions`.
    """
    return _frame(_chunks(source, play, lay_options), OPTION, as_)


def contributions(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each part of each option's score, in money; the parts of an option sum to its score.

    Raises as `decisions`.
    """
    return _frame(_chunks(source, play, lay_parts), PART, as_)


def outcomes(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each decision whose window is over: what came of it, with late events and refunds.

    `n` events of the goal were worth `value`; `left` says whether the person opted out; `revised` that
    the first count was corrected since. `x.FEATURE` are the inputs as they stood. Raises as `decisions`.
    """
    with _opened(source) as store:
        pairs: dict[int, tuple[Lesson, Lesson]] = {}
        for lesson in _lessons(store, "lesson", play, Lesson):
            first, _ = pairs.get(lesson.decision, (lesson, lesson))
            pairs[lesson.decision] = (first, lesson)
    rows = list(pairs.values())
    chunks = (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
    return _frame(map(lay_outcomes, chunks), OUTCOME, as_)


def trials(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each person whose trial of a play is over: their arm, what they brought, and before.

    Raises as `decisions`.
    """
    with _opened(source) as store:
        rows = list(_lessons(store, "tried", play, Tried))
    return _frame([lay_trials(rows)], TRIAL, as_)


# --- reading ------------------------------------------------------------------------------------


@contextmanager
def _opened(source: Source) -> Iterator[Store]:
    """The store of a source; one that was named is opened for reading, and closed."""
    if isinstance(source, Embedded):
        yield source.store
        return
    if not isinstance(source, str | Path):
        yield source
        return
    text = str(source)
    store, intake = open_store(text if ":" in text else f"sqlite:{text}", "reader")
    try:
        yield store
    finally:
        store.close()
        intake.close()


def _chunks(
    source: Source, play: str, lay: Callable[[list[Receipt]], Columns]
) -> Iterator[Columns]:
    """The columns that `lay` makes of the receipts of decisions, a chunk of receipts at a time."""
    decode = msgspec.json.Decoder(Receipt).decode
    with _opened(source) as store:
        after = 0
        while rows := store.receipts_after(after, CHUNK):
            after = rows[-1].seq
            read = (decode(row.body) for row in rows)
            yield lay([one for one in read if one.type == "decision" and play in ("", one.play)])


def _lessons(store: Store, kind: LessonKind, play: str, noun: type[Noun]) -> Iterator[Noun]:
    decode = msgspec.msgpack.Decoder(noun).decode
    for name in [play] if play else sorted({row.name for row in store.plays()}):
        after = 0
        while rows := store.lessons(kind, name, after, CHUNK):
            after = rows[-1].seq
            yield from (decode(row.body) for row in rows)


# --- columns ------------------------------------------------------------------------------------


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise FramesError(
            f"frames need {name}, which cannot be imported ({error}). Install it, for example with: "
            'pip install "equipoise[frames]" pandas'
        ) from error


def _frame(chunks: Iterable[Columns], columns: Mapping[str, str], as_: As) -> Any:
    """Chunks as one table with exactly these typed columns, and one more for each input that any has."""
    if as_ not in ("arrow", "polars", "pandas"):
        raise ValueError(f"as_={as_!r}: needs 'arrow', 'polars' or 'pandas'")
    pa = _library("pyarrow")
    other = None if as_ == "arrow" else _library(as_)
    schema = pa.schema([(name, _type(pa, kind)) for name, kind in columns.items()])
    tables = [schema.empty_table(), *(_table(pa, schema, chunk) for chunk in chunks)]
    table = pa.concat_tables(tables, promote_options="permissive")
    for place, name in enumerate(table.column_names):
        if name.startswith(INPUT):
            table = table.set_column(place, name, _typed(pa, table.column(place)))
    if other is None:
        return table
    return other.from_arrow(table) if as_ == "polars" else table.to_pandas()


def _type(pa: Any, kind: str) -> Any:
    verdict = [("guard", pa.string()), ("answer", pa.string()), ("reason", pa.string())]
    types = {
        "text": pa.string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "truth": pa.bool_(),
        "time": pa.timestamp("ms", tz="UTC"),
        "verdicts": pa.list_(pa.struct(verdict)),
    }
    return types[kind]


def _table(pa: Any, schema: Any, chunk: Columns) -> Any:
    arrays = {field.name: pa.array(chunk[field.name], field.type) for field in schema}
    inputs = {name: pa.array(chunk[name], pa.string()) for name in chunk if name.startswith(INPUT)}
    return pa.table(arrays | inputs)


def _typed(pa: Any, texts: Any) -> Any:
    """Texts as numbers, or as truth, where every one that is there was one; else as they were."""
    if texts.null_count == len(texts):
        return texts.cast(pa.float64())
    for kind in (pa.float64(), pa.bool_()):
        try:
            return texts.cast(kind)
        except pa.ArrowInvalid:
            continue
    told = [input_value(text) if text and text[0] == '"' else text for text in texts.to_pylist()]
    return pa.array(told, pa.string())
