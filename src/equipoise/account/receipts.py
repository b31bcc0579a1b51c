"""The bodies of receipts: decisions, changes of terms, folded silences, what did not leave.

Only integers, strings, booleans, null, lists and objects are used, so that the canonical bytes are
the same everywhere; decimals travel as the shortest text that reads back to the same number.
"""

from hashlib import sha256
from typing import Any

import msgspec

from equipoise.nouns.decisions import Action, Answer, Decision, Explain, Verdict, Weighed
from equipoise.nouns.events import Event, Value
from equipoise.nouns.rights import Request
from equipoise.nouns.state import Hush

VERSION = 1
"""The version of every receipt's shape, its field `v`."""

SAID = (
    "purpose",
    "channel",
    "topic",
    "per_week",
    "from",
    "to",
    "notice_sha256",
    "language",
    "signal",
    "bars",
    "method",
)
"""The facts of a terms event that its receipt repeats; free facts stay in the log."""

NOTICE = ("id", "sha256", "language")
"""What a receipt says of the notice that was served."""


def _verdict(verdict: Verdict) -> dict[str, Any]:
    told: dict[str, Any] = {
        "guard": verdict.guard,
        "answer": Answer(verdict.answer).name.lower(),
        "reason": verdict.reason,
    }
    if verdict.until_ms is not None:
        told["until_ms"] = verdict.until_ms
    if verdict.detail:
        told["detail"] = dict(verdict.detail)
    return told


def _text(value: Value) -> str:
    """A value as text: numbers so that they read back the same, truth as JSON writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def input_text(value: Value) -> str | None:
    """An input as text that reads back to the same value: numbers and truth as JSON writes them.

    A text stands as it is, unless it could be read as something else: then in quotation marks.

    >>> input_text(3), input_text(0.5), input_text(True), input_text("Nice"), input_text("42")
    ('3', '0.5', 'true', 'Nice', '"42"')
    """
    if value is None:
        return None
    if isinstance(value, str) and input_value(value) == value:
        return value
    return msgspec.json.encode(value).decode() if isinstance(value, str) else _text(value)


def input_value(text: str | None) -> Value:
    """The value that `input_text` wrote.

    >>> input_value("3"), input_value("true"), input_value("Nice"), input_value('"42"')
    (3, True, 'Nice', '42')
    """
    if text is None:
        return None
    try:
        value: Value = _scalar(text)
    except msgspec.MsgspecError:
        return text
    return text if value is None else value


_scalar = msgspec.json.Decoder(str | int | float | bool | None).decode


def _option(weighed: Weighed) -> dict[str, Any]:
    told: dict[str, Any] = {
        "option": weighed.option,
        "do": weighed.do,
        "channel": weighed.channel,
        "propensity": repr(weighed.propensity),
        "verdicts": [_verdict(verdict) for verdict in weighed.verdicts],
    }
    appraisal = weighed.appraisal
    if appraisal is not None:
        for name in ("score", "value", "cost", "leaving", "response", "left"):
            told[name] = repr(getattr(appraisal, name))
        told["contributions"] = {name: repr(part) for name, part in appraisal.contributions.items()}
    return told


def decision_receipt(decision: Decision) -> dict[str, Any]:
    """The receipt of one decision: everything that it was made from, and how it ended."""
    moment = decision.moment
    receipt: dict[str, Any] = {
        "v": VERSION,
        "type": "decision",
        "id": decision.id,
        "seq": decision.seq,
        "person": decision.person,
        "atom": decision.atom,
        "at_ms": decision.at_ms,
        "play": decision.play,
        "version": decision.version,
        "purpose": decision.purpose,
        "basis": dict(decision.basis),
        "moment": {
            "id": moment.id,
            "kind": moment.kind,
            "event": moment.event,
            "channel": moment.channel,
            "opened_ms": moment.opened_ms,
            "rung": moment.rung,
        },
        "options": [_option(weighed) for weighed in decision.weighed],
        "data_used": [
            {"field": used.field, "value": _text(used.value), "provenance": used.provenance}
            for used in decision.used
        ],
        "chosen": decision.chosen,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "detail": dict(decision.detail),
        "guard": decision.guard,
        "chooser": decision.chooser,
        "draw": repr(decision.draw),
        "holdout": decision.holdout,
        "effect": decision.effect,
        "solely_automated": decision.outcome != "review",
    }
    if decision.until_ms is not None:
        receipt["until_ms"] = decision.until_ms
    if decision.arm:
        receipt["arm"] = decision.arm
    if decision.inputs:
        receipt["inputs"] = {name: input_text(value) for name, value in decision.inputs.items()}
    if decision.model:
        receipt["model"] = decision.model
        receipt["explains"] = Explain(decision.explains).name.lower()
    return receipt


def terms_receipt(event: Event, seq: int, person: int, atom: int) -> dict[str, Any]:
    """The receipt of one change of terms: what was said, through which source, under which notice."""
    facts = event.facts
    notice = facts.get("notice")
    if not isinstance(notice, dict):
        notice = {}
    return {
        "v": VERSION,
        "type": "terms",
        "id": f"t_{seq}",
        "seq": seq,
        "person": person,
        "atom": atom,
        "at_ms": event.at_ms,
        "received_ms": event.received_ms,
        "event": event.id,
        "kind": event.kind,
        "source": event.source,
        "trust": event.trust,
        "said": {name: str(facts[name]) for name in SAID if name in facts},
        "notice": {name: str(notice[name]) for name in NOTICE if name in notice},
    }


def silences_receipt(key: str, hush: Hush, seq: int, person: int, atom: int) -> dict[str, Any]:
    """The receipt that closes a day of the same silence: `n` counts the first one too."""
    play, reason = key.split("|", 1)
    return {
        "v": VERSION,
        "type": "silences",
        "id": f"s_{seq}",
        "seq": seq,
        "person": person,
        "atom": atom,
        "play": play,
        "reason": reason,
        "day": hush.day,
        "first_ms": hush.first_ms,
        "last_ms": hush.last_ms,
        "n": hush.n,
        "decision": f"d_{hush.decision}",
    }


def action_receipt(action: Action, kind: str, reason: str, seq: int, at_ms: int) -> dict[str, Any]:
    """The receipt of an action that did not leave, or that a human answered: `kind` says which."""
    return {
        "v": VERSION,
        "type": kind,
        "id": f"a_{seq}",
        "seq": seq,
        "person": action.person,
        "atom": action.atom,
        "at_ms": at_ms,
        "decision": f"d_{action.id}",
        "play": action.play,
        "option": action.option.name,
        "channel": action.option.channel,
        "reason": reason,
        "attempts": action.attempts,
    }


def request_receipt(
    request: Request, did: str, seq: int, person: int, at_ms: int
) -> dict[str, Any]:
    """The receipt of one step of a request: `did` is `asked`, an answer's verb, or `run_out`.

    A contest names the digest of the receipt that it froze, and what came out when the decision was
    made again. The person's own words stay in the log.
    """
    receipt: dict[str, Any] = {
        "v": VERSION,
        "type": "request",
        "id": f"q_{seq}",
        "seq": seq,
        "person": person,
        "atom": request.atom,
        "at_ms": at_ms,
        "request": request.id,
        "kind": request.kind,
        "did": did,
        "status": request.status,
        "asked_ms": request.asked_ms,
        "due_ms": request.due_ms,
        "extended": request.extended,
        "by": request.answered_by or request.by,
        "proof": request.proof,
        "reason": request.reason,
    }
    if request.recipients:
        receipt["recipients"] = list(request.recipients)
    if request.decision:
        receipt |= {
            "decision": f"d_{request.decision}",
            "play": request.play,
            "option": request.option,
            "ground": request.ground,
            "outcome": request.outcome,
            "replayed": request.replayed,
            "frozen_sha256": sha256(request.frozen).hexdigest(),
        }
    return receipt


def erasure_receipt(request: Request, seq: int, at_ms: int) -> dict[str, Any]:
    """The receipt of an erasure: that one was carried out, and when; not of whom, nor of how much."""
    return {
        "v": VERSION,
        "type": "erasure",
        "id": f"e_{seq}",
        "seq": seq,
        "at_ms": at_ms,
        "request": request.id,
        "asked_ms": request.asked_ms,
        "proof": request.proof,
    }
