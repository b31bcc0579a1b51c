"""What recognising did to the states: atoms come together in one person, or go apart again."""

from collections.abc import Iterable
from itertools import product

from msgspec.structs import replace

from equipoise.nouns.events import Event
from equipoise.nouns.people import CannotLink, Recognised
from equipoise.nouns.state import AtomState, PersonState
from equipoise.recognise.handles import is_strong


class SplitRefused(ValueError):
    """A join cannot be taken apart as asked; the message says why and what to do."""


def apply(
    recognised: Recognised, event: Event, seq: int, states: dict[int, PersonState]
) -> PersonState:
    """Create the atom of the unseen handles and merge the people, in place; return the person.

    `states` must hold the survivor (unless the person is new) and every person in `merged`, and holds
    only the survivor afterwards. Atoms stand oldest first. `joined_seq` becomes `seq` for the atoms that
    changed their person, so that these are the rows to write. Raises `KeyError` where `states` lacks one
    of them.
    """
    state = states.get(recognised.person)
    if state is None:
        if recognised.person != seq:
            message = (
                f"event {event.id!r}: person {recognised.person} must be read before it is joined"
            )
            raise KeyError(message)
        state = states[seq] = PersonState(atoms=[])
    for gone in recognised.merged:
        _take_over(state, states.pop(gone), seq)
    if recognised.fresh:
        atom = AtomState(id=seq, handles=list(recognised.fresh))
        atom.known = any(map(is_strong, recognised.fresh))
        atom.joined_seq = seq if state.atoms else 0
        state.atoms.append(atom)
    if recognised.merged:
        state.atoms.sort(key=lambda atom: atom.id)
    return state


def unite(left: PersonState, right: PersonState, seq: int) -> PersonState:
    """Two people as one, in place: the older one, who has the atoms of both, oldest first."""
    older, younger = sorted((left, right), key=lambda state: state.person)
    _take_over(older, younger, seq)
    older.atoms.sort(key=lambda atom: atom.id)
    return older


def _take_over(state: PersonState, other: PersonState, seq: int) -> None:
    for atom in other.atoms:
        atom.joined_seq = seq
        state.atoms.append(atom)


def are_apart(left: PersonState, right: PersonState) -> bool:
    """True where an atom of one must never be joined with an atom of the other."""
    return _named(left, right, "apart") or _named(right, left, "apart")


def are_unlike(left: PersonState, right: PersonState) -> bool:
    """True where somebody said of an atom of one and an atom of the other that they are two people."""
    return _named(left, right, "unlike") or _named(right, left, "unlike")


def refuse(left: PersonState, right: PersonState, refusal: int) -> None:
    """Let every atom of one be unlike every atom of the other, in place, by the refusal of this number."""
    for mine, theirs, mark in ((left, right, refusal), (right, left, -refusal)):
        for atom in mine.atoms:
            atom.unlike = sorted({*atom.unlike, *(each.id for each in theirs.atoms)})
            atom.refusals = sorted({*atom.refusals, mark})


def refused_by(left: PersonState, right: PersonState) -> list[int]:
    """The numbers of the refusals that stand between an atom of one and an atom of the other."""
    return sorted(
        {abs(mark) for one in left.atoms for other in right.atoms for mark in _between(one, other)}
    )


def take_back(atoms: Iterable[AtomState], refusal: int) -> None:
    """Undo a refusal among all the atoms that it touched, in place; what another one says too stays."""
    marked = list(atoms)
    sides = [[atom for atom in marked if mark in atom.refusals] for mark in (refusal, -refusal)]
    for atom in marked:
        atom.refusals = [mark for mark in atom.refusals if abs(mark) != refusal]
    for one, other in product(*sides):
        if not _between(one, other):
            one.unlike = [atom for atom in one.unlike if atom != other.id]
            other.unlike = [atom for atom in other.unlike if atom != one.id]


def _between(one: AtomState, other: AtomState) -> set[int]:
    return {mark for mark in one.refusals if -mark in other.refusals}


def _named(left: PersonState, right: PersonState, where: str) -> bool:
    mine = {other for atom in left.atoms for other in getattr(atom, where)}
    return not mine.isdisjoint(atom.id for atom in right.atoms)


def split(
    state: PersonState, atoms: Iterable[int], by: str, at_ms: int
) -> tuple[list[PersonState], list[CannotLink]]:
    """Let `atoms` leave the person; return who stays, who left (as one person), and the cannot-links.

    Every atom of one side is `apart` from every atom of the other for ever; nothing else of an atom
    changes, so each side has again what it had. The state handed in is left as it was, but shares its
    inner records with the result. Raises `SplitRefused` where a side would be empty or an atom is not
    the person's.
    """
    leaving = set(atoms)
    strangers = leaving - {atom.id for atom in state.atoms}
    if strangers:
        message = (
            f"person {state.person} cannot be split: {sorted(strangers)} are not among the atoms "
            f"{[atom.id for atom in state.atoms]}. Name atoms of this person."
        )
        raise SplitRefused(message)
    if not leaving or len(leaving) == len(state.atoms):
        message = (
            f"person {state.person} cannot be split: {len(leaving)} of {len(state.atoms)} atoms would "
            "leave. Name at least one atom, and leave at least one."
        )
        raise SplitRefused(message)
    stay_ids = [atom.id for atom in state.atoms if atom.id not in leaving]
    left_ids = sorted(leaving)
    sides = [
        _side([atom for atom in state.atoms if atom.id not in leaving], left_ids),
        _side([atom for atom in state.atoms if atom.id in leaving], stay_ids),
    ]
    links = [
        CannotLink(left=min(stay, left), right=max(stay, left), by=by, at_ms=at_ms)
        for stay in stay_ids
        for left in left_ids
    ]
    return sides, links


def _side(atoms: list[AtomState], others: list[int]) -> PersonState:
    # `joined_seq` stays: a grant must be younger than the join to lift another atom's denial.
    apart = [sorted({*atom.apart, *others}) for atom in atoms]
    return PersonState([replace(atom, apart=ids) for atom, ids in zip(atoms, apart, strict=True)])
