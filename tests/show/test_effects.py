"""The page of effects says in words and in a plot what is known, what is not, and what not to believe."""

import msgspec
import pytest

from equipoise.compose.effects import effects_in
from equipoise.interval import Interval
from equipoise.learn.effects import Design, effect_of
from equipoise.learn.tallies import tally
from equipoise.nouns.changes import Changes
from equipoise.nouns.lessons import ENGINE, HOLDOUT, LessonRow
from equipoise.nouns.rules import Rules
from equipoise.show.effects import Telling
from equipoise.show.languages import Language
from house import house
from learn.trying import people, tried
from show.visiting import visit

PLAY = """
name: win-back
purpose: marketing
moment: {event: Basket Left}
goal: {event: Order Completed, value: revenue, currency: EUR}
options:
  - {name: mail, do: notify, channel: email, subject: {en: T, fr: M}, body: {en: T, fr: M}}
holdout: 0.2
"""
ALONE = PLAY.replace("win-back", "alone").replace("holdout: 0.2", "")
DESIGN = Design(play="win-back", currency="EUR", shares={"": {ENGINE: 0.8, HOLDOUT: 0.2}})
EN, FR = Language("en", "Europe/Paris"), Language("fr", "Europe/Paris")


def shown(rows, language=EN, design=DESIGN):
    return Telling(effect_of(design, tally(rows)), language).shown()


@pytest.fixture
def shop():
    """An engine with two plays; `win-back` was tried by 2,000 people."""
    engine = house()
    engine.add_play(PLAY)
    engine.add_play(ALONE)
    position = engine.store.position()
    rows = [
        LessonRow(row.seq, 1, "tried", "win-back", 0, msgspec.msgpack.encode(row))
        for row in people(3, 2_000, lift=2.0)
    ]
    engine.store.commit(Changes(cursor=position.cursor, seq=position.seq + 5_000, lessons=rows))
    return engine


def page(engine, **headers):
    counting = effects_in(engine.store, Rules(), engine.clock)
    answer = visit(engine, effects=counting).get("/effects", headers=headers)
    assert answer.status_code == 200
    return answer.text


def test_the_page_tells_the_arms_the_difference_and_that_the_arms_are_as_they_should_be(shop):
    told = page(shop)
    assert "Beside “left alone” the engine brings" in told
    assert "brings more" in told
    assert "The arms hold the people they should" in told
    assert 'class="good"' in told, "the plot is coloured by what was found"
    assert "This play has no holdout and no control" in told
    assert 'href="/effects" aria-current="page"' in told


def test_the_page_speaks_french(shop):
    told = page(shop, **{"accept-language": "fr"})
    assert "Face à « left" not in told
    assert "laissées tranquilles" in told
    assert "le moteur rapporte" in told
    assert "de plus par personne" in told


def test_a_house_that_counts_no_effects_has_no_such_page(shop):
    client = visit(shop)
    assert client.get("/effects").status_code == 404
    assert "/effects" not in client.get("/").text


def test_nobody_reads_as_not_yet_known_and_never_as_nothing():
    told = shown([])
    assert told.chip == "not yet known"
    assert {row.value for row in told.arms} == {("not yet known", "")}
    assert told.plots == ()
    assert told.details == ()
    assert "too few people" in told.sentences[0]


def test_an_alarm_comes_before_everything_else():
    told = shown([row for row in people(1, 3_000, 2.0) if row.arm == ENGINE or row.seq % 3])
    assert (told.tone, told.chip) == ("bad", "do not believe it")
    assert "The arms do not hold the people they should (p <" in told.ratio


def test_more_leaving_is_told_and_coloured_as_bad():
    rows = [tried(ENGINE, left=i % 10 == 0) for i in range(4_000)]
    rows += [tried(HOLDOUT, left=i % 50 == 0) for i in range(1_000)]
    told = shown(rows)
    assert any("More people opt out than with “left alone”" in s for s in told.sentences)
    assert told.plots[2].marks[0].tone == "poor"
    fewer = shown([tried(HOLDOUT if r.arm == ENGINE else ENGINE, left=r.left) for r in rows])
    assert any("Fewer people opt out" in s for s in fewer.sentences)
    assert fewer.plots[2].marks[0].tone == "good"


def test_a_loss_is_told_as_a_loss():
    told = shown(people(2, 3_000, lift=-2.0))
    assert (told.tone, told.chip) == ("bad", "brings less")
    assert "less per person (−" in told.sentences[0]


def test_what_is_in_the_plot_is_where_it_should_be():
    (mark,) = shown(people(4, 2_000, lift=0.0)).plots[0].marks
    assert 0 < mark.low < mark.inner_low < mark.mean < mark.inner_high < mark.high < 100
    assert mark.low < mark.zero < mark.high


def test_before_the_first_look_of_a_sequence_its_bar_fills_the_plot():
    (mark,) = shown(people(4, 200, lift=5.0, holdout=0.1)).plots[0].marks
    assert (mark.low, mark.high) == (0.0, 100.0)
    assert mark.tone == "open"
    assert "not yet known" in mark.told


def test_people_without_a_share_and_of_another_goal_are_told():
    rows = [tried("uniform", 1.0), tried(ENGINE, 1.0, version="gone")]
    told = shown(rows)
    assert "had no share, and not part of this test: 1." in told.ratio
    assert "under a former goal, and left out: 1." in told.ratio
    assert [row.name for row in told.arms] == ["engine", "left alone", "control uniform"]


@pytest.mark.parametrize(
    ("value", "measure", "signed", "written"),
    [
        (1.5, "value", False, "1.5 EUR"),
        (-0.004, "value", True, "0 EUR"),
        (1234.5, "value", True, "+1,234.5 EUR"),
        (0.125, "response", False, "12.5%"),
        (-0.0125, "left", True, "−1.25 points"),
        (0.0, "left", True, "0 points"),
    ],
)
def test_figures_have_their_unit_and_differences_their_sign(value, measure, signed, written):
    telling = Telling(effect_of(DESIGN, tally(people(1, 9))), EN)
    assert telling.figure(value, measure, signed=signed) == written


def test_a_play_that_brings_cents_is_told_in_parts_of_them():
    telling = Telling(effect_of(DESIGN, tally([tried(ENGINE, 0.02), tried(ENGINE)])), EN)
    assert telling.figure(-0.0042, "value", signed=True) == "−0.0042 EUR"


def test_bounds_tell_their_unit_once():
    telling = Telling(effect_of(DESIGN, {}), EN)
    bounds = Interval(0.0, -0.25, 0.5, 9)
    assert telling.between(bounds, "value", signed=True) == "−0.25 to +0.5 EUR"
    assert telling.between(bounds, "left", signed=True) == "−25 to +50 points"
    assert telling.between(Interval(0.1, 0.0, 0.2, 9), "left") == "0% to 20%"


def test_french_figures_are_written_as_in_french():
    telling = Telling(effect_of(DESIGN, tally(people(1, 9))), FR)
    assert telling.figure(-1234.5, "value", signed=True) == "−1\u202f234,5 EUR"
