"""An outcome counts for one decision, in its window, once; a trial counts everything."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.decisions import Decision, Moment, Weighed
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.lessons import Window
from equipoise.nouns.plays import SILENCE, Goal, Play, Trigger
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember import outcomes
from house import DAY_MS, NOON_MS

GOAL = Goal(event="Order Completed", window_days=7.0, value="revenue", early="Product Viewed")
PLAY = Play(name="p", purpose="marketing", moment=Trigger(), options=(SILENCE,), goal=GOAL)


def decided(seq=1, at_ms=NOON_MS, chosen="mail", atom=1, **more):
    weighed = (
        Weighed("mail", "notify", "email", (), 0.25),
        Weighed("silence", "silence", "", (), 0.75),
    )
    moment = Moment(id=f"{seq}.p", kind="k", event="", channel="", at_ms=at_ms, opened_ms=at_ms)
    return Decision(
        seq=seq, person=1, atom=atom, play="p", version="v", purpose="marketing", moment=moment,
        weighed=weighed, chosen=chosen, outcome="act", reason="chosen", chooser="uniform", draw=0.1,
        at_ms=at_ms, **more,
    )  # fmt: skip


def person(*atoms):
    return PersonState([AtomState(id=n) for n in atoms or (1,)])


def event(kind="Order Completed", days=1.0, id_="e", **facts):
    at_ms = NOON_MS + round(days * DAY_MS)
    return Event(
        id=id_, kind=kind, channel="web", source="s", at_ms=at_ms, received_ms=at_ms,
        handles=(Handle("user_id", "ana"),), facts=facts,
    )  # fmt: skip


def test_a_window_says_what_is_awaited_and_how_likely_the_option_was():
    state = person()
    window = outcomes.open_window(state.atoms[0], decided(), PLAY)
    assert (window.option, window.propensity, window.arm) == ("mail", 0.25, "engine")
    assert window.until_ms == NOON_MS + 7 * DAY_MS
    assert window.early_ms == NOON_MS + DAY_MS


def test_a_play_without_a_goal_awaits_nothing():
    state = person()
    silent = msgspec.structs.replace(PLAY, goal=None)
    assert outcomes.open_window(state.atoms[0], decided(), silent) is None
    assert outcomes.begin_trial(state, decided(), silent, 0.0) is None


@pytest.mark.parametrize(
    ("arm", "holdout", "told"), [("uniform", False, "uniform"), ("", True, "holdout")]
)
def test_the_arm_is_that_of_whoever_chose(arm, holdout, told):
    state = person()
    decision = decided(arm=arm, holdout=holdout)
    assert outcomes.open_window(state.atoms[0], decision, PLAY).arm == told
    assert outcomes.begin_trial(state, decision, PLAY, 3.0).arm == told


def test_an_outcome_is_credited_to_the_last_decision_before_it_over_all_atoms():
    state = person(1, 2)
    first = outcomes.open_window(state.atoms[0], decided(1), PLAY)
    second = outcomes.open_window(state.atoms[1], decided(2, NOON_MS + DAY_MS, "silence", 2), PLAY)
    third = outcomes.open_window(state.atoms[0], decided(3, NOON_MS + 3 * DAY_MS), PLAY)
    touched = outcomes.fold_outcome(state, event(days=2, revenue=30))
    assert [one.window for one in touched] == [first, second]
    windows = (first, second, third)
    assert [(w.mine, w.credited) for w in windows] == [(0, 0.0), (1, 30.0), (0, 0.0)]


def test_what_is_learnt_from_is_all_that_happened_in_the_window_of_every_decision():
    """Or an option after which something is decided sooner would look worse for that alone."""
    state = person()
    first = outcomes.open_window(state.atoms[0], decided(1), PLAY)
    second = outcomes.open_window(state.atoms[0], decided(2, NOON_MS + DAY_MS, "silence"), PLAY)
    outcomes.fold_outcome(state, event(days=2, revenue=30))
    outcomes.fold_outcome(state, event(days=7.5, revenue=5))
    assert [(w.n, w.total) for w in (first, second)] == [(1, 30.0), (2, 35.0)]
    assert [(w.mine, w.credited) for w in (first, second)] == [(0, 0.0), (2, 35.0)]


@pytest.mark.parametrize("days", [-0.1, 7.1])
def test_what_happens_outside_the_window_does_not_count(days):
    state = person()
    outcomes.open_window(state.atoms[0], decided(), PLAY)
    assert outcomes.fold_outcome(state, event(days=days, revenue=30)) == []


def test_the_early_kind_is_counted_apart_and_only_early():
    state = person()
    window = outcomes.open_window(state.atoms[0], decided(), PLAY)
    outcomes.fold_outcome(state, event("Product Viewed", 0.5))
    outcomes.fold_outcome(state, event("Product Viewed", 1.5))
    assert (window.early_n, window.n) == (1, 0)


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"revenue": 12.5}, 12.5),
        ({"revenue": "12.5"}, 12.5),
        ({"revenue": "a lot"}, 0.0),
        ({"revenue": True}, 0.0),
        ({"revenue": float("inf")}, 0.0),
        ({"total": 3}, 0.0),
        ({"revenue": 9, "currency": "eur"}, 9.0),
        ({"revenue": 9, "currency": "USD"}, 0.0),
    ],
)
def test_the_value_is_the_fact_that_the_goal_names_in_its_currency(facts, value):
    state = person()
    window = outcomes.open_window(state.atoms[0], decided(), PLAY)
    outcomes.fold_outcome(state, event(**facts))
    assert (window.n, window.total) == (1, value)


def test_a_fixed_value_counts_whatever_the_event_says():
    state = person()
    goal = msgspec.structs.replace(GOAL, value=2.5)
    window = outcomes.open_window(
        state.atoms[0], decided(), msgspec.structs.replace(PLAY, goal=goal)
    )
    outcomes.fold_outcome(state, event(revenue=99))
    assert window.total == 2.5


def test_a_refund_takes_back_what_it_says_and_a_cancelled_order_never_was():
    state = person()
    window = outcomes.open_window(state.atoms[0], decided(), PLAY)
    trial = outcomes.begin_trial(state, decided(), PLAY, 0.0)
    outcomes.fold_outcome(state, event(revenue=30, order_id="a"))
    outcomes.fold_outcome(state, event(revenue=20, order_id="b"))
    outcomes.fold_outcome(state, event("Order Refunded", 2, order_id="a", total=10))
    assert (window.n, window.total) == (trial.n, trial.total) == (2, 40.0)
    assert (window.mine, window.credited) == (2, 40.0)
    outcomes.fold_outcome(state, event("Order Refunded", 3, order_id="a"))
    outcomes.fold_outcome(state, event("Order Cancelled", 3, order_id="b"))
    outcomes.fold_outcome(state, event("Order Cancelled", 4, order_id="b"))
    assert (window.n, window.total) == (trial.n, trial.total) == (0, 0.0)
    assert (window.mine, window.credited) == (0, 0.0)


def test_a_refund_of_an_order_that_was_credited_to_nobody_changes_nothing():
    state = person()
    outcomes.open_window(state.atoms[0], decided(), PLAY)
    assert outcomes.fold_outcome(state, event("Order Refunded", 1, order_id="x", total=5)) == []


@pytest.mark.parametrize(
    ("kind", "facts", "counts"),
    [
        ("terms.withdrawn", {"purpose": "marketing"}, True),
        ("terms.objected", {"purpose": "*"}, True),
        ("terms.withdrawn", {"purpose": "service"}, False),
        ("Unsubscribed", {}, True),
        ("Email Marked as Spam", {"topic": "service"}, True),
    ],
)
def test_an_opting_out_counts_for_every_open_decision_of_its_purpose(kind, facts, counts):
    state = person()
    older = outcomes.open_window(state.atoms[0], decided(1), PLAY)
    newer = outcomes.open_window(state.atoms[0], decided(2, NOON_MS + 1000), PLAY)
    outcomes.fold_leaving(state, event(kind, **facts))
    assert (bool(newer.left_ms), bool(older.left_ms)) == (counts, counts)


def test_a_trial_begins_once_for_each_person_and_play_and_counts_all_outcomes():
    state = person(1, 2)
    trial = outcomes.begin_trial(state, decided(), PLAY, 12.0)
    assert outcomes.begin_trial(state, decided(9, atom=2), PLAY, 0.0) is None
    outcomes.open_window(state.atoms[0], decided(), PLAY)
    for n in range(3):
        outcomes.fold_outcome(state, event(id_=str(n), days=n + 1, revenue=10))
    outcomes.fold_outcome(state, event(days=8, revenue=10))
    told = outcomes.tell(trial, 7, (1, 1), NOON_MS + 9 * DAY_MS)
    assert (told.n, told.value, told.before, told.arm) == (3, 30.0, 12.0, "engine")
    assert list(outcomes.trials_over(state.atoms[0], NOON_MS + 9 * DAY_MS)) == []


def test_a_window_matures_after_its_end_and_a_late_outcome_revises_the_lesson():
    state = person()
    atom = state.atoms[0]
    window = outcomes.open_window(atom, decided(inputs={"orders.count": 2}), PLAY)
    end_ms = NOON_MS + 7 * DAY_MS
    assert outcomes.due(atom, end_ms) == []
    assert outcomes.next_due_ms(atom) == NOON_MS + DAY_MS + 1
    assert outcomes.soon_due(atom, NOON_MS + DAY_MS + 1) == [window]
    soon = outcomes.foretell(window, 40, (1, 1), NOON_MS + DAY_MS + 1)
    assert (soon.inputs, outcomes.soon_due(atom, end_ms)) == ({"orders.count": 2}, [])
    assert outcomes.next_due_ms(atom) == end_ms + 1
    assert outcomes.due(atom, end_ms + 1) == [window]
    first = outcomes.mature(window, 50, (1, 1), end_ms + 1)
    assert (first.n, first.inputs, first.revises) == (0, {"orders.count": 2}, 0)
    assert outcomes.due(atom, end_ms + 1) == []
    (touched,) = outcomes.fold_outcome(state, event(days=6, revenue=8))
    second = outcomes.mature(touched.window, 60, (1, 1), end_ms + 9)
    assert (second.n, second.value, second.revises, second.inputs) == (1, 8.0, 50, {})


def test_what_nothing_can_correct_any_more_is_forgotten():
    state = person()
    atom = state.atoms[0]
    window = outcomes.open_window(atom, decided(), PLAY)
    outcomes.prune(atom, NOON_MS + 90 * DAY_MS)
    assert atom.windows == [window]
    outcomes.mature(window, 5, (1, 1), NOON_MS + 8 * DAY_MS)
    outcomes.prune(atom, window.until_ms + outcomes.LATE_MS)
    assert atom.windows == [window]
    outcomes.prune(atom, window.until_ms + outcomes.LATE_MS + 1)
    assert atom.windows == []


def test_a_decision_beyond_the_most_that_are_awaited_has_no_window_and_none_is_cut_short():
    state = person()
    atom = state.atoms[0]
    opened = [
        outcomes.open_window(atom, decided(n + 1, NOON_MS + n), PLAY)
        for n in range(outcomes.MOST_WINDOWS + 3)
    ]
    assert opened[outcomes.MOST_WINDOWS :] == [None] * 3
    assert outcomes.due(atom, NOON_MS + 100) == []
    assert len(atom.windows) == outcomes.MOST_WINDOWS


@given(
    st.lists(st.tuples(st.integers(0, 9), st.floats(0, 8)), max_size=30), st.permutations(range(10))
)
def test_no_outcome_is_credited_twice_and_none_in_a_window_is_lost(orders, starts):
    """Whatever the windows and the times, credits and events in reach of a window are as many."""
    state = person(1, 2)
    for n, start in enumerate(starts):
        at_ms = NOON_MS + start * DAY_MS // 2
        atom = state.atoms[n % 2]
        outcomes.open_window(atom, decided(n + 1, at_ms, atom=atom.id), PLAY)
    for n, (_, days) in enumerate(orders):
        outcomes.fold_outcome(state, event(id_=str(n), days=days, revenue=1))
    windows: list[Window] = [window for atom in state.atoms for window in atom.windows]
    assert sum(window.mine for window in windows) == len(orders)
    assert sum(window.credited for window in windows) == len(orders)
