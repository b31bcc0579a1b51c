"""Who is to be forgotten, and what of others names them: pure, over records that were read already."""

from collections.abc import Mapping
from hashlib import blake2b

from msgspec.structs import replace

from equipoise.nouns.changes import Erased
from equipoise.nouns.decisions import Action
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.hypotheses import JoinAnswer, JoinRecord
from equipoise.nouns.records import Split
from equipoise.nouns.state import PersonState

DIGEST_BYTES = 32
KEPT: Mapping[str, str] = {
    "leaf": "a salted commitment, which tells nothing once its salt is gone; the proofs of others need it",
    "tile": "hashes over leaves, as above",
    "seen": "64-bit keyed hashes of message ids, dropped after dedupe_hours; the key is in the key file",
    "tally": "running totals over everybody",
    "spent": "how much of a shared stock was used, over everybody",
    "model": "sums over many people; the next version is taught without this person",
    "request": "that an erasure was asked for and carried out, and when; it names nobody",
    "share_notice": "that partners must delete what they hold: numbers of receipts, until they did",
    "aggregate_grant": "who may ask for figures about many people, and of which fields; nobody's data",
    "release": "figures about many people with noise, which tell nothing sure about one",
    "tombstone": "keyed digests of the handles, so that no backup brings them back; the key lies elsewhere",
}
"""What an erasure leaves, by table, and why that is not personal or has to stay."""


def erased_of(state: PersonState) -> Erased:
    """What a store needs to know to forget a person."""
    return Erased(
        person=state.person,
        atoms=tuple(atom.id for atom in state.atoms),
        logged=tuple(atom.event_seq for atom in state.atoms),
        receipted=tuple(atom.decision_seq for atom in state.atoms),
        handles=tuple(handle for atom in state.atoms for handle in atom.handles),
    )


def tombstone(handle: Handle, key: bytes) -> bytes:
    """The keyed digest (32 bytes) by which a handle is known to have been erased; `key` is 1 to 64 bytes."""
    said = f"{handle.kind}\0{handle.value}".encode("utf-8", "replace")
    return blake2b(said, digest_size=DIGEST_BYTES, key=key, person=b"tombstone").digest()


def part_from(
    state: PersonState, gone: frozenset[int], hypotheses: frozenset[int] = frozenset()
) -> bool:
    """Take every mention of erased atoms out of somebody else's state, in place; True if one was there.

    `hypotheses` are the numbers of those about the erased.
    """
    changed = False
    for atom in state.atoms:
        refusals = [mark for mark in atom.refusals if abs(mark) not in hypotheses]
        apart = [other for other in atom.apart if other not in gone]
        unlike = [other for other in atom.unlike if other not in gone]
        told = [key for key in atom.told if not gone & _atoms_in(key)]
        before = (atom.apart, atom.unlike, atom.told, atom.refusals)
        if (apart, unlike, told, refusals) != before:
            atom.apart, atom.unlike, atom.told, atom.refusals = apart, unlike, told, refusals
            changed = True
    return changed


def _atoms_in(key: str) -> set[int]:
    return {int(word) for word in key.split() if word.isdigit()}


def without(event: Event, handles: frozenset[Handle]) -> Event | None:
    """Somebody else's event without the handles of the erased; None where it names none of them."""
    kept = tuple(handle for handle in event.handles if handle not in handles)
    return None if len(kept) == len(event.handles) else replace(event, handles=kept)


def action_without(action: Action, handles: frozenset[Handle]) -> Action | None:
    """Somebody else's action without the handles of the erased; None where it names none of them."""
    kept = tuple(handle for handle in action.handles if handle not in handles)
    return None if len(kept) == len(action.handles) else replace(action, handles=kept)


def split_without(
    wish: Split, gone: frozenset[int], handles: frozenset[Handle] = frozenset()
) -> Split | None:
    """A split without the atoms and handles of the erased; None where it names none of them."""
    kept = tuple(atom for atom in wish.atoms if atom not in gone)
    left = tuple(handle for handle in wish.handles if handle not in handles)
    if wish.person not in gone and (kept, left) == (wish.atoms, wish.handles):
        return None
    person = 0 if wish.person in gone else wish.person
    return replace(wish, person=person, atoms=kept, handles=left, note="")


def join_without(
    said: JoinRecord, gone: frozenset[int], hypotheses: frozenset[int]
) -> JoinRecord | None:
    """What somebody else's log says of a hypothesis, without the erased; None where it names none of them.

    `hypotheses` are the numbers of those about the erased.
    """
    if isinstance(said, JoinAnswer):
        named = said.hypothesis in hypotheses
        return replace(said, hypothesis=0, note="") if named else None
    pairs = tuple(pair for pair in said.pairs if not gone & {pair.left, pair.right})
    return None if len(pairs) == len(said.pairs) else replace(said, pairs=pairs)
