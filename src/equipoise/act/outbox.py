"""The life of an action, as pure steps: made, claimed, sent, tried again, cancelled or dead.

    review   approve -> ready (or waiting), decline -> cancelled
    ready    claim -> sending
    sending  sent -> sent, retry -> ready or dead, failed -> dead, lease over -> claimed again
    waiting  fetched by a page -> sent

Nothing here has a clock or a network: the engine calls it inside a step, in log order.
"""

from hashlib import blake2b
from typing import Literal

import msgspec
from msgspec.structs import replace

from equipoise.canon import uniform
from equipoise.nouns.decisions import Action, ActionStatus, Decided
from equipoise.nouns.events import Handle
from equipoise.nouns.records import Delivery, HumanAnswer

HOUR_MS = 3_600_000
"""Milliseconds in an hour."""

PULLED = frozenset({"page"})
"""Channels that fetch their actions; these wait instead of being sent."""

BACKOFF_MOST_S = 6 * 3600.0
"""The longest wait between two attempts, in seconds, however often it has doubled."""

DETAIL_MOST = 300
"""Longest reason kept with an action, in characters."""

Look = Literal["go", "closed", "early", "expired", "exhausted"]
"""What the action itself says of one more attempt, before any guard is asked."""


class Addressee(msgspec.Struct, frozen=True):
    """Whom an action is for: the handles that its sender may use, and the language."""

    handles: tuple[Handle, ...] = ()
    locale: str = ""


class Retries(msgspec.Struct, frozen=True):
    """How often and how patiently one action is tried.

    `backoff_s` is the wait after the first failure, in seconds; it doubles each time. `lease_ms` is
    how long one attempt owns the action: longer than a send may take, so that only a crash repeats.
    """

    attempts_most: int = 8
    backoff_s: float = 30.0
    lease_ms: int = 60_000


def key_of(decided: Decided, seed: bytes) -> str:
    """The idempotency key: the decision's public name and 64 bits that only the engine can know.

    `seed` is 1 to 64 bytes. The same decision gives the same key in every replay; a fresh store
    counts from one again and gives other keys, so that no receiver takes a new action for an old.
    """
    decision = decided.decision
    text = "\n".join((decision.id, decision.play, decision.moment.id, str(decision.at_ms)))
    mark = blake2b(text.encode(), digest_size=8, key=seed, person=b"action key").hexdigest()
    return f"{decision.id}_{mark}"


def action_for(decided: Decided, to: Addressee, now_ms: int, seed: bytes) -> Action:
    """The action that carries out a decision; `ready`, `waiting` on a page, or in `review`.

    It is worth sending until the play's `valid_for_hours` have passed since the moment was opened.
    Its sender is named by the option's channel. Raises `ValueError` for a decision to do nothing.
    """
    decision, option = decided.decision, decided.option
    if option.is_silence or decision.outcome not in ("act", "review"):
        raise ValueError(
            f"decision {decision.id} ended in {decision.outcome} with {option.name!r}: an action "
            "needs the outcome act or review, and an option that is not silence"
        )
    valid_ms = round(decided.play.limits.valid_for_hours * HOUR_MS)
    return Action(
        id=decision.seq,
        key=key_of(decided, seed),
        atom=decision.atom,
        person=decision.person,
        play=decision.play,
        version=decision.version,
        option=option,
        sender=option.channel,
        status="review" if decision.outcome == "review" else _open_status(option.channel),
        due_ms=now_ms,
        until_ms=decision.moment.opened_ms + valid_ms,
        at_ms=now_ms,
        moment=decision.moment,
        content=decision.content,
        handles=to.handles,
        locale=to.locale,
    )


def look(action: Action, now_ms: int, retries: Retries) -> Look:
    """Whether one more attempt may be claimed at `now_ms`; guards are asked only after `go`.

    `closed` is an action that is not on its way, `early` one whose time or lease has not come,
    `expired` one past its worth, `exhausted` one whose attempts are used up (crashes count).
    """
    if action.status not in ("ready", "sending"):
        return "closed"
    if now_ms < action.due_ms:
        return "early"
    if now_ms > action.until_ms:
        return "expired"
    return "exhausted" if action.attempts >= retries.attempts_most else "go"


def claim(action: Action, now_ms: int, lease_ms: int) -> Action:
    """The action as it goes out: `sending`, one attempt more, due again when the lease of ms ends.

    Raises `ValueError` where it is not on its way or not due: two attempts never own one action.
    """
    if action.status not in ("ready", "sending") or now_ms < action.due_ms:
        raise ValueError(
            f"action {action.id} is {action.status} and due at {action.due_ms} ms: a claim at "
            f"{now_ms} ms needs one that is ready or past its lease; ask `look` first"
        )
    return replace(
        action, status="sending", attempts=action.attempts + 1, due_ms=now_ms + lease_ms, detail=""
    )


def after(action: Action, delivery: Delivery, now_ms: int, retries: Retries) -> Action:
    """The action after its delivery was reported.

    `sent` always counts, even for an action cancelled meanwhile: it did leave. `failed` counts while
    it is on its way, `retry` while it is `sending`; a late report changes nothing.
    """
    detail = delivery.detail[:DETAIL_MOST]
    if delivery.result == "sent":
        return action if action.status == "sent" else replace(action, status="sent", detail="")
    if delivery.result == "failed" and action.status in ("ready", "sending"):
        return replace(action, status="dead", detail=detail)
    if delivery.result == "failed" or action.status != "sending":
        return action
    if action.attempts >= retries.attempts_most:
        return replace(
            action,
            status="dead",
            detail=f"{action.attempts} attempts; last: {detail}"[:DETAIL_MOST],
        )
    due_ms = now_ms + max(wait_ms(action, retries.backoff_s), round(delivery.after_s * 1000))
    if due_ms > action.until_ms:
        return replace(
            action, status="dead", detail=f"no time left to try again; last: {detail}"[:DETAIL_MOST]
        )
    return replace(action, status="ready", due_ms=due_ms, detail=detail)


def wait_ms(action: Action, backoff_s: float) -> int:
    """How long to wait after the latest attempt, in ms: it doubles, and is up to a fifth longer.

    The extra is drawn from the key and the attempt, so that actions that failed together do not
    come back together, and a replay waits just as long.
    """
    wait_s = min(backoff_s * 2.0 ** min(action.attempts - 1, 40), BACKOFF_MOST_S)
    extra = uniform(action.key.encode()[:64], str(action.attempts), "back-off")
    return round(wait_s * (1 + extra / 5) * 1000)


def defer(action: Action, until_ms: int, reason: str) -> Action:
    """The action put off by its last look to `until_ms`; cancelled where that is too late."""
    if action.status not in ("ready", "sending"):
        return action
    if until_ms > action.until_ms:
        return cancel(action, reason)
    return replace(action, status="ready", due_ms=until_ms, detail=reason[:DETAIL_MOST])


def cancel(action: Action, reason: str) -> Action:
    """The action taken back for a reason code; one that is sent, dead or cancelled stays so."""
    if action.status in ("sent", "dead", "cancelled"):
        return action
    return replace(action, status="cancelled", detail=reason[:DETAIL_MOST])


def answered(action: Action, answer: HumanAnswer, now_ms: int) -> Action:
    """The action after a member of staff answered; only one in `review` is changed.

    An approval after the action's worth has passed cancels it (`expired`); it never sends late.
    """
    if action.status != "review":
        return action
    if answer.answer == "decline":
        return cancel(action, "declined")
    if now_ms > action.until_ms:
        return cancel(action, "expired")
    return replace(action, status=_open_status(action.sender), due_ms=now_ms)


def _open_status(channel: str) -> ActionStatus:
    return "waiting" if channel in PULLED else "ready"
