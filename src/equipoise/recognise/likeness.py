"""How alike people are, by the model of Fellegi and Sunter, fitted with Splink on DuckDB in memory.

For every field the model holds how often it agrees among records of one person (m) and among records
of two (u); the weight of a level is log2(m / u), and a rare value weighs more than a frequent one
(Fellegi and Sunter 1969, "A theory for record linkage", section 2; Linacre et al. 2022, "Splink").
What u is, and how many pairs are one person at all, is estimated here from the records; m starts from
`FIELDS` and is fitted too where enough pairs agree.

Nothing is decided here. Splink and DuckDB are imported when they are needed (the extra `joins`).
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from equipoise.nouns.events import Value
from equipoise.nouns.hypotheses import Hypothesis, Likeness
from equipoise.nouns.state import PersonState

if TYPE_CHECKING:
    from splink import Linker

How = Literal["name", "date", "email", "text", "code"]
"""How two values of a field are compared."""

LEVELS = ("exact", "close", "far", "different")
"""The levels of likeness, the most alike first."""


class Field(NamedTuple):
    """One field by which people are compared: how, and whether it narrows down by itself."""

    how: How
    alone: bool = False
    traits: tuple[str, ...] = ()


FIELDS: dict[str, Field] = {
    "given_name": Field("name", traits=("firstName", "first_name", "given_name", "givenName")),
    "family_name": Field("name", traits=("lastName", "last_name", "surname", "family_name")),
    "birth_date": Field("date", traits=("birthday", "birth_date", "date_of_birth", "dob")),
    "email": Field("email", alone=True, traits=("email",)),
    "phone": Field("code", alone=True, traits=("phone",)),
    "number": Field("code", alone=True, traits=("national_id", "customer_number")),
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

ENOUGH = 400
"""Records from which on m is fitted; below, too few pairs agree, and `M` is kept."""

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
    linker, ways = _linker(records, fields, search)
    _fit(linker, ways, search, enough=len(records) >= ENOUGH)
    found = linker.inference.predict(threshold_match_probability=search.least)
    pairs = [_hypothesis(row, fields) for row in found.as_record_list()]
    return sorted(pairs, key=lambda pair: (-pair.score, pair.left, pair.right))


def _linker(
    records: Sequence[Record], fields: Sequence[str], search: Search
) -> "tuple[Linker, list[tuple[str, ...]]]":
    import duckdb
    import pyarrow as pa
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    # What is not trained is left at its start on purpose; Splink would say so at every run.
    logging.getLogger("splink").setLevel(logging.ERROR)
    columns: dict[str, Any] = {name: [one.values.get(name) for one in records] for name in fields}
    table = pa.table(
        {"unique_id": pa.array([one.id for one in records], pa.int64())}
        | {name: pa.array(column, pa.string()) for name, column in columns.items()}
    )
    connection = duckdb.connect()
    connection.execute("SET threads = 1").fetchall()  # so that sums come in one order
    connection.register("everybody", table)
    ways = [way for way in _ways(fields) if _pairs(connection, way) <= search.most_pairs]
    if not ways:
        raise NoLikeness(
            f"no way of narrowing {len(records)} people down gives at most {search.most_pairs} pairs"
        )
    api = DuckDBAPI(connection)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(name) for name in fields],
        blocking_rules_to_generate_predictions=[block_on(*way) for way in ways],
        retain_intermediate_calculation_columns=True,
    )
    return Linker(api.register(table), settings, log_level=None), ways


def _ways(fields: Sequence[str]) -> list[tuple[str, ...]]:
    """The sets of fields on which two people agree before they are compared at all."""
    alone: list[tuple[str, ...]] = [(name,) for name in fields if FIELDS[name].alone]
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
            *(step.configure(m_probability=m) for step, m in zip(steps, M[how], strict=True)),
        ],
    )


def _fit(
    linker: "Linker",
    ways: Sequence[tuple[str, ...]],
    search: Search,
    *,
    enough: bool,
) -> None:
    from splink import block_on

    sure = [way for way in ways if len(way) == 1 or {"birth_date"} < {*way}]
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*way) for way in sure or ways], recall=search.found
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=search.sampled, seed=SEED)
    if enough:
        # Two runs that narrow down by different fields: each learns about those it does not fix.
        for way in (ways[0], ways[-1]):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*way))


def _hypothesis(row: dict[str, Any], fields: Sequence[str]) -> Hypothesis:
    left, right = sorted((int(row["unique_id_l"]), int(row["unique_id_r"])))
    return Hypothesis(
        left=left,
        right=right,
        score=float(row["match_probability"]),
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
