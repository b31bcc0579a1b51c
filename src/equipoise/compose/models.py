"""Models from the log: decoded by their name, and put where the engine looks for them."""

from functools import partial

import msgspec

from equipoise.learnt import Learnt, Worth
from equipoise.ports import Standing

DAY_MS = 86_400_000

LIFETIME = "lifetime"
"""The name of the model that says what a person is worth who leaves."""

PLAY = "play/"
"""Before the name of the play that a value model was learnt for."""


def read_model(name: str, body: bytes, learnt: Learnt) -> None:
    """Decode a model and put it into force; raises `ValueError` where it cannot be read."""
    try:
        if name == LIFETIME:
            learnt.worth = worth_of(body)
        elif name.startswith(PLAY):
            from equipoise.learn.value import ValueModel

            learnt.enter(name.removeprefix(PLAY), ValueModel.decode(body))
        else:
            raise ValueError(f"model {name!r}: needs the name {LIFETIME!r} or {PLAY}NAME")
    except msgspec.MsgspecError as error:
        raise ValueError(f"model {name!r}: its body is no such model ({error})") from error


def worth_of(body: bytes) -> Worth:
    """What a person is worth by an encoded lifetime model."""
    from equipoise.learn.lifetime.model import LifetimeModel

    return partial(_worth, LifetimeModel.decode(body).value_of)


def _worth(value_of: object, standing: Standing) -> float:
    """Read the aggregates of the person's orders as times before now; nobody's orders are worth 0."""
    count, total = standing.get("orders.count"), standing.get("orders.total")
    first, last = standing.get("orders.first_days_ago"), standing.get("orders.days_since")
    if not isinstance(count, int) or count < 1:
        return 0.0
    return value_of(  # type: ignore[operator,no-any-return]
        count, -round(float(first or 0.0) * DAY_MS), -round(float(last or 0.0) * DAY_MS), total, 0
    )
