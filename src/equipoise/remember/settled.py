"""The limits a person has set on their own contacts: a weekly budget and quiet hours.

Over several atoms the tightest counts, except that a limit gives way to a later one that was set
when both atoms were already one person.
"""

from collections.abc import Callable, Sequence

from equipoise.nouns.state import AtomState, Terms

DAY_MINUTES = 1440

Quiet = tuple[int, int]
"""Local minutes of the day, from and to; equal values mean no quiet hours."""


def per_week(atoms: Sequence[AtomState]) -> int | None:
    """The person's own budget of contacts in seven days, or None."""
    set_ = [
        atom.terms.per_week
        for atom in _in_force(atoms, lambda terms: (terms.set_ms, terms.set_seq))
        if atom.terms.per_week is not None
    ]
    return min(set_, default=None)


def quiet(atoms: Sequence[AtomState]) -> Quiet | None:
    """The person's own quiet hours, the shortest span that covers those of all atoms, or None."""
    spans = [
        atom.terms.quiet
        for atom in _in_force(atoms, lambda terms: (terms.quiet_ms, terms.quiet_seq))
        if atom.terms.quiet is not None
    ]
    if not spans:
        return None
    both = spans[0]
    for span in spans[1:]:
        both = span_of(both, span)
    return both


def covers(outer: Quiet, inner: Quiet) -> bool:
    """True where every minute of `inner` is one of `outer`.

    >>> covers((1260, 480), (1320, 420)), covers((1320, 420), (1260, 480))
    (True, False)
    """
    length = (inner[1] - inner[0]) % DAY_MINUTES
    if length == 0:
        return True
    return (inner[0] - outer[0]) % DAY_MINUTES + length <= (outer[1] - outer[0]) % DAY_MINUTES


def span_of(one: Quiet, other: Quiet) -> Quiet:
    """The shortest quiet hours that cover both; all day but a minute where nothing shorter does.

    >>> span_of((1260, 480), (1320, 540))
    (1260, 540)
    """
    spans = [(start, end) for start, _ in (one, other) for _, end in (one, other)]
    covering = [span for span in spans if covers(span, one) and covers(span, other)]
    if not covering:
        return one[0], (one[0] - 1) % DAY_MINUTES
    return min(covering, key=lambda span: ((span[1] - span[0]) % DAY_MINUTES, span))


def _in_force(
    atoms: Sequence[AtomState], set_at: Callable[[Terms], tuple[int, int]]
) -> list[AtomState]:
    """The atoms whose limit was not replaced by a later one, set since they were joined."""
    if len(atoms) == 1:
        return list(atoms)
    setting = [(atom, *set_at(atom.terms)) for atom in atoms]
    return [
        atom
        for atom, at_ms, seq in setting
        if seq
        and not any(
            later_ms > at_ms and later_seq > max(atom.joined_seq, other.joined_seq)
            for other, later_ms, later_seq in setting
        )
    ]
