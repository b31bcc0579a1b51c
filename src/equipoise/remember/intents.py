"""What a person is looking for, folded into an atom: it expires, is replaced and taken back by its id."""

from collections.abc import Sequence
from typing import NamedTuple

from equipoise.nouns.events import Event, Refused
from equipoise.nouns.intents import (
    INTENT_DECLARED,
    INTENT_WITHDRAWN,
    MOST_INTENTS,
    Intent,
    NotAnIntent,
    read_end,
    read_intent,
)
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember.refusing import refused
from equipoise.remember.stances import is_known
from equipoise.remember.words import in_force, with_word

KINDS = frozenset((INTENT_DECLARED, INTENT_WITHDRAWN))
"""The kinds of events that say what a person is looking for."""


class Sought(NamedTuple):
    """An intent that was kept, or taken back, and the one of the same id that held until now, if any."""

    intent: Intent
    before: Intent | None


def fold_intent(
    state: PersonState, atom: AtomState, event: Event, seq: int, zone: str
) -> Sought | Refused | None:
    """Fold an event of `KINDS` into its atom, in place; None where something later was said already.

    `zone` is the clock of the person. The later word about an id counts, ties go by the log. A public key
    may declare, and can neither replace nor take back what a known person declared by a server's key.
    """
    at_ms = min(event.received_ms, event.at_ms) if event.trust == "server" else event.received_ms
    try:
        if event.kind == INTENT_WITHDRAWN:
            intent = read_end(event.facts, at_ms, seq, event.trust)
        else:
            intent = read_intent(event.facts, at_ms, seq, zone, event.trust)
    except NotAnIntent as fault:
        return refused(event, "intent_malformed", str(fault))
    mine = next((one for one in atom.intents if one.id == intent.id), None)
    if mine is not None and mine.at_ms > at_ms:
        return None
    before = next((one for one in sought(state.atoms, at_ms) if one.id == intent.id), None)
    unproven = event.trust == "public" and is_known(state.atoms)
    if unproven and before is not None and before.trust == "server":
        said = "a public key cannot change what a known person is looking for"
        return refused(event, "public_cannot_grant", said)
    kept = with_word(atom.intents, intent, MOST_INTENTS)
    if kept is None:
        said = f"there are {MOST_INTENTS} intents already, which is the most; take one back first"
        return refused(event, "intent_too_many", said)
    atom.intents = kept
    return Sought(intent, before)


def sought(atoms: Sequence[AtomState], now_ms: int) -> tuple[Intent, ...]:
    """What the person is looking for now, over all atoms, oldest first."""
    for atom in atoms:
        if atom.intents:
            return in_force(atoms, _said_by, now_ms)
    return ()


def _said_by(atom: AtomState) -> Sequence[Intent]:
    return atom.intents
