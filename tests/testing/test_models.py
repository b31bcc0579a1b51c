"""The made-up model keeps what the port promises."""

import pytest

from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import SILENCE, Option
from equipoise.ports import ModelBroke
from equipoise.testing.models import FakeModel

MAIL = Option(name="mail", cost=0.25)
MODEL = FakeModel(
    worth={"mail": 1.0, "silence": 0.5},
    steps={"mail": {"orders.count": ((2.0,), (0.0, 0.75))}},
    left={"mail": 0.01},
)


def test_contributions_sum_to_the_score_and_silence_is_appraised_too():
    mail, silence = MODEL.appraise((MAIL, SILENCE), {"orders.count": 2, AT_STAKE: 50.0})
    assert mail.contributions == {
        "option": 1.0,
        "orders.count": 0.75,
        "cost": -0.25,
        "leaving": -0.5,
    }
    assert mail.score == sum(mail.contributions.values()) == mail.value - mail.cost - mail.leaving
    assert silence.score == 0.5


def test_what_is_not_known_adds_nothing():
    mail, _ = MODEL.appraise((MAIL, SILENCE), {})
    assert (mail.value, mail.leaving) == (1.0, 0.0)


def test_a_broken_one_says_so():
    with pytest.raises(ModelBroke, match="out of numbers"):
        FakeModel(broken="out of numbers").appraise((SILENCE,), {})
