"""The agreements a person chose from the roster, and what they and the person's signals come to.

Over several atoms the narrowest agreement counts, except that one gives way to a later one that was
chosen when both atoms were already one person. What nobody chose is decided by stances and basis alone.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from equipoise.nouns.agreements import (
    ACCEPTED,
    CONTRIBUTIONS,
    ENDED,
    EXPIRED,
    OFFERED,
    PORTABILITY,
    REFUSED,
    ROSTER,
    Agreed,
    Agreement,
    Negotiate,
    Signal,
    Talk,
)
from equipoise.nouns.events import Trust
from equipoise.nouns.rules import Rules
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember.stances import is_known

MOST_TALKS = 8
"""Negotiations kept on one atom; the oldest without an agreement in force goes first. Its record stays."""

OFFER_MS = 30 * 86_400_000
"""How long a counter-offer stands."""

GPC = "gpc"
"""The name under which the signal of the header `Sec-GPC` is kept."""


_CAPS = {name: one.mask for name, one in ROSTER.items() if one.family == "SD"}


class NotAgreed(ValueError):
    """A negotiation cannot go on: `code` is a reason code, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def cap(atoms: Sequence[AtomState], now_ms: int, default: int) -> int:
    """The bits that the person's agreements leave allowed; `default` where they chose none on service data.

    A contribution (PDC-...) adds its bit. A browser's public key can choose for somebody unknown; once
    they are known its choice narrows, and widens nothing.
    """
    if len(atoms) == 1:
        chosen = atoms[0].terms.agreed
    else:
        choices = [atom.terms.agreed for atom in atoms if atom.terms.agreed]
        if len(choices) > 1:
            return _combined(atoms, now_ms, default)
        chosen = choices[0] if choices else {}
    if not chosen:
        return default
    sole = chosen.get("SD")
    # Nearly everybody who chose has chosen one agreement, once.
    if sole is not None and len(chosen) == 1 and sole.trust == "server":
        return _CAPS[sole.id] if sole.until_ms == 0 or now_ms < sole.until_ms else default
    return _combined(atoms, now_ms, default)


def _combined(atoms: Sequence[AtomState], now_ms: int, default: int) -> int:
    """What every agreement in force comes to."""
    chosen = in_force(atoms, now_ms)
    if not chosen:
        return default
    known = is_known(atoms)
    bits, duties, added = -1, 0, 0
    for _, agreed in chosen:
        mask = ROSTER[agreed.id].mask
        if known and agreed.trust == "public":
            mask &= default | PORTABILITY
        if mask & CONTRIBUTIONS or agreed.id.startswith("PDC-"):
            added |= mask
        else:
            bits &= mask
            duties |= mask & PORTABILITY
    return (default if bits == -1 else bits & ~PORTABILITY) | duties | added


def in_force(atoms: Sequence[AtomState], now_ms: int) -> list[tuple[AtomState, Agreed]]:
    """Every agreement that counts now, with the atom that chose it: neither over nor replaced."""
    chosen = [
        (atom, agreed)
        for atom in atoms
        for agreed in atom.terms.agreed.values()
        if agreed.until_ms == 0 or now_ms < agreed.until_ms
    ]
    return [one for one in chosen if not _replaced(*one, chosen)]


def _replaced(atom: AtomState, agreed: Agreed, chosen: Sequence[tuple[AtomState, Agreed]]) -> bool:
    """True where a later choice of the same family, made since the atoms were joined, took its place."""
    family = ROSTER[agreed.id].family
    return any(
        other is not atom
        and ROSTER[later.id].family == family
        and later.at_ms > agreed.at_ms
        and later.seq > max(atom.joined_seq, other.joined_seq)
        for other, later in chosen
    )


def barred(atoms: Sequence[AtomState]) -> int:
    """The bits that signals bar, on any of the atoms."""
    bars = 0
    for atom in atoms:
        signals = atom.terms.signals
        if signals:
            for signal in signals.values():
                bars |= signal.bars
    return bars


def signalled(atom: AtomState, name: str, signal: Signal) -> bool:
    """Keep a signal if it is later than the one known; True where that changes what is barred."""
    old = atom.terms.signals.get(name)
    if old is not None and (old.at_ms, old.seq) > (signal.at_ms, signal.seq):
        return False
    if old is not None and old.at_ms == signal.at_ms:
        # Deny wins a tie.
        signal = Signal(old.bars | signal.bars, signal.at_ms, signal.seq)
    atom.terms.signals[name] = signal
    return (old.bars if old is not None else 0) != signal.bars


# --- negotiating ---------------------------------------------------------------------------------


def negotiate(
    state: PersonState, atom: AtomState, said: Negotiate, trust: Trust, rules: Rules, here: Here
) -> Talk:
    """Answer the person: accept, counter once, or refuse; what was agreed holds from this record on.

    The house answers a proffer by its published policy, so it needs no human and no time. The person
    answers a counter-offer by accepting or refusing it; there is no second one. What was agreed the person
    ends at any time. A proffer with a nonce that was heard gets its first answer again. Raises `NotAgreed`.
    """
    if said.does == "proffer":
        return _proffered(state, atom, said, trust, rules, here)
    owner, talk = _talk(state, said.id)
    if said.does == "end":
        _end(state, owner, talk, trust, rules, here)
        ended = replace(talk, status=ENDED, closed_seq=here.seq)
        owner.terms.talks[talk.id] = ended
        return ended
    if talk.status != OFFERED:
        raise NotAgreed(
            "negotiation_closed",
            f"negotiation {said.id} is closed ({talk.status}). Proffer again to begin another",
        )
    status = ACCEPTED if said.does == "accept" else REFUSED
    if here.now_ms > talk.at_ms + OFFER_MS:
        status = EXPIRED
    if status == ACCEPTED:
        _agree(
            state,
            owner,
            talk.counter,
            Agreed("", here.now_ms, here.seq, talk.until_ms, trust),
            rules,
        )
    closed = replace(talk, status=status, closed_seq=here.seq)
    owner.terms.talks[talk.id] = closed
    return closed


def _end(
    state: PersonState, owner: AtomState, talk: Talk, trust: Trust, rules: Rules, here: Here
) -> None:
    """Put an agreement out of force, with those that it had replaced: none of them comes back by this.

    A public key may end for a known person what allows more than there is without it, such as a
    contribution, and nothing that holds the house back.
    """
    family = ROSTER[talk.chosen].family if talk.chosen else ""
    agreed = owner.terms.agreed.get(family)
    if agreed is None or not _is_of(agreed, talk):
        raise NotAgreed(
            "agreement_not_in_force",
            f"negotiation {talk.id} stands for no agreement in force ({talk.status}): it needs one that was "
            "accepted, and neither replaced nor ended since. Look at what was agreed last",
        )
    before = cap(state.atoms, here.now_ms, rules.default_cap)
    everything = [(atom, one) for atom in state.atoms for one in atom.terms.agreed.values()]
    gone = [
        (atom, one)
        for atom, one in everything
        if one is agreed or (ROSTER[one.id].family == family and _replaced(atom, one, everything))
    ]
    for atom, _ in gone:
        del atom.terms.agreed[family]
    wider = cap(state.atoms, here.now_ms, rules.default_cap) & ~before
    if wider and trust == "public" and is_known(state.atoms):
        for atom, one in gone:
            atom.terms.agreed[family] = one
        raise NotAgreed(
            "public_cannot_grant",
            f"a public key cannot end {agreed.id} for a known person: more would be allowed without it. "
            "Send it with a server key after the person has proved who they are",
        )


def came_of(atom: AtomState, agreed: Agreed) -> str:
    """The id of the negotiation that put this agreement of the atom into force; empty if it is unknown."""
    talks = atom.terms.talks.values()
    return next((talk.id for talk in talks if _is_of(agreed, talk)), "")


def _is_of(agreed: Agreed, talk: Talk) -> bool:
    """True where this negotiation put the agreement into force: by the proffer, or by its acceptance."""
    return agreed.id == talk.chosen and agreed.seq in (talk.seq, talk.closed_seq)


def _proffered(
    state: PersonState, atom: AtomState, said: Negotiate, trust: Trust, rules: Rules, here: Here
) -> Talk:
    for other in state.atoms:
        for talk in other.terms.talks.values():
            if said.nonce and talk.nonce == said.nonce and talk.agreement == said.agreement:
                return talk
    if said.until_ms and said.until_ms <= here.now_ms:
        raise NotAgreed(
            "agreement_malformed", "an agreement needs an end in the future, or none: leave it out"
        )
    _of_roster(said.agreement)
    policy, counter, closed_seq = rules.policy, "", here.seq
    answer = policy.answer(said.agreement)
    if answer == "accept":
        status = ACCEPTED
        agreed = Agreed("", here.now_ms, here.seq, said.until_ms, trust)
        _agree(state, atom, said.agreement, agreed, rules)
    elif answer == "counter":
        status, counter, closed_seq = OFFERED, policy.counter, 0
    else:
        status = REFUSED
    talk = Talk(
        said.agreement,
        counter,
        status,
        here.now_ms,
        here.seq,
        said.nonce,
        said.until_ms,
        closed_seq,
    )
    talks, agreed_here = atom.terms.talks, atom.terms.agreed.values()
    talks[talk.id] = talk
    spare = [one for one in talks.values() if not any(_is_of(a, one) for a in agreed_here)]
    for one in sorted(spare, key=lambda one: one.seq)[: max(0, len(talks) - MOST_TALKS)]:
        del talks[one.id]
    return talk


def _agree(state: PersonState, atom: AtomState, name: str, agreed: Agreed, rules: Rules) -> None:
    """Put an agreement into force; a public key may narrow what a known person allows, not widen it."""
    agreement = _of_roster(name)
    if agreed.trust == "public" and is_known(state.atoms):
        wider = agreement.mask & ~cap(state.atoms, agreed.at_ms, rules.default_cap) & ~PORTABILITY
        if wider:
            raise NotAgreed(
                "public_cannot_grant",
                f"a public key cannot choose {name} for a known person: it allows more than now. "
                "Send it with a server key after the person has proved who they are",
            )
    atom.terms.agreed[agreement.family] = Agreed(
        name, agreed.at_ms, agreed.seq, agreed.until_ms, agreed.trust
    )


def _of_roster(name: str) -> Agreement:
    agreement = ROSTER.get(name)
    if agreement is None:
        raise NotAgreed(
            "agreement_unknown",
            f"the roster has no agreement {name[:80]!r}. Choose one of {', '.join(ROSTER)}",
        )
    return agreement


def _talk(state: PersonState, name: str) -> tuple[AtomState, Talk]:
    for atom in state.atoms:
        talk = atom.terms.talks.get(name)
        if talk is not None:
            return atom, talk
    raise NotAgreed(
        "negotiation_unknown",
        f"this person has no negotiation {name[:80]!r}, or it was too long ago. Proffer again",
    )
