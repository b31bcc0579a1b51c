"""How alike people are, by the model of Fellegi and Sunter, fitted with Splink on DuckDB in memory.

For every field the model holds how often it agrees among records of one person (m) and among records
of two (u); the weight of a level is log2(m / u), and a rare value weighs more than a frequent one
(Fellegi and Sunter 1969, "A theory for record linkage", section 2; Linacre et al. 2022, "Splink").
What u is, is estimated here from the records; m starts from `M` and is fitted too where enough pairs agree,
save that of given names, which keep one person from being another of the household. How many pairs are one
person at all, and how many only live together, is told apart by `households`.

Nothing is decided here. Splink and DuckDB are imported when they are needed (the extra `joins`).
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from math import inf, log2, prod
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from equipoise.nouns.events import Value
from equipoise.nouns.hypotheses import Hypothesis, Likeness
from equipoise.nouns.state import PersonState
from equipoise.recognise.households import floor_of, tell_apart

if TYPE_CHECKING:
    from splink import Linker

How = Literal["name", "date", "email", "text", "code"]
"""How two values of a field are compared."""

Way = tuple[str, ...]
"""The fields on which two people agree before they are compared at all."""

LEVELS = ("exact", "close", "far", "different")
"""The levels of likeness, the most alike first."""


class Field(NamedTuple):
    """One field by which people are compared: how, and whether it narrows down by itself.

    `own` says that it differs between people of one household, where everything else may be the same.
    """

    how: How
    alone: bool = False
    traits: tuple[str, ...] = ()
    own: bool = False


FIELDS: dict[str, Field] = {
    "given_name": Field(
        "name", traits=("firstName", "first_name", "given_name", "givenName"), own=True
    ),
    "family_name": Field("name", traits=("lastName", "last_name", "surname", "family_name")),
    "birth_date": Field(
        "date", traits=("birthday", "birth_date", "date_of_birth", "dob"), own=True
    ),
    "email": Field("email", alone=True, traits=("email",)),
    "phone": Field("code", alone=True, traits=("phone",)),
    "number": Field("code", alone=True, traits=("national_id", "customer_number"), own=True),
    "street": Field("text", traits=("address.street", "street", "address_1")),
    "house": Field("code", traits=("address.house", "street_number")),
    "place": Field("text", traits=("address.line2", "address_2")),
    "city": Field("text", traits=("address.city", "city", "suburb")),
    "postcode": Field("code", traits=("address.postalCode", "postcode", "zip")),
}
"""The fields, and the traits of `identify` that they are read from, the first that is there."""

M: dict[How, tuple[float, ...]] = {
    "name": (0.78, 0.12, 0.04, 0.06),
    "date": (0.82, 0.11, 0.04, 0.03),
    "email": (0.78, 0.10, 0.06, 0.06),
    "text": (0.75, 0.12, 0.05, 0.08),
    "code": (0.85, 0.08, 0.07),
}
"""How often two records of one person reach each level: where there is little to learn it from."""

TWINS = 0.004
"""How often two of one household were born on one day: a quarter are siblings, of these one in 60 twins."""

ENOUGH = 50
"""Pairs that agree where people should not from which on m is fitted; below, `M` is kept."""

MOST_HAVE = 10, 0.005
"""How many people, at least and as a share, may have one date of birth, address, telephone or number.

One that more have stands for something that is not known, such as 1 January 1970, and is not compared.
"""

SEED = 20
"""The seed of the pairs that u is estimated from, so that a run can be repeated."""


class Record(msgspec.Struct, frozen=True):
    """What is known of one person: the number of the oldest atom, and values by name of field."""

    id: int
    values: dict[str, str]


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """How far to look: pairs from which score on, and how many pairs one way of narrowing may give.

    `found` is the share of pairs of one person that agree on a name and a birth date, or on a field that
    narrows down alone: it fixes how likely two people are one before anything is compared.
    """

    least: float = 0.5
    most_pairs: int = 5_000_000
    sampled: int = 2_000_000
    found: float = 0.6


def values_of(state: PersonState, get: Callable[[str], Value]) -> dict[str, str]:
    """What a person is compared by: values by name of field, from traits, else from handles.

    `get` reads a profile field of theirs, such as `traits.city`.
    """
    handles = {handle.kind: handle.value for atom in state.atoms for handle in atom.handles}
    values: dict[str, str] = {}
    for name, field in FIELDS.items():
        said = (get(f"traits.{trait}") for trait in field.traits)
        value = next((one for one in said if one not in (None, "")), handles.get(name))
        if value is not None:
            values[name] = str(value).strip().lower()
    return {name: value for name, value in values.items() if value}


class NoLikeness(ValueError):
    """Nothing can be compared: too few records, or no field that at least two of them have."""


def liken(records: Sequence[Record], search: Search | None = None) -> list[Hypothesis]:
    """Every pair of records with a score of at least `search.least`, the likeliest first.

    Raises `NoLikeness` where there is nothing to compare, `ImportError` without the extra `joins`.
    """
    search = search or Search()
    fields = [name for name in FIELDS if sum(name in record.values for record in records) > 1]
    if len(fields) < 2:
        raise NoLikeness(
            f"nothing to compare: needs two of the fields {', '.join(FIELDS)} or more, each known of two "
            f"people at least, got {len(fields)} (people: {len(records)}). Send them as traits of `identify`."
        )
    model = _fitted(records, fields, search)
    rows = _likely(model, fields, search.least)
    return sorted(
        (_hypothesis(row, fields) for row in rows),
        key=lambda pair: (-pair.score, pair.left, pair.right),
    )


class _Model(NamedTuple):
    """The model of `records` records, where it lies, and the ways to narrow down of which m can be learnt."""

    linker: "Linker"
    connection: Any
    telling: list[Way]
    records: int


def _model(records: Sequence[Record], fields: Sequence[str], search: Search) -> _Model:
    """The model with u fitted and m as it is in `M`."""
    import duckdb
    import pyarrow as pa
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    # What is not trained is left at its start on purpose; Splink would say so at every run.
    logging.getLogger("splink").setLevel(logging.ERROR)
    columns: dict[str, Any] = {name: _column(records, name) for name in fields}
    table = pa.table(
        {"unique_id": pa.array([one.id for one in records], pa.int64())}
        | {name: pa.array(column, pa.string()) for name, column in columns.items()}
    )
    connection = duckdb.connect()
    connection.execute("SET threads = 1").fetchall()  # so that sums come in one order
    connection.register("everybody", table)
    counted = {way: _pairs(connection, way) for way in _ways(fields)}
    pairs = {way: n for way, n in counted.items() if n <= search.most_pairs}
    if not pairs:
        raise NoLikeness(
            f"no way of narrowing {len(records)} people down gives at most {search.most_pairs} pairs"
        )
    api = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(name) for name in fields],
        blocking_rules_to_generate_predictions=[block_on(*way) for way in pairs],
        retain_intermediate_calculation_columns=True,
    )
    linker = Linker(api.register(table), settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=search.sampled, seed=SEED)
    telling = [way for way, n in pairs.items() if n >= _by_chance(connection, way, len(records))]
    return _Model(linker, connection, telling, len(records))


def _column(records: Sequence[Record], name: str) -> list[str | None]:
    """The values of one field; what too many have in a field that tells people apart is not known of them."""
    values = [one.values.get(name) for one in records]
    if FIELDS[name].how not in ("date", "email") and not FIELDS[name].alone:
        return values
    least, share = MOST_HAVE
    common = {value for value, n in Counter(values).items() if n > max(least, share * len(records))}
    return [None if value in common else value for value in values]


def _ways(fields: Sequence[str]) -> list[Way]:
    """The sets of fields on which two people agree before they are compared at all."""
    alone: list[Way] = [(name,) for name in fields if FIELDS[name].alone]
    rest = [name for name in fields if not FIELDS[name].alone]
    return alone + list(combinations(rest, 2))


def _pairs(connection: Any, way: Iterable[str]) -> int:
    names = ", ".join(way)
    there = " AND ".join(f"{name} IS NOT NULL" for name in way)
    told = connection.execute(
        f"SELECT coalesce(sum(n * (n - 1) / 2), 0)::BIGINT FROM "  # noqa: S608 - names of our own table
        f"(SELECT count(*) AS n FROM everybody WHERE {there} GROUP BY {names})"
    ).fetchall()[0]
    return int(told[0])


def _by_chance(connection: Any, way: Way, records: int) -> float:
    """The least pairs that a way has to give before m is learnt of it; infinite where it never is.

    A household agrees on all but what is a person's own. Where that is in it, ten times as many pairs as
    come together by chance have to agree: names are not drawn one without the other.
    """
    if not any(FIELDS[name].own for name in way):
        return inf
    if len(way) == 1:
        return ENOUGH
    every = records * (records - 1) / 2
    chance = prod(_pairs(connection, (name,)) / every for name in way)
    return max(ENOUGH, 10.0 * chance * every)


def _comparison(name: str) -> Any:
    """The levels of one field, with a start for m; the more frequent a value, the less it weighs."""
    import splink.comparison_level_library as levels
    import splink.comparison_library as comparisons

    how = FIELDS[name].how
    exact = levels.ExactMatchLevel(name, term_frequency_adjustments=how in ("name", "text"))
    near: dict[How, list[Any]] = {
        "name": [levels.JaroWinklerLevel(name, 0.92), levels.JaroWinklerLevel(name, 0.8)],
        "date": [
            levels.DamerauLevenshteinLevel(name, 1),
            levels.DamerauLevenshteinLevel(name, 2),
        ],
        "email": [levels.DamerauLevenshteinLevel(name, 2), levels.JaroWinklerLevel(name, 0.9)],
        "text": [levels.JaroWinklerLevel(name, 0.9), levels.JaroWinklerLevel(name, 0.8)],
        "code": [levels.DamerauLevenshteinLevel(name, 1)],
    }
    steps = [exact, *near[how], levels.ElseLevel()]
    return comparisons.CustomComparison(
        output_column_name=name,
        comparison_levels=[
            levels.NullLevel(name),
            *(
                step.configure(
                    m_probability=m, fix_m_probability=how == "name" and FIELDS[name].own
                )
                for step, m in zip(steps, M[how], strict=True)
            ),
        ],
    )


def _fitted(records: Sequence[Record], fields: Sequence[str], search: Search) -> _Model:
    """The model as these records have it; m stays as it is in `M` where no fit of it holds."""
    from splink.internals.exceptions import EMTrainingException

    model = _model(records, fields, search)
    if not model.telling:
        return model
    try:
        _fit_m(model, search.found)
    except (EMTrainingException, ValueError):
        # A level that no pair reached got a probability of nought, and left the model half fitted.
        return _model(records, fields, search)
    return model


def _fit_m(model: _Model, found: float) -> None:
    """Fit m in two runs that narrow down by different fields: each learns about those it does not fix."""
    from splink import block_on

    training, telling = model.linker.training, model.telling
    training.estimate_probability_two_random_records_match(
        [block_on(*way) for way in telling], recall=found
    )
    for way in dict.fromkeys((telling[0], telling[-1])):
        training.estimate_parameters_using_expectation_maximisation(block_on(*way))


def _likely(model: _Model, fields: Sequence[str], least: float) -> list[dict[str, Any]]:
    """The rows of the pairs that are at least so probably one person, each with its `score`."""
    import pyarrow as pa

    there = model.linker.inference.predict()
    bits = _bits(there.columns, fields)
    shared = _bits(there.columns, [name for name in fields if not FIELDS[name].own])
    if "birth_date" in fields:
        shared += f" + greatest(mw_birth_date - {log2(M['date'][0] / TWINS)}, 0)"
    table = there.physical_name  # Splink's own name for it; fields are those of `FIELDS`
    told = model.connection.execute(
        f"SELECT unique_id_l, unique_id_r, {bits} AS bits, {shared} AS shared FROM {table} "  # noqa: S608
        "WHERE greatest(bits, shared) >= ? ORDER BY ALL",
        [floor_of(model.records)],
    ).fetchnumpy()
    scores, _ = tell_apart(told["bits"], told["shared"], model.records)
    kept = scores >= least
    likely = {name: told[name][kept] for name in ("unique_id_l", "unique_id_r")}
    model.connection.register("likely", pa.table(likely | {"score": scores[kept]}))
    found = model.connection.sql(
        f"SELECT * FROM {table} JOIN likely USING (unique_id_l, unique_id_r)"  # noqa: S608
    )
    rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def _bits(columns: Iterable[Any], fields: Iterable[str]) -> str:
    """The sum of what fields weigh, as SQL."""
    named = {column.unquote().name for column in columns}
    weights = (f"{start}{name}" for name in fields for start in ("mw_", "mw_tf_adj_"))
    return " + ".join(["0", *(f"coalesce({each}, 0)" for each in weights if each in named)])


def _hypothesis(row: dict[str, Any], fields: Sequence[str]) -> Hypothesis:
    left, right = sorted((int(row["unique_id_l"]), int(row["unique_id_r"])))
    return Hypothesis(
        left=left,
        right=right,
        score=float(row["score"]),
        evidence=tuple(
            Likeness(name, _level(name, row[f"gamma_{name}"]), round(_weight(row, name), 3))
            for name in fields
            if row[f"gamma_{name}"] >= 0
        ),
    )


def _level(name: str, gamma: int) -> str:
    best = len(M[FIELDS[name].how]) - 1
    return "different" if gamma == 0 else LEVELS[best - gamma]


def _weight(row: dict[str, Any], name: str) -> float:
    return float(row[f"mw_{name}"]) + float(row.get(f"mw_tf_adj_{name}") or 0.0)
