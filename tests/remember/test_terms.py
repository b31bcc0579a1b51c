"""Later wins, deny wins ties; nobody grants from the future, and a browser for nobody we know."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.events import Event
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember.terms import LONGEST_NAME, MOST_STANCES, fold_terms, is_terms
from equipoise.remember.view import View

T_MS = 1_790_000_000_000
HASH = sha256(b"We write once a month.").hexdigest()


def said(kind: str, at: int = 0, *, received: int | None = None, trust="server", **facts) -> Event:
    """A terms event that happened `at` ms after the start, and arrived when told or at once."""
    arrived_ms = T_MS + (at if received is None else received)
    return Event(
        # A grant's id is the greater, so that a tie cannot go to the denial by its id alone.
        id=f"{kind == 'terms.granted'}/{kind}/{at}/{received}/{trust}/{sorted(facts.items(), key=repr)}",
        kind=kind,
        channel="web",
        source="site",
        at_ms=T_MS + at,
        received_ms=arrived_ms,
        handles=(),
        facts=facts,
        trust=trust,
    )


def granted(at: int = 0, **more) -> Event:
    """The person grants marketing, on all channels if none is told."""
    return said("terms.granted", at, **{"purpose": "marketing", **more})


def withdrawn(at: int = 0, **more) -> Event:
    """The person withdraws marketing, on all channels if none is told."""
    return said("terms.withdrawn", at, **{"purpose": "marketing", **more})


def person(*, known: bool = True) -> PersonState:
    """A person of one atom."""
    return PersonState(atoms=[AtomState(id=1, known=known)])


def fold(state: PersonState, *events: Event) -> list[str]:
    """Fold events in order into the newest atom; the codes of what was refused."""
    refused = [
        fold_terms(state, state.atoms[-1], event, seq) for seq, event in enumerate(events, 10)
    ]
    return [item.code for item in refused if item is not None]


def allowed(state: PersonState, purpose: str = "marketing", channel: str = "email") -> bool | None:
    """What the person's answers come to: yes, no, or no answer."""
    stance = View(state, T_MS, Rules()).stance(purpose, channel)
    return None if stance is None else stance.granted


@pytest.mark.parametrize(
    ("events", "answer"),
    [
        ([], None),
        ([granted()], True),
        ([withdrawn()], False),
        ([said("terms.objected", purpose="marketing")], False),
        ([granted(1), withdrawn(2)], False),
        ([withdrawn(1), granted(2)], True),
        ([granted(2), withdrawn(1)], True),
        ([granted(1), withdrawn(1)], False),
        ([withdrawn(1), granted(1)], False),
        # Channels and purposes: a grant lifts what is as wide or wider, and nothing narrower.
        ([granted(1, channel="sms")], None),
        ([granted(1, channel="email")], True),
        ([withdrawn(1, channel="sms"), granted(2)], True),
        ([withdrawn(1, channel="email"), granted(2)], False),
        ([withdrawn(1, channel="email"), granted(2, channel="email")], True),
        ([granted(1), withdrawn(2, channel="email")], False),
        ([granted(1, channel="email"), withdrawn(2)], False),
        ([withdrawn(1), granted(2, channel="email")], True),
        ([granted(1), withdrawn(2, purpose="*", channel="email")], False),
        ([granted(1), withdrawn(2, purpose="*", channel="sms")], True),
        ([granted(1, channel="email"), withdrawn(2, purpose="*")], False),
        ([withdrawn(1, purpose="*", channel="email"), granted(2)], False),
        ([withdrawn(1, purpose="*", channel="email"), granted(2, channel="email")], True),
        ([withdrawn(1, purpose="*"), granted(2)], True),
        ([withdrawn(1, purpose="surveys"), granted(0)], True),
    ],
)
def test_what_answers_come_to(events, answer):
    state = person()
    assert fold(state, *events) == []
    assert allowed(state) is answer


def test_unsubscribing_in_a_mail_program_stops_mail_and_nothing_else():
    for kind in ("Unsubscribed", "Email Unsubscribed", "Email Marked as Spam"):
        state = person()
        fold(state, granted(1), said(kind, 2))
        assert (allowed(state), allowed(state, channel="sms")) == (False, True)


def test_unsubscribing_from_a_topic_leaves_the_others():
    state = person()
    fold(state, granted(1), granted(1, purpose="news"), said("Unsubscribed", 2, topic="news"))
    assert (allowed(state, "news"), allowed(state)) == (False, True)


def test_a_complaint_of_spam_is_about_all_mail_whatever_its_topic():
    state = person()
    fold(state, granted(1), said("Email Marked as Spam", 2, topic="news"))
    assert allowed(state) is False


def test_only_kinds_of_terms_are_read():
    assert is_terms("Unsubscribed")
    assert not is_terms("page")
    state = person()
    assert fold(state, said("page", purpose="marketing")) == []
    assert state.atoms[0].terms.stances == {}


# --- time and trust ------------------------------------------------------------------------------


def test_a_grant_from_the_future_counts_from_its_arrival():
    state = person()
    fold(state, granted(1_000, received=5), withdrawn(6))
    assert allowed(state) is False


def test_a_server_may_tell_late_and_it_counts_from_when_it_happened():
    state = person()
    fold(state, withdrawn(5), granted(3, received=9))
    assert allowed(state) is False


def test_a_browser_can_neither_back_date_nor_be_back_dated():
    """A browser's clock proves nothing: what it says counts from its arrival."""
    state = person(known=False)
    fold(state, granted(5, trust="public"), withdrawn(1, received=7, trust="public"))
    assert allowed(state) is False


def test_a_browser_grants_for_somebody_nobody_knows():
    state = person(known=False)
    assert fold(state, granted(trust="public")) == []
    assert allowed(state) is True


def test_a_browser_cannot_grant_for_a_known_person_and_is_told_so():
    state = person()
    assert fold(state, withdrawn(1), granted(2, trust="public")) == ["public_cannot_grant"]
    assert allowed(state) is False


def test_a_browsers_grant_stops_counting_when_the_person_becomes_known():
    state = person(known=False)
    fold(state, granted(trust="public"))
    state.atoms[0].known = True
    assert allowed(state) is None


def test_a_browsers_grant_does_not_wipe_out_what_a_server_told():
    """Once the person is known the browser's grant is void, and the older answers stand again."""
    for told, answer in ((withdrawn(1), False), (granted(1), True)):
        state = person(known=False)
        fold(state, told, granted(2, trust="public"))
        assert allowed(state) is True
        state.atoms[0].known = True
        assert allowed(state) is answer


def test_a_denial_is_taken_from_anybody():
    state = person()
    assert fold(state, granted(1), withdrawn(2, trust="public")) == []
    assert allowed(state) is False


# --- what cannot be read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (said("terms.granted"), "'purpose' needs a text"),
        (said("terms.withdrawn", purpose=""), "'purpose' needs a text"),
        (said("terms.objected", purpose=7), "got 7"),
        (said("terms.granted", purpose="a|b"), "without '|'"),
        (said("terms.granted", purpose="x" * (LONGEST_NAME + 1)), "1 to 64"),
        (said("terms.granted", purpose="*"), "one purpose by name"),
        (said("terms.granted", purpose="a", channel=None), "'channel' needs a text"),
        (said("terms.granted", purpose="a", notice=[1]), "'notice' needs a text"),
        (said("terms.granted", purpose="a", notice={"sha256": "abc"}), "64 hexadecimal"),
        (said("terms.granted", purpose="a", notice="n", notice_sha256=5), "'notice_sha256' needs"),
        (
            said("terms.granted", purpose="a", notice={"text": "other", "sha256": HASH}),
            "the notice's text has the SHA-256",
        ),
        (said("terms.budget"), "'per_week' needs a whole number"),
        (said("terms.budget", per_week=True), "got True"),
        (said("terms.budget", per_week=-1), "from 0 to"),
        (said("terms.budget", per_week=1.5), "got 1.5"),
        (said("terms.quiet", **{"from": "21:30"}), "'from' and 'to' need local times"),
        (said("terms.quiet", **{"from": "24:00", "to": "07:00"}), "got '24:00'"),
        (said("terms.quiet", **{"from": "9", "to": None}), "got '9'"),
        (said("terms.forgotten"), "Use one of terms.budget"),
        (said("Unsubscribed", topic=3), "'purpose' needs a text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(event, words):
    state = person()
    refused = fold_terms(state, state.atoms[0], event, 1)
    assert refused is not None
    assert refused.code == "terms_malformed"
    assert words in refused.message
    assert (refused.source, refused.id) == ("site", event.id)
    assert (state.atoms[0].terms.stances, state.atoms[0].terms.set_ms) == ({}, 0)


@pytest.mark.parametrize(
    "facts",
    [
        {"notice": {"id": "n1", "sha256": HASH.upper(), "language": "en"}},
        {"notice": {"id": "n1", "text": "We write once a month.", "language": "en"}},
        {"notice": "n1", "notice_sha256": HASH, "language": "en"},
        {"notice": {"id": "n1"}, "notice_sha256": HASH, "language": "en"},
    ],
)
def test_the_notice_that_was_served_is_kept_with_the_grant(facts):
    state = person()
    fold(state, granted(**facts))
    stance = state.atoms[0].terms.stances["marketing|*"]
    assert (stance.notice, stance.notice_sha256, stance.language) == ("n1", HASH, "en")


def test_room_for_answers_is_bounded_but_never_for_a_denial():
    state = person()
    fold(state, *(granted(1, purpose=f"p{n}") for n in range(MOST_STANCES)))
    assert fold(state, granted(2, purpose="one more")) == ["terms_too_many"]
    assert fold(state, withdrawn(3, purpose="another", channel="email")) == []
    assert allowed(state, "another") is False
    assert len(state.atoms[0].terms.stances) == MOST_STANCES + 1


def test_countless_denials_end_in_one_for_everything():
    state = person()
    fold(state, *(withdrawn(1, purpose="a", channel=f"c{n}") for n in range(3 * MOST_STANCES)))
    assert len(state.atoms[0].terms.stances) == 2 * MOST_STANCES + 1
    assert allowed(state, "anything", "anywhere") is False


# --- the law -------------------------------------------------------------------------------------

WHEN = st.integers(0, 6)
ANSWERS = st.builds(
    said,
    st.sampled_from(["terms.granted", "terms.withdrawn"]),
    WHEN,
    received=WHEN,
    trust=st.sampled_from(["server", "public"]),
    purpose=st.sampled_from(["marketing", "news", "*"]),
    channel=st.sampled_from(["email", "sms", "*"]),
)
DENIALS = ANSWERS.filter(lambda event: event.kind == "terms.withdrawn")
# Which of three atoms an answer falls on; atom 2 joins before it, atom 3 in the middle.
PLACES = st.integers(0, 2)


def joined(history: list[tuple[int, Event]], *, known: bool) -> PersonState:
    """The person that a history leads to: seqs count by ten, and atoms join at 5 and 45."""
    state = PersonState(
        atoms=[
            AtomState(id=1, known=known),
            AtomState(id=2, joined_seq=5),
            AtomState(id=3, joined_seq=45),
        ]
    )
    for place, (atom, event) in enumerate(history):
        fold_terms(state, state.atoms[atom], event, place * 10)
    return state


@settings(max_examples=250, deadline=None)
@given(
    st.lists(st.tuples(PLACES, ANSWERS), max_size=9),
    st.tuples(PLACES, DENIALS),
    st.integers(0, 9),
    st.booleans(),
)
def test_adding_a_denial_never_turns_no_into_yes(history, denial, place, known):
    place = min(place, len(history))
    # The other answers keep their numbers: the denial takes the place of an event of no terms.
    nothing = (0, said("page"))
    without = joined([*history[:place], nothing, *history[place:]], known=known)
    with_it = joined([*history[:place], denial, *history[place:]], known=known)
    for purpose in ("marketing", "news"):
        for channel in ("email", "sms"):
            before = allowed(without, purpose, channel)
            after = allowed(with_it, purpose, channel)
            assert after is not True or before is True
            assert before is not False or after is False


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(PLACES, ANSWERS), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter_to_one_atom(history, draw):
    events = [event for _, event in history]
    shuffled = list(events)
    draw.shuffle(shuffled)
    one, other = person(known=False), person(known=False)
    fold(one, *events)
    fold(other, *shuffled)
    for channel in ("email", "sms"):
        assert allowed(one, channel=channel) is allowed(other, channel=channel)
