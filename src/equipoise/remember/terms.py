"""Events that say what the person allows, folded into the terms of an atom.

A denial is taken from anybody. A grant counts from when it arrived at the earliest that a browser
can prove and never from the future, and a public key cannot grant for a known person. What cannot
be read is refused with a sentence, never passed over.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from equipoise.nouns.agreements import BITS, Signal
from equipoise.nouns.events import Event, Refused
from equipoise.nouns.state import AtomState, PersonState, Stance
from equipoise.remember import agreements, settled
from equipoise.remember.stances import PUBLIC, is_known

MOST_STANCES = 128
"""Answers kept apart on one atom. Beyond it grants are refused and denials are widened."""

LONGEST_NAME = 64
"""The most characters of a purpose or channel."""

MOST_PER_WEEK = 1000
"""The largest weekly budget that makes sense to write down."""

MOST_SIGNALS = 16
"""Signals kept apart on one atom; beyond it all others bar together."""

OTHER_SIGNALS = "other"
"""The name under which signals beyond `MOST_SIGNALS` bar together."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_UNSUBSCRIBED = frozenset(("Unsubscribed", "Email Unsubscribed", "Email Marked as Spam"))
_DENIALS = _UNSUBSCRIBED | {"terms.withdrawn", "terms.objected"}


class _Unreadable(ValueError):
    """A terms event lacks something; the message says what was needed and what came."""


class _Said(NamedTuple):
    """A terms event with what it needs to be folded: where it falls, and since when it counts."""

    state: PersonState
    atom: AtomState
    event: Event
    seq: int
    at_ms: int

    @property
    def unproven(self) -> bool:
        """True where a public key speaks for somebody whom the house knows."""
        return self.event.trust == "public" and is_known(self.state.atoms)


def is_terms(kind: str) -> bool:
    """True for the kinds that `fold_terms` reads: `terms.*`, and how mail programs say "stop".

    >>> is_terms("terms.granted"), is_terms("Email Unsubscribed"), is_terms("page")
    (True, True, False)
    """
    return kind.startswith("terms.") or kind in _UNSUBSCRIBED


def is_denial(kind: str) -> bool:
    """True for the kinds by which a person opts out.

    >>> is_denial("terms.objected"), is_denial("Email Marked as Spam"), is_denial("terms.granted")
    (True, True, False)
    """
    return kind in _DENIALS


def fold_terms(state: PersonState, atom: AtomState, event: Event, seq: int) -> Refused | None:
    """Fold a terms event into `atom`, in place; return why it was refused, or None.

    Kinds: `terms.granted`, `terms.withdrawn`, `terms.objected` (facts `purpose`, `channel`, `notice`),
    `terms.budget` (`per_week`), `terms.quiet` (`from`, `to`), `terms.signal` (`signal`, `bars`), and
    unsubscriptions. Any other kind changes nothing. Later wins, deny wins ties.
    """
    read = _READERS.get(event.kind)
    if read is None:
        if not event.kind.startswith("terms."):
            return None
        read = _unknown
    # A server may tell late of something that happened before; a browser's clock proves nothing.
    at_ms = event.received_ms
    if event.trust == "server":
        at_ms = min(at_ms, event.at_ms)
    try:
        return read(_Said(state, atom, event, seq, at_ms))
    except _Unreadable as fault:
        message = f"{event.kind} {event.id!r} from {event.source!r}: {fault}"
        return _refused(event, "terms_malformed", message)


def _refused(event: Event, code: str, message: str) -> Refused:
    return Refused(
        source=event.source,
        code=code,
        message=message,
        received_ms=event.received_ms,
        id=event.id,
        # With its handles, which an erasure finds it by.
        item=msgspec.json.encode(event)[:4096],
    )


def _cannot_grant(event: Event) -> Refused:
    message = (
        f"{event.kind} {event.id!r} from {event.source!r}: a public key cannot widen what a known "
        "person allows. Send it with a server key after the person has proved who they are."
    )
    return _refused(event, "public_cannot_grant", message)


# --- answers -------------------------------------------------------------------------------------


def _granted(said: _Said) -> Refused | None:
    event, stances = said.event, said.atom.terms.stances
    purpose, channel = _purpose(event.facts), _channel(event.facts)
    if purpose == "*":
        raise _Unreadable("a grant needs one purpose by name, got '*'. Send one grant per purpose")
    stance = _stance(said, granted=True)
    if said.unproven:
        return _cannot_grant(event)
    key = f"{purpose}|{channel}" + (PUBLIC if event.trust == "public" else "")
    if key not in stances and len(stances) >= MOST_STANCES:
        message = (
            f"{event.kind} {event.id!r} from {event.source!r}: the person has answered "
            f"{len(stances)} times, which is the most that is kept. Use fewer purposes and channels."
        )
        return _refused(event, "terms_too_many", message)
    _keep(stances, key, stance)
    return None


def _denied(said: _Said) -> Refused | None:
    facts = said.event.facts
    purpose, channel = _purpose(facts), _channel(facts)
    if facts.get("only") == "granted" and purpose == "*":
        # "Withdraw every consent" leaves alone what never rested on one.
        kept = facts.get("save")
        for name in _granted_purposes(said.state):
            if not isinstance(kept, list) or name not in kept:
                _deny(said, name, channel)
        return None
    _deny(said, purpose, channel)
    return None


def _granted_purposes(state: PersonState) -> list[str]:
    names = {
        key.partition("|")[0]
        for atom in state.atoms
        for key, stance in atom.terms.stances.items()
        if stance.granted
    }
    return sorted(names)


def deny(state: PersonState, atom: AtomState, event: Event, seq: int, purpose: str) -> None:
    """Fold a denial of one purpose on all channels that no event of terms said: a signal did."""
    _deny(_Said(state, atom, event, seq, event.received_ms), purpose, "*")


def _unsubscribed(said: _Said) -> Refused | None:
    facts = said.event.facts
    topic = facts.get("purpose", facts.get("topic"))
    plain = said.event.kind != "Email Marked as Spam" and topic is not None
    _deny(said, _purpose({"purpose": topic}) if plain else "*", "email")
    return None


def _deny(said: _Said, purpose: str, channel: str) -> None:
    stances = said.atom.terms.stances
    key = f"{purpose}|{channel}"
    if key not in stances:
        # Room is bounded and a denial is never refused: one too many speaks for all purposes.
        if len(stances) >= 2 * MOST_STANCES:
            key = "*|*"
        elif len(stances) >= MOST_STANCES:
            key = f"*|{channel}"
    _keep(stances, key, _stance(said, granted=False))


def _keep(stances: dict[str, Stance], key: str, new: Stance) -> None:
    old = stances.get(key)
    if old is None or (new.at_ms, not new.granted, new.event) > (
        old.at_ms,
        not old.granted,
        old.event,
    ):
        stances[key] = new


def _stance(said: _Said, *, granted: bool) -> Stance:
    event = said.event
    notice, digest, language = _notice(event.facts)
    return Stance(
        granted=granted,
        at_ms=said.at_ms,
        seq=said.seq,
        event=event.id,
        trust=event.trust,
        notice=notice,
        notice_sha256=digest,
        language=language,
    )


def _purpose(facts: dict[str, Any]) -> str:
    return _name(facts.get("purpose"), "purpose")


def _channel(facts: dict[str, Any]) -> str:
    return _name(facts.get("channel", "*"), "channel")


def _name(value: Any, fact: str) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if not name or len(name) > LONGEST_NAME or "|" in name:
        raise _Unreadable(
            f"the fact {fact!r} needs a text of 1 to {LONGEST_NAME} characters without '|', "
            f"got {_shown(value)}"
        )
    return name


def _notice(facts: dict[str, Any]) -> tuple[str, str, str]:
    """Id, SHA-256 in hex and language of the notice that was served; empty where it is not told."""
    notice = facts.get("notice")
    nested = notice if isinstance(notice, dict) else {}
    name = nested.get("id", "") if nested else notice
    digest = nested.get("sha256", facts.get("notice_sha256"))
    language = nested.get("language", facts.get("language"))
    text = nested.get("text")
    for value, fact in ((name, "notice"), (digest, "notice_sha256"), (language, "language")):
        if value is not None and (not isinstance(value, str) or len(value) > 256):
            raise _Unreadable(f"the fact {fact!r} needs a text, got {_shown(value)}")
    digest = (digest or "").lower()
    if isinstance(text, str):
        served = sha256(text.encode("utf-8", "replace")).hexdigest()
        if digest and digest != served:
            raise _Unreadable(
                f"the notice's text has the SHA-256 {served}, but {digest} was told. Send the text "
                "that was served, or leave out one of them"
            )
        digest = served
    if digest and not _SHA256.fullmatch(digest):
        raise _Unreadable(f"a SHA-256 needs 64 hexadecimal digits, got {_shown(digest)}")
    return name or "", digest, language or ""


# --- limits --------------------------------------------------------------------------------------


def _budget(said: _Said) -> Refused | None:
    facts, terms = said.event.facts, said.atom.terms
    new = facts.get("per_week", "nothing")
    if new is not None and (type(new) is not int or not 0 <= new <= MOST_PER_WEEK):
        raise _Unreadable(
            f"the fact 'per_week' needs a whole number from 0 to {MOST_PER_WEEK}, or null for no "
            f"budget of one's own, got {_shown(new)}"
        )
    if said.unproven:
        now = settled.per_week(said.state.atoms)
        if now is not None and (new is None or new > now):
            return _cannot_grant(said.event)
    tighter = new is not None and (terms.per_week is None or new < terms.per_week)
    if said.at_ms > terms.set_ms or (said.at_ms == terms.set_ms and tighter):
        terms.per_week, terms.set_ms, terms.set_seq = new, said.at_ms, said.seq
    return None


def _quiet(said: _Said) -> Refused | None:
    facts, terms = said.event.facts, said.atom.terms
    start, end = facts.get("from", "nothing"), facts.get("to", "nothing")
    new = None if start is None and end is None else (_minutes(start), _minutes(end))
    if said.unproven:
        now = settled.quiet(said.state.atoms)
        if now is not None and (new is None or not settled.covers(new, now)):
            return _cannot_grant(said.event)
    if said.at_ms == terms.quiet_ms and terms.quiet is not None:
        new = terms.quiet if new is None else settled.span_of(new, terms.quiet)
    if said.at_ms >= terms.quiet_ms:
        terms.quiet, terms.quiet_ms, terms.quiet_seq = new, said.at_ms, said.seq
    return None


def _signal(said: _Said) -> Refused | None:
    facts = said.event.facts
    name, told = _name(facts.get("signal"), "signal"), facts.get("bars")
    if not isinstance(told, list) or not all(isinstance(bar, str) and bar in BITS for bar in told):
        raise _Unreadable(
            f"the fact 'bars' needs a list of {', '.join(BITS)} (empty: the signal bars nothing any "
            f"more), got {_shown(told)}"
        )
    bars = 0
    for bar in told:
        bars |= BITS[bar]
    signals = said.atom.terms.signals
    old = signals.get(name)
    if said.unproven and old is not None and old.bars & ~bars:
        return _cannot_grant(said.event)
    if old is None and len(signals) >= MOST_SIGNALS:
        name = OTHER_SIGNALS
        bars |= signals[name].bars if name in signals else 0
    agreements.signalled(said.atom, name, Signal(bars, said.at_ms, said.seq))
    return None


def _minutes(value: Any) -> int:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise _Unreadable(
            "the facts 'from' and 'to' need local times such as \"21:30\" (both null for no quiet "
            f"hours of one's own), got {_shown(value)}"
        )
    return int(found[1]) * 60 + int(found[2])


def _unknown(_said: _Said) -> Refused | None:
    known = ", ".join(sorted(kind for kind in _READERS if kind.startswith("terms.")))
    raise _Unreadable(f"there is no such kind of terms. Use one of {known}")


def _shown(value: Any) -> str:
    return repr(value)[:80]


_READERS: dict[str, Callable[[_Said], Refused | None]] = {
    "terms.granted": _granted,
    "terms.withdrawn": _denied,
    "terms.objected": _denied,
    "terms.budget": _budget,
    "terms.quiet": _quiet,
    "terms.signal": _signal,
    **dict.fromkeys(_UNSUBSCRIBED, _unsubscribed),
}
