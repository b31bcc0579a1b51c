"""Hypotheses about who may be one, in plain dictionaries."""

from collections.abc import Iterable

from equipoise.nouns.changes import Changes
from equipoise.nouns.hypotheses import HypothesisState, KeptHypothesis


class HypothesesInMemory:
    """The part of a store in memory that keeps hypotheses."""

    def __init__(self) -> None:
        self._hypotheses: dict[int, KeptHypothesis] = {}
        self._supposed: dict[int, set[int]] = {}

    def hypotheses(self, seqs: Iterable[int]) -> dict[int, KeptHypothesis]:
        """The hypotheses with these numbers."""
        return {seq: self._hypotheses[seq] for seq in seqs if seq in self._hypotheses}

    def hypotheses_of(self, atoms: Iterable[int]) -> list[KeptHypothesis]:
        """Every hypothesis that touches one of these atoms, oldest first."""
        found = {seq for atom in set(atoms) for seq in self._supposed.get(atom, ())}
        return [self._hypotheses[seq] for seq in sorted(found)]

    def hypotheses_in(self, state: HypothesisState, most: int) -> list[KeptHypothesis]:
        """Hypotheses in this state, the likeliest first, ties by number."""
        found = [one for one in self._hypotheses.values() if one.state == state]
        return sorted(found, key=lambda one: (-one.score, one.seq))[:most]

    def hypotheses_answered(self, state: HypothesisState, most: int) -> list[KeptHypothesis]:
        """Hypotheses in this state, the last answered first, ties by number, the highest first."""
        found = [one for one in self._hypotheses.values() if one.state == state]
        return sorted(found, key=lambda one: (-one.answered_ms, -one.seq))[:most]

    def _keep_hypotheses(self, changes: Changes) -> None:
        self._hypotheses.update(changes.hypotheses)
        for seq, one in changes.hypotheses.items():
            self._supposed.setdefault(one.left, set()).add(seq)
            self._supposed.setdefault(one.right, set()).add(seq)

    def _forget_hypotheses(self, atoms: Iterable[int]) -> None:
        gone = set(atoms)
        for one in self.hypotheses_of(gone):
            del self._hypotheses[one.seq]
            for atom in {one.left, one.right} - gone:
                self._supposed[atom].discard(one.seq)
        for atom in gone:
            self._supposed.pop(atom, None)
