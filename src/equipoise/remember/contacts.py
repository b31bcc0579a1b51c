"""The budget of attention: a contact is charged when it is decided, and given back when it does not leave."""

from equipoise.nouns.decisions import Decision
from equipoise.nouns.plays import Option
from equipoise.nouns.state import AtomState, Contact

KEPT_MS = 32 * 86_400_000
"""How long a contact is kept: the longest month, in which a person may limit them, and a day for what is
on its way."""


def reserve(atom: AtomState, decision: Decision, option: Option) -> Contact:
    """Charge the contact of a decision, and forget those that no budget looks at any more."""
    prune(atom, decision.at_ms)
    contact = Contact(decision.at_ms, decision.seq, decision.play, option.channel)
    atom.contacts.append(contact)
    return contact


def release(atom: AtomState, decision: int) -> Contact | None:
    """Give back the contact of the decision with this number; None where there is none."""
    for place, contact in enumerate(atom.contacts):
        if contact.decision == decision:
            return atom.contacts.pop(place)
    return None


def restore(atom: AtomState, contact: Contact | None) -> None:
    """Charge again what `release` gave back; None charges nothing."""
    if contact is not None:
        atom.contacts.append(contact)
        atom.contacts.sort(key=lambda other: (other.at_ms, other.decision))


def prune(atom: AtomState, now_ms: int) -> None:
    """Forget contacts older than 32 days."""
    if atom.contacts and min(contact.at_ms for contact in atom.contacts) <= now_ms - KEPT_MS:
        atom.contacts = [contact for contact in atom.contacts if contact.at_ms > now_ms - KEPT_MS]
