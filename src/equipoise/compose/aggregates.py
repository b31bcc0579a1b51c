"""Figures about many people, counted over a store that is only read: who counts, and the noise.

Where a question comes from is `compose/aggregating.py`; what may be asked, `rights/aggregates`.
"""

from typing import Any

import msgspec

from equipoise.decide.gate import gate
from equipoise.nouns.aggregates import Cell, Question
from equipoise.nouns.agreements import SHARE_ANONYMISED
from equipoise.nouns.rules import Rules
from equipoise.nouns.shares import EVERYBODY
from equipoise.nouns.state import PersonState
from equipoise.plays.conditions import fields_of, predicate
from equipoise.plays.reading import Known, PlayMistakes, read_condition
from equipoise.ports import Store
from equipoise.remember.view import View
from equipoise.rights.aggregates.asking import DAY_MS, Limits, Unaskable, checked, millionths
from equipoise.rights.aggregates.counting import Counter, Tally
from equipoise.rights.aggregates.noising import release
from equipoise.settings import Settings, SettingsError

AGE = "first_seen.days_since"
"""Whoever was first seen after the day of a question is not counted."""

CHANNEL = "share"
"""The channel on which people allow or refuse that something of them is given away."""

PEOPLE_AT_ONCE = 500

_state = msgspec.msgpack.Decoder(PersonState).decode


def limits_of(settings: Settings) -> Limits:
    """What may be spent in a year; raises `SettingsError` below 0."""
    told = {}
    for name in ("sharing.epsilon", "sharing.epsilon_together"):
        if settings.number(name) < 0.0:
            raise SettingsError(
                f"setting {name} needs 0 (nothing leaves) or more, got {settings.values[name]!r}. "
                "`equipoise settings` lists all."
            )
        told[name] = millionths(settings.number(name))
    return Limits(each=told["sharing.epsilon"], together=told["sharing.epsilon_together"])


def read_question(told: dict[str, Any], where: str, known: Known) -> Question:
    """The question that plain values mean, and in `where` the condition as text, empty for none.

    Raises `Unaskable` with what to do: about its form, a field that is not there, or a condition.
    """
    condition = None
    if where:
        try:
            condition = read_condition(where, known)
        except PlayMistakes as mistakes:
            raise Unaskable("aggregate_odd", f"where: {mistakes}") from None
    try:
        question = msgspec.convert(told | {"where": condition}, Question)
    except msgspec.ValidationError as fault:
        raise Unaskable("aggregate_odd", f"the question cannot be read: {fault}") from None
    for name in fields_read(question):
        if known.type_of(name) is None:
            raise Unaskable("aggregate_odd", f"there is no profile field {name!r}")
    if question.field and known.type_of(question.field) not in ("number", "any"):
        raise Unaskable("aggregate_odd", f"{question.field} is no number")
    return checked(question)


def fields_read(question: Question) -> tuple[str, ...]:
    """Every profile field that a question reads, each once."""
    read = (question.field, question.group, *fields_of(question.where))
    return tuple(dict.fromkeys(name for name in read if name))


def counts(state: PersonState, view: View, rules: Rules, question: Question) -> bool:
    """Whether a person may be counted: nothing they said or asked stands against it (no is stronger)."""
    if view.restricted:
        return False
    if any({question.recipient, EVERYBODY} & atom.rights.stopped.keys() for atom in state.atoms):
        return False
    return not gate(view, rules, question.purpose, CHANNEL, SHARE_ANONYMISED)


def count(store: Store, rules: Rules, question: Question, now_ms: int) -> Tally:
    """Count everybody whose terms allow it now; fields are read as of the end of the question's day.

    The figures are exact, and as personal as what they are made of.
    """
    end_ms = (question.day + 1) * DAY_MS - 1
    holds = predicate(question.where) if question.where is not None else None
    counter = Counter(question)
    last = -1
    while people := store.people_after(last, PEOPLE_AT_ONCE):
        for _, blob in sorted(store.states(people).items()):
            state = _state(blob)
            if not counts(state, View(state, now_ms, rules), rules, question):
                continue
            get = View(state, end_ms, rules).get
            age = get(AGE)
            if isinstance(age, int | float) and age < 0:
                continue
            if holds is None or holds(get):
                atoms = [atom.id for atom in state.atoms]
                counter.add(
                    atoms,
                    get(question.group) if question.group else None,
                    get(question.field) if question.field else None,
                )
        last = people[-1]
    return counter.tally


def answer(store: Store, rules: Rules, question: Question, now_ms: int) -> tuple[Cell, ...]:
    """The answer to a question, with its noise; nothing exact is kept. Raises `NoOpenDP`."""
    return release(question, count(store, rules, question, now_ms))
