"""A person taken apart by chosen handles: which atoms leave whole, and what leaves without its past.

What happened cannot be divided by handle: an atom's past belongs to all its handles together. Where an atom
has chosen handles and others, the chosen ones alone leave, into an atom of their own without a past.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from equipoise.nouns.events import Handle
from equipoise.nouns.state import AtomState, PersonState, Rights, Terms
from equipoise.recognise.applying import SplitRefused
from equipoise.recognise.handles import is_strong


class Parting(NamedTuple):
    """What leaves: `atoms` whole with their past, and `moved` handles of `mixed` atoms without it."""

    atoms: tuple[int, ...]
    moved: tuple[Handle, ...]
    mixed: tuple[int, ...]


def parting(state: PersonState, atoms: Iterable[int], handles: Iterable[Handle]) -> Parting:
    """What would leave with these atoms and handles. Raises `SplitRefused` for a handle of others."""
    whole, chosen = set(atoms), set(handles)
    strangers = sorted(chosen - {handle for atom in state.atoms for handle in atom.handles})
    if strangers:
        told = ", ".join(f"{kind}:{value}" for kind, value in strangers)
        message = f"person {state.person} has no handle {told}. Name handles of this person."
        raise SplitRefused(message)
    moved: list[Handle] = []
    mixed: list[int] = []
    for atom in state.atoms:
        mine = [handle for handle in atom.handles if handle in chosen]
        if atom.id in whole or not mine:
            continue
        if len(mine) == len(atom.handles):
            whole.add(atom.id)
        else:
            moved += mine
            mixed.append(atom.id)
    return Parting(tuple(sorted(whole)), tuple(moved), tuple(mixed))


def move(state: PersonState, leaves: Parting, fresh: int) -> PersonState:
    """The person with the moved handles in an atom of their own, whose id is `fresh`; pure.

    The new atom has no past and no consent. It keeps what bars: objections, withdrawals, the agreement on
    service data, the person's own limits, signals, recipients that were stopped, and everybody whom the
    atoms it leaves are apart from.
    """
    if not leaves.moved:
        return state
    moved = set(leaves.moved)
    kept: list[AtomState] = []
    left: list[AtomState] = []
    for atom in state.atoms:
        if atom.id in leaves.mixed:
            left.append(atom)
            handles = [handle for handle in atom.handles if handle not in moved]
            kept.append(replace(atom, handles=handles, known=any(map(is_strong, handles))))
        else:
            kept.append(atom)
    stopped = {name: seq for atom in left for name, seq in atom.rights.stopped.items()}
    new = AtomState(
        id=fresh,
        handles=list(leaves.moved),
        joined_seq=fresh,
        known=any(map(is_strong, leaves.moved)),
        terms=_what_bars(left),
        rights=Rights(stopped=stopped),
        apart=sorted({other for atom in left for other in atom.apart}),
        unlike=sorted({other for atom in left for other in atom.unlike}),
        refusals=sorted({mark for atom in left for mark in atom.refusals}),
    )
    return PersonState([*kept, new])


def _what_bars(atoms: Iterable[AtomState]) -> Terms:
    """Of the terms of some atoms what makes the house quieter; of each kind, the strictest."""
    terms = Terms()
    for said in (atom.terms for atom in atoms):
        for key, stance in said.stances.items():
            if not stance.granted:
                known = terms.stances.get(key)
                if known is None or stance.at_ms > known.at_ms:
                    terms.stances[key] = stance
        if said.per_week is not None and (terms.per_week is None or said.per_week < terms.per_week):
            terms.per_week, terms.set_ms, terms.set_seq = said.per_week, said.set_ms, said.set_seq
        if said.quiet is not None and said.quiet_ms >= terms.quiet_ms:
            terms.quiet, terms.quiet_ms, terms.quiet_seq = said.quiet, said.quiet_ms, said.quiet_seq
        terms.agreed |= {family: one for family, one in said.agreed.items() if family == "SD"}
        terms.signals = {**terms.signals, **said.signals}
    return terms
