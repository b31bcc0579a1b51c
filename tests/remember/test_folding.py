"""Any order of events, and any split into halves merged afterwards, gives the same profile."""

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.events import Event
from equipoise.nouns.state import AtomState, PersonState, Profile, Stance, Terms
from equipoise.remember.aggregates import CHANNELS, DAY_MS, KINDS, LONGEST_NAME, OTHER, TRAITS
from equipoise.remember.folding import Folds, merge
from equipoise.remember.purchases import worth

START_MS = 1_790_000_000_000
KIND_NAMES = [
    "page",
    "Product Viewed",
    "Order Completed",
    "Order Refunded",
    "identify",
    "Email Delivered",
]


def made(**told) -> Event:
    """An event of the test, with what is told of it."""
    usual = {
        "id": "e1",
        "kind": "page",
        "channel": "web",
        "source": "shop",
        "at_ms": START_MS,
        "received_ms": START_MS + 100 * DAY_MS,
        "handles": (),
    }
    return Event(**{**usual, **told})


def folded(events: list[Event]) -> Profile:
    """The profile of one atom that took these events."""
    atom, folds = AtomState(id=1), Folds()
    for event in events:
        folds.fold(atom, event)
    return atom.profile


def differences(one: Profile, other: Profile) -> list[str]:
    """What differs by more than 1e-9."""
    found = []

    def compare(name: str, left: float, right: float) -> None:
        if not isclose(left, right, rel_tol=1e-9, abs_tol=1e-9):
            found.append(f"{name}: {left} and {right}")

    for part in ("last", "distinct", "slots"):
        if getattr(one, part) != getattr(other, part):
            found.append(f"{part}: {getattr(one, part)} and {getattr(other, part)}")
    if one.tallies.keys() != other.tallies.keys() or one.decayed.keys() != other.decayed.keys():
        return [*found, "names"]
    for name, left in one.tallies.items():
        right = other.tallies[name]
        if (left.n, left.first_ms, left.last_ms) != (right.n, right.first_ms, right.last_ms):
            found.append(f"{name}: {left} and {right}")
        compare(f"{name}.total", left.total, right.total)
        compare(f"{name}.squares", left.squares, right.squares)
    for name, fading in one.decayed.items():
        compare(name, fading.value, other.decayed[name].value)
        if fading.at_ms != other.decayed[name].at_ms:
            found.append(f"{name}: times")
    return found


NAMES = st.integers(0, 90).map(lambda number: f"name {number}")
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "total": st.floats(-1e3, 1e3) | st.text(max_size=2),
        "price": st.integers(0, 100),
        "quantity": st.integers(0, 5),
        "product_id": NAMES,
        "category": st.sampled_from("abc"),
        "products": st.lists(st.fixed_dictionaries({"sku": NAMES}), max_size=4),
        "address": st.fixed_dictionaries({"city": st.sampled_from(["Sète", "Nîmes"])}),
    },
)
# Few times and few ids, so that ties are common; ids are unique in use, and made so below.
EVENTS = st.lists(
    st.builds(
        made,
        kind=st.sampled_from(KIND_NAMES) | NAMES,
        channel=st.sampled_from(["web", "app", "store"]) | NAMES,
        at_ms=st.integers(0, 90).map(lambda days: START_MS + days * DAY_MS)
        | st.integers(START_MS, START_MS + 40 * DAY_MS),
        facts=FACTS | st.dictionaries(NAMES, st.integers() | st.booleans() | st.none(), max_size=8),
        context=st.fixed_dictionaries(
            {}, optional={"timezone": st.sampled_from(["Europe/Paris", "Asia/Tokyo"])}
        ),
        provenance=st.sampled_from(["stated", "observed"]),
    ),
    max_size=40,
).map(
    lambda events: [
        made(
            **{
                **{f: getattr(event, f) for f in event.__struct_fields__},
                "id": f"e{place % 7}{place}",
            }
        )
        for place, event in enumerate(events)
    ]
)


@settings(max_examples=100, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_profile(events, draw):
    shuffled = list(events)
    draw.shuffle(shuffled)
    assert differences(folded(shuffled), folded(events)) == []


@settings(max_examples=100, deadline=None)
@given(EVENTS, st.integers(0, 40), st.randoms(use_true_random=False))
def test_any_two_halves_merge_to_the_whole(events, cut, draw):
    shuffled = list(events)
    draw.shuffle(shuffled)
    halves = [folded(shuffled[:cut]), folded(shuffled[cut:])]
    assert differences(merge(halves), folded(events)) == []


def test_merging_leaves_what_it_merged_as_it_was():
    """A fold into the merged profile must not reach back into an atom's own."""
    atom = AtomState(id=1)
    Folds().fold(atom, made(context={"locale": "fr"}))
    both = AtomState(id=2, profile=merge([atom.profile]))
    Folds().fold(both, made(id="e2", at_ms=START_MS + 1, context={"locale": "fr"}))
    assert atom.profile.last["@locale"].at_ms == START_MS
    assert atom.profile.tallies["page"].n == 1


def test_kinds_channels_and_traits_are_bounded_whatever_came_first():
    events = [made(id=f"e{n}", kind=f"k{n}", channel=f"c{n}") for n in range(200)]
    events.append(made(id="traits", kind="identify", facts={f"t{n}": n for n in range(200)}))
    there, back = folded(events), folded(events[::-1])
    for profile in (there, back):
        kinds = [name for name in profile.tallies if name[0] != "@" and name != OTHER]
        channels = [name for name in profile.tallies if name[0] == "@" and name != f"@{OTHER}"]
        assert (len(kinds), len(channels), len(profile.last)) == (KINDS, CHANNELS, TRAITS)
        assert sum(profile.tallies[name].n for name in (*kinds, OTHER)) == len(events)
    assert differences(there, back) == []
    assert differences(there, merge([folded(events[150:]), folded(events[:150])])) == []


def test_what_every_shop_needs_is_never_crowded_out():
    events = [made(id=f"e{n}", kind=f"k{n}") for n in range(200)]
    profile = folded([made(kind="Order Completed", facts={"total": 5}), *events])
    assert profile.tallies["Order Completed"].total == 5.0


def test_a_kind_that_is_too_long_or_looks_like_a_channel_is_counted_among_the_others():
    profile = folded([made(kind="x" * (LONGEST_NAME + 1)), made(id="e2", kind="@web")])
    assert profile.tallies[OTHER].n == 2
    assert profile.tallies["@web"].n == 2


def test_a_channel_that_is_too_long_is_counted_among_the_others_and_none_is_not_counted():
    long = "x" * (LONGEST_NAME + 1)
    profile = folded([made(id=f"e{n}", channel=long) for n in range(3)] + [made(channel="")])
    assert {name: tally.n for name, tally in profile.tallies.items()} == {"page": 4, f"@{OTHER}": 3}


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({}, 0.0),
        ({"revenue": 3, "total": 4, "value": 5}, 3.0),
        ({"revenue": "3", "total": None, "value": 5}, 5.0),
        ({"price": 2.5, "quantity": 4}, 10.0),
        ({"price": 2.5}, 2.5),
        ({"price": 2.5, "quantity": "4"}, 0.0),
        ({"total": True}, 0.0),
        ({"total": float("nan")}, 0.0),
        ({"total": 1e16}, 0.0),
        ({"price": 1e14, "quantity": 1e14}, 0.0),
        ({"total": -12.5}, -12.5),
    ],
)
def test_the_value_of_an_event_is_the_first_fact_that_is_a_sensible_number(facts, value):
    assert worth(facts) == value


def test_spending_halves_in_90_days_and_a_refund_is_taken_off():
    orders = [
        made(kind="Order Completed", facts={"total": 80.0}),
        made(id="e2", kind="Order Completed", facts={"total": 10.0}, at_ms=START_MS + 90 * DAY_MS),
        made(id="e3", kind="Order Refunded", facts={"total": 4.0}, at_ms=START_MS + 90 * DAY_MS),
    ]
    spend = folded(orders).decayed["spend"]
    assert (spend.value, spend.at_ms) == (pytest.approx(46.0), START_MS + 90 * DAY_MS)


def test_half_hours_are_kept_for_the_28_days_up_to_the_newest():
    days = folded([made(id=str(n), at_ms=START_MS + n * DAY_MS) for n in (40, 13, 12, 0)]).slots
    assert sorted(days) == [START_MS // DAY_MS + 13, START_MS // DAY_MS + 40]


def test_an_event_from_the_future_happened_at_the_latest_when_it_arrived():
    """A wrong clock must not push the horizon on and wipe four weeks away."""
    ahead = made(id="e2", at_ms=START_MS * 2, received_ms=START_MS + DAY_MS)
    profile = folded([made(), ahead])
    assert len(profile.slots) == 2
    assert profile.tallies["page"].last_ms == START_MS + DAY_MS


def test_a_trait_is_the_last_by_time_and_then_by_id():
    def said(name: str, city: str, at_ms: int) -> Event:
        return made(id=name, kind="identify", facts={"city": city}, at_ms=START_MS + at_ms)

    early, tie, winner = said("z", "Sète", 0), said("a", "Nîmes", 5), said("b", "Lunel", 5)
    assert folded([winner, tie, early]).last["city"].value == "Lunel"
    assert folded([early, winner, tie]).last["city"].value == "Lunel"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("x" * 300, "x" * 256),
        (2**70, float(2**70)),
        (10**400, None),
        (float("inf"), None),
        (True, True),
        (None, None),
    ],
)
def test_a_trait_is_kept_in_a_form_that_can_be_stored(told, kept):
    value = folded([made(kind="identify", facts={"t": told})]).last["t"].value
    assert value == kept
    assert type(value) is type(kept)


def test_a_record_is_kept_one_level_deep_and_a_list_is_not():
    facts = {"address": {"city": "Sète", "geo": {"lat": 1}}, "tags": ["a"], "@web": 1}
    assert list(folded([made(kind="identify", facts=facts)]).last) == ["address.city"]


def test_a_delivery_is_counted_but_is_no_sign_of_life():
    profile = folded([made(kind="Email Delivered")])
    assert profile.tallies["Email Delivered"].n == 1
    assert (profile.slots, profile.decayed) == ({}, {})


# --- terms gate remembering ----------------------------------------------------------------------


def atom(number: int = 1, **stances: bool) -> AtomState:
    """An atom with answers, by purpose, for all channels."""
    kept = {
        f"{p}|*": Stance(granted, START_MS, number, f"s{number}") for p, granted in stances.items()
    }
    return AtomState(id=number, terms=Terms(stances=kept))


def test_who_objected_has_no_profile_but_is_known_where_service_and_law_need_it():
    objected = atom(personalisation=False)
    facts = {"city": "Sète", "age": 15, "locale": "fr"}
    for event in (
        made(kind="Order Completed", facts={"total": 5.0, "product_id": "p"}),
        made(id="e2", kind="identify", facts=facts, context={"timezone": "Asia/Tokyo"}),
    ):
        Folds().fold(objected, event)
    profile = objected.profile
    assert {name: last.value for name, last in profile.last.items()} == {
        "age": 15,
        "locale": "fr",
        "@timezone": "Asia/Tokyo",
    }
    assert (profile.tallies, profile.decayed, profile.distinct, profile.slots) == ({}, {}, {}, {})


def test_what_is_kept_of_who_objected_does_not_tell_when_they_were_here():
    objected = atom(personalisation=False)
    for day in range(3):
        event = made(id=f"e{day}", at_ms=START_MS + day * DAY_MS, context={"locale": "fr"})
        Folds().fold(objected, event)
    assert objected.profile.last["@locale"].at_ms == START_MS


def test_folding_goes_on_after_a_later_grant():
    one = atom(personalisation=False)
    one.terms.stances["personalisation|*"] = Stance(True, START_MS + 1, 5, "s5")
    Folds().fold(one, made())
    assert one.profile.tallies["page"].n == 1


def test_an_objection_on_one_atom_stops_the_folding_of_the_others():
    objected, other = atom(1, personalisation=False), AtomState(id=2, joined_seq=9)
    Folds().fold(other, made(), PersonState(atoms=[objected, other]))
    assert other.profile.tallies == {}


@pytest.mark.parametrize(
    ("basis", "answer", "folded_events"),
    [
        ("interest", {}, 1),
        ("interest", {"personalisation": True}, 1),
        ("interest", {"personalisation": False}, 0),
        ("interest", {"marketing": False}, 1),
        ("consent", {}, 0),
        ("consent", {"personalisation": True}, 1),
        ("consent", {"personalisation": False}, 0),
        ("consent", {"marketing": True}, 0),
        ("contract", {"personalisation": False}, 1),
    ],
)
def test_the_basis_says_what_silence_means(basis, answer, folded_events):
    one = atom(**answer)
    Folds(basis=basis).fold(one, made())
    assert len(one.profile.tallies) == 2 * folded_events


def test_terms_themselves_are_no_behaviour():
    assert folded([made(kind="terms.granted")]) == Profile()
