"""Who an event is about: pure, deterministic, and careful about joining.

All that one event shows together is tried against the party of its strongest handle, in order of
strength. What must not be joined is held: every handle stays with its owner, and nobody is guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from equipoise.nouns.events import Event, Handle
from equipoise.nouns.people import Atom, HeldJoin, Join, Recognised
from equipoise.nouns.state import PersonState
from equipoise.recognise.handles import KINDS, RANK

Reason = Literal["strong_conflict", "cannot_link", "too_large"]
"""Why a join is held."""

NOBODY = 0
"""The other side of a held join whose handles belong to no atom yet; they stay unknown."""


def recognise(
    event: Event,
    handles: Sequence[Handle],
    seq: int,
    atoms: Mapping[Handle, Atom],
    person: Callable[[int], PersonState],
    most_handles: int,
) -> Recognised:
    """The person and the atom that one event is about, and the joins that follow from it.

    `handles` are clean (see `handles.clean`) and not empty, `atoms` has those seen before, `seq` is
    above every atom's id, and `person` gives the present state of a person. The event folds into the
    atom of its strongest handle (ties: the oldest). Unseen handles become one atom, whose id is `seq`.
    Raises `ValueError` without handles: such an event is about nobody.
    """
    if not handles:
        message = f"event {event.id!r} of {event.source!r} has no usable handle: refuse it first"
        raise ValueError(message)
    if len(handles) == 1 and (only := atoms.get(handles[0])) is not None:
        return Recognised(person=only.person, atom=only.id)
    shown = [(handle, atoms.get(handle)) for handle in handles]
    if len(shown) > 1:
        shown.sort(key=lambda pair: (RANK[pair[0][0]], pair[1].id if pair[1] else seq))
    strongest = shown[0][1]
    if strongest is not None:
        for _, atom in shown:
            if atom is None or atom.person != strongest.person:
                break
        else:
            return Recognised(person=strongest.person, atom=strongest.id)
    return _Meeting(event, seq, person, most_handles).of(shown)


class _Party:
    """People who are one, or are about to be: what counts when another party would join them."""

    def __init__(self, atom: int, shown: list[Handle], state: PersonState | None = None) -> None:
        self.atom = atom
        self.shown = shown
        self.people = [state.person] if state else []
        self.atoms: set[int] = set()
        self.apart: set[int] = set()
        self.size = 0
        self.counts: dict[str, int] = {}
        for each in state.atoms if state else ():
            self.atoms.add(each.id)
            self.apart.update(each.apart)
            for handle in each.handles:
                self.add(handle)

    def add(self, handle: Handle) -> None:
        self.size += 1
        self.counts[handle[0]] = self.counts.get(handle[0], 0) + 1

    def against(self, counts: Mapping[str, int], size: int, most_handles: int) -> Reason | None:
        """Why so many handles of these kinds cannot come to this party; None where they can."""
        for kind, n in counts.items():
            most = KINDS[kind].most
            if most is not None and n + self.counts.get(kind, 0) > most:
                return "strong_conflict"
        return "too_large" if self.size + size > most_handles else None

    def take(self, other: "_Party") -> None:
        self.people += other.people
        self.apart |= other.apart
        self.size += other.size
        for kind, n in other.counts.items():
            self.counts[kind] = self.counts.get(kind, 0) + n


class _Meeting:
    """One event that shows unseen handles, or handles of several people."""

    def __init__(
        self, event: Event, seq: int, person: Callable[[int], PersonState], most_handles: int
    ) -> None:
        self.event = event
        self.seq = seq
        self.person = person
        self.most_handles = most_handles
        self.joins: list[Join] = []
        self.held: list[HeldJoin] = []

    def of(self, shown: Sequence[tuple[Handle, Atom | None]]) -> Recognised:
        """Try every party against the strongest one; `shown` is in order of strength."""
        unseen = [handle for handle, atom in shown if atom is None]
        parties: dict[int, _Party] = {}
        for handle, atom in shown:
            if atom is None:
                continue
            if atom.person in parties:
                parties[atom.person].shown.append(handle)
            else:
                parties[atom.person] = _Party(atom.id, [handle], self.person(atom.person))
        others = list(parties.values())
        if shown[0][1] is None:
            group = _Party(self.seq, [])
            fresh = self._admit(unseen, group)
            group.shown = fresh
        else:
            group, fresh = others.pop(0), []
        for other in others:
            self._try(group, other)
        if unseen and group.atom != self.seq:
            fresh = self._admit(unseen, group)
            if fresh:
                self._join(group, self.seq, fresh)
        survivor, *merged = sorted(group.people) or [self.seq]
        return Recognised(
            person=survivor,
            atom=group.atom,
            fresh=tuple(fresh),
            merged=tuple(merged),
            joins=tuple(self.joins),
            held=tuple(self.held),
        )

    def _try(self, group: _Party, other: _Party) -> None:
        reason: Reason | None
        if group.apart & other.atoms:  # a split writes both sides, so one look is enough
            reason = "cannot_link"
        else:
            reason = group.against(other.counts, other.size, self.most_handles)
        if reason:
            self._hold(group, other.atom, other.shown, reason)
        else:
            self._join(group, other.atom, other.shown)
            group.take(other)

    def _admit(self, unseen: list[Handle], group: _Party) -> list[Handle]:
        """The unseen handles that the party has room for; the others stay unknown, and are held."""
        fresh: list[Handle] = []
        refused: dict[Reason, list[Handle]] = {}
        for handle in unseen:
            reason = group.against({handle[0]: 1}, 1, self.most_handles)
            if reason:
                refused.setdefault(reason, []).append(handle)
            else:
                group.add(handle)
                fresh.append(handle)
        for reason, handles in refused.items():
            self._hold(group, NOBODY, handles, reason)
        return fresh

    def _join(self, group: _Party, atom: int, shown: list[Handle]) -> None:
        join = Join(
            seq=self.seq,
            left=min(group.atom, atom),
            right=max(group.atom, atom),
            event=self.event.id,
            source=self.event.source,
            evidence=(group.shown[0], *shown),
            at_ms=self.event.received_ms,
        )
        self.joins.append(join)

    def _hold(self, group: _Party, atom: int, shown: list[Handle], reason: Reason) -> None:
        held = HeldJoin(
            seq=self.seq,
            left=min(group.atom, atom) or group.atom,
            right=max(group.atom, atom) if atom else NOBODY,
            reason=reason,
            event=self.event.id,
            evidence=(*group.shown[:1], *shown),
            at_ms=self.event.received_ms,
        )
        self.held.append(held)
