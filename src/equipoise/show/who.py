"""Who a person is on a page: a short name to link to, and the handle by which they are known best."""

from collections.abc import Iterable, Sequence

import msgspec

from equipoise.nouns.events import Handle
from equipoise.nouns.state import PersonState
from equipoise.ports import People
from equipoise.show.addresses import person_name

_BEST = ("user_id", "email", "card", "phone", "device", "anonymous_id")
HUES = 8
"""How many colours of faces the style sheet has."""

_decode = msgspec.msgpack.Decoder(PersonState).decode


class Who(msgspec.Struct, frozen=True):
    """One person in short: `name` is for addresses, `label` for readers, `hue` colours the face."""

    id: int
    name: str
    label: str
    initial: str
    hue: int
    known: bool


def who(person: int, handles: Sequence[Handle] = (), *, known: bool = False) -> Who:
    """A person in short, from whatever handles they have."""
    name = person_name(person)
    best = sorted(handles, key=_rank)
    label = best[0].value if best else name
    initial = next((sign for sign in label if sign.isalnum()), "?").upper()
    return Who(person, name, label, initial, (person // 16) % HUES, known)


def _rank(handle: Handle) -> int:
    return _BEST.index(handle.kind) if handle.kind in _BEST else len(_BEST)


def person_state(people: People, person: int) -> PersonState | None:
    """What is remembered of a person, or None."""
    blob = people.states([person]).get(person)
    return None if blob is None else _decode(blob)


def who_all(people: People, ids: Iterable[int]) -> dict[int, Who]:
    """These people in short; who has no state (any more) has only a name."""
    wanted = set(ids)
    known = {person: _decode(blob) for person, blob in people.states(wanted).items()}
    return {person: who_of(known[person]) if person in known else who(person) for person in wanted}


def who_of(state: PersonState) -> Who:
    """A person in short, from their state."""
    handles = [handle for atom in state.atoms for handle in atom.handles]
    return who(state.person, handles, known=any(atom.known for atom in state.atoms))
