"""What counts towards an aim is exact, whatever the order of arrival, and a join only makes it tighter."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.aims import MOST_AIMS
from equipoise.nouns.events import Event, Refused
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, Contact, PersonState
from equipoise.recognise.applying import split
from equipoise.remember.aims import balances, count_towards, fold_aim, live
from equipoise.remember.folding import Folds
from equipoise.remember.progress import READERS, goal_days
from equipoise.remember.view import View

ZONE = "Europe/Paris"
DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def at(*date):
    return int(datetime(*date, tzinfo=ZoneInfo(ZONE)).timestamp() * 1000)


NOV_10 = at(2026, 11, 10, 12)
FOLDS = Folds()


def person(*atoms, known=True):
    return PersonState(atoms=list(atoms) or [AtomState(id=1, known=known)])


def event(sort, at_ms=NOV_10, /, *, received_ms=None, trust="server", **facts):
    return Event(
        id=f"{sort}{at_ms}{facts}",
        kind=sort,
        channel="web",
        source="site",
        at_ms=at_ms,
        received_ms=at_ms if received_ms is None else received_ms,
        handles=(),
        facts=facts,
        trust=trust,
    )


def declare(state, at_ms=NOV_10, seq=16, atom=None, trust="server", **facts):
    facts = {"kind": "spend_at_most", "amount": 50} | facts
    atom = atom or state.atoms[0]
    return fold_aim(state, atom, event("aim.declared", at_ms, trust=trust, **facts), seq, ZONE)


def withdraw(state, at_ms=NOV_10 + 1, seq=32, trust="server", aim="spend_at_most"):
    said = event("aim.withdrawn", at_ms, trust=trust, aim=aim)
    return fold_aim(state, state.atoms[0], said, seq, ZONE)


def happen(state, kind="Order Completed", at_ms=NOV_10, atom=None, received_ms=None, **facts):
    """As the engine does: towards aims first, then into the profile."""
    said, atom = event(kind, at_ms, received_ms=received_ms, **facts), atom or state.atoms[0]
    count_towards(state, atom, said)
    FOLDS.fold(atom, said, state)


def only(state, now_ms=NOV_10 + HOUR_MS):
    (found,) = balances(state.atoms, now_ms)
    return found


# --- counting ------------------------------------------------------------------------------------


def test_what_was_bought_this_month_counts_before_and_after_the_aim_was_set():
    state = person()
    happen(state, at_ms=at(2026, 10, 31, 23, 59), revenue=100)
    happen(state, at_ms=at(2026, 11, 1), revenue=20.1)
    declare(state)
    happen(state, at_ms=NOV_10 + 1, revenue=10.2)
    happen(state, "Order Refunded", at_ms=NOV_10 + 2, revenue=5)
    assert only(state).used == 25_300
    assert only(state).left == 24_700
    assert (only(state).starts_ms, only(state).ends_ms) == (at(2026, 11, 1), at(2026, 12, 1))


def test_a_new_month_begins_with_nothing_spent():
    state = person()
    declare(state)
    happen(state, revenue=60)
    assert only(state).reached
    assert not only(state, at(2026, 11, 30, 23, 59)).left
    assert only(state, at(2026, 12, 1)).used == 0


def test_a_category_counts_its_lines_alone():
    state = person()
    declare(state, category="shoes", per="week")
    lines = [{"category": "shoes", "price": 12.5}, {"category": "hats", "price": 30}]
    happen(state, revenue=42.5, products=lines)
    happen(state, revenue=42.5)
    assert only(state).used == 12_500


def test_fewer_orders_are_counted_and_a_refund_takes_none_back():
    state = person()
    happen(state, at_ms=NOV_10 - 1, revenue=5)
    declare(state, kind="use_less", what="orders", at_most=2)
    happen(state, revenue=5)
    happen(state, "Order Refunded", revenue=5)
    assert (only(state).used, only(state).reached) == (2_000, True)


def test_a_meter_adds_up_its_quantity_from_the_declaration_on():
    state = person()
    happen(state, "Meter Read", kwh=4.0)
    declare(state, kind="use_less", what="Meter Read", quantity="kwh", at_most=10)
    happen(state, "Meter Read", at_ms=NOV_10 + 1, kwh=0.25)
    happen(state, "Meter Read", at_ms=NOV_10 + 2, kwh="much")
    happen(state, "Meter Read", at_ms=NOV_10 - 5, received_ms=NOV_10 + 9, kwh=4.0)
    assert only(state).used == 250


def test_a_percentage_below_is_known_once_a_whole_period_was_counted():
    state = person()
    said = {"kind": "use_less", "what": "Meter Read", "quantity": "kwh", "percent_below": 10}
    declare(state, **said)
    happen(state, "Meter Read", kwh=70)
    assert only(state).most is None
    december = at(2026, 12, 15)
    happen(state, "Meter Read", at_ms=december, kwh=100)
    assert only(state, december).most is None, "November was not counted whole"
    january = at(2027, 1, 15)
    assert only(state, january).most == 90_000
    declare(state, january, 48, **said, until="2028-01-01")
    assert only(state, january).most == 90_000, "said again, it goes on counting"


def test_contacts_are_those_of_the_calendar_month():
    state = person()
    state.atoms[0].contacts = [
        Contact(at(2026, 10, 31, 23), 7, "thanks", "email"),
        Contact(at(2026, 11, 1), 8, "thanks", "email"),
    ]
    declare(state, kind="contacts_at_most", n=1)
    assert (only(state).used, only(state).reached) == (1_000, True)


def test_without_a_profile_it_counts_from_the_declaration_on():
    state = person()
    state.atoms[0].rights.restricted = 5
    happen(state, revenue=20)
    declare(state)
    happen(state, revenue=3)
    assert only(state).used == 3_000


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.integers(at(2026, 9, 20), at(2026, 11, 20)),
            st.integers(0, 10**6),
            st.sampled_from(("Order Completed", "Order Refunded", "Meter Read", "page")),
        ),
        max_size=12,
    ),
    st.randoms(),
    st.integers(0, 12),
    st.booleans(),
)
def test_the_order_of_arrival_does_not_matter(happened, chance, place, weekly):
    """However late, and whether before or after the aim was declared; a meter only if it is after."""
    per = "week" if weekly else "month"
    now_ms = at(2026, 11, 20)

    def used(order, declared_after):
        state = person()
        for number, (at_ms, milli, kind) in enumerate(order):
            if number == declared_after:
                declare(state, now_ms, per=per)
            happen(state, kind, at_ms, received_ms=now_ms, revenue=milli / 1000)
        if not state.atoms[0].aims:
            declare(state, now_ms, per=per)
        return only(state, now_ms).used

    shuffled = list(happened)
    chance.shuffle(shuffled)
    expected = used(happened, len(happened) + 1)
    assert used(shuffled, place) == expected
    start_ms = only_start(now_ms, per)
    signs = {"Order Completed": 1, "Order Refunded": -1}
    assert expected == sum(
        signs.get(kind, 0) * milli for at_ms, milli, kind in happened if at_ms >= start_ms
    )


def only_start(now_ms, per):
    state = person()
    declare(state, now_ms, per=per)
    return only(state, now_ms).starts_ms


# --- declaring -----------------------------------------------------------------------------------


def test_the_later_word_about_an_id_counts_and_a_late_one_revives_nothing():
    state = person()
    declare(state)
    assert withdraw(state).before.most == 50_000
    assert balances(state.atoms, NOV_10 + 2) == ()
    assert declare(state, NOV_10 - 5) is None, "it was said before it was taken back"
    assert balances(state.atoms, NOV_10 + 2) == ()
    declare(state, NOV_10 + 3, 48, amount=40)
    assert only(state).most == 40_000


def test_an_aim_ends_with_its_day():
    state = person()
    declare(state, until="2026-11-12")
    assert live(state.atoms, at(2026, 11, 13) - 1)
    assert live(state.atoms, at(2026, 11, 13)) == ()


def test_what_cannot_be_read_is_refused_with_a_sentence():
    refused = declare(person(), amount="fifty")
    assert isinstance(refused, Refused)
    assert refused.code == "aim_malformed"
    assert "'amount'" in refused.message


@pytest.mark.parametrize(
    ("facts", "taken"),
    [
        ({"amount": 40}, True),
        ({"amount": 60}, False),
        ({"amount": 40, "until": "2026-11-12"}, False),
        ({"amount": 40, "per": "week"}, False),
        ({"amount": 40, "aim": "another"}, True),
        ({"kind": "goal", "text": "Buy", "until": "2026-12-24"}, False),
    ],
)
def test_a_browser_may_only_tighten_what_a_known_person_wants(facts, taken):
    state = person()
    declare(state)
    said = declare(state, NOV_10 + 1, 32, trust="public", **facts)
    assert isinstance(said, Refused) is not taken
    if not taken:
        assert said.code == "public_cannot_grant"
        assert only(state).most == 50_000


def test_a_browser_takes_nothing_back_for_a_known_person_and_may_for_its_own():
    state = person()
    declare(state)
    assert withdraw(state, trust="public").code == "public_cannot_grant"
    anonymous = person(known=False)
    declare(anonymous, trust="public")
    withdraw(anonymous, trust="public")
    assert balances(anonymous.atoms, NOV_10 + 2) == ()


def test_aims_are_bounded_and_what_a_browser_said_gives_way():
    state = person()
    declare(state, trust="public", aim="theirs")
    for n in range(MOST_AIMS - 1):
        declare(state, seq=32 + n, aim=f"a{n}")
    assert declare(state, trust="public", aim="more").code == "aim_too_many"
    declare(state, seq=99, aim="mine")
    assert len(live(state.atoms, NOV_10)) == MOST_AIMS
    assert declare(state, aim="one more").code == "aim_too_many"
    assert "theirs" not in {aim.id for aim in live(state.atoms, NOV_10)}


def test_what_was_taken_back_leaves_room_only_once():
    state = person()
    for n in range(MOST_AIMS):
        declare(state, aim=f"a{n}")
        withdraw(state, aim=f"a{n}")
    for n in range(MOST_AIMS):
        declare(state, NOV_10 + 2, 99, aim=f"b{n}")
    assert declare(state, NOV_10 + 3, 100, aim="a3").code == "aim_too_many"


# --- joins ---------------------------------------------------------------------------------------


def joined():
    first = AtomState(id=1, known=True)
    second = AtomState(id=16)
    declare(person(first), amount=50, seq=5)
    declare(person(second), amount=30, seq=20)
    happen(person(first), at_ms=NOV_10 - DAY_MS, revenue=10)
    happen(person(second), at_ms=NOV_10 - DAY_MS, revenue=7)
    second.joined_seq = 24
    return person(first, second)


def test_joined_people_have_spent_what_both_did_and_both_limits_hold():
    state = joined()
    assert [one.most for one in balances(state.atoms, NOV_10)] == [50_000, 30_000]
    assert [one.used for one in balances(state.atoms, NOV_10)] == [17_000, 17_000]
    happen(state, atom=state.atoms[1], revenue=5)
    assert [one.used for one in balances(state.atoms, NOV_10 + 1)] == [22_000, 22_000]


def test_a_later_word_after_the_join_counts_and_a_split_gives_both_back():
    state = joined()
    declare(state, NOV_10 + 1, 32, atom=state.atoms[1], amount=80)
    assert [one.most for one in balances(state.atoms, NOV_10 + 2)] == [80_000]
    happen(state, atom=state.atoms[0], at_ms=NOV_10 + 2, revenue=1)
    (stayed, left), _ = split(state, [16], "staff", NOV_10 + 3)
    assert [(one.most, one.used) for one in balances(stayed.atoms, NOV_10 + 3)] == [
        (50_000, 11_000)
    ]
    assert [(one.most, one.used) for one in balances(left.atoms, NOV_10 + 3)] == [(80_000, 7_000)]


# --- reading -------------------------------------------------------------------------------------


def test_plays_read_the_limit_that_is_nearest():
    state = person()
    assert all(read(state.atoms, NOV_10) is None for read in READERS.values())
    declare(state)
    declare(state, aim="year", amount=500)
    declare(state, kind="contacts_at_most", n=2)
    declare(state, kind="use_less", what="page", at_most=10)
    happen(state, revenue=40)
    happen(state, "page")
    view = View(state, NOV_10 + 1, Rules())
    assert view.get("aims.spend.left") == 10.0
    assert view.get("aims.spend.share") == 0.8
    assert view.get("aims.contacts.left") == 2.0
    assert view.get("aims.use.share") == 0.1
    assert view.get("aims.spend.colour") is None
    assert view.provenance("aims.spend.left") == "stated"


def test_a_goal_is_read_by_its_category_and_not_by_its_words():
    state = person()
    declare(state, kind="goal", text="Run far", category="sport", until="2026-11-19")
    view = View(state, NOV_10, Rules())
    assert view.get("aims.goal.sport.days_left") == pytest.approx(9.5)
    assert view.get("aims.goal.diet.days_left") is None
    assert goal_days(state.atoms, at(2026, 11, 20), "sport") is None
