"""A person and the house come to terms: negotiations, and signals of the person's software."""

import msgspec

from equipoise.account import receipts
from equipoise.account.agreements import agreement_receipt, agreement_record
from equipoise.canon import canonical
from equipoise.nouns.agreements import CROSS_SITE, THIRD_PARTY, Negotiate, Signal, Talk
from equipoise.nouns.events import Event, Trust
from equipoise.nouns.rules import Rules
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember import agreements
from equipoise.remember.stances import effective
from equipoise.remember.terms import deny

GPC_BARS = THIRD_PARTY | CROSS_SITE
"""What Sec-GPC bars: giving data to others, and following a person from site to site."""


class Turn(msgspec.Struct, frozen=True):
    """What the person is told: where the negotiation stands, or why it cannot go on."""

    ok: bool
    id: str = ""
    status: str = ""
    agreement: str = ""
    counter: str = ""
    receipt: int = 0
    code: str = ""
    message: str = ""


def converse(
    state: PersonState, atom: AtomState, said: Negotiate, trust: Trust, rules: Rules, here: Here
) -> Turn:
    """One turn of a negotiation, with its record in a receipt; a repeat finds its first answer."""
    try:
        talk = agreements.negotiate(state, atom, said, trust, rules, here)
    except agreements.NotAgreed as fault:
        return Turn(ok=False, code=fault.code, message=str(fault))
    if here.seq not in (talk.seq, talk.closed_seq):
        return _told(talk, 0)
    here.sheet.count(f"agreement:{talk.status}")
    here.log(atom, "agreement", said)
    seq = here.number()
    record = agreement_record(talk, said, rules.policy)
    body = agreement_receipt(record, seq, state.person, atom.id, here.now_ms)
    here.receipt(atom, seq, canonical(body))
    return _told(talk, seq)


def _told(talk: Talk, receipt: int) -> Turn:
    return Turn(
        ok=True,
        id=talk.id,
        status=talk.status,
        agreement=talk.agreement,
        counter=talk.counter,
        receipt=receipt,
    )


def hear(state: PersonState, atom: AtomState, event: Event, rules: Rules, here: Here) -> bool:
    """Fold `Sec-GPC: 1` of an event, the first time and whenever it was lifted since, with a receipt.

    True where that changed anything.

    It bars the bits `GPC_BARS`, and denies the purposes of `rules.gpc`, if the house reads it so strictly.
    """
    signal = Signal(GPC_BARS, event.received_ms, here.seq)
    old = atom.terms.signals.get(agreements.GPC)
    changed = (old is None or old.bars & GPC_BARS != GPC_BARS) and agreements.signalled(
        atom, agreements.GPC, signal
    )
    for purpose in rules.gpc:
        stance = effective(state.atoms, purpose, "*")
        if stance is None or stance.granted:
            deny(state, atom, event, here.seq, purpose)
            changed = True
    if changed and not here.full():
        said = msgspec.structs.replace(
            event, kind="terms.signal", facts={"signal": agreements.GPC, "method": "Sec-GPC"}
        )
        seq = here.number()
        body = receipts.terms_receipt(said, seq, state.person, atom.id)
        here.receipt(atom, seq, canonical(body))
    return changed


def overhear(state: PersonState, atom: AtomState, trust: Trust, rules: Rules, here: Here) -> bool:
    """As `hear`, for a request that is no event: the signal came with what a page or channel asked."""
    event = Event(
        id=f"asked-{here.seq}",
        kind="terms.signal",
        channel="web",
        source="",
        at_ms=here.now_ms,
        received_ms=here.now_ms,
        handles=(),
        trust=trust,
    )
    return hear(state, atom, event, rules, here)
