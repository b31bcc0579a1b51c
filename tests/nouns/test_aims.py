"""An aim is read whole, or refused with a sentence that says what was needed and what came."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.aims import (
    DAY_MS,
    DEFAULT_DAYS,
    Aim,
    Balance,
    facts_of,
    plain,
    read_aim,
    read_withdrawn,
    thousandths,
)

PARIS = ZoneInfo("Europe/Paris")
NOW_MS = int(datetime(2026, 11, 22, 12, tzinfo=PARIS).timestamp() * 1000)


def read(**facts):
    return read_aim(facts, NOW_MS, 16, "Europe/Paris", "server")


def test_a_limit_on_spending_is_in_thousandths_and_holds_for_a_year():
    aim = read(kind="spend_at_most", amount=49.9, category="shoes", currency="EUR")
    assert isinstance(aim, Aim)
    assert (aim.id, aim.most, aim.per) == ("spend_at_most/shoes", 49_900, "month")
    assert aim.until_ms == NOW_MS + DEFAULT_DAYS * DAY_MS


def test_until_a_day_holds_through_its_end_where_the_person_is():
    aim = read(kind="contacts_at_most", n=2, per="week", until="2026-12-31")
    assert aim.until_ms == int(datetime(2027, 1, 1, tzinfo=PARIS).timestamp() * 1000)
    timed = read(kind="contacts_at_most", n=2, until="2026-12-31T18:00:00+01:00")
    assert timed.until_ms == int(datetime(2026, 12, 31, 18, tzinfo=PARIS).timestamp() * 1000)


def test_less_use_is_of_a_kind_of_event_by_count_or_by_quantity():
    fewer = read(kind="use_less", what="orders", at_most=4)
    assert (fewer.what, fewer.most, fewer.percent_below) == ("Order Completed", 4_000, None)
    power = read(kind="use_less", what="Meter Read", quantity="kwh", percent_below=10)
    assert (power.what, power.quantity, power.percent_below) == ("Meter Read", "kwh", 10_000)
    assert power.most is None


def test_a_goal_has_words_of_its_own_and_a_day():
    goal = read(kind="goal", text=" Run ten kilometres ", category="sport", until="2027-05-01")
    assert (goal.text, goal.category, goal.most) == ("Run ten kilometres", "sport", None)


@pytest.mark.parametrize(
    ("facts", "needs"),
    [
        ({}, "kind"),
        ({"kind": "spend"}, "kind"),
        ({"kind": ["goal"]}, "kind"),
        ({"kind": "spend_at_most"}, "amount"),
        ({"kind": "spend_at_most", "amount": -1}, "amount"),
        ({"kind": "spend_at_most", "amount": True}, "amount"),
        ({"kind": "spend_at_most", "amount": float("nan")}, "amount"),
        ({"kind": "spend_at_most", "amount": 10**400}, "amount"),
        ({"kind": "spend_at_most", "amount": 5, "per": "day"}, "per"),
        ({"kind": "spend_at_most", "amount": 5, "per": ["month"]}, "per"),
        ({"kind": "spend_at_most", "amount": 5, "currency": "euro"}, "currency"),
        ({"kind": "spend_at_most", "amount": 5, "category": "a|b"}, "category"),
        ({"kind": "spend_at_most", "amount": 5, "aim": "x" * 65}, "aim"),
        ({"kind": "spend_at_most", "amount": 5, "until": "soon"}, "until"),
        ({"kind": "spend_at_most", "amount": 5, "until": "2026-11-21"}, "until"),
        ({"kind": "spend_at_most", "amount": 5, "until": "2099-01-01"}, "until"),
        ({"kind": "spend_at_most", "amount": 5, "until": "2026-12-01T00:00:00"}, "until"),
        ({"kind": "spend_at_most", "amount": 5, "until": 1_800_000_000}, "until"),
        ({"kind": "contacts_at_most", "n": 2.5}, "n"),
        ({"kind": "contacts_at_most", "n": 1001}, "n"),
        ({"kind": "use_less", "at_most": 4}, "what"),
        ({"kind": "use_less", "what": "orders"}, "at_most"),
        ({"kind": "use_less", "what": "orders", "at_most": 4, "percent_below": 1}, "at_most"),
        ({"kind": "use_less", "what": "orders", "percent_below": 0}, "percent_below"),
        ({"kind": "use_less", "what": "orders", "percent_below": 101}, "percent_below"),
        ({"kind": "goal", "until": "2027-05-01"}, "text"),
        ({"kind": "goal", "text": "x" * 281, "until": "2027-05-01"}, "text"),
        ({"kind": "goal", "text": "Run"}, "until"),
    ],
)
def test_what_cannot_be_read_says_which_fact(facts, needs):
    said = read(**facts)
    assert isinstance(said, str)
    assert repr(needs) in said


def test_what_is_taken_back_needs_the_id():
    assert read_withdrawn({"aim": "a"}, NOW_MS, 16, "server").withdrawn
    assert "'aim'" in read_withdrawn({}, NOW_MS, 16, "server")


def test_what_is_left_is_never_below_nothing():
    aim = read(kind="spend_at_most", amount=50)
    assert Balance(aim, 60_000, 50_000, 0, 1).left == 0
    assert Balance(aim, 50_000, 50_000, 0, 1).reached
    assert not Balance(aim, 49_999, 50_000, 0, 1).reached
    assert Balance(aim, 0, 0, 0, 1).reached, "nothing at all may be spent"
    assert Balance(aim, 10, None, 0, 1).left is None
    assert Balance(aim, 25_000, 50_000, 0, 1).share == 0.5


@given(st.integers(-(10**15), 10**15))
def test_thousandths_are_written_so_that_they_read_back(amount):
    assert round(float(plain(amount)) * 1000) == amount or abs(amount) > 10**12


@given(st.dictionaries(st.sampled_from(("kind", "amount", "until", "n", "per", "what")), st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9),
    st.sampled_from(("goal", "use_less", "spend_at_most", "contacts_at_most", "2027-01-01")),
    st.lists(st.integers(), max_size=1),
)))  # fmt: skip
def test_whatever_came_is_an_aim_or_a_sentence(facts):
    assert isinstance(read(**facts), Aim | str)


def test_amounts_are_rounded_to_the_nearest_thousandth():
    assert thousandths(0.1 + 0.2) == 300


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="|"), max_size=12).map(str.strip)
AMOUNTS = st.integers(0, 10**9).map(lambda n: n / 1000)
LIMITS = st.one_of(
    st.builds(
        lambda amount, currency: {"kind": "spend_at_most", "amount": amount, "currency": currency},
        AMOUNTS,
        st.sampled_from(["", "EUR", "CHF"]),
    ),
    st.builds(lambda n: {"kind": "contacts_at_most", "n": n}, st.integers(0, 1000)),
    st.builds(
        lambda what, quantity, limit: (
            {"kind": "use_less", "what": what, "quantity": quantity} | limit
        ),
        NAMES.filter(bool),
        NAMES,
        st.one_of(
            AMOUNTS.map(lambda amount: {"at_most": amount}),
            st.integers(1, 100_000).map(lambda n: {"percent_below": n / 1000}),
        ),
    ),
    NAMES.filter(bool).map(lambda text: {"kind": "goal", "text": text}),
)


@given(LIMITS, NAMES, st.sampled_from(["month", "week"]), st.integers(1, 300), NAMES)
def test_what_is_exported_declares_the_same_again(limit, category, per, days, name):
    until = datetime.fromtimestamp(NOW_MS // 1000 + days * 86_400, PARIS).isoformat()
    goal = limit["kind"] == "goal"
    first = read(
        **limit, category=category, until=until, aim=name, **({} if goal else {"per": per})
    )
    assert isinstance(first, Aim), first
    assert read(**facts_of(first)) == first
