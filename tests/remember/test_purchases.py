"""Purchases are exact to the thousandth, bounded, and the same in whatever order they arrive."""

from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.events import Event
from equipoise.nouns.state import Bought
from equipoise.remember.purchases import (
    KEPT_MS,
    LARGEST_AMOUNT,
    MOST_BOUGHT,
    MOST_PARTS,
    keep,
    merge,
    number,
    parts_of,
    purchase,
)

T_MS = 1_790_000_000_000


def order(kind="Order Completed", **facts):
    return Event(
        id="e1",
        kind=kind,
        channel="shop",
        source="shop",
        at_ms=T_MS,
        received_ms=T_MS,
        handles=(),
        facts=facts,
    )


def test_a_purchase_has_its_amount_and_the_parts_of_its_lines():
    lines = [
        {"category": "shoes", "price": 20.1, "quantity": 2},
        {"category": "hats", "price": 5},
        {"category": "shoes", "price": 1},
        {"category": 7, "price": 9},
        "?",
    ]
    assert purchase(order(revenue=60.5, products=lines), T_MS) == Bought(
        T_MS, 60_500, 1, (("hats", 5_000), ("shoes", 41_200))
    )


def test_without_lines_the_category_of_the_event_is_the_part():
    assert parts_of({"category": "shoes", "revenue": 30}) == {"shoes": 30_000}
    assert parts_of({"category": "x" * 65, "revenue": 30}) == {}


def test_what_is_given_back_counts_below_nothing_and_is_no_purchase():
    refund = purchase(order("Order Refunded", revenue=10, category="shoes"), T_MS)
    assert refund == Bought(T_MS, -10_000, 0, (("shoes", -10_000),))


def test_amounts_and_parts_are_bounded():
    lines = [{"category": f"c{n}", "price": n} for n in range(20)]
    one = purchase(order(revenue=9e14, products=lines), T_MS)
    assert one.amount == LARGEST_AMOUNT
    assert len(one.parts) == MOST_PARTS
    assert one.parts[0][0] == "c12", "those that cost most"
    assert number(True) is None


entries = st.lists(
    st.builds(
        Bought,
        st.integers(T_MS, T_MS + 3 * KEPT_MS),
        st.integers(-5_000, 50_000),
        st.integers(0, 1),
    ),
    max_size=MOST_BOUGHT + 20,
)


@given(entries, st.randoms())
def test_the_order_of_arrival_does_not_matter(several, chance):
    one: list[Bought] = []
    other: list[Bought] = []
    for entry in several:
        keep(one, entry)
    chance.shuffle(several)
    for entry in several:
        keep(other, entry)
    assert one == other
    assert len(one) <= MOST_BOUGHT
    if one:
        assert one[-1].at_ms - one[0].at_ms <= KEPT_MS
        assert one[-1] == max(several)


@given(entries, st.integers(0, 80))
def test_two_halves_merge_to_what_one_would_have_kept(several, cut):
    halves: list[list[Bought]] = [[], []]
    whole: list[Bought] = []
    for place, entry in enumerate(several):
        keep(halves[place < cut], entry)
        keep(whole, entry)
    assert merge(halves) == whole
