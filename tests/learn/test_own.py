"""A model of one's own stands behind the value head, and what it says is checked before it counts."""

import math

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

from equipoise.learn.own import Behind, OwnModel, OwnModelError, find_models
from equipoise.nouns.decisions import Appraisal, Explain
from equipoise.nouns.plays import SILENCE, Option
from equipoise.ports import ModelBroke

MAIL = Option(name="mail", cost=0.5)
CALL = Option(name="call", cost=3.0)
OPTIONS = (SILENCE, MAIL, CALL)
NAMES = ("silence", "mail", "call")
CITIES = {"traits.city": {"Lyon": 1.0, "Sète": 2.0}}
FEATURES = ("orders.count", "traits.city")


def past(n: int = 1_200):
    """People of whom those with orders answer a mail, and those of Sète a call."""
    chance = np.random.default_rng(7)
    inputs = [
        {
            "orders.count": int(chance.integers(0, 9)),
            "traits.city": ["Lyon", "Sète", None][chance.integers(3)],
        }
        for _ in range(n)
    ]
    options = [NAMES[place] for place in chance.integers(0, 3, n)]
    shares = [
        0.1
        + 0.6 * (option == "mail" and one["orders.count"] > 4)
        + 0.5 * (option == "call" and one["traits.city"] == "Sète")
        for one, option in zip(inputs, options, strict=True)
    ]
    return inputs, options, (chance.random(n) < shares).astype(int)


class Constant:
    """A predictor that always gives the same answer, or raises it."""

    def __init__(self, answer):
        self.answer = answer

    def predict(self, table):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class Learnt:
    """What a play has learnt beside the value head: 30 lessons, and that contacts make people leave."""

    version = "v1"
    explains = Explain.EXACT
    lessons = 30
    scale = 80.0
    order_value = 40.0

    def appraise(self, options, inputs):
        return tuple(
            Appraisal(
                1.0, 1.0, option.cost, 0.25 * option.is_contact, left=0.01 * option.is_contact
            )
            for option in options
        )


def own(predictor=None, **given) -> OwnModel:
    """A declared model of one's own over the options and features of this file."""
    declared = {
        "name": "house",
        "version": "1",
        "predictor": predictor or Constant([0.1, 0.2, 0.3]),
        "features": FEATURES,
        "options": NAMES,
        "categories": CITIES,
    }
    return OwnModel(**(declared | given))


def taught(predictor, **given) -> OwnModel:
    """The same, with a predictor that was fitted on the past."""
    inputs, options, answers = past()
    model = own(predictor, **given)
    predictor.fit(model.table(inputs, options), answers)
    return model


KNOWN = {"orders.count": 8, "traits.city": "Lyon"}


def test_boosted_trees_of_scikit_learn_find_whom_a_mail_and_whom_a_call_moves():
    trees = taught(HistGradientBoostingClassifier(max_iter=40), order_value=20.0).behind(Learnt())
    regular = trees.appraise(OPTIONS, KNOWN)
    seaside = trees.appraise(OPTIONS, {"orders.count": 0, "traits.city": "Sète"})
    assert max(zip((one.score for one in regular), NAMES, strict=True))[1] == "mail"
    assert max(zip((one.score for one in seaside), NAMES, strict=True))[1] == "call"
    assert regular[1].response == pytest.approx(0.7, abs=0.15)
    assert regular[1].value == pytest.approx(20.0 * regular[1].response)


def test_light_gbm_stands_behind_the_value_head_too():
    lightgbm = pytest.importorskip("lightgbm", reason="SKIPPED: LightGBM is not installed here")
    trees = lightgbm.LGBMClassifier(n_estimators=40, verbose=-1)
    told = taught(trees, order_value=20.0).behind().appraise(OPTIONS, KNOWN)
    assert max(zip((one.score for one in told), NAMES, strict=True))[1] == "mail"


def test_a_pipeline_that_cannot_take_nan_breaks_and_says_so():
    """Logistic regression refuses nan; where nothing is missing it answers."""
    inputs, options, answers = past()
    model = own(LogisticRegression(max_iter=500))
    table = model.table(inputs, options)
    whole = ~np.isnan(table).any(axis=1)
    model.predictor.fit(table[whole], answers[whole])
    assert all(0.0 < one.response < 1.0 for one in model.behind().appraise(OPTIONS, KNOWN))
    with pytest.raises(
        ModelBroke, match=r"'house' version '1'.*ValueError.*NaN.*try it on a table"
    ):
        model.behind().appraise(OPTIONS, KNOWN | {"traits.city": None})


@pytest.mark.parametrize("learnt", [None, Learnt()])
@pytest.mark.parametrize("gives", ["response", "value"])
def test_the_contributions_sum_to_the_score_and_the_score_to_value_less_cost_and_leaving(
    learnt, gives
):
    told = own(gives=gives).behind(learnt).appraise(OPTIONS, KNOWN)
    for one in told:
        assert set(one.contributions) == {"model", "cost", "leaving"}
        assert math.fsum(one.contributions.values()) == pytest.approx(one.score, abs=1e-9)
        assert one.value - one.cost - one.leaving == pytest.approx(one.score, abs=1e-9)
    assert [one.cost for one in told] == [0.0, 0.5, 3.0]
    assert [one.leaving for one in told] == [0.0, 0.25 * bool(learnt), 0.25 * bool(learnt)]


def test_lessons_scale_leaving_and_order_value_are_those_the_play_has_learnt():
    behind = own().behind(Learnt())
    assert (behind.lessons, behind.scale, behind.order_value) == (30, 80.0, 40.0)
    assert behind.appraise(OPTIONS, KNOWN)[1].left == 0.01
    schooled = own(lessons=500)
    assert (schooled.behind().lessons, schooled.behind(Learnt()).lessons) == (500, 500)
    bare = own(order_value=12.0).behind()
    assert (bare.lessons, bare.scale, bare.order_value) == (0, 12.0, 12.0)
    assert own().behind().order_value == 1.0


def test_a_value_in_money_is_taken_as_it_is():
    inputs, options, answers = past()
    model = own(HistGradientBoostingRegressor(max_iter=20), gives="value", order_value=7.0)
    model.predictor.fit(model.table(inputs, options), 30.0 * answers)
    (mail,) = model.behind().appraise([MAIL], KNOWN)
    assert 10.0 < mail.value < 30.0
    assert mail.response == 0.0


def test_the_same_declaration_has_the_same_version_and_any_change_another():
    assert own().behind().version == own().behind().version
    others = [own(version="2"), own(order_value=3.0), own(categories={}), own(gives="value")]
    versions = {model.behind().version for model in (own(), *others)} | {
        own().behind(Learnt()).version
    }
    assert len(versions) == 6


def test_features_become_numbers_and_options_columns():
    table = own().table([KNOWN, {"orders.count": None, "traits.city": "Nice"}], ["call", "silence"])
    assert own().columns == (*FEATURES, "option=silence", "option=mail", "option=call")
    assert table[0].tolist() == [8.0, 1.0, 0.0, 0.0, 1.0]
    assert np.isnan(table[1, :2]).all()
    assert table[1, 2:].tolist() == [1.0, 0.0, 0.0]
    truth = own(features=("known",), categories={}).table([{"known": True}], ["mail"])
    assert truth[0, 0] == 1.0


@pytest.mark.parametrize(
    ("answer", "given", "complaint"),
    [
        ([0.1, math.nan, 0.3], {}, "needs finite numbers, got"),
        ([0.1, 0.2], {}, r"needs one number for each option, shape \(3,\), got shape \(2,\)"),
        ([[0.1], [0.2], [0.3]], {}, r"shape \(3, 1\).*let `predict` return one column"),
        (["a", "b", "c"], {}, "needs numbers for 3 options, got ValueError"),
        (KeyError("orders"), {}, "got KeyError: 'orders'.*columns .*option=mail"),
        ([0.1, 25.0, 0.3], {}, "needs probabilities.*declare gives='value'"),
        ([0.1, math.inf, 0.3], {"gives": "value"}, "needs finite numbers"),
    ],
)
def test_an_answer_that_is_no_number_for_each_option_breaks(answer, given, complaint):
    with pytest.raises(ModelBroke, match=f"model 'house' version '1': .*{complaint}"):
        own(Constant(answer), **given).behind(Learnt()).appraise(OPTIONS, KNOWN)


@pytest.mark.parametrize(
    ("inputs", "options", "complaint"),
    [
        ({"orders.count": 1}, OPTIONS, "needs the feature 'traits.city'.*add traits.city"),
        (KNOWN | {"orders.count": "3"}, OPTIONS, "needs a number for 'orders.count', got the text"),
        (KNOWN, (Option(name="fax"),), "needs one of the options .*'fax'; teach a version"),
    ],
)
def test_what_does_not_fit_its_columns_breaks(inputs, options, complaint):
    with pytest.raises(ModelBroke, match=complaint):
        own().behind().appraise(options, inputs)


def test_probabilities_of_other_classes_than_0_and_1_break():
    inputs, options, answers = past(300)
    model = own(HistGradientBoostingClassifier(max_iter=5))
    model.predictor.fit(model.table(inputs, options), answers + 1)
    with pytest.raises(ModelBroke, match="needs the probabilities of the classes 0 and 1"):
        model.behind().appraise(OPTIONS, KNOWN)


def linear(**given) -> OwnModel:
    """A regression on 0 and 1 that splits what it predicts by column."""
    inputs, options, answers = past()
    whole = [place for place, one in enumerate(inputs) if one["traits.city"]]
    regression = LinearRegression()
    model = own(
        regression,
        parts=lambda table: table * regression.coef_,
        explains=Explain.EXACT,
        order_value=20.0,
        **given,
    )
    table = model.table([inputs[i] for i in whole], [options[i] for i in whole])
    regression.fit(table, 10.0 * answers[whole])
    return model


def test_a_model_that_splits_its_prediction_explains_itself_by_feature():
    told = linear(gives="value").behind(Learnt()).appraise(OPTIONS, KNOWN)
    for one in told:
        assert set(one.contributions) == {*FEATURES, "option", "base", "cost", "leaving"}
        assert math.fsum(one.contributions.values()) == pytest.approx(one.score, abs=1e-9)
        assert one.value == pytest.approx(one.score + one.cost + one.leaving, abs=1e-9)


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        (lambda table: table * np.arange(5.0), "needs parts that add up.*differ by option"),
        (lambda table: table[:, :1], "needs a finite part for each column"),
        (lambda table: table["a"], "got IndexError"),
    ],
)
def test_parts_that_do_not_add_up_break(parts, complaint):
    with pytest.raises(ModelBroke, match=complaint):
        own(Constant([0.1, 0.1, 0.1]), parts=parts).behind().appraise(OPTIONS, KNOWN)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"predictor": object()}, "needs an object with `predict`, got object"),
        ({"gives": "score"}, "needs 'response' or 'value'"),
        ({"features": ("a", "a")}, "`features` needs names, each once"),
        ({"categories": {"b": {}}}, "none of its features"),
        ({"explains": Explain.EXACT}, "needs `parts`"),
        ({"lessons": -1}, "needs 0 or more lessons and money"),
        ({"order_value": math.nan}, "needs 0 or more lessons and money"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(given, complaint):
    with pytest.raises(OwnModelError, match=complaint):
        own(**given)


def test_it_is_as_explainable_as_it_was_declared():
    assert own().behind().explains is Explain.NONE
    assert own(explains=Explain.APPROXIMATE).behind().explains is Explain.APPROXIMATE


def installed(tmp_path, monkeypatch, code: str, value: str) -> None:
    """A package on the path whose entry point `house` names a model."""
    (tmp_path / "my_models.py").write_text(code, "utf-8")
    made = tmp_path / "my_models-1.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Name: my-models\nVersion: 1\n", "utf-8")
    (made / "entry_points.txt").write_text(f"[equipoise.models]\nhouse = {value}\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))


CODE = """
from equipoise.learn.own import OwnModel
class P:
    def predict(self, table): return table[:, 0]
def house(): return OwnModel(name="house", version="1", predictor=P(), features=(), options=("silence",))
other = OwnModel(name="other", version="1", predictor=P(), features=(), options=("silence",))
"""


def test_a_model_is_found_by_its_entry_point(tmp_path, monkeypatch):
    installed(tmp_path, monkeypatch, CODE, "my_models:house")
    found = find_models()
    assert isinstance(found["house"].behind(), Behind)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("my_models:missing", "cannot be loaded.*Install what it needs"),
        ("my_models:other", "needs an OwnModel of that name"),
        ("my_models:P", "needs an OwnModel of that name"),
    ],
)
def test_an_entry_point_that_gives_no_model_of_its_name_stops_the_start(
    tmp_path, monkeypatch, value, complaint
):
    installed(tmp_path, monkeypatch, CODE, value)
    with pytest.raises(OwnModelError, match=complaint):
        find_models()
