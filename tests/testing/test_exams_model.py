"""The exam of a model lets ours pass, and finds what is wrong with one that is not sound."""

import math

import msgspec
import numpy as np
import pytest

from equipoise.learn.own import OwnModel
from equipoise.learn.teaching import teach
from equipoise.nouns.decisions import Appraisal, Explain
from equipoise.nouns.lessons import AT_STAKE, PRESSURE, Lesson
from equipoise.nouns.plays import SILENCE, Goal, Option, Play, Trigger
from equipoise.ports import ModelBroke
from equipoise.testing.exams_decide import ExamFailed
from equipoise.testing.exams_model import examine_model

MAIL = Option(name="mail", cost=0.5)
OPTIONS = (SILENCE, MAIL)
PEOPLE = [
    {"orders.count": count, "contacts.last_7d": 1, AT_STAKE: 80.0} for count in (0, 3, None, 1e9)
]
SOUND = Appraisal(1.5, 2.5, 0.5, 0.5, 0.25, 0.0625, {"base": 2.5, "cost": -0.5, "leaving": -0.5})


class Told:
    """Says of a mail what it is told to, and nothing else of silence."""

    version = "0f" * 32
    explains = Explain.EXACT
    lessons = 3
    scale = 1.0

    def __init__(self, mail=SOUND, **given):
        self.mail = mail
        for name, value in given.items():
            setattr(self, name, value)

    def appraise(self, options, inputs):
        quiet = Appraisal(0.0, 0.0, 0.0, 0.0, contributions={"base": 0.0})
        return tuple(self.mail if option is MAIL else quiet for option in options)


def learnt():
    """A value model of ours, from made-up lessons."""
    play = Play(
        name="p",
        purpose="m",
        moment=Trigger(event="e"),
        options=OPTIONS,
        goal=Goal(event="Order Completed", value=20.0),
        features=("orders.count",),
        chooser="learning",
    )
    chance = np.random.default_rng(1)
    lessons = [
        Lesson(
            seq=n + 1,
            decision=n + 1,
            person=n,
            atom=n,
            play="p",
            version="v",
            option=OPTIONS[n % 2].name,
            arm="engine",
            propensity=0.5,
            inputs=dict.fromkeys(PRESSURE, 0) | {"orders.count": int(chance.integers(9))},
            decided_ms=0,
            matured_ms=10**10,
            n=int(chance.random() < 0.3),
            left=bool(chance.random() < 0.05 * (n % 2)),
        )
        for n in range(300)
    ]
    model, _ = teach(play, lessons)
    return model


class Steps:
    """A predictor with a step in the count of orders."""

    def predict(self, table):
        return 0.1 + 0.3 * (np.nan_to_num(table[:, 0]) > 2) * table[:, 2]


def own(**given):
    """A model of one's own over the same options."""
    declared = {"name": "m", "version": "1", "predictor": Steps(), "features": ("orders.count",)}
    return OwnModel(**(declared | {"options": ("silence", "mail")} | given))


def test_our_value_model_passes():
    examine_model(learnt(), OPTIONS, PEOPLE)


def test_a_model_of_ones_own_passes_with_and_without_what_the_play_has_learnt():
    examine_model(own().behind(), OPTIONS, PEOPLE)
    examine_model(own(gives="value").behind(learnt()), OPTIONS, PEOPLE)
    examine_model(Told(), OPTIONS, PEOPLE)


class Contrary(Told):
    """Says something else each time it is asked."""

    def __init__(self):
        super().__init__()
        self.asked = 0

    def appraise(self, options, inputs):
        self.asked += 1
        worth = 2.5 + self.asked
        parts = {"base": worth, "cost": -0.5, "leaving": -0.5}
        self.mail = Appraisal(worth - 1.0, worth, 0.5, 0.5, contributions=parts)
        return super().appraise(options, inputs)


class Crowded(Told):
    """What a mail is worth depends on how many options are asked about."""

    def appraise(self, options, inputs):
        worth = float(len(options))
        parts = {"base": worth, "cost": -0.5}
        self.mail = Appraisal(worth - 0.5, worth, 0.5, 0.0, contributions=parts)
        return super().appraise(options, inputs)


class Forgetful(Told):
    """Gives one appraisal too few."""

    def appraise(self, options, inputs):
        return super().appraise(options, inputs)[:-1]


class Brittle(Told):
    """Falls over where something is not known."""

    def __init__(self, fault):
        super().__init__()
        self.fault = fault

    def appraise(self, options, inputs):
        if set(inputs.values()) == {None}:
            raise self.fault
        return super().appraise(options, inputs)


def mail(**given):
    """The sound appraisal of a mail with something changed."""
    return Told(msgspec.structs.replace(SOUND, **given))


@pytest.mark.parametrize(
    ("model", "complaint"),
    [
        (Told(version="latest"), "no SHA-256"),
        (Told(explains=7), "is no level"),
        (Told(lessons=-1), "-1 lessons"),
        (Told(scale=0.0), "its scale is 0.0"),
        (mail(score=math.nan), "needs finite numbers"),
        (mail(score=2.0), "value - cost - leaving is 1.5, not the score"),
        (mail(cost=0.4, score=1.6), "costs 0.4, and the option 0.5"),
        (mail(leaving=-0.5, score=2.5), "leaving is worth -0.5"),
        (mail(response=1.5), "response is 1.5, not a probability"),
        (mail(left=-0.5), "left is -0.5, not a probability"),
        (mail(contributions={"base": 1.0}), "contributions sum to 1.0, and the score is 1.5"),
        (mail(contributions={"model": 1.5}), "names but the model"),
        (Contrary(), "asked alone it says"),
        (Crowded(), "asked alone it says"),
        (Forgetful(), "1 appraisals for 2 options"),
    ],
)
def test_what_is_not_sound_is_found(model, complaint):
    with pytest.raises(ExamFailed, match=complaint):
        examine_model(model, OPTIONS, PEOPLE)


def test_a_model_that_falls_over_where_nothing_is_known_does_not_pass():
    with pytest.raises(KeyError):
        examine_model(Brittle(KeyError("x")), OPTIONS, PEOPLE)


def test_a_model_may_break_where_nothing_is_known_if_it_says_so():
    examine_model(Brittle(ModelBroke("nothing is known")), OPTIONS, PEOPLE)
