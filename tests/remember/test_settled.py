"""A person's own budget and quiet hours: the later counts, and over atoms the tighter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.events import Event
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember import settled
from equipoise.remember.terms import fold_terms

NIGHT, LONG_NIGHT = {"from": "22:00", "to": "07:00"}, {"from": "20:00", "to": "09:00"}
NONE = {"from": None, "to": None}


def budget(per_week: int | None, at: int = 1, trust="server") -> Event:
    """The person sets a weekly budget `at` ms."""
    return told("terms.budget", {"per_week": per_week}, at, trust)


def told(kind: str, facts: dict, at: int, trust="server") -> Event:
    """An event of terms that arrives when it happens."""
    return Event(
        id=f"{kind}{at}",
        kind=kind,
        channel="web",
        source="site",
        at_ms=at,
        received_ms=at,
        handles=(),
        facts=facts,
        trust=trust,
    )


def person(*joined_seqs: int, known: bool = True) -> PersonState:
    """A person whose first atom is as told, and whose others joined at these numbers."""
    atoms = [AtomState(id=place, joined_seq=seq) for place, seq in enumerate((0, *joined_seqs), 1)]
    atoms[0].known = known
    return PersonState(atoms=atoms)


def fold(state: PersonState, atom: int, seq: int, event: Event) -> str | None:
    """Fold one event into one atom; the code of the refusal, if any."""
    refused = fold_terms(state, state.atoms[atom], event, seq)
    return refused.code if refused is not None else None


def test_the_later_budget_counts_and_null_takes_it_away():
    state = person()
    for seq, event in enumerate((budget(2, at=5), budget(9, at=3), budget(4, at=6)), 1):
        assert fold(state, 0, seq, event) is None
    assert settled.per_week(state.atoms) == 4
    fold(state, 0, 9, budget(None, at=7))
    assert settled.per_week(state.atoms) is None


@pytest.mark.parametrize("order", [(2, 5), (5, 2), (2, None), (None, 2)])
def test_of_two_budgets_at_the_same_time_the_tighter_counts(order):
    state = person()
    for seq, per_week in enumerate(order, 1):
        fold(state, 0, seq, budget(per_week))
    assert settled.per_week(state.atoms) == 2


def test_two_people_who_become_one_have_the_tighter_budget():
    state = person(50)
    fold(state, 0, 10, budget(5, at=8))
    fold(state, 1, 20, budget(2, at=4))
    assert settled.per_week(state.atoms) == 2


def test_what_is_set_after_the_join_speaks_for_both_atoms():
    state = person(50)
    fold(state, 0, 10, budget(2, at=4))
    fold(state, 1, 60, budget(5, at=8))
    assert settled.per_week(state.atoms) == 5
    fold(state, 1, 70, budget(None, at=9))
    assert settled.per_week(state.atoms) is None


def test_a_browser_may_tighten_what_a_known_person_set_and_never_loosen_it():
    state = person()
    fold(state, 0, 1, budget(3))
    assert fold(state, 0, 2, budget(4, at=2, trust="public")) == "public_cannot_grant"
    assert fold(state, 0, 3, budget(None, at=3, trust="public")) == "public_cannot_grant"
    assert fold(state, 0, 4, budget(1, at=4, trust="public")) is None
    assert settled.per_week(state.atoms) == 1


def test_a_browser_sets_what_it_likes_for_somebody_nobody_knows():
    state = person(known=False)
    fold(state, 0, 1, budget(3, trust="public"))
    assert fold(state, 0, 2, budget(4, at=2, trust="public")) is None
    assert settled.per_week(state.atoms) == 4


def test_quiet_hours_are_read_replaced_and_taken_away():
    state = person()
    fold(state, 0, 1, told("terms.quiet", LONG_NIGHT, 1))
    assert settled.quiet(state.atoms) == (20 * 60, 9 * 60)
    fold(state, 0, 2, told("terms.quiet", NIGHT, 2))
    assert settled.quiet(state.atoms) == (22 * 60, 7 * 60)
    fold(state, 0, 3, told("terms.quiet", LONG_NIGHT, 1))
    assert settled.quiet(state.atoms) == (22 * 60, 7 * 60)
    fold(state, 0, 4, told("terms.quiet", NONE, 3))
    assert settled.quiet(state.atoms) is None


def test_quiet_hours_at_the_same_time_cover_each_other():
    state = person()
    fold(state, 0, 1, told("terms.quiet", {"from": "21:00", "to": "07:00"}, 1))
    fold(state, 0, 2, told("terms.quiet", {"from": "22:00", "to": "09:00"}, 1))
    fold(state, 0, 3, told("terms.quiet", NONE, 1))
    assert settled.quiet(state.atoms) == (21 * 60, 9 * 60)


def test_a_browser_may_lengthen_the_quiet_of_a_known_person_and_never_shorten_it():
    state = person()
    fold(state, 0, 1, told("terms.quiet", NIGHT, 1))
    assert fold(state, 0, 2, told("terms.quiet", NONE, 2, "public")) == "public_cannot_grant"
    short = {"from": "23:00", "to": "06:00"}
    assert fold(state, 0, 3, told("terms.quiet", short, 3, "public")) == "public_cannot_grant"
    assert fold(state, 0, 4, told("terms.quiet", LONG_NIGHT, 4, "public")) is None
    assert settled.quiet(state.atoms) == (20 * 60, 9 * 60)


def test_the_quiet_hours_of_two_people_who_become_one_are_covered_by_one_span():
    state = person(50)
    fold(state, 0, 10, told("terms.quiet", {"from": "21:00", "to": "07:00"}, 1))
    fold(state, 1, 20, told("terms.quiet", {"from": "22:00", "to": "09:00"}, 2))
    assert settled.quiet(state.atoms) == (21 * 60, 9 * 60)


MINUTES = st.integers(0, 47).map(lambda half_hour: half_hour * 30)


def quiet_minutes(span: tuple[int, int]) -> set[int]:
    """Every minute of the span, the slow way."""
    length = (span[1] - span[0]) % 1440
    return {(span[0] + minute) % 1440 for minute in range(length)}


@given(st.tuples(MINUTES, MINUTES), st.tuples(MINUTES, MINUTES))
def test_covering_agrees_with_counting_minutes(one, other):
    assert settled.covers(one, other) == (quiet_minutes(one) >= quiet_minutes(other))


@given(st.tuples(MINUTES, MINUTES), st.tuples(MINUTES, MINUTES))
def test_one_span_covers_both_but_for_a_minute_where_they_fill_the_day(one, other):
    both = quiet_minutes(settled.span_of(one, other))
    assert len(both | quiet_minutes(one) | quiet_minutes(other)) - len(both) <= 1
