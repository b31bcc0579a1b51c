"""What a person wants of themselves, folded into an atom, and how far they have got in the period.

Figures are whole thousandths by calendar period, so they are exact and the order of arrival does not matter:
purchases of the two months before an aim was declared count as far as the profile kept them, any other kind
of event counts if it happened since.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from equipoise.nouns.aims import (
    AIM_DECLARED,
    AIM_WITHDRAWN,
    ALIASES,
    MOST_AIMS,
    THOUSAND,
    Aim,
    Balance,
    read_aim,
    read_withdrawn,
)
from equipoise.nouns.events import Event, Refused
from equipoise.nouns.state import AtomState, Bought, PersonState
from equipoise.periods import period_before, period_of
from equipoise.remember.purchases import SPENT, bounded, number, parts_of, purchase
from equipoise.remember.refusing import refused
from equipoise.remember.stances import is_known
from equipoise.remember.words import in_force, with_word

KINDS = frozenset((AIM_DECLARED, AIM_WITHDRAWN))
"""The kinds of events that say what a person wants of themselves."""

LARGEST_SUM = 4 * 10**18
"""Beyond it a sum stands still."""

_ORDERS = ALIASES["orders"]
_PERCENT = 100 * THOUSAND


class Told(NamedTuple):
    """An aim that was kept, or taken back, and the one of the same id that held until now, if any."""

    aim: Aim
    before: Aim | None


def fold_aim(
    state: PersonState, atom: AtomState, event: Event, seq: int, zone: str
) -> Told | Refused | None:
    """Fold an event of `KINDS` into its atom, in place; None where something later was said already.

    `zone` is the clock of the person. The later word about an id counts, ties go by the log. A public key
    may only make a known person's aims tighter, or add one that restrains: it is then no more than a
    denial, which anybody may bring. It can take back and loosen nothing, nor declare a goal.
    """
    at_ms = min(event.received_ms, event.at_ms) if event.trust == "server" else event.received_ms
    if event.kind == AIM_WITHDRAWN:
        read = read_withdrawn(event.facts, at_ms, seq, event.trust)
    else:
        read = read_aim(event.facts, at_ms, seq, zone, event.trust)
    if isinstance(read, str):
        return refused(event, "aim_malformed", read)
    aim = msgspec.structs.replace(read, since_ms=event.received_ms)
    mine = next((one for one in atom.aims if one.id == aim.id), None)
    if mine is not None and mine.at_ms > at_ms:
        return None
    before = next((one for one in live(state.atoms, at_ms) if one.id == aim.id), None)
    if event.trust == "public" and is_known(state.atoms):
        if not _only_restrains(aim, before):
            said = "a public key cannot loosen what a known person wants of themselves"
            return refused(event, "public_cannot_grant", said)
        aim = aim if before is None else msgspec.structs.replace(aim, trust=before.trust)
    if before is not None and before.measure == aim.measure:
        aim = msgspec.structs.replace(aim, since_ms=min(aim.since_ms, before.since_ms))
    kept = with_word(atom.aims, aim, MOST_AIMS)
    if kept is None:
        said = f"there are {MOST_AIMS} aims already, which is the most; take one back first"
        return refused(event, "aim_too_many", said)
    atom.aims = kept
    _forget(state, at_ms)
    return Told(aim, before)


def _only_restrains(aim: Aim, before: Aim | None) -> bool:
    if aim.withdrawn or aim.kind == "goal":
        return False
    if before is None:
        return True
    same = aim.measure == before.measure and aim.until_ms >= before.until_ms
    if aim.most is not None and before.most is not None:
        return same and aim.most <= before.most
    if aim.percent_below is not None and before.percent_below is not None:
        return same and aim.percent_below >= before.percent_below
    return False


def _forget(state: PersonState, now_ms: int) -> None:
    """Let go of figures that nobody counts for any more."""
    counted = {aim.measure for aim in live(state.atoms, now_ms)}
    for member in state.atoms:
        member.meters = {name: sums for name, sums in member.meters.items() if name in counted}


# --- which hold ----------------------------------------------------------------------------------


def live(atoms: Sequence[AtomState], now_ms: int) -> tuple[Aim, ...]:
    """The aims that hold now, over all atoms, oldest first.

    Where atoms name the same id, a later word counts only if it was said when they were one person
    already; else both hold, and the tighter restrains.
    """
    return in_force(atoms, _said_by, now_ms)


def _said_by(atom: AtomState) -> Sequence[Aim]:
    return atom.aims


# --- what counts ---------------------------------------------------------------------------------


def count_towards(state: PersonState, atom: AtomState, event: Event) -> None:
    """Count an event towards every aim of the person that it matters to, in its own atom, in place.

    To be called before the event is folded into the profile.
    """
    for member in state.atoms:
        if member.aims:
            break
    else:
        return
    now_ms = event.received_ms
    at_ms = min(event.at_ms, now_ms)
    done = set()
    for aim in live(state.atoms, now_ms):
        measure = aim.measure
        amount = None if measure in done else _amount(aim, event, at_ms)
        if amount is None:
            continue
        done.add(measure)
        oldest_ms = _before(aim, now_ms)
        start_ms = period_of(at_ms, aim.per, aim.zone).starts_ms
        if start_ms < oldest_ms:
            continue
        meter = atom.meters.get(measure)
        if meter is None:
            meter = atom.meters[measure] = _from_purchases(aim, atom.profile.bought)
        for old_ms in [old_ms for old_ms in meter if old_ms < oldest_ms]:
            del meter[old_ms]
        total = meter.get(start_ms, 0) + amount
        meter[start_ms] = max(-LARGEST_SUM, min(LARGEST_SUM, total))


def _before(aim: Aim, now_ms: int) -> int:
    """When the period before the present one began."""
    return period_before(period_of(now_ms, aim.per, aim.zone), aim.per, aim.zone).starts_ms


def _of_purchases(aim: Aim) -> bool:
    return aim.kind == "spend_at_most" or (aim.what == _ORDERS and not aim.quantity)


def _amount(aim: Aim, event: Event, at_ms: int) -> int | None:
    """What an event adds to an aim's figure, in thousandths; None where it does not matter to it."""
    if _of_purchases(aim):
        return _bought(aim, purchase(event, at_ms)) if event.kind in SPENT else None
    if aim.kind != "use_less" or event.kind != aim.what or at_ms < aim.since_ms:
        return None
    if aim.category and aim.category not in parts_of(event.facts):
        return None
    if not aim.quantity:
        return THOUSAND
    quantity = number(event.facts.get(aim.quantity))
    return None if quantity is None else bounded(quantity)


def _bought(aim: Aim, one: Bought) -> int | None:
    amount: int | None = one.amount
    if aim.category:
        amount = dict(one.parts).get(aim.category)
    if aim.kind == "spend_at_most" or amount is None:
        return amount
    return THOUSAND if one.n else None


def _from_purchases(aim: Aim, bought: Iterable[Bought]) -> dict[int, int]:
    """What the purchases that a profile kept come to, by the start of the period; empty for other aims."""
    sums: dict[int, int] = {}
    if not _of_purchases(aim):
        return sums
    for one in bought:
        amount = _bought(aim, one)
        if amount is not None:
            start_ms = period_of(one.at_ms, aim.per, aim.zone).starts_ms
            sums[start_ms] = sums.get(start_ms, 0) + amount
    return sums


# --- where they stand ----------------------------------------------------------------------------


def balances(atoms: Sequence[AtomState], now_ms: int) -> tuple[Balance, ...]:
    """Every aim that holds now, with what was used in its present period and what limits it."""
    for atom in atoms:
        if atom.aims:
            return tuple(_balance(aim, atoms, now_ms) for aim in live(atoms, now_ms))
    return ()


def _balance(aim: Aim, atoms: Sequence[AtomState], now_ms: int) -> Balance:
    now = period_of(now_ms, aim.per, aim.zone)
    if aim.kind == "goal":
        return Balance(aim, 0, None, aim.at_ms, aim.until_ms)
    if aim.kind == "contacts_at_most":
        contacts = [contact.at_ms for atom in atoms for contact in atom.contacts]
        n = sum(now.starts_ms <= at_ms < now.ends_ms for at_ms in contacts)
        return Balance(aim, n * THOUSAND, aim.most, *now)
    most = aim.most
    if aim.percent_below is not None:
        former = period_before(now, aim.per, aim.zone).starts_ms
        used = _used(aim, atoms, former)
        # A share of a period that was not counted whole, or in which nothing was used, is no limit.
        whole = _of_purchases(aim) or aim.since_ms <= former
        most = used * (_PERCENT - aim.percent_below) // _PERCENT if whole and used > 0 else None
    return Balance(aim, _used(aim, atoms, now.starts_ms), most, *now)


def _used(aim: Aim, atoms: Sequence[AtomState], start_ms: int) -> int:
    measure, used = aim.measure, 0
    for atom in atoms:
        meter = atom.meters.get(measure)
        if meter is None:
            meter = _from_purchases(aim, atom.profile.bought)
        used += meter.get(start_ms, 0)
    return used
