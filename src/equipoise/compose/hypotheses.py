"""People of a store who may be one: read their traits, compare them, keep what was found, ask the rule."""

from collections.abc import Iterator

import msgspec

from equipoise.nouns.hypotheses import Hypothesis, HypothesisState, JoinAnswer
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import PersonState
from equipoise.ports import Store
from equipoise.recognise.applying import are_apart, are_unlike
from equipoise.recognise.clustering import guard
from equipoise.recognise.likeness import Record, Search, liken, values_of
from equipoise.recognise.proposing import Proposed, Rule, proposed
from equipoise.remember.view import View
from equipoise.runners.embedded import Embedded

AT_ONCE = 1000
"""People read from a store at once."""

EVERY = 2**31
"""More hypotheses than anybody has."""


def hypotheses_in(store: Store, rules: Rules, now_ms: int, search: Search) -> list[Hypothesis]:
    """Hypotheses about everybody in the store, the likeliest first; nothing is written.

    People who restrict what is done with their data are not compared; pairs that a split set apart, and
    those that somebody refused, are left out. Raises `NoLikeness` where people cannot be compared,
    `ImportError` without the extra.
    """
    records: list[Record] = []
    parted: dict[int, PersonState] = {}
    for state in _everybody(store):
        view = View(state, now_ms, rules)
        if view.restricted:
            continue
        records.append(Record(state.person, values_of(state, view.get)))
        if any(atom.apart or atom.unlike for atom in state.atoms):
            parted[state.person] = state
    found = liken(records, search)
    return guard(
        [pair for pair in found if not _two(parted.get(pair.left), parted.get(pair.right))]
    )


def _two(left: PersonState | None, right: PersonState | None) -> bool:
    """True where it is known of two people that they are two; both sides say so."""
    return (
        left is not None
        and right is not None
        and (are_apart(left, right) or are_unlike(left, right))
    )


def asking(store: Store, state: HypothesisState, most: int) -> list[Proposed]:
    """Hypotheses in this state that ask for an answer, the likeliest first."""
    kept = store.hypotheses_in(state, most)
    atoms = store.atoms({atom for one in kept for atom in (one.left, one.right)})
    return proposed(kept, {atom.id: atom.person for atom in atoms.values()})


def answers_of(store: Store, rule: Rule | None) -> list[JoinAnswer]:
    """What a rule confirms of the hypotheses that wait, in its name and with its words."""
    if rule is None:
        return []
    said = " ".join((f"{rule.least:g}", *rule.exact))
    return [
        JoinAnswer(hypothesis=one.kept.seq, verb="confirm", by="rule", how="rule", note=said)
        for one in asking(store, "open", EVERY)
        if rule.confirms(one.kept)
    ]


def confirm_by(engine: Embedded, rule: Rule) -> tuple[int, dict[str, int]]:
    """Confirm all that a rule confirms: how many became one, and how often it could not be, by reason."""
    joined, refused = 0, dict[str, int]()
    for answer in answers_of(engine.store, rule):
        reply = msgspec.json.decode(engine.ask("join", answer))
        if reply["ok"]:
            joined += 1
        elif reply["reason"] != "joined":
            refused[reply["reason"]] = refused.get(reply["reason"], 0) + 1
    return joined, refused


def _everybody(store: Store) -> Iterator[PersonState]:
    decode = msgspec.msgpack.Decoder(PersonState).decode
    last = 0
    while people := store.people_after(last, AT_ONCE):
        last = people[-1]
        yield from map(decode, store.states(people).values())
