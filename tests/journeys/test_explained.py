"""A shop that has learnt says of each decision why, what chance did, and what would have changed it."""

from hashlib import sha256

import msgspec
import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from equipoise.compose.explaining import Explainer
from equipoise.nouns.events import Source
from equipoise.nouns.records import ModelVersion
from equipoise.plays.contrasting import best_of, inputs_of, scores_of
from equipoise.plays.features import Phrasebook
from equipoise.plays.phrases import held_join, sentence
from equipoise.plays.quantities import Region
from equipoise.plays.reading import read_play
from equipoise.plays.telling import why
from equipoise.senders.email import Letterhead, write
from equipoise.show.addresses import person_name
from equipoise.show.house import Sentences
from equipoise.show.languages import Language
from equipoise.show.stories import Teller
from equipoise.testing.models import FakeModel
from house import house, identify, receipts, send, track, welcome
from journeys.learned import Shop, basket
from show.visiting import visit

PAGE = """
name: tiles
purpose: personalisation
moment: {decide: home-hero}
goal: {event: Order Completed, within_days: 7}
options:
  - {name: reminder, channel: page, title: {en: a, fr: b}}
  - {name: news, channel: page, title: {en: a, fr: b}}
chooser: learning
features: [orders.count]
explore_floor: 0.3
"""


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop()


@pytest.fixture(scope="module")
def client(shop: Shop) -> TestClient:
    explainer = Explainer(shop.engine.store, Phrasebook())
    return visit(shop.engine, sentences=Sentences(sentence, held_join, why, explainer))


def test_every_decision_that_was_learnt_is_explained_and_sums_to_its_scores(shop):
    decisions = shop.decisions()
    assert len(decisions) > 300
    for receipt in decisions:
        explained = shop.engine.explainer(receipt, "en", contrasts=False)
        scores = scores_of(receipt)
        assert explained.option == receipt["chosen"]
        assert explained.best == best_of(scores)
        for place, name in enumerate(explained.columns):
            parts = sum(line.parts[place] for line in explained.lines)
            assert parts == pytest.approx(scores[name], abs=1e-9)
        assert all(len(difference.reasons) <= 4 for difference in explained.differences)


def test_both_what_was_best_and_what_chance_preferred_are_told_as_such(shop):
    told = [shop.engine.explainer(r, "en", contrasts=False) for r in shop.decisions()]
    assert {one.by_chance for one in told} == {True, False}
    for one in told:
        assert ("Chance decided" in one.chance) == one.by_chance


def test_a_contrast_holds_where_it_says_by_the_model_that_decided(shop):
    play = read_play(basket(1.0))
    found = 0
    for receipt in shop.decisions()[::5]:
        contrast = shop.engine.explainer.contrast(receipt)
        if contrast is None:
            continue
        found += 1
        model = shop.engine.explainer.model(receipt["model"])
        costs = {o["option"]: float(o["cost"]) for o in receipt["options"] if "cost" in o}
        inside = _inside(contrast.region)
        inputs = {**inputs_of(receipt), contrast.feature: inside}
        scores = {
            option.name: found_.value - costs[option.name] - found_.leaving
            for option, found_ in zip(
                play.options, model.appraise(play.options, inputs), strict=True
            )
            if option.name in costs
        }
        assert best_of(scores) == contrast.option != best_of(scores_of(receipt))
    assert found > 10


def _inside(region: Region) -> float:
    return region.low if region.low >= 0 else region.high - 0.5


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("What each option was expected", "Risk of losing you", "By our reckoning")),
        ("fr", ("Ce que chaque possibilité", "Risque de vous perdre", "Selon notre calcul")),
    ],
)
def test_the_page_of_a_decision_tells_reasons_and_contributions(shop, client, language, words):
    receipt = next(one for one in shop.decisions() if one["chosen"] == "reminder")
    page = client.get(f"/decisions/{receipt['seq']}", headers={"accept-language": language})
    assert page.status_code == 200
    for text in (*words, receipt["model"][:12]):
        assert text in page.text
    contrast = shop.engine.explain(receipt["id"], language).contrast
    assert not contrast or contrast in page.text


def test_the_pages_of_a_person_tell_the_reasons(shop, client):
    receipt = shop.decisions()[-1]
    found = shop.engine.explainer(receipt, "en", contrasts=False)
    for page in (f"/people/{person_name(receipt['person'])}", "/why"):
        answer = client.get(page, params={"person": person_name(receipt["person"])})
        assert answer.status_code == 200
        assert all(escape(sentence) in answer.text for sentence in found.sentences), page


def test_a_control_is_told_on_its_page(shop, client):
    arms = [r for r in shop.all_decisions() if r.get("arm") == "eligibility_only"]
    assert arms
    page = client.get(f"/decisions/{arms[-1]['seq']}")
    assert "a control, for comparison" in page.text
    assert "the first possibility that is allowed" in page.text


def test_what_is_no_decision_has_no_explanation(shop):
    assert shop.engine.explain("d_1") is None
    assert shop.engine.explain("nonsense") is None
    assert shop.engine.explainer({"type": "terms"}, "en") is None


def test_what_was_learnt_is_shown_among_the_newest_records(shop):
    rows = [row for row in shop.engine.store.recent(5000) if row.kind == "model"]
    teller = Teller(Sentences(sentence, held_join, why), Language("en", "UTC"))
    assert [teller.record(row).sentence for row in rows] == [
        "What was learnt for play/basket is in force from here on."
    ]


def test_a_channel_that_asks_is_told_whether_chance_went_against_the_best(shop):
    engine = house()
    engine.add_play(PAGE)
    body = shop.engine.store.models()[0].body
    version = ModelVersion(name="play/tiles", sha256=sha256(body).hexdigest(), body=body)
    engine.put("model", msgspec.msgpack.encode(version), Source("teacher"))
    send(engine, welcome("ana"))
    told = [engine.decide("user_id:ana", "home-hero") for _ in range(40)]
    best = {one.best for one in told}
    assert len(best) == 1
    for one in told:
        words = "expected to be worth most" if one.option in best else "Chance decided: "
        assert words in one.why("en")


def test_a_price_that_a_model_chose_is_marked_where_the_person_meets_it():
    engine = house()
    engine.add_play(basket(0.02))
    model = FakeModel(worth={"voucher": 90.0}, lessons=10**12)
    engine.walker.engine.learnt.enter("basket", model)
    send(engine, [*welcome("ana"), identify("ana", locale="fr"), track("ana", "Basket Left", 1)])
    (action,) = engine.store.with_status("ready", 10)
    assert action.option.name == "voucher"
    notice = "Ce prix ou cette offre a été personnalisé par une décision automatisée."
    assert action.content["personalised_price"] == notice
    mail = write(action, Letterhead("shop@example.com", "Shop", ""))
    assert notice in mail.get_content()
    receipt = next(one for one in receipts(engine) if one["type"] == "decision")
    assert engine.explain(receipt["id"], "fr").price == notice
    engine.walker.engine.learnt.enter("basket", FakeModel(worth={"news": 90.0}, lessons=10**12))
    send(engine, [*welcome("bo"), track("bo", "Basket Left", 1)])
    other = next(a for a in engine.store.with_status("ready", 10) if a.option.name == "news")
    assert "personalised_price" not in other.content
