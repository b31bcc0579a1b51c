"""People of a store who may be one: read their traits, compare them, and leave out who was split."""

from collections.abc import Iterator
from itertools import chain

import msgspec

from equipoise.nouns.hypotheses import Hypothesis
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import PersonState
from equipoise.ports import Store
from equipoise.recognise.clustering import guard
from equipoise.recognise.likeness import FIELDS, Record, Search, liken
from equipoise.remember.view import View

AT_ONCE = 1000
"""People read from a store at once."""


def hypotheses_in(store: Store, rules: Rules, now_ms: int, search: Search) -> list[Hypothesis]:
    """Hypotheses about everybody in the store, the likeliest first; nothing is written.

    People who restrict what is done with their data are not compared, and pairs that a split set apart
    are left out. Raises `NoLikeness` where people cannot be compared, `ImportError` without the extra.
    """
    records: list[Record] = []
    atoms: dict[int, set[int]] = {}
    apart: dict[int, set[int]] = {}
    for state in _everybody(store):
        view = View(state, now_ms, rules)
        if view.restricted:
            continue
        records.append(Record(state.person, _values(state, view)))
        atoms[state.person] = {atom.id for atom in state.atoms}
        apart[state.person] = set(chain.from_iterable(atom.apart for atom in state.atoms))
    found = liken(records, search)
    return guard([pair for pair in found if not apart[pair.left] & atoms[pair.right]])


def _everybody(store: Store) -> Iterator[PersonState]:
    decode = msgspec.msgpack.Decoder(PersonState).decode
    last = 0
    while people := store.people_after(last, AT_ONCE):
        last = people[-1]
        yield from map(decode, store.states(people).values())


def _values(state: PersonState, view: View) -> dict[str, str]:
    handles = {handle.kind: handle.value for atom in state.atoms for handle in atom.handles}
    values: dict[str, str] = {}
    for name, field in FIELDS.items():
        said = (view.get(f"traits.{trait}") for trait in field.traits)
        value = next((one for one in said if one not in (None, "")), handles.get(name))
        if value is not None:
            values[name] = str(value).strip().lower()
    return {name: value for name, value in values.items() if value}
