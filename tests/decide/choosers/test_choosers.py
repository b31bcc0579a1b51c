"""The choosers: found by walking, examined alike, and each does what its name says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.canon import uniform as drawn
from equipoise.decide.choosers import find_choosers
from equipoise.decide.choosers.fixed_shares import fixed_shares
from equipoise.decide.choosers.uniform import uniform
from equipoise.nouns.plays import SILENCE, Option
from equipoise.ports import Hand
from equipoise.testing.exams_decide import examine_chooser
from equipoise.testing.standing import PLAY, FakeStanding

ANA = FakeStanding()
EXACT = replace(PLAY, explore_floor=0.0)
A = Option(name="a", share=0.5)
B = Option(name="b", share=0.3)


def test_the_folder_is_found_once():
    assert set(find_choosers()) >= {"uniform", "fixed_shares"}
    assert find_choosers()["uniform"] is uniform
    assert find_choosers() is find_choosers()


@pytest.mark.parametrize("name", find_choosers())
def test_every_chooser_passes_the_exam(name):
    examine_chooser(name, find_choosers()[name])


def test_uniform_gives_every_option_the_same_silence_too():
    assert uniform(Hand(PLAY, (A, B, SILENCE), ANA, 0.99)).index == 2
    assert uniform(Hand(PLAY, (A, B, SILENCE), ANA, 0.0)).propensities == (1 / 3, 1 / 3, 1 / 3)
    assert uniform(Hand(PLAY, (SILENCE,), ANA, 0.5)).propensities == (1.0,)


def test_fixed_shares_give_the_rest_to_silence():
    choice = fixed_shares(Hand(EXACT, (A, B, SILENCE), ANA, 0.79))
    assert choice.propensities == (0.5, 0.3, pytest.approx(0.2))
    assert choice.index == 1


def test_the_share_of_what_is_not_allowed_goes_to_silence_and_not_to_the_others():
    assert fixed_shares(Hand(EXACT, (SILENCE, B), ANA, 0.0)).propensities == (0.7, 0.3)


def test_an_option_without_a_share_gets_only_the_floor():
    play = replace(PLAY, explore_floor=0.03)
    options = (Option(name="new"), replace(A, share=1.0), SILENCE)
    first, second, third = fixed_shares(Hand(play, options, ANA, 0.0)).propensities
    assert (first, third) == (0.01, 0.01)
    assert second == pytest.approx(0.98)


def test_shares_beyond_one_are_scaled_down():
    options = (replace(A, share=3.0), replace(B, share=1.0), SILENCE)
    assert fixed_shares(Hand(EXACT, options, ANA, 0.0)).propensities == (0.75, 0.25, 0.0)


def test_fixed_shares_cannot_do_without_silence():
    with pytest.raises(ValueError, match="'welcome': fixed_shares needs silence"):
        fixed_shares(Hand(PLAY, (A, B), ANA, 0.0))


SHARES = st.none() | st.floats(0, 2)


@given(st.lists(SHARES, max_size=50), st.floats(0, 1), st.floats(0, 1, exclude_max=True))
def test_any_shares_give_a_distribution(shares, floor, draw):
    options = (*(Option(name=f"o{n}", share=s) for n, s in enumerate(shares)), SILENCE)
    play = replace(PLAY, explore_floor=floor)
    for chooser in (uniform, fixed_shares):
        choice = chooser(Hand(play, options, ANA, draw))
        assert abs(sum(choice.propensities) - 1.0) <= 1e-12
        assert all(0.0 <= propensity <= 1.0 + 1e-15 for propensity in choice.propensities)
        assert choice.propensities[choice.index] > 0.0


def test_over_hashed_moments_the_draws_follow_the_probabilities():
    """Pearson's chi-square of 20,000 seeded draws, against its 99.9 % point for two degrees, 13.8."""
    n = 20_000
    counts = [0, 0, 0]
    for moment in range(n):
        draw = drawn(b"seed", f"m{moment}", "choose")
        choice = fixed_shares(Hand(PLAY, (A, B, SILENCE), ANA, draw))
        counts[choice.index] += 1
    wanted = [n * propensity for propensity in choice.propensities]
    assert sum((c - w) ** 2 / w for c, w in zip(counts, wanted, strict=True)) < 13.8
