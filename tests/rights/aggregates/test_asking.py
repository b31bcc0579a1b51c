"""Questions have one form, and a budget adds up as OpenDP's own accounting does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.nouns.aggregates import MICRO, AggregateGrant, Question, Release
from equipoise.rights.aggregates.asking import (
    DAY_MS,
    Limits,
    Unaskable,
    affordable,
    budget_of,
    checked,
    key_of,
    may_ask,
    on_a_closed_day,
    spent,
)

COUNT = Question(
    recipient="sete", purpose="analytics", measure="count", day=100, epsilon=100_000,
    group="traits.city", keys=("b", "a"),
)  # fmt: skip
SUM = replace(COUNT, measure="sum", field="orders.total", lower=-5.0, upper=10.0)
GRANT = AggregateGrant(
    seq=16, recipient="sete", purpose="analytics", by="zoë", at_ms=1,
    fields=("traits.city", "orders.total"),
)  # fmt: skip


def paid(epsilon: int, recipient: str = "sete", seq: int = 16) -> Release:
    question = replace(COUNT, epsilon=epsilon, recipient=recipient)
    return Release(seq=seq, key=str(seq), year=2026, question=question, by="", at_ms=1)


def test_the_same_question_in_another_order_is_the_same_question():
    assert key_of(checked(COUNT)) == key_of(checked(replace(COUNT, keys=("a", "b"))))
    assert key_of(checked(COUNT)) != key_of(checked(replace(COUNT, day=101)))
    assert key_of(checked(COUNT)) != key_of(checked(replace(COUNT, recipient="other")))
    assert key_of(checked(COUNT)) == key_of(checked(replace(COUNT, decimals=5)))


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        (replace(COUNT, epsilon=999), "epsilon needs"),
        (replace(COUNT, epsilon=-1), "epsilon needs"),
        (replace(COUNT, field="orders.total"), "reads no field"),
        (replace(COUNT, upper=3.0), "no bounds"),
        (replace(COUNT, group=""), "needs its keys"),
        (replace(COUNT, keys=()), "needs its keys"),
        (replace(COUNT, keys=("a", "a")), "each once"),
        (replace(COUNT, keys=tuple(map(str, range(1001)))), "at most"),
        (replace(SUM, field=""), "needs a field"),
        (replace(SUM, decimals=7), "decimals"),
        (replace(SUM, lower=10.0), "below upper"),
        (replace(SUM, upper=10.001, lower=10.0), "below upper"),
        (replace(SUM, upper=1e12), "within"),
        (replace(SUM, upper=float("inf")), "numbers"),
        (replace(SUM, lower=float("nan")), "numbers"),
    ],
)
def test_a_question_of_no_form_says_what_is_wrong(odd, told):
    with pytest.raises(Unaskable, match=told) as fault:
        checked(odd)
    assert fault.value.code == "aggregate_odd"


@pytest.mark.parametrize(
    ("question", "fields", "grant", "code"),
    [
        (COUNT, (), None, "aggregates_not_allowed"),
        (COUNT, (), replace(GRANT, ended_ms=5), "aggregates_not_allowed"),
        (COUNT, (), replace(GRANT, until_ms=9), "aggregates_not_allowed"),
        (replace(COUNT, purpose="marketing"), (), GRANT, "aggregate_purpose"),
        (COUNT, ("traits.city", "traits.age"), GRANT, "aggregate_field"),
    ],
)
def test_who_may_not_ask_is_told_why(question, fields, grant, code):
    may_ask(COUNT, ("traits.city",), GRANT, 9)
    with pytest.raises(Unaskable) as fault:
        may_ask(question, fields, grant, 9)
    assert fault.value.code == code


def test_only_the_last_day_that_is_over_is_asked_about():
    on_a_closed_day(COUNT, 101 * DAY_MS)
    on_a_closed_day(COUNT, 102 * DAY_MS - 1)
    for now_ms, code in ((101 * DAY_MS - 1, "open"), (102 * DAY_MS, "gone")):
        with pytest.raises(Unaskable) as fault:
            on_a_closed_day(COUNT, now_ms)
        assert fault.value.code == f"aggregate_day_{code}"


def test_a_grant_has_less_than_the_house_or_as_much():
    limits = Limits(each=1 * MICRO)
    assert budget_of(GRANT, limits) == 1 * MICRO
    assert budget_of(replace(GRANT, epsilon=7), limits) == 7
    assert budget_of(replace(GRANT, epsilon=2 * MICRO), limits) == 1 * MICRO


def test_what_others_spent_counts_for_all_together_only():
    limits = Limits(each=300_000, together=450_000)
    others = [paid(200_000, "elsewhere"), paid(100_000, "third")]
    affordable(COUNT, GRANT, others, limits)
    with pytest.raises(Unaskable, match="left of") as fault:
        affordable(replace(COUNT, epsilon=200_000), GRANT, others, limits)
    assert fault.value.code == "aggregate_budget_together"
    with pytest.raises(Unaskable, match=r"has 0\.05 left of 0\.3 this year") as fault:
        affordable(COUNT, GRANT, [paid(250_000)], limits)
    assert fault.value.code == "aggregate_budget"


@given(st.lists(st.integers(1_000, 500_000), max_size=12))
def test_what_is_spent_is_what_opendp_says_that_the_answers_cost_together(epsilons):
    """Sequential composition: OpenDP's odometer, asked the same one after the other, reads the same."""
    dp = pytest.importorskip("opendp.prelude")
    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    odometer = dp.c.make_fully_adaptive_composition(*space, output_measure=dp.max_divergence())
    asked = odometer([3, 4])
    limits = Limits(each=1 * MICRO, together=2 * MICRO)
    told: list[Release] = []
    for epsilon in epsilons:
        try:
            affordable(replace(COUNT, epsilon=epsilon), GRANT, told, limits)
        except Unaskable:
            assert spent(told) + epsilon > limits.each
            continue
        told.append(paid(epsilon))
        asked(dp.m.make_laplace(*space, scale=MICRO / epsilon))
    assert asked.privacy_loss(1) == pytest.approx(spent(told) / MICRO, abs=1e-9)
    assert spent(told) <= limits.each
