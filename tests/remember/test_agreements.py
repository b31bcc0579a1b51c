"""Agreements cap what a person allows; one counter-offer at most; nothing widens by a prohibition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from equipoise.nouns.agreements import (
    ACCEPTED,
    ENDED,
    EXPIRED,
    OFFERED,
    PORTABILITY,
    PROFILING,
    REFUSED,
    ROSTER,
    SERVICE,
    UNCAPPED,
    Agreed,
    Negotiate,
    Policy,
    Signal,
)
from equipoise.nouns.rules import Rules
from equipoise.nouns.sheet import Here, Sheet
from equipoise.nouns.state import AtomState, PersonState, Terms
from equipoise.remember.agreements import (
    MOST_TALKS,
    OFFER_MS,
    NotAgreed,
    barred,
    came_of,
    cap,
    in_force,
    negotiate,
    signalled,
)

T_MS = 1_790_000_000_000
NAMES = sorted(ROSTER)
SERVICE_DATA = [name for name in NAMES if name.startswith("SD-")]


def atom(number=16, joined=0, known=False, **agreed: Agreed) -> AtomState:
    terms = Terms(agreed=dict(agreed.items()))
    return AtomState(id=number, joined_seq=joined, known=known, terms=terms)


def chosen(name: str, at: int = 0, seq: int = 16, until: int = 0, trust="server") -> Agreed:
    return Agreed(name, T_MS + at, seq, until, trust)


def talk(state, does, *, at=0, seq=32, policy=None, trust="server", **said):
    here = Here(seq, T_MS + at, Sheet())
    rules = Rules(policy=policy or Policy())
    spoken = Negotiate(does=does, handles=(), **said)
    return negotiate(state, state.atoms[0], spoken, trust, rules, here)


def test_nobody_who_chose_nothing_is_capped():
    assert cap([atom()], T_MS, UNCAPPED) == UNCAPPED
    assert cap([atom()], T_MS, SERVICE) == SERVICE


@pytest.mark.parametrize("name", SERVICE_DATA)
def test_an_agreement_allows_what_its_row_says_and_nothing_else(name):
    assert cap([atom(SD=chosen(name))], T_MS, UNCAPPED) == ROSTER[name].mask


def test_a_contribution_stands_beside_and_takes_nothing_away():
    only = atom(**{"PDC-INTENT": chosen("PDC-INTENT")})
    assert cap([only], T_MS, UNCAPPED) == UNCAPPED | ROSTER["PDC-INTENT"].mask
    both = atom(SD=chosen("SD-BASE"), **{"PDC-AI": chosen("PDC-AI")})
    assert cap([both], T_MS, UNCAPPED) == SERVICE | ROSTER["PDC-AI"].mask


def test_an_agreement_ends_when_it_says():
    ending = [atom(SD=chosen("SD-BASE", until=T_MS + 10))]
    assert cap(ending, T_MS + 9, UNCAPPED) == SERVICE
    assert cap(ending, T_MS + 10, UNCAPPED) == UNCAPPED


def test_over_a_join_the_narrower_counts_until_a_later_one_is_chosen():
    narrow, wide = chosen("SD-BASE", at=1), chosen("SD-BASE-ATP", at=2, seq=32)
    joined = [atom(SD=narrow), atom(32, joined=48, SD=wide)]
    assert cap(joined, T_MS, UNCAPPED) == SERVICE
    later = chosen("SD-BASE-ATP", at=3, seq=64)
    assert cap([joined[0], atom(32, joined=48, SD=later)], T_MS, UNCAPPED) & PROFILING


@given(
    st.lists(
        st.tuples(st.sampled_from(SERVICE_DATA), st.integers(0, 9), st.integers(0, 9)), max_size=3
    ),
    st.sampled_from([UNCAPPED, SERVICE]),
)
def test_one_more_narrow_agreement_on_another_atom_never_allows_more(told, default):
    atoms = [
        atom(16 * place, joined=16 * joined, SD=chosen(name, at=at, seq=16 * at))
        for place, (name, at, joined) in enumerate(told, 1)
    ]
    before = cap(atoms, T_MS, default)
    after = cap([*atoms, atom(999, SD=chosen("SD-BASE", at=99, seq=1))], T_MS, default)
    if told:
        assert not (after & ~before & ~PORTABILITY)
    assert not (after & ~(before | SERVICE | PORTABILITY))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(ROSTER)),
            st.integers(0, 3),
            st.sampled_from([0, T_MS + 5, T_MS + 50]),
            st.sampled_from(["server", "public"]),
        ),
        max_size=3,
    ),
    st.booleans(),
    st.sampled_from([UNCAPPED, ROSTER["SD-BASE"].mask]),
)
def test_an_agreement_that_ended_changes_nothing(told, known, default):
    """So the short way, for those who chose one agreement, ends where the long way does."""
    atoms = [
        AtomState(
            id=16 + place,
            known=known,
            terms=Terms(agreed={ROSTER[name].family: chosen(name, at, 16, until, trust)}),
        )
        for place, (name, at, until, trust) in enumerate(told)
    ] or [AtomState(id=16, known=known)]
    ended = [
        AtomState(id=30 + n, terms=Terms(agreed={"SD": chosen("SD-BASE", 1, 17, until=T_MS + 2)}))
        for n in range(2)
    ]
    assert cap([*atoms, *ended], T_MS + 10, default) == cap(atoms, T_MS + 10, default)


def test_what_a_browser_chose_widens_nothing_once_the_person_is_known():
    wide = chosen("SD-BASE-ATP", trust="public")
    assert cap([atom(SD=wide)], T_MS, SERVICE) & PROFILING
    assert not cap([atom(SD=wide, known=True)], T_MS, SERVICE) & PROFILING


def test_signals_of_any_atom_bar_and_the_later_one_of_a_name_counts():
    one, other = atom(), atom(32)
    assert signalled(one, "gpc", Signal(96, T_MS, 16))
    assert not signalled(one, "gpc", Signal(0, T_MS - 1, 16)), "it comes late"
    assert barred([one, other]) == 96
    assert not signalled(one, "gpc", Signal(0, T_MS, 32)), "deny wins a tie"
    assert signalled(one, "gpc", Signal(0, T_MS + 1, 48))
    assert barred([one, other]) == 0


def test_the_same_nonce_finds_its_first_answer():
    state = PersonState([atom()])
    first = talk(state, "proffer", agreement="SD-BASE", nonce="n")
    assert talk(state, "proffer", agreement="SD-BASE", nonce="n", seq=64) is first
    assert talk(state, "proffer", agreement="SD-BASE", nonce="m", seq=64).seq == 64


def test_an_offer_that_is_answered_too_late_has_expired():
    state = PersonState([atom()])
    policy = Policy(("SD-BASE-A",), "SD-BASE-A")
    offered = talk(state, "proffer", agreement="SD-BASE", policy=policy)
    late = talk(state, "accept", id=offered.id, at=OFFER_MS + 1, seq=48, policy=policy)
    assert late.status == EXPIRED
    assert state.atoms[0].terms.agreed == {}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"does": "proffer", "agreement": "TPR"}, "agreement_unknown"),
        ({"does": "proffer", "agreement": ""}, "agreement_unknown"),
        ({"does": "proffer", "agreement": "SD-BASE", "until_ms": 1}, "agreement_malformed"),
        ({"does": "accept", "id": "n_99"}, "negotiation_unknown"),
    ],
)
def test_what_cannot_be_answered_is_told_why_and_changes_nothing(said, code):
    state = PersonState([atom()])
    with pytest.raises(NotAgreed) as fault:
        talk(state, **said)
    assert fault.value.code == code
    assert state == PersonState([atom()])


@pytest.mark.parametrize("name", ["SD-BASE", "PDC-AI"])
def test_what_was_agreed_is_ended_by_its_negotiation_and_holds_no_more(name):
    state = PersonState([atom()])
    agreed = talk(state, "proffer", agreement=name)
    assert cap(state.atoms, T_MS, UNCAPPED) != UNCAPPED
    ended = talk(state, "end", id=agreed.id, seq=48)
    assert (ended.status, ended.closed_seq, ended.chosen) == (ENDED, 48, "")
    assert cap(state.atoms, T_MS, UNCAPPED) == UNCAPPED
    with pytest.raises(NotAgreed, match="stands for no agreement in force") as fault:
        talk(state, "end", id=agreed.id, seq=64)
    assert fault.value.code == "agreement_not_in_force"


def test_a_counter_offer_that_was_accepted_is_ended_as_well():
    state, policy = PersonState([atom()]), Policy((), "SD-BASE-A")
    offered = talk(state, "proffer", agreement="SD-BASE", policy=policy)
    with pytest.raises(NotAgreed, match="accepted"):
        talk(state, "end", id=offered.id, seq=40)
    talk(state, "accept", id=offered.id, seq=48, policy=policy)
    talk(state, "end", id=offered.id, seq=64)
    assert state.atoms[0].terms.agreed == {}


def test_only_the_agreement_that_is_in_force_can_be_ended():
    state = PersonState([atom()])
    first = talk(state, "proffer", agreement="SD-BASE")
    talk(state, "proffer", agreement="SD-BASE-A", seq=48)
    with pytest.raises(NotAgreed):
        talk(state, "end", id=first.id, seq=64)
    assert state.atoms[0].terms.agreed["SD"].id == "SD-BASE-A"


def test_an_agreement_that_was_replaced_over_a_join_does_not_come_back_by_an_end():
    older, newer = atom(16, joined=0, SD=chosen("SD-BASE", seq=20)), atom(32, joined=40)
    state = PersonState([newer, older])
    last = talk(state, "proffer", agreement="SD-BASE-ATP", at=5, seq=48)
    assert cap(state.atoms, T_MS + 5, UNCAPPED) & PROFILING
    talk(state, "end", id=last.id, at=6, seq=64)
    assert cap(state.atoms, T_MS + 6, UNCAPPED) == UNCAPPED
    assert in_force(state.atoms, T_MS + 6) == []


def test_a_browser_ends_a_contribution_of_a_known_person_and_nothing_that_holds_the_house_back():
    state = PersonState([atom(known=True)])
    capped = talk(state, "proffer", agreement="SD-BASE")
    given = talk(state, "proffer", agreement="PDC-AI", seq=48)
    before = dict(state.atoms[0].terms.agreed)
    with pytest.raises(NotAgreed) as fault:
        talk(state, "end", id=capped.id, seq=64, trust="public")
    assert fault.value.code == "public_cannot_grant"
    assert state.atoms[0].terms.agreed == before
    talk(state, "end", id=given.id, seq=80, trust="public")
    assert list(state.atoms[0].terms.agreed) == ["SD"]


def test_a_negotiation_whose_agreement_is_in_force_is_kept_however_many_follow():
    state = PersonState([atom()])
    given = talk(state, "proffer", agreement="PDC-GOOD")
    for n in range(2 * MOST_TALKS):
        talk(state, "proffer", agreement="SD-BASE", seq=48 + 16 * n)
    assert len(state.atoms[0].terms.talks) == MOST_TALKS
    assert came_of(state.atoms[0], state.atoms[0].terms.agreed["PDC-GOOD"]) == given.id
    assert talk(state, "end", id=given.id, seq=4096).status == ENDED


class Negotiating(RuleBasedStateMachine):
    """A person who proffers, answers and ends in any order, against a house with any policy."""

    def __init__(self) -> None:
        super().__init__()
        self.state = PersonState([atom()])
        self.seq = 16
        self.offers: dict[str, int] = {}
        self.closed: dict[str, str] = {}
        self.last = ""

    def _said(self, does, policy, **said):
        self.seq += 16
        told = talk(self.state, does, seq=self.seq, at=self.seq, policy=policy, **said)
        assert told.status in (ACCEPTED, OFFERED, REFUSED, ENDED)
        if told.status != ENDED:
            assert self.closed.get(told.id, told.status) == told.status, "what is closed stays so"
        if told.status == OFFERED:
            self.offers[told.id] = self.offers.get(told.id, 0) + 1
        else:
            self.closed[told.id] = told.status
        self.last = told.id
        return told

    @rule(
        name=st.sampled_from(NAMES),
        accepts=st.sets(st.sampled_from(NAMES)),
        counter=st.sampled_from(["", *NAMES]),
    )
    def proffer(self, name, accepts, counter):
        told = self._said("proffer", Policy(tuple(accepts), counter), agreement=name)
        if told.status == ACCEPTED:
            assert name in accepts
        if told.status == OFFERED:
            assert told.counter == counter != name
            assert ROSTER[counter].family == ROSTER[name].family, (
                "a contribution gets no other terms"
            )

    @precondition(lambda self: self.last)
    @rule(does=st.sampled_from(["accept", "refuse"]))
    def answer(self, does):
        if self.last in self.closed:
            with pytest.raises(NotAgreed) as fault:
                self._said(does, Policy(), id=self.last)
            assert fault.value.code == "negotiation_closed"
        else:
            told = self._said(does, Policy(), id=self.last)
            assert told.status == (ACCEPTED if does == "accept" else REFUSED)

    @precondition(lambda self: self.last)
    @rule()
    def end(self):
        chooser = self.state.atoms[0]
        held = [one for one in chooser.terms.agreed.values() if came_of(chooser, one) == self.last]
        if held:
            assert self._said("end", Policy(), id=self.last).status == ENDED
            assert held[0] not in chooser.terms.agreed.values()
        else:
            with pytest.raises(NotAgreed) as fault:
                self._said("end", Policy(), id=self.last)
            assert fault.value.code == "agreement_not_in_force"

    @invariant()
    def at_most_one_counter_offer_each(self):
        assert all(times == 1 for times in self.offers.values())

    @invariant()
    def what_is_in_force_was_accepted(self):
        assert len(self.state.atoms[0].terms.talks) <= MOST_TALKS
        for agreed in self.state.atoms[0].terms.agreed.values():
            assert self.closed[came_of(self.state.atoms[0], agreed)] == ACCEPTED
            assert agreed.id in ROSTER


TestNegotiating = Negotiating.TestCase
