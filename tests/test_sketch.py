"""A sketch counts different things, whatever the order, and says how far off it may be."""

from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from equipoise import sketch

WORDS = st.lists(st.text(max_size=3), max_size=200)


def sketched(words: list[str]) -> list[int]:
    """The sketch of a list of words."""
    made: list[int] = []
    for word in words:
        sketch.add(made, word)
    return made


@given(WORDS, st.randoms(use_true_random=False))
def test_any_order_gives_the_same_sketch(words, draw):
    shuffled = list(words)
    draw.shuffle(shuffled)
    assert sketched(shuffled) == sketched(words)


@given(WORDS, st.integers(0, 200))
def test_two_halves_merge_to_the_whole(words, cut):
    assert sketch.merge([sketched(words[:cut]), sketched(words[cut:])]) == sketched(words)


@given(st.sets(st.integers(0, 10_000), max_size=sketch.K - 1))
def test_below_64_the_count_is_exact(numbers):
    words = [str(number) for number in numbers]
    assert sketch.estimate(sketched(words + words)) == len(numbers)


def test_a_sketch_never_holds_more_than_64_hashes_in_order_each_once():
    made = sketched([str(number % 500) for number in range(5_000)])
    assert len(made) == sketch.K
    assert made == sorted(set(made))


def test_the_estimate_is_unbiased_and_as_far_off_as_stated():
    """Over 300 sketches of 1,000 things: mean within 3 standard errors, spread near 0.127."""
    truth, runs = 1_000, 300
    ratios = [
        sketch.estimate(sketched([f"{run}/{thing}" for thing in range(truth)])) / truth
        for run in range(runs)
    ]
    stated = 1 / sqrt(sketch.K - 2)
    mean = sum(ratios) / runs
    spread = sqrt(sum((ratio - mean) ** 2 for ratio in ratios) / (runs - 1))
    assert abs(mean - 1) < 3 * stated / sqrt(runs)
    assert 0.8 * stated < spread < 1.2 * stated


def test_text_that_is_not_unicode_is_counted_and_not_refused():
    assert sketch.estimate(sketched(["\ud800", "a"])) == 2.0
