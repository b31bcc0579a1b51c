"""The kinds of pairs are told apart, and as frequent as they were made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.recognise.households import floor_of, tell_apart

RECORDS = 2000
EVERY = RECORDS * (RECORDS - 1) / 2


def made(people, households, seed=3):
    """Pairs of each kind, as eight fields would weigh them: four of a person's own, four of the household.

    A field agrees (probability .9 where it is shared, .01 among strangers) or not.
    """
    chance = np.random.default_rng(seed)
    yes, no = np.log2(0.9 / 0.01), np.log2(0.1 / 0.99)
    bits, shared, kind = [], [], []
    for name, many, own, home in (("p", people, 0.9, 0.9), ("h", households, 0.01, 0.9)):
        for _ in range(many):
            of_home = sum(yes if chance.random() < home else no for _ in range(4))
            of_own = sum(yes if chance.random() < own else no for _ in range(4))
            shared.append(of_home)
            bits.append(of_home + of_own)
            kind.append(name)
    return np.array(bits), np.array(shared), np.array(kind)


@pytest.mark.parametrize(("people", "households"), [(400, 1500), (1500, 400), (100, 3000)])
def test_the_kinds_are_as_frequent_as_they_were_made(people, households):
    bits, shared, _ = made(people, households)
    _, kinds = tell_apart(bits, shared, RECORDS)
    assert kinds.person * EVERY == pytest.approx(people, rel=0.15)
    assert kinds.household * EVERY == pytest.approx(households, rel=0.15)


def test_a_score_is_a_probability_that_comes_true():
    """Among pairs of about one score, that share is one person."""
    bits, shared, kind = made(1000, 3000)
    scores, _ = tell_apart(bits, shared, RECORDS)
    for low, high in ((0.0, 0.5), (0.5, 1.01)):
        band = (scores >= low) & (scores < high)
        assert scores[band].mean() == pytest.approx((kind[band] == "p").mean(), abs=0.03)


def test_without_households_it_is_the_model_of_two_kinds():
    """Bayes' rule with the frequency that was fitted (Fellegi and Sunter 1969), where nothing is shared."""
    bits, shared, _ = made(600, 0)
    scores, kinds = tell_apart(bits, np.full_like(shared, -200.0), RECORDS)
    odds = kinds.person / (1 - kinds.person - kinds.household) * np.exp2(bits)
    assert scores == pytest.approx(odds / (1 + odds), abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), max_size=30),
    st.integers(2, 10**7),
)
def test_whatever_the_weights_scores_are_probabilities(pairs, records):
    bits, shared = (np.array(column, dtype=float) for column in zip(*pairs, strict=True)) if pairs else (
        np.zeros(0), np.zeros(0))  # fmt: skip
    scores, kinds = tell_apart(bits, shared, records)
    assert np.isfinite(scores).all()
    assert ((scores >= 0.0) & (scores <= 1.0)).all()
    assert min(kinds) > 0.0


def test_what_lies_below_the_floor_is_no_candidate_even_if_every_record_had_a_household():
    """One household pair for every record: below the floor it has less than one in a hundred."""
    for records in (100, 10_000, 1_000_000):
        frequent = records / (records * (records - 1) / 2)
        assert frequent * 2 ** floor_of(records) < 0.02
