"""What a play says about learning is checked as a whole, each mistake at its line."""

import pytest

from equipoise.nouns.decisions import Explain
from equipoise.nouns.plays import Goal
from equipoise.plays.reading import Known, check_play, read_play
from equipoise.plays.starting import new_play

GOOD = """\
name: next-message
purpose: marketing
goal: {event: Order Completed, within_days: 14, value: revenue, early: page, early_within_days: 2}
moment: {event: cart.left}
options:
  - {name: mail, channel: email, subject: {en: a, fr: b}, body: {en: a, fr: b}}
  - {name: tile, channel: page, do: offer, title: {en: a, fr: b}}
chooser: learning
features: [orders.count, traits.level]
model: forest
controls: {uniform: 0.02, eligibility_only: 0.03}
holdout: 0.1
"""
TYPES = {"orders.count": "number", "orders.mean": "number", "traits.level": "any"}
HOUSE = Known(
    field=TYPES.get,
    fields=tuple(TYPES),
    phrased=lambda name: name != "orders.mean",
    models={"forest": Explain.EXACT, "net": Explain.NONE, "near": Explain.APPROXIMATE},
    explain=lambda purpose: Explain.NONE if purpose == "analytics" else Explain.EXACT,
)


def told(text: str, known: Known = HOUSE) -> list[str]:
    """The mistakes of a text as they are printed."""
    return [str(mistake) for mistake in check_play(text, known).mistakes]


def test_a_learning_play_becomes_its_nouns():
    assert told(GOOD) == []
    play = read_play(GOOD, HOUSE)
    assert play.features == ("orders.count", "traits.level")
    assert play.model == "forest"
    assert play.controls == {"uniform": 0.02, "eligibility_only": 0.03}
    assert play.goal == Goal(
        event="Order Completed", window_days=14, value="revenue", early="page", early_days=2
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "goal: {event",
            "#oal: {event",
            "chooser: learning learns from what was reached, and needs",
        ),
        (
            "early_within_days: 2",
            "early_within_days: 14",
            "needs fewer days than the 14 of the goal",
        ),
        (
            "within_days: 14",
            "within_days: 2",
            "needs fewer days than the 2 of the goal itself, came 2",
        ),
        ("early: page, ", "", "line 3, column 84: goal.early_within_days: there is no early event"),
        ("early: page", "early: Order Completed", "is another kind of event"),
        ("[orders.count, traits", "[orders.cuont, traits", "did you mean orders.count?"),
        (
            "traits.level]",
            "event.price]",
            "line 9, column 26: features[1]: event.price is no profile field",
        ),
        ("traits.level]", "orders.count]", "orders.count stands on line 9 already"),
        ("traits.level]", "orders.mean]", "orders.mean has no phrase to tell people its part"),
        ("traits.level]", "'a(b)']", "features[1]: needs the name of a field"),
        ("model: forest", "model: forrest", "did you mean forest?"),
        (
            "model: forest",
            "model: near",
            "asks for a model that explains itself exactly, and near does so approximately",
        ),
        ("model: forest", "model: net", "net does so not at all; take another, or see the setting"),
        ("uniform: 0.02", "uniforn: 0.02", "did you mean uniform?"),
        ("uniform: 0.02", "learning: 0.02", "learning is the play's own chooser"),
        ("uniform: 0.02", "uniform: 0", "needs a number above 0 and below 1, came the number 0"),
        ("uniform: 0.02", "fixed_shares: 0.02", "fixed_shares needs options with a share"),
        ("uniform: 0.02", "uniform: 0.9", "take 1.03 of the people together, and leave nobody"),
        ("do: offer", "do: offer, cost: 3", "tile is a price, and nobody gets one by chance"),
        ("do: offer", "do: restrain, review: true", "tile is a restraint, and nobody gets one"),
    ],
)
def test_each_mistake_says_where_what_was_needed_and_what_to_do(old, new, message):
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    checked = check_play(text, HOUSE)
    assert checked.play is None
    assert any(message in str(mistake) for mistake in checked.errors), told(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "features: [orders.count, traits.level]\n",
            "",
            "learning looks at contact pressure alone",
        ),
        ("chooser: learning", "#", "nobody asks the model forest; write chooser: learning"),
    ],
)
def test_what_is_useless_but_harmless_is_a_warning(old, new, message):
    text = GOOD.replace(old, new, 1).replace("uniform: 0.02, ", "")
    checked = check_play(text, HOUSE)
    assert checked.play is not None
    assert any(message in str(mistake) for mistake in checked.mistakes), told(text)


def test_controls_without_a_chooser_that_learns_need_a_goal_too():
    text = GOOD.replace("goal: {event", "#").replace("chooser: learning", "chooser: uniform")
    text = text.replace("uniform: 0.02, ", "")
    assert any("controls are compared by what was reached" in line for line in told(text))


def test_a_purpose_that_asks_for_less_takes_a_model_that_explains_less():
    text = GOOD.replace("purpose: marketing", "purpose: analytics").replace("forest", "net")
    assert told(text) == []


def test_where_models_and_phrases_are_not_known_they_are_not_looked_up():
    assert told(GOOD.replace("forest", "any").replace("traits.level", "orders.mean"), Known()) == []


def test_the_template_learns_and_names_what_it_looks_at():
    play = read_play(new_play("next-message"))
    assert play.chooser == "learning"
    assert play.goal is not None
    assert play.goal.early_days < play.goal.window_days
    assert play.features
    assert play.controls
