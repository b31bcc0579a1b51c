"""What was used lately is found; what was not goes, and the bound holds."""

from hypothesis import given
from hypothesis import strategies as st

from equipoise.runners.recent import Recent


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=200), st.integers(1, 8))
def test_it_never_tells_a_wrong_value_and_stays_within_two_generations(steps, most):
    recent, truth = Recent(most), {}
    for put, key in steps:
        if put:
            truth[key] = f"{key}/{len(truth)}"
            recent.update({key: truth[key]})
        else:
            assert recent.get(key) in (None, truth.get(key))
    assert len(recent._young.keys() | recent._old.keys()) <= 2 * (most + 1)


def test_what_is_used_outlives_what_is_not():
    recent = Recent(2)
    recent.update({"kept": 1, "lost": 2})
    for n in range(6):
        assert recent.get("kept") == 1
        recent.update({n: n})
    assert recent.get("lost") is None


def test_what_is_dropped_is_gone_from_both_generations():
    recent = Recent(1)
    recent.update({"a": 1, "b": 2})
    recent.update({"a": 3})
    recent.drop("a")
    assert recent.get("a") is None
    assert recent.get("b") == 2
    recent.clear()
    assert recent.get("b") is None
