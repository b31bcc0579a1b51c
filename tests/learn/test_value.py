"""One version of a value model: contributions are the score, one by one and batched to the bit."""

from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.learn.teaching import teach
from equipoise.learn.value import BESIDE, ModelMistake, ValueModel
from equipoise.nouns.decisions import Explain
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import SILENCE, Option
from equipoise.ports import Model
from learn.worlds import CARD, MAIL, PLAY, lessons

MODEL, _ = teach(PLAY, lessons(2000))
FRESH = Option(name="fresh", cost=1.0)
OPTIONS = (MAIL, CARD, FRESH, SILENCE)
INPUTS = st.fixed_dictionaries(
    {},
    optional={
        "orders.count": st.none() | st.integers(-5, 50) | st.floats() | st.text(max_size=3),
        "traits.city": st.none() | st.sampled_from(["Lyon", "Nice", "Brest"]) | st.booleans(),
        "contacts.last_7d": st.none() | st.integers(0, 9),
        "contacts.days_since": st.none() | st.floats(0, 99),
        AT_STAKE: st.none() | st.floats(0, 1e12) | st.text(max_size=2),
    },
)
SOME = st.lists(st.sampled_from(OPTIONS), min_size=1, max_size=6)


@given(SOME, INPUTS)
def test_contributions_sum_to_the_score_in_the_order_in_which_they_are_told(options, inputs):
    for option, told in zip(options, MODEL.appraise(options, inputs), strict=True):
        assert reduce(add, told.contributions.values()) == told.score
        assert told.score == pytest.approx(told.value - told.cost - told.leaving, abs=1e-9)
        assert told.cost == option.cost
        assert 0.0 <= told.response <= 1.0
        assert 0.0 <= told.left <= 1.0
        assert tuple(told.contributions) == MODEL.names


@examples(max_examples=50)
@given(SOME, st.lists(INPUTS, min_size=2, max_size=12))
def test_a_batch_gives_the_bits_of_one_by_one(options, people):
    levels = MODEL.binning.levels_of_all(people)
    stakes = [one.get(AT_STAKE) for one in people]
    at_stake = np.array([float(s) if isinstance(s, (int, float)) else 0.0 for s in stakes])
    many = MODEL.appraise_many(options, levels, at_stake)
    for row, inputs in enumerate(people):
        for place, one in enumerate(MODEL.appraise(options, inputs)):
            assert many.scores[row, place] == one.score
            assert many.value[row, place] == one.value
            assert many.leaving[row, place] == one.leaving
            assert many.left[row, place] == one.left
            assert many.response[row, place] == one.response
            parts = many.contributions[row, :, place].tolist()
            assert dict(zip(many.names, parts, strict=True)) == one.contributions


def test_an_option_says_the_same_whatever_stands_beside_it():
    inputs = {"orders.count": 3, "traits.city": "Nice", AT_STAKE: 80.0}
    together = MODEL.appraise(OPTIONS, inputs)
    for option, told in zip(OPTIONS, together, strict=True):
        assert MODEL.appraise((option,), inputs) == (told,)


def test_what_leaving_costs_is_its_probability_times_what_is_at_stake():
    low, high = (MODEL.appraise((MAIL,), {AT_STAKE: stake})[0] for stake in (10.0, 1000.0))
    assert high.leaving == pytest.approx(low.left * 1000.0)
    assert high.leaving == pytest.approx(100 * low.leaving)
    assert MODEL.appraise((MAIL,), {})[0].leaving == 0.0


def test_an_option_that_is_not_known_is_expected_to_be_an_average_message():
    mail, card, fresh, silence = MODEL.appraise(OPTIONS, {"orders.count": 2})
    assert silence.value < min(mail.value, card.value) < fresh.value * 1.3
    assert fresh.value < 1.2 * max(mail.value, card.value)
    assert fresh.contributions["option"] == pytest.approx(0.0, abs=1e-9)


def test_a_version_is_named_by_its_bytes_and_comes_back_from_them():
    again = ValueModel.decode(MODEL.encode())
    assert again.version == MODEL.version
    assert len(MODEL.version) == 64
    inputs = {"orders.count": 1, "traits.city": "Lyon", AT_STAKE: 10.0}
    assert again.appraise(OPTIONS, inputs) == MODEL.appraise(OPTIONS, inputs)
    assert replace(MODEL, scale=MODEL.scale * 2).version != MODEL.version


def test_bytes_that_are_no_model_are_refused():
    for wrong, words in (
        (b"no", "needed what `encode` gave"),
        (replace(MODEL, value=MODEL.value[:-8]).encode(), "table value needs"),
        (replace(MODEL, leave=b"\xff" * len(MODEL.leave)).encode(), "no finite number"),
    ):
        with pytest.raises(ModelMistake, match=words):
            ValueModel.decode(wrong)


def test_it_is_a_model_that_explains_itself_exactly():
    model: Model = MODEL
    assert model.explains is Explain.EXACT
    assert model.lessons == 2000
    assert model.scale > 0.0
    assert {*BESIDE, *MODEL.binning.features} == set(MODEL.names)


def test_it_tells_where_a_number_is_cut():
    assert MODEL.edges("orders.count") == (1.0, 2.0, 3.0, 4.0, 5.0)
    assert MODEL.edges("traits.city") == ()
    assert MODEL.edges("visits") == ()


def test_contributions_are_short_enough_to_be_read():
    """Ten decimals: a receipt holds them as text."""
    told = MODEL.appraise(OPTIONS, {"orders.count": 5, AT_STAKE: 33.3})
    assert all(len(repr(abs(part))) <= 16 for one in told for part in one.contributions.values())
