"""What was decided and what came of it, as data frames: Arrow tables, or Polars or pandas frames.

`equipoise.frames.decisions("shop.db")` and its neighbours read a store in chunks, in order, also beside the
engine that writes it. Every row has the key `decision`, so that the frames join; times are UTC to the
millisecond, money is in the play's currency. They need pyarrow (`pip install "equipoise[frames]"`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from equipoise.nouns.decisions import Answer
from equipoise.nouns.lessons import Lesson, LessonKind, Tried
from equipoise.ports import Store
from equipoise.runners.embedded import Embedded
from equipoise.stores import open_store

Source = Embedded | Store | str | Path
"""Where to read: an open engine, an open store, or the path or URL of one."""

As = Literal["arrow", "polars", "pandas"]
"""What kind of frame is wanted."""

CHUNK = 10_000
"""How many rows are read and laid into columns at a time."""

INPUT = "x."
"""Before the name of each feature that a decision looked at: the column `x.orders.count`."""

__all__ = ["contributions", "decisions", "outcomes", "propensities", "trials"]

Row = dict[str, Any]
Noun = TypeVar("Noun", Lesson, Tried)


class FramesError(ImportError):
    """A library that frames are made with is not installed; the message says how to install it."""


class _Verdict(msgspec.Struct):
    guard: str
    answer: str
    reason: str


class _Option(msgspec.Struct):
    option: str
    propensity: str
    verdicts: list[_Verdict]
    do: str = ""
    channel: str = ""
    score: str | None = None
    value: str | None = None
    cost: str | None = None
    leaving: str | None = None
    response: str | None = None
    left: str | None = None
    contributions: dict[str, str] = {}


class _Moment(msgspec.Struct):
    kind: str = ""
    channel: str = ""


class _Receipt(msgspec.Struct):
    """As much of a receipt as the frames tell; the other kinds of receipts are passed over by `type`."""

    type: str
    seq: int
    person: int
    play: str = ""
    at_ms: int = 0
    version: str = ""
    purpose: str = ""
    moment: _Moment = msgspec.field(default_factory=_Moment)
    options: list[_Option] = []
    chosen: str = ""
    outcome: str = ""
    reason: str = ""
    guard: str = ""
    chooser: str = ""
    draw: str = "0.0"
    holdout: bool = False
    arm: str = ""
    model: str = ""
    explains: str = ""
    inputs: dict[str, str | None] = {}


_WHO = {"decision": "text", "person": "whole", "play": "text"}
_DECISION = _WHO | {
    "at": "time",
    "version": "text",
    "purpose": "text",
    "moment": "text",
    "channel": "text",
    "chosen": "text",
    "propensity": "number",
    "outcome": "text",
    "reason": "text",
    "guard": "text",
    "chooser": "text",
    "arm": "text",
    "holdout": "truth",
    "draw": "number",
    "model": "text",
    "explains": "text",
}
_MONEY = ("score", "value", "cost", "leaving", "response", "left")
_OPTION = _WHO | {
    "at": "time",
    "option": "text",
    "do": "text",
    "channel": "text",
    "chosen": "truth",
    "propensity": "number",
    **dict.fromkeys(_MONEY, "number"),
    "answer": "text",
    "verdicts": "verdicts",
}
_PART = _WHO | {"option": "text", "chosen": "truth", "feature": "text", "contribution": "number"}
_OUTCOME = _WHO | {
    "version": "text",
    "option": "text",
    "arm": "text",
    "propensity": "number",
    "model": "text",
    "decided": "time",
    "matured": "time",
    "n": "whole",
    "value": "number",
    "early": "whole",
    "left": "truth",
    "revised": "truth",
}
_TRIAL = {
    "person": "whole",
    "play": "text",
    "version": "text",
    "arm": "text",
    "begun": "time",
    "over": "time",
    "before": "number",
    "n": "whole",
    "value": "number",
    "left": "truth",
}


def decisions(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row a decision that has a receipt, oldest first: (decisions, 20 columns and more).

    `propensity` is the probability with which what was chosen could be drawn; `x.FEATURE` are the inputs
    as they stood, numbers where all of them are. `play` leaves out the others. A day's repeats of the same
    silence are one row, as in the ledger. Raises `FramesError`, and `StoreError` for a path without a store.
    """
    return _frame(_chunks(source, play, _decision), _DECISION, as_)


def propensities(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each option of each decision: probability, appraisal in money, and the guards' verdicts.

    `answer` is the verdict that counted (allow, hold, review or refuse), `verdicts` all that were not
    plain permission. `score` to `left` are null where no model was asked. Raises as `decisions`.
    """
    return _frame(_chunks(source, play, _options), _OPTION, as_)


def contributions(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each part of each option's score, in money; the parts of an option sum to its score.

    Raises as `decisions`.
    """
    return _frame(_chunks(source, play, _parts), _PART, as_)


def outcomes(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each decision whose window is over: what came of it, with late events and refunds.

    `n` events of the goal were worth `value`; `left` says whether the person opted out; `revised` that
    the first count was corrected since. `x.FEATURE` are the inputs as they stood. Raises as `decisions`.
    """
    with _opened(source) as store:
        lessons: dict[int, Row] = {}
        for lesson in _lessons(store, "lesson", play, Lesson):
            first = lessons.get(lesson.decision)
            lessons[lesson.decision] = (first or _outcome(lesson)) | _told(lesson)
    rows = list(lessons.values())
    chunks = (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
    return _frame(chunks, _OUTCOME, as_)


def trials(source: Source, *, play: str = "", as_: As = "arrow") -> Any:
    """One row for each person whose trial of a play is over: their arm, what they brought, and before.

    Raises as `decisions`.
    """
    with _opened(source) as store:
        rows = [_trial(tried) for tried in _lessons(store, "tried", play, Tried)]
    return _frame([rows], _TRIAL, as_)


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


def _chunks(source: Source, play: str, lay: Any) -> Iterator[list[Row]]:
    """The rows that `lay` makes of each receipt of a decision, a chunk of receipts at a time."""
    decode = msgspec.json.Decoder(_Receipt).decode
    with _opened(source) as store:
        after = 0
        while receipts := store.receipts_after(after, CHUNK):
            after = receipts[-1].seq
            read = (decode(receipt.body) for receipt in receipts)
            mine = (one for one in read if one.type == "decision" and play in ("", one.play))
            yield [row for receipt in mine for row in lay(receipt)]


def _lessons(store: Store, kind: LessonKind, play: str, noun: type[Noun]) -> Iterator[Noun]:
    decode = msgspec.msgpack.Decoder(noun).decode
    for name in [play] if play else sorted({row.name for row in store.plays()}):
        after = 0
        while rows := store.lessons(kind, name, after, CHUNK):
            after = rows[-1].seq
            yield from (decode(row.body) for row in rows)


# --- one row ------------------------------------------------------------------------------------


def _who(receipt: _Receipt) -> Row:
    return {"decision": f"d_{receipt.seq}", "person": receipt.person, "play": receipt.play}


def _decision(receipt: _Receipt) -> Iterable[Row]:
    row = _who(receipt) | {
        name: getattr(receipt, name) for name in _DECISION if hasattr(receipt, name)
    }
    drawn = [float(one.propensity) for one in receipt.options if one.option == receipt.chosen]
    row |= {
        "at": receipt.at_ms,
        "moment": receipt.moment.kind,
        "channel": receipt.moment.channel,
        "propensity": drawn[0] if drawn else 1.0,
        "draw": float(receipt.draw),
    }
    return [row | {INPUT + name: value for name, value in receipt.inputs.items()}]


def _options(receipt: _Receipt) -> Iterable[Row]:
    for one in receipt.options:
        answers = [Answer[verdict.answer.upper()] for verdict in one.verdicts]
        money = {name: getattr(one, name) for name in _MONEY}
        yield _who(receipt) | {
            "at": receipt.at_ms,
            "option": one.option,
            "do": one.do,
            "channel": one.channel,
            "chosen": one.option == receipt.chosen,
            "propensity": float(one.propensity),
            "answer": max(answers, default=Answer.ALLOW).name.lower(),
            "verdicts": [msgspec.structs.asdict(verdict) for verdict in one.verdicts],
            **{name: None if text is None else float(text) for name, text in money.items()},
        }


def _parts(receipt: _Receipt) -> Iterable[Row]:
    for one in receipt.options:
        about = _who(receipt) | {"option": one.option, "chosen": one.option == receipt.chosen}
        for name, part in one.contributions.items():
            yield about | {"feature": name, "contribution": float(part)}


def _outcome(lesson: Lesson) -> Row:
    """What the first lesson of a decision tells, which later ones do not change."""
    row = {"decision": f"d_{lesson.decision}", "decided": lesson.decided_ms}
    for name in ("person", "play", "version", "option", "arm", "propensity", "model"):
        row[name] = getattr(lesson, name)
    return row | {INPUT + name: value for name, value in lesson.inputs.items()}


def _told(lesson: Lesson) -> Row:
    """What the newest lesson of a decision tells."""
    row = {name: getattr(lesson, name) for name in ("n", "value", "early", "left")}
    return row | {"matured": lesson.matured_ms, "revised": lesson.revises > 0}


def _trial(tried: Tried) -> Row:
    row = {name: getattr(tried, name, None) for name in _TRIAL}
    return row | {"begun": tried.begun_ms, "over": tried.over_ms}


# --- columns ------------------------------------------------------------------------------------


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise FramesError(
            f"frames need {name}, which cannot be imported ({error}). Install it, for example with: "
            'pip install "equipoise[frames]" pandas'
        ) from error


def _frame(chunks: Iterable[Sequence[Row]], columns: Mapping[str, str], as_: As) -> Any:
    """Rows as one table with exactly these typed columns, and one more for each input that any has."""
    if as_ not in ("arrow", "polars", "pandas"):
        raise ValueError(f"as_={as_!r}: needs 'arrow', 'polars' or 'pandas'")
    pa = _library("pyarrow")
    other = None if as_ == "arrow" else _library(as_)
    schema = pa.schema([(name, _type(pa, kind)) for name, kind in columns.items()])
    tables = [schema.empty_table(), *(_table(pa, schema, rows) for rows in chunks if rows)]
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


def _table(pa: Any, schema: Any, rows: Sequence[Row]) -> Any:
    table = pa.table(
        {field.name: pa.array([row[field.name] for row in rows], field.type) for field in schema},
        schema=schema,
    )
    inputs = {name: None for row in rows for name in row if name.startswith(INPUT)}
    for name in inputs:
        texts = [_text(row.get(name)) for row in rows]
        table = table.append_column(name, pa.array(texts, pa.string()))
    return table


def _text(value: Any) -> str | None:
    """An input as receipts write it, so that inputs from both sources become columns alike."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _typed(pa: Any, texts: Any) -> Any:
    """Texts as numbers, or as truth, where every one that is there reads so; else as they are."""
    if texts.null_count == len(texts):
        return texts.cast(pa.float64())
    for kind in (pa.float64(), pa.bool_()):
        try:
            return texts.cast(kind)
        except pa.ArrowInvalid:
            continue
    return texts
