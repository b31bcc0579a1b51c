"""TC strings are read as they were written, and whatever else comes is refused without much work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrive.signals.tc_writing import core, number, ranges, tc, vendors, written
from equipoise.arrive.signals.tcf import (
    DISCLOSED_SINCE_MS,
    LONGEST,
    NotATCString,
    allows,
    read_tc,
)

PUBLIC = (
    "COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA.IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAA"
    "AAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw"
)
"""The example of the framework's own page on URLs, which other readers use as a test as well."""

chosen = st.sets(st.integers(1, 900), max_size=40)
NEW = DISCLOSED_SINCE_MS // 100


def test_the_public_example_reads_as_others_read_it():
    told = read_tc(PUBLIC)
    assert (told.created_ms, told.updated_ms) == (1_582_243_059_300, 1_582_243_059_300)
    assert (told.cmp_id, told.cmp_version, told.screen, told.language) == (27, 0, 0, "EN")
    assert (told.list_version, told.policy_version, told.country) == (15, 2, "AA")
    assert told.purposes_consent == {1, 2, 3}
    assert told.purposes_interest == told.special_features == set()
    assert [n for n in range(800) if n in told.consent] == [2, 6, 8]
    assert [n for n in range(800) if n in told.interest] == [2, 6, 8]
    assert told.disclosed is not None
    assert 2 in told.disclosed
    assert 1 not in told.disclosed


@given(
    st.booleans(),
    st.fixed_dictionaries(
        {
            "purposes": st.sets(st.integers(1, 24)),
            "interests": st.sets(st.integers(1, 24)),
            "features": st.sets(st.integers(1, 12)),
            "consent": chosen,
            "interest": chosen,
        }
    ),
    st.lists(st.tuples(st.integers(1, 11), st.integers(0, 2), chosen), max_size=3),
    st.none() | chosen,
)
def test_what_is_written_is_read(as_ranges, sets, restrictions, disclosed):
    told = read_tc(tc(disclosed, as_ranges=as_ranges, restrictions=restrictions, **sets))
    assert told.purposes_consent == sets["purposes"]
    assert told.purposes_interest == sets["interests"]
    assert told.special_features == sets["features"]
    for name in ("consent", "interest"):
        assert {n for n in range(1, 901) if n in getattr(told, name)} == sets[name]
    read = [
        (r.purpose, r.kind, {n for a, b in r.ranges for n in range(a, b + 1)})
        for r in told.restrictions
    ]
    assert read == restrictions
    if disclosed is None:
        assert told.disclosed is None
    else:
        assert {n for n in range(1, 901) if n in told.disclosed} == disclosed


@given(st.text(alphabet="ABCDEFGHQZabcxyz0189-_.=! é", max_size=300) | st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        read_tc(text)
    except NotATCString as problem:
        told = str(problem)
    else:
        told = "read"
    assert told


@given(st.data())
def test_a_string_with_one_letter_changed_or_cut_is_read_or_refused(data):
    text = tc({1, 2, 5}, consent={1, 3, 9}, interest={2}, as_ranges=data.draw(st.booleans()))
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("ABZaz09-_."))
    for odd in (text[:place], text[:place] + letter + text[place + 1 :]):
        try:
            read_tc(odd)
        except NotATCString:
            continue


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "base64url"),
        ("C", "cut"),
        ("BOvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA", "version 1"),
        (PUBLIC[:30], "cut"),
        ("A" * (LONGEST + 1), "at most"),
        (PUBLIC + "." + PUBLIC.split(".")[1], "each once"),
        (written(core()) + "." + written(number(5, 3) + vendors({1}, as_ranges=False)), "types"),
        (".".join([written(core())] * 5), "segments"),
        ("C!" + PUBLIC[2:], "base64url"),
    ],
)
def test_what_is_no_tc_string_is_refused_and_told_why(text, why):
    with pytest.raises(NotATCString, match=why):
        read_tc(text)


@pytest.mark.parametrize(("start", "end"), [(5, 4), (0, 3), (3, 70)])
def test_a_range_that_ends_before_it_begins_or_beyond_its_bound_is_refused(start, end):
    bits = core()[: -(12 + 34)]
    bad = number(60, 16) + "1" + number(1, 12) + "1" + number(start, 16) + number(end, 16)
    with pytest.raises(NotATCString, match="range"):
        read_tc(written(bits + bad + number(0, 16) + "0" + number(0, 12)))


def test_the_widest_range_costs_no_more_than_a_narrow_one():
    """The readers that expand ranges make 65,535 numbers of each of these entries."""
    wide = (
        number(65_535, 16)
        + "1"
        + number(400, 12)
        + ("1" + number(1, 16) + number(65_535, 16)) * 400
    )
    told = read_tc(written(core()[: -(12 + 34)] + wide + number(0, 16) + "0" + number(0, 12)))
    assert len(told.consent.ranges) == 400
    assert 65_535 in told.consent
    assert 65_536 not in told.consent
    assert ranges({1}) == number(1, 12) + "0" + number(1, 16)


def test_a_vendor_needs_to_be_disclosed_and_consented_to_for_the_purpose():
    told = read_tc(tc({7, 8}, purposes={1, 3}, consent={7, 9}, updated=NEW))
    assert allows(told, 7, 3)
    assert not allows(told, 7, 2), "no such consent"
    assert not allows(told, 8, 3), "another vendor's consent"
    assert not allows(told, 9, 3), "never shown to the person"


def test_a_string_that_says_nothing_of_disclosure_counts_only_from_before_the_rule():
    assert allows(read_tc(tc(purposes={1}, consent={7}, updated=NEW - 1)), 7, 1)
    assert not allows(read_tc(tc(purposes={1}, consent={7}, updated=NEW)), 7, 1)


@pytest.mark.parametrize(
    ("purpose", "kind", "allowed"),
    [(2, 0, False), (2, 1, True), (2, 2, True), (3, 2, False), (7, 0, True), (7, 2, True)],
)
def test_a_publisher_may_forbid_or_ask_for_another_basis(purpose, kind, allowed):
    told = read_tc(
        tc(
            {7},
            purposes={2},
            consent={7},
            interests={2, 3},
            interest={7},
            restrictions=[(purpose, kind, {7})],
        )
    )
    assert allows(told, 7, purpose if purpose != 7 else 2) is allowed


@given(chosen, chosen, st.sets(st.integers(1, 11)), st.integers(1, 900), st.integers(1, 11))
def test_one_more_restriction_never_allows_more(consent, disclosed, purposes, vendor, purpose):
    plain = {"purposes": purposes, "consent": consent, "interests": purposes, "interest": consent}
    free = read_tc(tc(disclosed, **plain))
    barred = read_tc(tc(disclosed, **plain, restrictions=[(purpose, 0, {vendor})]))
    assert not allows(barred, vendor, purpose)
    for other in range(1, 12):
        assert allows(barred, vendor, other) <= allows(free, vendor, other)
