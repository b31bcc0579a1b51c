"""Events into a profile, in place, and several profiles into one: the order never matters."""

from collections.abc import Callable, Sequence
from copy import copy
from math import isfinite
from typing import Any

from equipoise import sketch
from equipoise.nouns.agreements import PROFILING, UNCAPPED
from equipoise.nouns.events import Event
from equipoise.nouns.rules import Basis
from equipoise.nouns.state import AtomState, Last, PersonState, Profile
from equipoise.remember import agreements, purchases
from equipoise.remember.aggregates import (
    LONGEST_NAME,
    OTHER,
    TRAITS,
    bound_tallies,
    by_name,
    count,
    decay,
    keep_last,
    latest,
    mark_slot,
    merge_slots,
    rank,
    sum_decayed,
    sum_tallies,
)
from equipoise.remember.purchases import SPENT, worth
from equipoise.remember.stances import effective

LONGEST_TEXT = 256
"""Characters of a trait that are kept."""

LINES = 50
"""Lines of one order whose products are looked at."""

NOT_DONE_BY_THE_PERSON = (
    "alias",
    "group",
    "Email Bounced",
    "Email Delivered",
    "Push Notification Received",
    "Push Notification Bounced",
)
"""Kinds that are counted, but are no sign that the person was active."""

CONTEXT = (("timezone", "@timezone"), ("locale", "@locale"))
"""What is kept of an event's surroundings, and under which name."""

Update = Callable[[Profile, Event, int], None]
"""One update of a profile by an event that happened at a time (ms)."""


NEEDED = ("timezone", "locale", "language", "age", "minor")
"""Traits kept of somebody who allows no profile: to be quiet at night, in their language, and to
protect the young."""

# --- the updates ---------------------------------------------------------------------------------


def _count(profile: Profile, event: Event, at_ms: int) -> None:
    kind, channel, facts = event.kind, event.channel, event.facts
    if len(kind) > LONGEST_NAME or kind.startswith("@"):
        kind = OTHER
    count(profile.tallies, kind, at_ms, worth(facts) if facts else 0.0)
    if channel:
        if len(channel) > LONGEST_NAME:
            channel = OTHER
        count(profile.tallies, f"@{channel}", at_ms, 0.0)


def _mark(profile: Profile, _event: Event, at_ms: int) -> None:
    decay(profile.decayed, "activity", at_ms, 1.0)
    mark_slot(profile.slots, at_ms)


def _keep_context(profile: Profile, event: Event, at_ms: int) -> None:
    context = event.context
    if not context:
        return
    last = profile.last
    for name, key in CONTEXT:
        value = context.get(name)
        if value:
            old = last.get(key)
            if old is not None and at_ms > old.at_ms and old.value == value:
                old.at_ms, old.id, old.provenance = at_ms, event.id, event.provenance
            elif old is None or at_ms >= old.at_ms:
                new = Last(value[:LONGEST_TEXT], at_ms, event.id, event.provenance)
                keep_last(last, key, new)


def _keep_traits(profile: Profile, event: Event, at_ms: int) -> None:
    """What `identify` says of the person; a record such as an address is kept one level deep."""
    for name, value in event.facts.items():
        if name[:1] == "@":
            continue
        if type(value) is dict:
            for inner, scalar in value.items():
                _keep_trait(profile, f"{name}.{inner}", scalar, event, at_ms)
        else:
            _keep_trait(profile, name, value, event, at_ms)


def _keep_trait(profile: Profile, name: str, value: Any, event: Event, at_ms: int) -> None:
    if type(value) is str:
        value = value[:LONGEST_TEXT]
    elif type(value) is int and not -(2**63) <= value < 2**63:
        value = float(value) if abs(value) < 10**300 else None
    elif type(value) is float:
        value = value if isfinite(value) else None
    elif value is not None and type(value) not in (int, bool):
        return
    if len(name) <= LONGEST_NAME:
        keep_last(profile.last, name, Last(value, at_ms, event.id, event.provenance))


_GATHERED = frozenset(("product_id", "sku", "category", "products"))


def _gather(profile: Profile, event: Event) -> None:
    facts = event.facts
    if not facts or _GATHERED.isdisjoint(facts):
        return
    _gather_line(profile.distinct, facts)
    lines = facts.get("products")
    if type(lines) is list:
        for line in lines[:LINES]:
            if type(line) is dict:
                _gather_line(profile.distinct, line)


def _gather_line(distinct: dict[str, list[int]], line: dict[str, Any]) -> None:
    product = line.get("product_id") or line.get("sku")
    if product is not None:
        if type(product) is int:
            product = str(product)
        if type(product) is str:
            _gather_one(distinct, "products", product)
    category = line.get("category")
    if category and type(category) is str:
        _gather_one(distinct, "categories", category)


def _gather_one(distinct: dict[str, list[int]], key: str, name: str) -> None:
    seen = distinct.get(key)
    if seen is None:
        seen = distinct[key] = []
    sketch.add(seen, name[:LONGEST_TEXT])


# --- one for each sort of kind --------------------------------------------------------------------


def _done(profile: Profile, event: Event, at_ms: int) -> None:
    _count(profile, event, at_ms)
    _mark(profile, event, at_ms)
    _gather(profile, event)
    _keep_context(profile, event, at_ms)


def _bought(profile: Profile, event: Event, at_ms: int) -> None:
    _done(profile, event, at_ms)
    amount = worth(event.facts)
    if amount:
        decay(profile.decayed, "spend", at_ms, amount * SPENT[event.kind])
    purchases.keep(profile.bought, purchases.purchase(event, at_ms))


def _stated(profile: Profile, event: Event, at_ms: int) -> None:
    _count(profile, event, at_ms)
    _keep_traits(profile, event, at_ms)
    _keep_context(profile, event, at_ms)


def _happened(profile: Profile, event: Event, at_ms: int) -> None:
    _count(profile, event, at_ms)
    _keep_context(profile, event, at_ms)


def _keep_needed(profile: Profile, event: Event, at_ms: int) -> None:
    """Keep what service and law need, and only where it is news: nothing tells when one was here."""
    told = [(key, event.context.get(name)) for name, key in CONTEXT]
    if event.kind == "identify":
        told += [(name, event.facts[name]) for name in NEEDED if name in event.facts]
    for key, value in told:
        old = profile.last.get(key)
        if value is not None and (old is None or old.value != value):
            _keep_trait(profile, key, value, event, at_ms)


# --- fold and merge ------------------------------------------------------------------------------


class Folds:
    """Which updates an event of each kind makes, settled once.

    `purpose` is what a profile is folded for, `basis` its ground: with `interest` an objection stops
    the folding, with `consent` only a grant starts it, with `contract` it goes on
    until the person restricts it. `need` are the bits of the roster that a profile takes, `default_cap`
    those of people who chose no agreement.
    """

    def __init__(
        self,
        purpose: str = "personalisation",
        basis: Basis = "interest",
        need: int = PROFILING,
        default_cap: int = UNCAPPED,
    ) -> None:
        self.purpose = purpose
        self.basis = basis
        self.need = need
        self.default_cap = default_cap
        self._asks = basis == "consent" or bool(need & ~default_cap)
        self._updates: dict[str, Update] = {
            "identify": _stated,
            **dict.fromkeys(SPENT, _bought),
            **dict.fromkeys(NOT_DONE_BY_THE_PERSON, _happened),
        }

    def fold(self, atom: AtomState, event: Event, state: PersonState | None = None) -> None:
        """Fold an event into the profile of its atom, in place, by the time it happened.

        Where the person does not allow it for `purpose` on the event's channel, only `NEEDED` is kept
        (terms, handles and contacts are kept elsewhere and go on). With `state` the terms of all the
        person's atoms count, without it those of `atom`. Events `terms.*` are no behaviour.
        """
        kind = event.kind
        update = self._updates.get(kind)
        if update is None:
            if kind.startswith("terms."):
                return
            update = _done
        # Nothing happens after it has arrived: a clock ahead must not push the horizon on.
        at_ms = min(event.at_ms, event.received_ms)
        # Most people have one atom and have answered nothing, so that there is nothing to ask.
        alone = state is None or len(state.atoms) == 1
        terms = atom.terms
        said = terms.stances or terms.agreed or terms.signals or atom.rights.restricted
        if self._asks or not alone or said:
            atoms = (atom,) if state is None else state.atoms
            if not self.allowed(atoms, event.channel, event.received_ms):
                _keep_needed(atom.profile, event, at_ms)
                return
        update(atom.profile, event, at_ms)

    def allowed(self, atoms: Sequence[AtomState], channel: str, now_ms: int = 0) -> bool:
        """True where the person's terms let a profile be folded from what happens on a channel.

        `now_ms` is for agreements that end; 0 counts them as standing, which folds no more.
        """
        if any(atom.rights.restricted for atom in atoms):
            return False
        if self.basis == "contract":
            return True
        if self.need & (
            agreements.barred(atoms) | ~agreements.cap(atoms, now_ms, self.default_cap)
        ):
            return False
        for atom in atoms:
            if atom.terms.stances:
                stance = effective(atoms, self.purpose, channel)
                return self.basis == "interest" if stance is None else stance.granted
        return self.basis == "interest"


def merge(profiles: Sequence[Profile]) -> Profile:
    """One fresh profile that holds what all of them hold, as if one had been folded from the start."""
    tallies = {
        name: sum_tallies(several)
        for name, several in by_name(profile.tallies for profile in profiles).items()
    }
    bound_tallies(tallies)
    last = {
        name: copy(latest(several))
        for name, several in by_name(profile.last for profile in profiles).items()
    }
    for name in sorted(last, key=rank)[TRAITS:]:
        del last[name]
    return Profile(
        tallies=tallies,
        decayed={
            name: sum_decayed(several, name)
            for name, several in by_name(profile.decayed for profile in profiles).items()
        },
        last=last,
        distinct={
            name: sketch.merge(several)
            for name, several in by_name(profile.distinct for profile in profiles).items()
        },
        slots=merge_slots(profile.slots for profile in profiles),
        bought=purchases.merge(profile.bought for profile in profiles),
    )
