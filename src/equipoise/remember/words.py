"""What people said under an id of its own, over all their atoms: the later word about an id counts."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from equipoise.nouns.events import Trust
from equipoise.nouns.state import AtomState

MOST_WITHDRAWN = 16
"""Words taken back that are remembered of one atom, so that a late declaration does not revive them."""


class Word(Protocol):
    """Something said under an id, at a time, up to an end; or taken back."""

    @property
    def id(self) -> str:
        """The name that it goes by."""

    @property
    def at_ms(self) -> int:
        """When it was said."""

    @property
    def seq(self) -> int:
        """The record that said it."""

    @property
    def until_ms(self) -> int:
        """When it ends."""

    @property
    def trust(self) -> Trust:
        """How far whoever brought it was trusted."""

    @property
    def withdrawn(self) -> bool:
        """True where it stands for one that was taken back."""


W = TypeVar("W", bound=Word)


def in_force(
    atoms: Sequence[AtomState], said_by: Callable[[AtomState], Sequence[W]], now_ms: int
) -> tuple[W, ...]:
    """The words that hold now, over all atoms, oldest first.

    Where atoms name the same id, a later word counts only if it was said when they were one person
    already; else both hold.
    """
    if len(atoms) == 1:
        said = list(said_by(atoms[0]))
    else:
        every = [(atom, word) for atom in atoms for word in said_by(atom)]
        said = [one[1] for one in every if not any(_overrules(other, one) for other in every)]
    holding = (word for word in said if not word.withdrawn and word.until_ms > now_ms)
    return tuple(sorted(holding, key=lambda word: (word.at_ms, word.seq)))


def _overrules(later: tuple[AtomState, W], earlier: tuple[AtomState, W]) -> bool:
    (one, new), (other, old) = later, earlier
    if new.id != old.id or one is other or (new.at_ms, new.seq) <= (old.at_ms, old.seq):
        return False
    return new.seq > max(one.joined_seq, other.joined_seq)


def with_word(words: Sequence[W], word: W, most: int) -> list[W] | None:
    """The words of one atom with one more in the place of its id; None where there is no room for it.

    What is over is let go, and of what was taken back all but the newest `MOST_WITHDRAWN`. What a browser
    said gives way to what a server's key says.
    """
    kept = [one for one in words if one.id != word.id and one.until_ms > word.at_ms]
    holding = [one for one in kept if not one.withdrawn]
    if not word.withdrawn and len(holding) >= most:
        unproven = [one for one in holding if one.trust == "public"]
        if word.trust == "public" or not unproven:
            return None
        kept.remove(min(unproven, key=_age))
    back = sorted((one for one in kept if one.withdrawn), key=_age)
    over = back[: max(0, len(back) + word.withdrawn - MOST_WITHDRAWN)]
    return [one for one in kept if one not in over] + [word]


def _age(word: Word) -> tuple[int, int]:
    return word.at_ms, word.seq
