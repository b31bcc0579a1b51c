"""The door for figures about many people: a recipient asks, and is told with noise, or why not."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.doors import answers
from equipoise.doors.answers import Answer, Refusal
from equipoise.doors.bodies import Disconnected, TooLarge, read_body
from equipoise.doors.permitting import server_key
from equipoise.nouns.events import Source
from equipoise.ports import Overloaded

PATH = "/v1/aggregates"

MOST_BYTES = 65_536
"""The largest question that is read."""

_Text = Annotated[str, msgspec.Meta(max_length=200)]
_json = msgspec.json.Encoder().encode


class AggregateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `POST /v1/aggregates` reads: what is asked of people, by groups, and what it may cost.

    `measure` is count, sum or mean; a sum and a mean are of the number `field`, cut to `lower` and `upper`
    and rounded to `decimals`. `group` is the field of a person's group, `keys` the groups asked about.
    `where` is a condition in the words of a play. `day` is a UTC day that is over, yesterday if not said.
    """

    purpose: _Text
    measure: Literal["count", "sum", "mean"] = "count"
    field: _Text = ""
    lower: float = 0.0
    upper: float = 0.0
    decimals: Annotated[int, msgspec.Meta(ge=0, le=6)] = 2
    group: _Text = ""
    keys: Annotated[tuple[_Text, ...], msgspec.Meta(max_length=1000)] = ()
    where: dict[str, Any] | None = None
    day: Annotated[str, msgspec.Meta(max_length=10)] = ""
    epsilon: Annotated[float, msgspec.Meta(gt=0.0, le=100.0)] = 0.1


class AggregateCell(msgspec.Struct, frozen=True):
    """The figures of one group: people, and a sum or a mean; null where too few are in it to be of use.

    The noise is within `n_within` and `value_within` 95 times in 100 each.
    """

    key: str
    n: int | None
    value: float | None
    n_within: float | None
    value_within: float | None


class AggregateReply(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /v1/aggregates` answers. `left` is what may still be spent in this calendar year.

    `receipt` is the number of its receipt in the ledger. The same question about the same day is given
    the same answer, and is not charged again.
    """

    receipt: str
    recipient: str
    purpose: str
    measure: str
    day: str
    epsilon: float
    mechanism: str
    cells: tuple[AggregateCell, ...]
    left: float
    least_group: int


Ask = Callable[[Source, AggregateBody], Awaitable[AggregateReply]]
"""Answers one question; raises `Refusal`."""


def aggregates_app(ask: Ask, sources: Callable[[str], Source | None], fallback: ASGIApp) -> ASGIApp:
    """Serve `POST /v1/aggregates` to server keys with the scope, and hand every other path to `fallback`.

    The recipient is the source that the key was given to, so that all its keys share one budget.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].rstrip("/") != PATH:
            await fallback(scope, receive, send)
            return
        try:
            source = server_key(scope, sources)
            told = await ask(source, await _question(receive))
            answer = Answer(body=_json(told), headers=((b"cache-control", b"no-store"),))
        except Disconnected:
            return
        except Refusal as refusal:
            answer = answers.refused(refusal)
        except Overloaded as full:
            after = [(b"retry-after", str(full.retry_after_s).encode())]
            answer = answers.refused(Refusal(429, "overloaded", str(full), after))
        await answers.say(send, answer, None)

    return app


async def _question(receive: Receive) -> AggregateBody:
    try:
        return msgspec.json.decode(await read_body(receive, MOST_BYTES), type=AggregateBody)
    except TooLarge as problem:
        raise Refusal(413, "too_large", str(problem)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Refusal(400, "bad_json", f"the question cannot be read: {problem}") from None
