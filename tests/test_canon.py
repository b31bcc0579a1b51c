"""Canonical bytes agree with an independent JCS, and draws are fixed by what they are drawn for."""

import datetime as dt
import decimal
import enum
import json
import subprocess
import sys
import uuid

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from equipoise.canon import LARGEST_INT, NotCanonical, canonical, keyed64, uniform

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
LEAVES = st.none() | st.booleans() | st.integers(-LARGEST_INT, LARGEST_INT) | TEXT
KEYS = st.text(st.characters(max_codepoint=127), max_size=8)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=30,
)
RECORDS = st.dictionaries(KEYS, VALUES, max_size=6)


class Inner(msgspec.Struct, frozen=True):
    z: int = 1
    a: str = "é"


class Outer(msgspec.Struct, frozen=True):
    b: tuple[Inner, ...] = (Inner(),)
    a: object = None


class Level(enum.IntEnum):
    HIGH = 3


@given(RECORDS)
def test_the_bytes_are_those_of_an_independent_jcs(record):
    assert canonical(record) == rfc8785.dumps(record)


def test_the_example_of_the_standard_has_its_published_bytes():
    """The strings and literals of RFC 8785, section 3.2.2; its fractions travel as text here."""
    told = {"string": '\u20ac$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    written = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(told) == written.encode() == rfc8785.dumps(told)


@given(RECORDS)
def test_the_bytes_are_those_of_the_standard_library(record):
    """So that a short script without any library can check a receipt."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical(record) == text.encode()


@given(RECORDS)
def test_reading_and_writing_again_changes_no_byte(record):
    body = canonical(record)
    assert canonical(json.loads(body)) == body


@given(RECORDS)
def test_the_order_of_members_does_not_matter(record):
    assert canonical(dict(reversed(record.items()))) == canonical(record)


def test_a_struct_counts_as_the_object_of_its_fields_by_name():
    assert canonical(Outer()) == '{"a":null,"b":[{"a":"é","z":1}]}'.encode()
    assert canonical({"x": Outer(a=Level.HIGH)}) == '{"x":{"a":3,"b":[{"a":"é","z":1}]}}'.encode()


def test_sets_count_as_sorted_lists():
    assert canonical({"x": {"b", "a"}}) == canonical({"x": frozenset("ab")}) == b'{"x":["a","b"]}'
    assert canonical(Outer(a={3, 1, 2}))[:12] == b'{"a":[1,2,3]'


def test_deep_records_have_the_same_form_as_shallow_ones():
    deep: object = "end"
    for _ in range(50):
        deep = {"a": [deep]}
    assert canonical({"x": deep}) == rfc8785.dumps({"x": deep})


OUTSIDE = [
    (0.5, "a float"),
    (1.0, "a float"),
    (float("nan"), "a float"),
    (float("inf"), "a float"),
    (LARGEST_INT + 1, "write it as text"),
    (-LARGEST_INT - 1, "write it as text"),
    (2**70, "write it as text"),
    (b"bytes", "got bytes"),
    (decimal.Decimal("0.5"), "got Decimal"),
    (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "got datetime"),
    (uuid.UUID(int=0), "got UUID"),
    ({"é": 1}, "keys of ASCII"),
    ({1: 1}, "keys of ASCII"),
    ("\ud800", "surrogate"),
    pytest.param(object(), "object", id="an object"),
    pytest.param({1, "a"}, "cannot", id="a mixed set"),
]


@pytest.mark.parametrize(("value", "words"), OUTSIDE, ids=repr)
def test_what_lies_outside_the_subset_is_refused_with_its_reason(value, words):
    for record in ({"x": value}, {"x": [{"y": value}]}, {"": [[[[[[value]]]]]]}, Outer(a=value)):
        with pytest.raises(NotCanonical, match=words):
            canonical(record)


def test_the_error_says_where_the_fault_is():
    with pytest.raises(NotCanonical, match=r"dict\.a\[1\]\.b: a float \(0\.5\)"):
        canonical({"a": ["x", {"b": 0.5}]})


def test_endless_nesting_is_refused():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(NotCanonical, match="nested"):
        canonical({"x": loop})


@given(st.binary(min_size=1, max_size=64), TEXT, TEXT)
def test_a_draw_is_a_multiple_of_two_to_the_minus_53_below_one(seed, moment, purpose):
    draw = uniform(seed, moment, purpose)
    assert 0 <= draw < 1
    assert (draw * 2**53).is_integer()
    assert draw == uniform(seed, moment, purpose)


def test_draws_are_spread_evenly():
    """Chi-square over 64 bins of 20,000 draws; the bound is passed by chance once in 10,000 seeds."""
    bins = [0] * 64
    for number in range(20_000):
        bins[int(uniform(b"seed", f"m_{number}", "choose") * 64)] += 1
    expected = 20_000 / 64
    assert sum((count - expected) ** 2 / expected for count in bins) < 112


def test_moment_and_purpose_do_not_run_into_each_other():
    assert uniform(b"k", "ab", "c") != uniform(b"k", "a", "bc")
    assert uniform(b"k", "1:a", "") != uniform(b"k", "", "1:a")


def test_draws_differ_by_seed_moment_and_purpose():
    assert len({uniform(*x) for x in [(b"a", "m", "p"), (b"b", "m", "p"), (b"a", "n", "p")]}) == 3
    assert uniform(b"a", "m", "p") != uniform(b"a", "m", "q")


@pytest.mark.parametrize("key", [b"", b"k" * 65])
def test_a_key_of_a_wrong_length_is_refused(key):
    with pytest.raises(ValueError, match="1 to 64 bytes"):
        keyed64(key, "text")


def test_hashes_and_draws_are_the_same_in_another_process_and_another_year():
    """The values are written down: a change of them would break every replay."""
    told = 'from equipoise.canon import *; print(keyed64(b"k", "é"), repr(uniform(b"s", "m", "p")))'
    run = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["5009900858342409154", "0.4073821026427451"]
