"""What is decided about a read, over values: the gate's order, and who is counted."""

import json

import pytest
from msgspec.structs import replace

from equipoise.nouns.agreements import UNCAPPED
from equipoise.nouns.events import Handle
from equipoise.nouns.intents import Intent
from equipoise.nouns.plays import Compare
from equipoise.nouns.rules import Rules
from equipoise.nouns.shares import ReadShare, StopSharing
from equipoise.nouns.sheet import Here, Sheet
from equipoise.nouns.state import AtomState, Last, PersonState, Profile, Rights, Stance, Terms
from equipoise.remember.view import View
from equipoise.sharing import barred, counts_in, read_person, stop
from equipoise.testing.example_changes import example_share

ADULT = Compare("traits.age", "at_least", 18)
RULES = Rules(default_cap=UNCAPPED)


def person(age=34, rights=None, *, granted=True):
    stance = Stance(granted, 1, 1, "e1")
    return PersonState(
        [
            AtomState(
                7,
                known=True,
                profile=Profile(last={"age": Last(age, 1, "e")}),
                terms=Terms(stances={"partner|*": stance}),
                rights=rights or Rights(),
            )
        ]
    )


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (person(), ""),
        (person(granted=False), "withdrawn"),
        (person(age=12), "prohibited_minor"),
        (person(rights=Rights(restricted=3)), "restricted"),
        (person(rights=Rights(stopped={"*": 3})), "share_stopped"),
        (person(rights=Rights(stopped={"Crèche": 3})), "share_stopped"),
        (person(rights=Rights(stopped={"Another": 3})), ""),
    ],
)
def test_a_person_is_shared_only_where_nothing_stands_against_it(state, reason):
    share = example_share(16)
    assert barred(View(state, 9, RULES), state, share, RULES) == reason
    assert counts_in(state, share, ADULT, RULES, 9) is (not reason)


def test_a_partner_hears_of_an_intent_only_where_it_is_in_the_audience():
    state = person()
    state.atoms[0].intents = [
        Intent(id=name, at_ms=1, seq=1, until_ms=99, category=name, audience=audience)
        for name, audience in (
            ("bike", ("partner:Crèche",)),
            ("boat", ("partner:Another", "house", "staff")),
            ("flat", ("all",)),
        )
    ]
    share = replace(example_share(16), mode="fields", questions=(), fields=("intents",))
    share = replace(share, until_ms=0)
    said = ReadShare(
        share=16,
        token=share.tokens[0].id,
        purpose=share.purpose,
        asked=("intents",),
        handles=(Handle("email", "ana@example.org"),),
    )
    read = read_person((state, state.atoms[0]), share, said, RULES, Here(32, 9, Sheet()))
    assert read.row.reason == ""
    told = json.loads(read.given.fields["intents"])
    assert [one["category"] for one in told] == ["bike", "flat"]
    assert read.given.provenance == {"intents": "stated"}


def test_a_no_is_told_once_kept_at_every_atom_and_lifted_again():
    state = person()
    state.atoms.append(AtomState(8))
    here = Here(16, 5, Sheet())
    assert stop(state, state.atoms[0], StopSharing(), here)
    assert [atom.rights.stopped for atom in state.atoms] == [{"*": 16}] * 2
    assert not stop(state, state.atoms[0], StopSharing(), Here(32, 5, Sheet()))
    assert stop(state, state.atoms[1], StopSharing(lift=True), Here(48, 5, Sheet()))
    assert [atom.rights.stopped for atom in state.atoms] == [{}] * 2


def test_what_is_not_known_is_answered_no_and_has_no_band():
    state = person(age=None)
    said = ReadShare(
        share=16, token="abcd1234", purpose="partner", asked=("adult", "age"),
        handles=(("user_id", "ana"),),
    )  # fmt: skip
    read = read_person(
        (state, state.atoms[0]), example_share(16), said, RULES, Here(16, 5, Sheet())
    )
    assert read.given.answers == {"adult": False, "age": None}
