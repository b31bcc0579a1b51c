"""How contacts felt, folded into an atom: the newest answer about each counts, and asks for rest.

Answers are taken from anybody, because they only make it quieter; a public key cannot take back the
rest that a known person asked for.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from equipoise.nouns.events import Event, Refused
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.nouns.wishes import ANSWERS, Answer, Felt
from equipoise.remember import settled
from equipoise.remember.refusing import refused
from equipoise.remember.stances import is_known

FELT = "felt"
"""The kind of the events that say how a contact felt."""

MOST_FELT = 32
"""Answers kept of one atom; beyond it the oldest is forgotten."""

LONGEST_NAME = 64
"""The most characters of a play or option."""

DAY_MS = 86_400_000

RESTS_MS: dict[Answer, int] = {"not_now": DAY_MS, "too_much": 7 * DAY_MS}
"""How long nobody contacts the person after such an answer."""

_DECISION = re.compile(r"d_([1-9]\d{0,17})")


class Heard(msgspec.Struct, frozen=True):
    """An answer that was kept, and the one about the same contact whose place it took, if any."""

    felt: Felt
    before: Felt | None


def fold_felt(
    state: PersonState, atom: AtomState, event: Event, seq: int, rules: Rules
) -> Heard | Refused | None:
    """Fold an event `felt` into its atom, in place; None where the same was said before.

    Facts: `felt` (one of `ANSWERS`), and of what: `decision` (`d_NUMBER`), `play`, `option`. `too_much`
    halves the weekly budget once in the week of rest that it brings, to one contact at the least.
    """
    felt = _read(event, seq)
    if isinstance(felt, str):
        return refused(event, "felt_malformed", felt)
    place, before = _former(state, felt)
    if before is not None and (before.answer == felt.answer or felt.at_ms < before.at_ms):
        return None
    unproven = event.trust == "public" and is_known(state.atoms)
    if unproven and before is not None and _rests_until(felt) < _rests_until(before):
        said = "a public key cannot take back the rest that a known person asked for"
        return refused(event, "public_cannot_grant", said)
    if felt.answer == "too_much" and not _is_halved(state, felt.at_ms):
        _halve(state, atom, felt, rules)
    if before is not None:
        place.felt.remove(before)
    atom.felt.append(felt)
    if len(atom.felt) > MOST_FELT:
        atom.felt.remove(min(atom.felt, key=lambda one: (_rests_until(one), one.seq)))
    return Heard(felt, before)


def rest(atoms: Sequence[AtomState], now_ms: int) -> tuple[int, str] | None:
    """Until when (ms) the person asked to be left in peace, and the answer that asked; None for not now."""
    resting = [
        (_rests_until(felt), str(felt.answer))
        for atom in atoms
        for felt in atom.felt
        if _rests_until(felt) > now_ms
    ]
    return max(resting, default=None)


def _rests_until(felt: Felt) -> int:
    rests_ms = RESTS_MS.get(felt.answer, 0)
    return felt.at_ms + rests_ms if rests_ms else 0


def _former(state: PersonState, felt: Felt) -> tuple[AtomState, Felt | None]:
    """The answer that there is about the same contact, and the atom that keeps it."""
    for atom in state.atoms:
        for one in atom.felt:
            if felt.decision and one.decision == felt.decision:
                return atom, one
    return state.atoms[0], None


def _is_halved(state: PersonState, at_ms: int) -> bool:
    until_ms = rest(state.atoms, at_ms)
    return until_ms is not None and until_ms[1] == "too_much"


def _halve(state: PersonState, atom: AtomState, felt: Felt, rules: Rules) -> None:
    own = settled.per_week(state.atoms)
    budget = rules.per_7d if own is None else min(own, rules.per_7d)
    terms = atom.terms
    if felt.at_ms >= terms.set_ms:
        terms.per_week, terms.set_ms, terms.set_seq = (
            budget // 2 or min(budget, 1),
            felt.at_ms,
            felt.seq,
        )


def _read(event: Event, seq: int) -> Felt | str:
    """The answer that an event gives, or what is wrong with it."""
    facts = event.facts
    answer, number = facts.get("felt"), facts.get("decision")
    if answer not in ANSWERS:
        return f"the fact 'felt' needs one of {', '.join(ANSWERS)}, got {_shown(answer)}"
    named = None if number is None else _DECISION.fullmatch(str(number))
    if number is not None and named is None:
        return f"the fact 'decision' needs an id such as \"d_4096\", got {_shown(number)}"
    names = facts.get("play", ""), facts.get("option", "")
    if not all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in names):
        return f"the facts 'play' and 'option' need short texts, got {_shown(names)}"
    if answer == "untrue" and not all(names):
        return "what is untrue needs the facts 'play' and 'option', so that a human can look at it"
    at_ms = min(event.received_ms, event.at_ms) if event.trust == "server" else event.received_ms
    return Felt(answer, at_ms, seq, int(named[1]) if named else 0, *names)


def _shown(value: Any) -> str:
    return repr(value)[:80]
