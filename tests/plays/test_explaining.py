"""A decision is explained from its receipt: sums hold, four reasons at most, prices and controls are told."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.nouns.decisions import Explain
from equipoise.plays.contrasting import Contrast
from equipoise.plays.explaining import MOST_REASONS, Words, explain, parts_apart
from equipoise.plays.quantities import Region
from equipoise.testing.models import FakeModel
from plays.told import INPUTS, MODEL, PLAY, told

EN, FR = Words("en"), Words("fr")


def test_the_reasons_are_the_largest_differences_to_silence_in_order():
    explained = explain(told(), EN)
    assert [reason.sentence for reason in explained.differences[0].reasons] == [
        "You have ordered 4 times, which counts for it (+EUR 0.875).",
        "In general it brings less than leaving you in peace (−EUR 0.5).",
        "You last ordered 30 days ago, which counts for it (+EUR 0.5).",
        "It costs more than leaving you in peace (−EUR 0.01).",
    ]
    assert explained.differences[0].other == "silence"
    assert explained.differences[0].amount == pytest.approx(0.145, abs=1e-12)


def test_the_risk_of_losing_somebody_has_a_line_of_its_own():
    assert explain(told(), EN).risk == "Risk of losing you: 0.4 % × EUR 180."
    assert explain(told(), FR).risk == "Risque de vous perdre : 0,4 % × 180 EUR."


def test_a_receipt_read_from_json_is_told_as_one_that_was_not_written_yet():
    assert explain(json.loads(json.dumps(told())), FR) == explain(told(), FR)


def test_where_the_runner_up_is_not_silence_both_are_told():
    model = replace(MODEL, worth=MODEL.worth | {"voucher": 6.25})
    explained = explain(told(model=model), EN)
    assert explained.option == "mail"
    assert [difference.other for difference in explained.differences] == ["silence"]
    dear = replace(
        PLAY, options=(PLAY.options[0], replace(PLAY.options[1], cost=4.0), PLAY.options[2])
    )
    explained = explain(told(model=model, play=dear), EN)
    assert explained.option == "voucher"
    assert [difference.other for difference in explained.differences] == ["silence", "mail"]
    assert explained.sentences[-1].startswith("By our reckoning, “voucher” is worth EUR")


def test_silence_is_explained_by_what_it_spared():
    model = replace(MODEL, worth=MODEL.worth | {"silence": 3.0})
    explained = explain(told(model=model), EN)
    assert explained.option == "silence"
    assert [difference.other for difference in explained.differences] == ["mail"]
    assert explained.risk == "Risk of losing you with “mail”: 0.4 % × EUR 180."
    first = explained.differences[0].reasons
    assert any("against leaving you in peace" in reason.sentence for reason in first)
    french = explain(told(model=model), FR)
    assert french.sentences[-1].startswith("Selon notre calcul, vous laisser tranquille vaut ")


def test_a_price_that_a_model_chose_is_marked_and_others_are_not():
    model = replace(MODEL, worth=MODEL.worth | {"voucher": 20.0})
    explained = explain(told(model=model), EN)
    assert explained.option == "voucher"
    assert explained.priced
    assert explained.price in explained.sentences
    assert "décision automatisée" in explain(told(model=model), FR).price
    assert not explain(told(), EN).priced
    free = replace(
        PLAY, options=(PLAY.options[0], replace(PLAY.options[1], cost=0.0), PLAY.options[2])
    )
    assert not explain(told(model=model, play=free), EN).priced
    by_shares = replace(
        PLAY, chooser="fixed_shares", options=(replace(PLAY.options[1], share=1.0), PLAY.options[2])
    )
    receipt = told(model=None, play=by_shares)
    assert receipt["chosen"] == "voucher"
    assert not explain(receipt, EN).priced


def test_chance_is_told_with_its_probability_and_what_it_passed_over():
    unsure = replace(MODEL, lessons=1)
    receipts = [told(model=unsure, seed=bytes([n])) for n in range(40)]
    by_chance = next(r for r in receipts if r["chosen"] == "silence")
    explained = explain(by_chance, EN)
    assert explained.by_chance
    assert explained.best == "mail"
    assert explained.chance.startswith(
        "Chance decided: “mail” was expected to be worth more; this had"
    )
    as_best = explain(next(r for r in receipts if r["chosen"] == "mail"), FR)
    assert not as_best.by_chance
    assert as_best.chance.startswith("C’est ce qui devait valoir le plus")


def test_where_nothing_was_learnt_there_are_no_numbers():
    explained = explain(told(model=None), EN)
    assert explained.differences == ()
    assert explained.lines == ()
    assert explained.sentences == ()


def test_a_control_that_decided_is_told():
    play = replace(PLAY, controls={"eligibility_only": 1.0})
    receipt = told(play=play)
    assert receipt["arm"] == "eligibility_only"
    explained = explain(receipt, EN)
    assert explained.sentences[0] == explained.arm
    assert "the first possibility that is allowed" in explained.arm


def test_a_holdout_is_told_once():
    receipt = told(model=None) | {"holdout": True, "reason": "holdout_play", "chosen": "silence"}
    explained = explain(receipt, FR)
    assert explained.arm.startswith("Vous faites partie des personnes")
    assert explained.sentences == ()


@pytest.mark.parametrize(
    ("level", "words"), [(Explain.NONE, "gives no reasons"), (Explain.APPROXIMATE, "may mislead")]
)
def test_a_model_that_explains_itself_less_is_told_as_such(level, words):
    explained = explain(told(model=replace(MODEL, explains=level)), EN)
    assert explained.explains == level.name.lower()
    assert words in explained.sentences[0]
    assert not any(words in sentence for sentence in explain(told(), EN).sentences)


def test_the_contrast_is_told_as_a_region():
    near = Contrast("orders.days_since", Region(high=20.0), "voucher")
    assert explain(told(), EN, near).contrast == (
        "With under 20 days since your last order, our first choice would have been “voucher”."
    )
    quiet = Contrast("orders.count", Region(low=3.0), "silence")
    assert explain(told(), FR, quiet).contrast == (
        "Avec au moins 3 commandes, notre premier choix aurait été de vous laisser tranquille."
    )


def test_the_table_for_staff_has_the_values_as_they_stood_and_sums_to_the_scores():
    explained = explain(told(), EN)
    assert explained.columns == ("mail", "silence", "voucher")
    by_term = {line.term: line for line in explained.lines}
    assert by_term["orders.days_since"].value == "30.5"
    assert by_term["cost"].label == "what doing it costs"
    assert by_term["leaving"].value == "lifetime.value 180.0"
    for place, total in enumerate(explained.sums):
        assert sum(line.parts[place] for line in explained.lines) == pytest.approx(total, abs=1e-9)


def test_a_term_that_is_not_known_here_is_told_by_its_name():
    receipt = told()
    receipt["options"][0]["contributions"]["moon"] = "2.0"
    sentences = explain(receipt, EN).sentences
    assert any("“moon” counts for it" in sentence for sentence in sentences)


worths = st.floats(-50, 50)
models = st.builds(
    FakeModel,
    worth=st.fixed_dictionaries(dict.fromkeys(("mail", "voucher", "silence"), worths)),
    steps=st.fixed_dictionaries(
        {
            "mail": st.fixed_dictionaries(
                {
                    feature: st.tuples(st.just((2.0,)), st.tuples(worths, worths))
                    for feature in (
                        "orders.count",
                        "orders.days_since",
                        "views.count",
                        "carts.count",
                    )
                }
            )
        }
    ),
    left=st.fixed_dictionaries({"mail": st.floats(0, 1), "silence": st.floats(0, 1)}),
)


@settings(max_examples=100, deadline=None)
@given(models)
def test_reasons_and_rest_sum_to_the_difference_and_there_are_four_at_most(model):
    receipt = told(model=model, inputs=INPUTS | {"views.count": 1, "carts.count": 3})
    options = {option["option"]: option for option in receipt["options"]}
    explained = explain(receipt, EN)
    for difference in explained.differences:
        reasons = [reason.amount for reason in difference.reasons]
        assert len(reasons) <= MOST_REASONS
        assert abs(sum(reasons) + difference.rest - difference.amount) <= 1e-9
        mine, other = options[explained.option], options[difference.other]
        assert abs(difference.amount - (float(mine["score"]) - float(other["score"]))) <= 1e-9
        apart = parts_apart(mine, other)
        assert abs(sum(apart.values()) - difference.amount) <= 1e-9
        told_terms = {reason.term for reason in difference.reasons}
        least = min((abs(amount) for amount in reasons), default=0.0)
        untold = [abs(v) for term, v in apart.items() if term not in told_terms | {"leaving"}]
        assert all(amount <= least for amount in untold)
