"""A play's shares are what its hashes draw, and a change of shares is no effect."""

from math import inf

import pytest

from equipoise.canon import uniform
from equipoise.learn.effects import Design, designs_of, effect_of, shares_of
from equipoise.learn.tallies import tally, without
from equipoise.nouns.lessons import ENGINE, HOLDOUT
from equipoise.nouns.plays import Goal, Option, Play, Trigger
from equipoise.nouns.rules import Rules
from learn.trying import people, tried

PLAY = Play(
    name="win-back",
    purpose="marketing",
    moment=Trigger(every_hours=24),
    options=(Option(name="mail"),),
    goal=Goal(event="Order Completed"),
    holdout=0.2,
    controls={"uniform": 0.1, "propensity_only": 0.05},
    version="one",
)


def changed(**given):
    return Play(**({name: getattr(PLAY, name) for name in PLAY.__struct_fields__} | given))


def test_the_shares_are_those_of_the_draws():
    """10,000 people drawn as the guard and the decision draw them."""
    shares, n = shares_of(PLAY, Rules(holdout=0.1)), 10_000
    counts = dict.fromkeys(shares, 0)
    for number in range(n):
        person = f"person:{number}"
        house, own, control = (
            uniform(b"seed", person, purpose)
            for purpose in ("holdout", "holdout:win-back", "control:win-back")
        )
        arm = HOLDOUT if house < 0.1 or own < 0.2 else ENGINE
        if arm == ENGINE and control < 0.15:
            arm = "propensity_only" if control < 0.05 else "uniform"
        counts[arm] += 1
    assert sum(shares.values()) == pytest.approx(1.0)
    for arm, share in shares.items():
        assert counts[arm] / n == pytest.approx(share, abs=0.012)


def test_the_house_spares_what_is_part_of_a_contract():
    rules = Rules(holdout=0.5, bases={"marketing": "contract"})
    assert shares_of(PLAY, rules)[HOLDOUT] == pytest.approx(0.2)


def test_a_play_with_nothing_to_compare_has_one_arm():
    assert shares_of(changed(holdout=0.0, controls={}), Rules()) == {ENGINE: 1.0}


def test_only_plays_with_a_goal_have_a_design_and_another_goal_is_left_out():
    other = changed(version="two", goal=Goal(event="Order Completed", window_days=30.0))
    third = changed(version="three", holdout=0.5)
    goalless = changed(name="hello", goal=None)
    designs = designs_of([other, PLAY, goalless, third], Rules())
    assert list(designs) == ["win-back"]
    design = designs["win-back"]
    assert list(design.shares) == ["one", "three"]
    assert design.newest[HOLDOUT] == 0.5
    rows = [tried(ENGINE, 1.0, version=v) for v in ("one", "two", "two", "three", "")]
    told = effect_of(design, tally(rows))
    assert (told.n, told.left_out) == (3, 2)


DESIGN = Design(play="win-back", currency="EUR", shares={"": {ENGINE: 0.8, HOLDOUT: 0.2}})


def test_before_anybody_was_tried_nothing_is_known():
    told = effect_of(DESIGN, {})
    assert [arm.name for arm in told.arms] == [ENGINE, HOLDOUT]
    assert all(arm.value.low == -inf for arm in told.arms)
    assert [d.found for d in told.differences] == ["not_yet"] * 3
    assert not told.ratio.alarm


def test_an_effect_tells_every_arm_with_who_is_there_and_who_should_be():
    told = effect_of(DESIGN, tally(people(5, 1_000, lift=3.0)))
    engine, holdout = told.arms
    assert engine.n + holdout.n == told.n == 1_000
    assert holdout.expected == pytest.approx(200)
    assert engine.value.mean > holdout.value.mean
    assert told.difference(HOLDOUT, "value").found == "more"
    assert told.difference("nobody", "value") is None


def test_a_share_that_changed_on_the_way_does_not_pass_for_an_effect():
    """When few were held out people spent much, later little: as one group it would be an effect."""
    shares = {"rich": {ENGINE: 0.9, HOLDOUT: 0.1}, "poor": {ENGINE: 0.5, HOLDOUT: 0.5}}
    rows = [
        tried(arm, level + i % 7, version=version)
        for version, level in (("rich", 50.0), ("poor", 10.0))
        for arm, share in shares[version].items()
        for i in range(round(2_000 * share))
    ]
    told = effect_of(Design(play="win-back", currency="EUR", shares=shares), tally(rows))
    found = told.difference(HOLDOUT, "value")
    assert abs(found.plain.mean) < 0.1
    assert found.found == "not_yet"
    assert not told.ratio.alarm
    naive = effect_of(DESIGN, tally([tried(row.arm, row.value) for row in rows]))
    assert naive.difference(HOLDOUT, "value").found == "more"
    assert naive.ratio.alarm


def test_after_an_erasure_it_is_as_if_the_person_had_never_been():
    rows = people(9, 800, lift=1.0)
    stay, go = rows[:-1], rows[-1:]
    told, fresh = effect_of(DESIGN, without(tally(rows), go)), effect_of(DESIGN, tally(stay))
    assert told.n == fresh.n
    for one, other in zip(told.differences, fresh.differences, strict=True):
        assert one.adjusted_always.low == pytest.approx(other.adjusted_always.low, rel=1e-9)
        assert one.plain.mean == pytest.approx(other.plain.mean, rel=1e-9, abs=1e-12)
        assert one.theta == pytest.approx(other.theta, rel=1e-9)


def test_an_arm_that_is_no_longer_in_the_play_is_still_told():
    told = effect_of(DESIGN, tally([tried("uniform", 1.0)]))
    assert [arm.name for arm in told.arms] == [ENGINE, HOLDOUT, "uniform"]
    assert told.ratio.strangers == 1
