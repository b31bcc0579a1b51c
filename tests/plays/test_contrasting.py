"""The contrast is exact: inside its region another option is the best, nearer to the facts none is."""

from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.nouns.lessons import AT_STAKE
from equipoise.plays.contrasting import best_of, contrast, inputs_of
from equipoise.plays.quantities import Region
from equipoise.testing.models import FakeModel
from plays.told import CUTS, INPUTS, MODEL, PLAY, appraise, told


def always(_: str) -> bool:
    return True


def found(model=MODEL, inputs=INPUTS, changeable=always):
    """The contrast of a decision made with this model and these inputs."""
    return contrast(told(model=model, inputs=inputs), appraise(model), CUTS, changeable)


def test_the_nearest_change_is_found_as_a_region():
    near = found()
    assert near is not None
    assert (near.feature, near.region, near.option) == ("orders.count", Region(high=3), "silence")


def test_what_the_person_cannot_change_is_never_named():
    near = found(changeable=lambda name: name == "orders.days_since")
    assert near is not None
    assert (near.feature, near.option) == ("orders.days_since", "voucher")
    assert near.region == Region(high=20)
    assert found(changeable=lambda _: False) is None


def test_where_no_change_helps_there_is_no_contrast():
    assert found(model=replace(MODEL, worth=MODEL.worth | {"mail": 100.0})) is None


def test_what_is_not_known_yet_may_become_known():
    near = found(inputs={"orders.count": None, "orders.days_since": None, AT_STAKE: 180.0})
    assert near is not None
    assert near.option != "silence"


def test_a_model_that_is_not_the_one_that_decided_gives_none():
    receipt = told()
    other = appraise(replace(MODEL, worth={"mail": 0.25}))
    assert contrast(receipt, other, CUTS, always) is None


def test_a_decision_without_scores_has_none():
    assert contrast(told(model=None), appraise(), CUTS, always) is None


@pytest.mark.parametrize("text", ["007", "1_0", " 3", "1e400", "nan?", "", "True"])
def test_texts_that_only_look_like_numbers_stay_texts(text):
    assert inputs_of({"inputs": {"a": text}}) == {"a": text}


worths = st.floats(-2, 2).map(lambda worth: round(worth, 3))
steps = st.tuples(st.just((1.0, 3.0)), st.tuples(worths, worths, worths))
models = st.builds(
    FakeModel,
    worth=st.fixed_dictionaries(dict.fromkeys(("mail", "voucher", "silence"), worths)),
    steps=st.fixed_dictionaries(
        {
            name: st.fixed_dictionaries({"orders.count": steps, "orders.days_since": steps})
            for name in ("mail", "voucher", "silence")
        }
    ),
)


@settings(max_examples=150, deadline=None)
@given(models, st.integers(0, 5), st.integers(0, 5))
def test_in_the_region_it_holds_and_no_level_nearer_changes_the_best(model, count, days):
    cuts = {"orders.count": (1.0, 3.0), "orders.days_since": (1.0, 3.0)}
    inputs = {"orders.count": count, "orders.days_since": days}
    scores = appraise(model)
    near = contrast(told(model=model, inputs=inputs), scores, cuts, always)
    now = best_of(scores(inputs))

    def changed(feature, value):
        return best_of(scores({**inputs, feature: value}))

    everywhere = [(feature, value) for feature in cuts for value in range(6)]
    if near is None:
        assert all(changed(feature, value) == now for feature, value in everywhere)
        return
    inside = [v for v in range(6) if near.region.low <= v < near.region.high]
    assert inside
    assert all(changed(near.feature, value) == near.option != now for value in inside)

    def steps_to(feature, value):
        edges = cuts[feature]
        return abs(bisect_right(edges, value) - bisect_right(edges, inputs[feature]))

    distance = min(steps_to(near.feature, value) for value in inside)
    nearer = [place for place in everywhere if steps_to(*place) < distance]
    assert all(changed(feature, value) == now for feature, value in nearer)


def test_options_of_the_play_are_those_that_were_open():
    assert set(appraise()(INPUTS)) == {option.name for option in PLAY.options}
