"""A version of the model: the same bytes for the same numbers, and one answer for one person."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.learn.lifetime.ahead import Horizon
from equipoise.learn.lifetime.fitting import fit, fit_value
from equipoise.learn.lifetime.model import BadModel, LifetimeModel, Unsupported
from equipoise.learn.lifetime.people import DAY_MS, of_tallies
from equipoise.nouns.state import Tally
from learn.lifetime.simulated import buyers, spenders, summary

WEEK_MS = 7 * DAY_MS
NOW_MS = 40 * WEEK_MS


def made(**changed):
    """A model with the published parameters of CDNOW."""
    told = {
        "kind": "bg_nbd",
        "visits": (0.243, 4.414, 0.793, 2.426),
        "visits_covariance": ((0.01, 0.0, 0.0, 0.0),) * 4,
        "worth": (6.25, 3.74, 15.44),
        "worth_covariance": ((0.01, 0.0, 0.0),) * 3,
        "unit_days": 7.0,
        "people": 2_357,
        "watched_days": 272.0,
        "fitted_ms": 5,
        "value_from": "orders",
        "currency": "USD",
    }
    return LifetimeModel(**(told | changed))


BG = made()
PARETO = made(kind="pareto_nbd", visits=(0.553, 10.578, 0.606, 11.669))
MODELS = pytest.mark.parametrize("model", [BG, PARETO], ids=["bg_nbd", "pareto_nbd"])


@MODELS
def test_a_version_survives_its_bytes_and_is_named_by_them(model):
    again = LifetimeModel.decode(model.encode())
    assert again == model
    assert again.version == model.version
    assert len(model.version) == 64
    assert made(currency="EUR").version != model.version


@pytest.mark.parametrize(
    ("body", "needed"),
    [
        (b"", "bytes of `encode` are needed"),
        (b"{}", "bytes of `encode` are needed"),
        (BG.encode().replace(b"lifetime/1", b"lifetime/9"), "lifetime/9"),
        (BG.encode().replace(b"bg_nbd", b"pe_riod"), "pe_riod"),
        (BG.encode().replace(b"4.414", b"-4.41"), "above 0"),
        (BG.encode().replace(b"3.74", b"0.99"), "q is above 1"),
        (BG.encode().replace(b"[0.01,0.0,0.0,0.0],", b"", 1), "4 x 4"),
    ],
)
def test_bytes_that_are_no_version_are_refused_and_say_why(body, needed):
    with pytest.raises(BadModel, match=needed):
        LifetimeModel.decode(body)


@MODELS
@settings(max_examples=150, deadline=None)
@given(st.integers(1, 80), st.floats(0, 150), st.floats(0, 150), st.floats(-50, 9_000))
def test_one_person_is_worth_what_they_are_worth_among_many(model, n, between, since, total):
    first_ms, last_ms = 0, round(between * WEEK_MS) if n > 1 else 0
    now_ms = last_ms + round(since * WEEK_MS)
    alone = model.value_of(n, first_ms, last_ms, total, now_ms)
    people = of_tallies([Tally(n, total, 0.0, first_ms, last_ms)], now_ms)
    assert alone == pytest.approx(model.values(people)[0], rel=1e-8, abs=6e-7)
    assert alone == model.value_of(n, first_ms, last_ms, total, now_ms)
    assert alone == round(alone, 6) >= 0


@MODELS
def test_more_recent_and_more_generous_people_are_worth_more(model):
    worth = [model.value_of(5, 0, week * WEEK_MS, 100.0, NOW_MS) for week in range(5, 41, 5)]
    assert all(np.diff(worth) > 0)
    generous = [model.value_of(5, 0, NOW_MS, total, NOW_MS) for total in (-9.0, 0.0, 50.0, 500.0)]
    assert generous[0] == generous[1] < generous[2] < generous[3]


@MODELS
def test_who_never_bought_has_no_value_and_a_clock_behind_does_no_harm(model):
    assert model.value_of(0, 0, 0, 0.0, NOW_MS) == 0.0
    assert model.value_of(1, NOW_MS, NOW_MS, 9.0, NOW_MS - WEEK_MS) > 0
    assert model.value_of(3, NOW_MS, NOW_MS, 9.0, NOW_MS) > 0, "three orders in one moment"


@MODELS
def test_a_longer_look_and_a_lower_discount_are_worth_more_and_the_margin_is_a_share(model):
    def worth(**horizon):
        changed = msgspec.structs.replace(model, horizon=Horizon(**horizon))
        return changed.value_of(4, 0, 30 * WEEK_MS, 80.0, NOW_MS)

    assert worth(days=365) < worth(days=1096) < worth(days=1096, discount_per_year=0.0)
    assert worth(margin=0.25) == pytest.approx(worth() / 4, abs=1e-6)


@pytest.mark.parametrize(
    "horizon", [{"days": 0}, {"days": math.nan}, {"discount_per_year": -0.1}, {"margin": 1.5}]
)
def test_an_impossible_horizon_is_refused(horizon):
    with pytest.raises(ValueError, match="Correct the setting"):
        Horizon(**horizon)


def test_a_model_is_made_from_two_fits_that_are_supported():
    people = buyers("bg_nbd", (0.5, 6.0, 0.8, 2.5), 600, 1)
    worth = fit_value(spenders((6.0, 3.8, 15.0), 600, 3))
    model = LifetimeModel.of(fit(people), worth, people, "EUR", NOW_MS)
    assert (model.people, model.currency, model.kind) == (600, "EUR", "bg_nbd")
    assert model.watched_days == people.age.max() * 7
    assert model.value_of(2, 0, WEEK_MS, 40.0, 9 * WEEK_MS) > 0


def test_no_model_is_made_of_data_that_does_not_support_it():
    people = summary([0] * 200, [0.0] * 200, [9.0] * 200)
    worth = fit_value(spenders((6.0, 3.8, 15.0), 600, 3))
    with pytest.raises(Unsupported, match="0 of 200 people came back") as told:
        LifetimeModel.of(fit(people), worth, people, "EUR", NOW_MS)
    assert told.value.reason == "too_few_repeats"
