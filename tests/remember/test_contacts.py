"""A contact is charged once, given back once, and forgotten when no budget looks at it."""

from equipoise.nouns.decisions import Decision, Moment
from equipoise.nouns.plays import Option
from equipoise.nouns.state import AtomState, Contact
from equipoise.remember import contacts

DAY_MS = 86_400_000
MAIL = Option(name="mail")


def decided(seq: int, at_ms: int) -> Decision:
    """A decision of the play `welcome` with this number at this time."""
    return Decision(
        seq=seq,
        person=1,
        atom=1,
        play="welcome",
        version="v",
        purpose="marketing",
        moment=Moment(id="m", kind="k", event="e", channel="web", at_ms=at_ms, opened_ms=at_ms),
        weighed=(),
        chosen="mail",
        outcome="act",
        reason="chosen",
        chooser="uniform",
        draw=0.5,
        at_ms=at_ms,
    )


def test_a_contact_is_charged_to_its_play_and_channel():
    atom = AtomState(id=1)
    charged = contacts.reserve(atom, decided(7, 1_000), MAIL)
    assert atom.contacts == [charged] == [Contact(1_000, 7, "welcome", "email")]


def test_a_contact_is_given_back_once():
    atom = AtomState(id=1)
    for seq in (7, 8):
        contacts.reserve(atom, decided(seq, seq), MAIL)
    assert contacts.release(atom, 7) == Contact(7, 7, "welcome", "email")
    assert contacts.release(atom, 7) is None
    assert [contact.decision for contact in atom.contacts] == [8]


def test_what_was_given_back_for_a_moment_returns_to_its_place():
    atom = AtomState(id=1)
    for seq in (7, 8):
        contacts.reserve(atom, decided(seq, seq), MAIL)
    contacts.restore(atom, contacts.release(atom, 7))
    contacts.restore(atom, contacts.release(atom, 99))
    assert [contact.decision for contact in atom.contacts] == [7, 8]


def test_a_contact_is_kept_for_every_budget_and_not_longer():
    atom = AtomState(id=1)
    contacts.reserve(atom, decided(1, 0), MAIL)
    contacts.reserve(atom, decided(2, DAY_MS), MAIL)
    contacts.prune(atom, 32 * DAY_MS - 1)
    assert [contact.decision for contact in atom.contacts] == [1, 2]
    contacts.reserve(atom, decided(3, 32 * DAY_MS), MAIL)
    assert [contact.decision for contact in atom.contacts] == [2, 3]
