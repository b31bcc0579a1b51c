"""Grants and answers, as values: bands say no more than their edges, and reads are refused in one order."""

from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.plays import Compare
from equipoise.nouns.shares import Count, Counted, Holds, ReadShare, Share, ShareRead, ShareToken
from equipoise.rights.shares import (
    band_of,
    counts_needed,
    lives,
    of_group,
    recipients,
    refusal,
    rounded,
)

ADULT = Compare("traits.age", "at_least", 18)
TOKEN = ShareToken("t", "0" * 64)
SHARE = Share(
    seq=16,
    recipient="A",
    purpose="p",
    by="zoë",
    opened_ms=0,
    tokens=(TOKEN,),
    questions=(
        Holds(name="adult", condition=ADULT, text=""),
        Count(name="adults", condition=ADULT, text="", at_least=30),
    ),
)
EDGES = st.lists(
    st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6, unique=True
)


@given(value=st.floats(allow_nan=False), edges=EDGES)
def test_a_number_lies_in_its_band_and_the_band_is_made_of_the_stated_edges(value, edges):
    edges = sorted(edges)
    band = band_of(value, edges)
    assert band["from"] is None or band["from"] <= value
    assert band["below"] is None or value < band["below"]
    assert {band["from"], band["below"]} - {None} <= set(edges)


@given(value=st.floats(allow_nan=False), other=st.floats(allow_nan=False), edges=EDGES)
def test_two_numbers_between_the_same_edges_are_told_alike(value, other, edges):
    edges = sorted(edges)
    together = all((value < edge) == (other < edge) for edge in edges)
    assert (band_of(value, edges) == band_of(other, edges)) is together


def test_what_is_no_number_has_no_band():
    assert [band_of(value, (1.0,)) for value in (None, "3", True, float("nan"))] == [None] * 4


@given(n=st.integers(20, 10**12))
def test_a_rounded_count_is_a_band_around_it_at_least_half_as_wide_as_where_it_begins(n):
    band = rounded(n)
    assert band["from"] <= n < band["below"]
    assert band["below"] - band["from"] >= band["from"]


@given(n=st.integers(0, 10**6), least=st.integers(20, 10**5))
def test_below_its_least_number_a_count_says_only_that_it_is_below(n, least):
    told = of_group(Count(name="a", condition=ADULT, text="", at_least=least), n)
    assert told["holds"] is (n >= least)
    assert (told["band"] is None) is (n < least)
    if told["band"]:
        assert least <= told["band"]["from"] <= n < told["band"]["below"]


def asks(*asked, **given):
    said = {"share": 16, "token": "t", "purpose": "p", "asked": asked} | given
    return ReadShare(**said)


def test_a_read_is_refused_for_the_first_reason_that_holds():
    known = {"handles": (("user_id", "ana"),)}
    assert refusal(SHARE, asks("adult", **known), 1) == ""
    assert refusal(SHARE, asks("adults"), 1) == ""
    assert refusal(SHARE, asks("adult"), 1) == "share_not_granted"
    assert refusal(SHARE, asks("adults", **known), 1) == "share_not_granted"
    assert refusal(SHARE, asks(**known), 1) == "share_not_granted"
    assert refusal(SHARE, asks("adult", purpose="q", **known), 1) == "share_other_purpose"
    assert refusal(SHARE, asks("adult", token="u", purpose="q", **known), 1) == "share_token_over"


def test_a_token_ends_at_its_time_and_one_without_a_time_does_not():
    assert lives(TOKEN, 10**15)
    timed = ShareToken("t", "0" * 64, 0, 5)
    assert (lives(timed, 4), lives(timed, 5)) == (True, False)


def test_only_counted_questions_of_another_day_are_counted_again():
    counted = {"adults": Counted(7, 40)}
    share = Share(
        **{name: getattr(SHARE, name) for name in SHARE.__struct_fields__} | {"counted": counted}
    )
    assert counts_needed(share, ["adult", "adults"], 7) == ()
    assert counts_needed(share, ["adult", "adults"], 8) == (SHARE.questions[1],)
    assert counts_needed(share, ["adult"], 8) == ()


def test_recipients_are_those_who_were_given_something():
    def read(seq, recipient, outcome="granted", atom=1):
        return ShareRead(
            seq=seq, share=16, atom=atom, at_ms=seq, outcome=outcome, reason="",
            recipient=recipient, purpose="p", asked=(f"q{seq}",),
        )  # fmt: skip

    reads = [read(3, "B"), read(1, "B"), read(2, "A", "refused"), read(4, "C", atom=0)]
    (found,) = recipients(reads)
    assert (found.name, found.since_ms, found.last_ms, found.n) == ("B", 1, 3, 2)
    assert found.asked == ("q1", "q3")
