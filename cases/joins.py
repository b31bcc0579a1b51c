"""Joins: who may be one person, on public records with errors whose people are known.

FEBRL's dataset3 holds people up to six times, dataset4a and 4b hold everybody once each, fake_1000 is
the example of Splink. Ours are fitted with no label; beside them stand the comparisons, training and
threshold that Splink's library gives by default, on the same fields and the same ways of narrowing down.
"""

import csv
import gzip
import logging
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from finding import Options, absent, find
from rich.console import Console
from rich.table import Table

from equipoise.compose import Engine
from equipoise.compose.hypotheses import confirm_by, hypotheses_in
from equipoise.nouns.events import Handle
from equipoise.nouns.hypotheses import Hypothesis
from equipoise.nouns.rules import Rules
from equipoise.recognise.clustering import Holds, clusters, guard
from equipoise.recognise.likeness import FIELDS, Record, Search, liken
from equipoise.recognise.proposing import Rule
from equipoise.settings import read_settings

LEAST = 0.95
"""The precision below which this study fails, at the default threshold."""

SETS: dict[str, tuple[str, ...]] = {
    "FEBRL dataset3": ("febrl/dataset3.csv.gz",),
    "FEBRL dataset4a + 4b": ("febrl/dataset4a.csv.gz", "febrl/dataset4b.csv.gz"),
    "fake_1000": ("splink_fake_1000/fake_1000.csv",),
}
"""The data sets, and the files of each."""

HOMES = "FEBRL 4a in homes, 500 of 4b"
"""What `at_home` makes of dataset4: 5,000 people who live together, of whom few came twice."""

TWICE = 500
"""How many of them came twice."""

OF_HOME = ("family_name", "street", "house", "place", "city", "postcode")
"""What people of one home have in common."""

NUMBERS = {"soc_sec_id": "number"}
"""Columns that no trait of ours is called."""

TRAITS = {
    name: next((trait for trait in field.traits if "." not in trait), name)
    for name, field in FIELDS.items()
}
"""The trait as which each field is sent."""

Pair = tuple[int, int]


class Known(NamedTuple):
    """Records, and by their number who they really are."""

    records: list[Record]
    who: dict[int, str]

    def true(self) -> int:
        """How many pairs of records are one person."""
        return sum(n * (n - 1) // 2 for n in Counter(self.who.values()).values())


def read(paths: Sequence[Path], most: int) -> Known:
    """The records of the files, numbered from 1 on; columns that are no field of ours are left out."""
    named = {trait: name for name, field in FIELDS.items() for trait in field.traits} | NUMBERS
    records: list[Record] = []
    who: dict[int, str] = {}
    for path in paths:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            for row in csv.DictReader(lines, skipinitialspace=True):
                number = len(records) + 1
                if most and number > most:
                    break
                values = {named[k]: v.strip().lower() for k, v in row.items() if k in named}
                records.append(Record(number, {k: v for k, v in values.items() if v}))
                who[number] = row.get("cluster") or row["rec_id"].split("-")[1]
    return Known(records, who)


def at_home(known: Known) -> Known:
    """The people of dataset4a in homes of one to four with one surname and address; some come twice.

    The second record is that of dataset4b with its errors in given name and date of birth, and with the
    surname and address of the home. National numbers, which would tell everybody apart, are left out.
    """
    half, chance = len(known.records) // 2, random.Random(1)  # noqa: S311 - to be repeated
    again = {known.who[one.id]: one for one in known.records[half:]}
    records: list[Record] = []
    who: dict[int, str] = {}
    shared: dict[str, str] = {}
    places = 0
    for one in known.records[:half]:
        if not places:
            shared = {name: one.values[name] for name in OF_HOME if name in one.values}
            places = chance.randint(1, 4)
        places -= 1
        person = known.who[one.id]
        for record in (
            (one, again[person]) if len(records) - len(set(who.values())) < TWICE else (one,)
        ):
            own = {k: v for k, v in record.values.items() if k not in (*OF_HOME, "number")}
            records.append(Record(len(records) + 1, own | shared))
            who[len(records)] = person
    return Known(records, who)


def sets(options: Options, console: Console) -> Iterator[tuple[str, Known]]:
    """Every data set that is there, and dataset4 in homes; what is absent is told."""
    for name, files in SETS.items():
        paths = [find(file, options) for file in files]
        if None in paths:
            console.print(absent(files[paths.index(None)]))
            continue
        known = read([path for path in paths if path], options.most)
        yield name, known
        if len(files) > 1 and not options.most:
            yield HOMES, at_home(known)


def by_default(records: Sequence[Record]) -> list[Hypothesis]:
    """What Splink finds with the comparisons of its library and its usual training."""
    import duckdb
    import pyarrow as pa
    import splink.comparison_library as library
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    fields = [name for name in FIELDS if any(name in one.values for one in records)]
    table: dict[str, Any] = {name: [one.values.get(name) for one in records] for name in fields}
    shaped = {"name": library.NameComparison, "email": library.EmailComparison}
    format_ = "%Y-%m-%d" if "-" in str(table["birth_date"][0]) else "%Y%m%d"
    comparisons = [
        library.DateOfBirthComparison(name, input_is_string=True, datetime_format=format_)
        if name == "birth_date"
        else shaped.get(FIELDS[name].how, library.ExactMatch)(name)
        for name in fields
    ]
    alone = [(name,) for name in fields if FIELDS[name].alone]
    ways = alone + list(combinations([name for name in fields if not FIELDS[name].alone], 2))
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*way) for way in ways],
    )
    connection = duckdb.connect()
    connection.execute("SET threads = 1").fetchall()
    api = DuckDBAPI(connection)
    told = pa.table({"unique_id": [one.id for one in records]} | table)
    linker = Linker(api.register(told), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("given_name", "family_name", "birth_date"), *(block_on(*way) for way in alone)],
        recall=0.7,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for way in (("birth_date",), ("given_name", "family_name")):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*way))
    found = linker.inference.predict(threshold_match_probability=0.5).as_record_list()
    return [
        Hypothesis(left=left, right=right, score=row["match_probability"], evidence=())
        for row in found
        for left, right in [sorted((row["unique_id_l"], row["unique_id_r"]))]
    ]


def joined(records: Sequence[Record]) -> tuple[set[Pair], int]:
    """Who is one person in a house that took the records in, looked, and asked a rule, by record.

    The rule is the default threshold alone; beside the pairs, how many hypotheses it was not let confirm.
    """
    with Engine.open("memory:", settings=read_settings(environ={}, given={})) as engine:
        engine.take(
            {
                "type": "identify",
                "userId": f"record-{one.id}",
                "messageId": f"record-{one.id}",
                "traits": {TRAITS[name]: value for name, value in one.values.items()},
            }
            for one in records
        )
        now_ms = engine.clock.now_ms()
        engine.suppose(hypotheses_in(engine.store, Rules(), now_ms, Search()))
        _, held = confirm_by(engine, Rule(Holds().score))
        handles = {Handle("user_id", f"record-{one.id}"): one.id for one in records}
        people: dict[int, list[int]] = {}
        for handle, atom in engine.store.atoms_of(handles).items():
            people.setdefault(atom.person, []).append(handles[handle])
    pairs = {pair for same in people.values() for pair in combinations(sorted(same), 2)}
    return pairs, sum(held.values())


def pairs_of(found: Sequence[Hypothesis], score: float) -> set[Pair]:
    """The pairs with at least this score that nothing holds."""
    return {(one.left, one.right) for one in found if one.score >= score and not one.held}


def closed(pairs: set[Pair]) -> set[Pair]:
    """The pairs, and those that follow: who is one with one of a cluster is one with all of it."""
    return {pair for members in clusters(pairs) for pair in combinations(members, 2)}


def measure(pairs: set[Pair], known: Known) -> tuple[float, float]:
    """Precision (1 where nothing is found) and recall of pairs."""
    right = sum(known.who[left] == known.who[other] for left, other in pairs)
    return right / len(pairs) if pairs else 1.0, right / known.true()


def main(options: Options, console: Console) -> None:
    """Print precision and recall of each data set; raises `SystemExit` where ours is not precise."""
    table = Table("data", "whose", "what", "pairs", "precision", "recall", "seconds")
    poor = []
    for name, known in sets(options, console):
        score = Holds().score
        began = time.perf_counter()
        try:
            default = by_default(known.records)
        except ValueError as error:
            default = []
            console.print(f"{name}: the usual training of Splink does not end: {str(error)[:80]}")
        between = time.perf_counter()
        ours = guard(liken(known.records, Search()))
        ended = time.perf_counter()
        people, barred = joined(known.records)
        walked = time.perf_counter()
        rows = [
            ("Splink's defaults", f"pairs from {score}", pairs_of(default, score), between - began),
            ("", "and what follows", closed(pairs_of(default, score)), 0.0),
            ("ours", f"pairs from {score}", pairs_of(ours, score), ended - between),
            ("", "and what follows", closed(pairs_of(ours, score)), 0.0),
            ("", "shown, from 0.5", pairs_of(ours, 0.5), 0.0),
            ("in a house", "one person by the rule", people, walked - ended),
        ]
        for whose, what, pairs, took in rows:
            precision, recall = measure(pairs, known)
            figures = (f"{len(pairs):,}", f"{precision:.4f}", f"{recall:.4f}")
            table.add_row(
                name if pairs is rows[0][2] else "",
                whose,
                what,
                *figures,
                f"{took:.1f}" if took else "",
            )
            if precision < LEAST and pairs is not rows[0][2] and pairs is not rows[1][2]:
                poor.append(f"{name}: {what}: {precision:.4f}")
        held = Counter(one.held for one in ours if one.held)
        table.add_row(
            "", "", f"held: {dict(held) or 'none'}; true pairs {known.true():,}; barred {barred}"
        )
    console.print(table)
    if poor:
        raise SystemExit(f"precision below {LEAST}: {'; '.join(poor)}")
