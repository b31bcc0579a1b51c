"""A partner reads, and a person says no: what is decided about each, and the receipt that it leaves."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from equipoise.account.shares import Given, share_receipt, stop_receipt
from equipoise.canon import canonical
from equipoise.decide.gate import gate
from equipoise.nouns.agreements import SHARE_ANONYMISED, THIRD_PARTY
from equipoise.nouns.events import Value
from equipoise.nouns.intents import words_of
from equipoise.nouns.plays import Condition
from equipoise.nouns.rules import Rules
from equipoise.nouns.shares import (
    EVERYBODY,
    INTENTS,
    Band,
    Count,
    Counted,
    Holds,
    ReadShare,
    Share,
    ShareRead,
    StopSharing,
)
from equipoise.nouns.sheet import Draft, Here
from equipoise.nouns.state import AtomState, PersonState
from equipoise.plays.conditions import predicate
from equipoise.remember.view import View
from equipoise.rights import shares

CHANNEL = "share"
"""The channel on which a person answers about shares."""


class Read(msgspec.Struct, frozen=True):
    """What came of one read: the share as it stands then, its row, and what was given."""

    share: Share
    row: ShareRead
    given: Given = Given()


def barred(view: View, state: PersonState, share: Share, rules: Rules) -> str:
    """Why nothing of this person goes to this recipient now, as a reason code; empty where it may."""
    stopped = {recipient for atom in state.atoms for recipient in atom.rights.stopped}
    if stopped & {EVERYBODY, share.recipient}:
        return "share_stopped"
    if view.restricted:
        return "restricted"
    more = THIRD_PARTY if share.mode == "fields" else SHARE_ANONYMISED
    return gate(view, rules, share.purpose, CHANNEL, more)


def counts_in(
    state: PersonState, share: Share, condition: Condition, rules: Rules, now_ms: int
) -> bool:
    """Whether a person counts among those who fulfil a condition, for this recipient."""
    view = View(state, now_ms, rules)
    return not barred(view, state, share, rules) and predicate(condition)(view.get)


def read_person(
    found: tuple[PersonState, AtomState] | None,
    share: Share,
    said: ReadShare,
    rules: Rules,
    here: Here,
) -> Read:
    """Decide one read about a person (None: nobody has these handles), and leave its receipt."""
    reason = shares.refusal(share, said, here.now_ms)
    given = Given()
    if found is None:
        return _account(None, share, said, (reason or "share_unknown", given), here)
    state, _ = found
    view = View(state, here.now_ms, rules)
    reason = reason or barred(view, state, share, rules)
    basis = _basis(view, share, rules)
    given = Given(basis=basis) if reason else _given(view, share, said.asked, basis)
    return _account(found, share, said, (reason, given), here)


def read_group(share: Share, said: ReadShare, here: Here) -> Read:
    """Decide a read of counts, which is about nobody in particular, and leave its receipt.

    A question that was counted today keeps its answer: who asks twice learns no more.
    """
    reason = shares.refusal(share, said, here.now_ms)
    day = here.now_ms // shares.DAY_MS
    answers: dict[str, Any] = {}
    for question in share.questions:
        if reason or not isinstance(question, Count) or question.name not in said.asked:
            continue
        before = share.counted.get(question.name)
        if before is None or before.day != day:
            if question.name not in said.counted:
                reason = "share_not_counted"
                continue
            before = Counted(day, said.counted[question.name])
            share = replace(share, counted=share.counted | {question.name: before})
        answers[question.name] = shares.of_group(question, before.n)
    given = Given() if reason else Given(answers=answers, basis={"legal": "anonymised"})
    return _account(None, share, said, (reason, given), here)


def _given(view: View, share: Share, asked: tuple[str, ...], basis: Mapping[str, str]) -> Given:
    if share.mode == "fields":
        found: dict[str, Value] = {
            name: _sought(view, share.recipient) if name == INTENTS else view.get(name)
            for name in asked
        }
        there = {name: value for name, value in found.items() if value is not None}
        how = {name: "stated" if name == INTENTS else view.provenance(name) for name in there}
        return Given(fields=there, provenance=how, basis=basis)
    answers: dict[str, Any] = {}
    for question in share.questions:
        if question.name not in asked:
            continue
        match question:
            case Band():
                answers[question.name] = shares.band_of(view.get(question.field), question.edges)
            case Holds():
                answers[question.name] = predicate(question.condition)(view.get)
    return Given(answers=answers, basis=basis)


def _sought(view: View, recipient: str) -> str | None:
    """What the person is looking for and wants this recipient to know, as JSON; None for nothing."""
    told = [words_of(one) for one in view.intents if one.heard_by(f"partner:{recipient}")]
    return msgspec.json.encode(told).decode() if told else None


def _basis(view: View, share: Share, rules: Rules) -> dict[str, str]:
    basis: dict[str, str] = {"legal": rules.basis(share.purpose)}
    stance = view.stance(share.purpose, CHANNEL)
    if stance is not None:
        basis["stance"] = stance.event
        if stance.notice:
            basis["notice"] = stance.notice
    return basis


def _account(
    found: tuple[PersonState, AtomState] | None,
    share: Share,
    said: ReadShare,
    ended: tuple[str, Given],
    here: Here,
) -> Read:
    """The share counted on, the row, and the receipt: at the person, or at nobody."""
    reason, given = ended
    seq = here.number()
    row = ShareRead(
        seq=seq,
        share=share.seq,
        atom=found[1].id if found else 0,
        at_ms=here.now_ms,
        outcome="refused" if reason else "granted",
        reason=reason,
        recipient=share.recipient,
        purpose=said.purpose,
        asked=said.asked,
    )
    person = found[0].person if found else 0
    body = canonical(share_receipt(row, share, given, person, said.purpose))
    if found:
        here.receipt(found[1], seq, body)
    else:
        here.sheet.drafts.append(Draft(seq, 0, 0, body))
    here.sheet.count(f"share:{row.outcome}")
    share = replace(
        share,
        granted=share.granted + (row.outcome == "granted"),
        refused=share.refused + (row.outcome == "refused"),
        nobody=share.nobody + (reason == "share_unknown"),
        last_ms=here.now_ms,
    )
    return Read(share, row, given)


def stop(state: PersonState, atom: AtomState, said: StopSharing, here: Here) -> bool:
    """Keep a person's no to a recipient, or take it back; False where it was so before.

    It is kept at every atom: where a join is taken apart later, both people keep their no.
    """
    held = any(said.recipient in member.rights.stopped for member in state.atoms)
    if held != said.lift:
        return False
    for member in state.atoms:
        kept = {name: seq for name, seq in member.rights.stopped.items() if name != said.recipient}
        if not said.lift:
            kept[said.recipient] = here.seq
        member.rights.stopped = kept
    here.log(atom, "share", replace(said, handles=(), person=0))
    here.sheet.count("share_lifted" if said.lift else "share_stopped")
    seq = here.number()
    body = stop_receipt(said, seq, state.person, atom.id, here.now_ms)
    here.receipt(atom, seq, canonical(body))
    return True
