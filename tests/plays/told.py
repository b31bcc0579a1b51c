"""Receipts of decisions that a model took part in, made by deciding for real."""

from equipoise.account.receipts import decision_receipt
from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import Deciders, decide
from equipoise.nouns.decisions import Decision
from equipoise.nouns.events import Value
from equipoise.nouns.lessons import AT_STAKE
from equipoise.nouns.plays import SILENCE, Goal, Option, Play, Trigger
from equipoise.testing.models import FakeModel
from equipoise.testing.standing import FakeStanding, ask

MAIL = Option(name="mail", cost=0.01)
VOUCHER = Option(name="voucher", do="offer", channel="page", cost=5.0)
PLAY = Play(
    name="next-message",
    purpose="marketing",
    moment=Trigger(event="cart.left"),
    options=(MAIL, VOUCHER, SILENCE),
    goal=Goal(event="Order Completed"),
    chooser="learning",
    features=("orders.count", "orders.days_since"),
    explore_floor=0.0,
)
MODEL = FakeModel(
    worth={"mail": 0.5, "voucher": 1.0, "silence": 1.0},
    steps={
        "mail": {
            "orders.count": ((1.0, 3.0), (0.0, 0.25, 1.0)),
            "orders.days_since": ((20.0, 60.0), (-0.5, 0.5, 1.5)),
        },
        "silence": {"orders.count": ((1.0, 3.0), (0.0, 0.0, 0.125))},
        "voucher": {"orders.days_since": ((20.0, 60.0), (6.0, 0.0, 0.0))},
    },
    left={"mail": 0.004, "voucher": 0.002},
    lessons=10**12,
)
INPUTS: dict[str, Value] = {"orders.count": 4, "orders.days_since": 30.5, AT_STAKE: 180.0}


def decided(
    play: Play = PLAY,
    model: FakeModel | None = MODEL,
    inputs: dict[str, Value] = INPUTS,
    seed: bytes = b"seed",
) -> Decision:
    """The decision of one moment, with no guard in the way."""
    deciders = Deciders.of([], find_choosers())
    asked = ask(FakeStanding(), play=play, model=model, inputs=inputs, seed=seed)
    return decide(asked, deciders, seq=16, atom=1)[0]


def told(**changes) -> dict:
    """The receipt of such a decision."""
    return decision_receipt(decided(**changes))


def appraise(model: FakeModel = MODEL, play: Play = PLAY):
    """How a model scores the options of a play, as the contrast asks it."""
    return lambda inputs: {
        option.name: found.score
        for option, found in zip(play.options, model.appraise(play.options, inputs), strict=True)
    }


CUTS = {"orders.count": (1.0, 3.0), "orders.days_since": (20.0, 60.0)}
