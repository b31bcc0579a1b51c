"""A person's records are gathered from the log, with the notice that was served, over all their atoms."""

import msgspec

from equipoise.compose.consents import consent_mode_of, consents_of, kantara_receipts, told_of
from equipoise.nouns.consents import VALID
from equipoise.nouns.events import Handle
from equipoise.nouns.state import PersonState
from equipoise.settings import read_settings
from house import NOON_MS, granted, house, identify, track, welcome

SETTINGS = read_settings(environ={}, given={"seed": "test"})
NOTICE = {"id": "news", "language": "fr", "text": "Chaque mois."}


def state_of(engine, user: str) -> PersonState:
    handle = Handle("user_id", user)
    person = engine.store.atoms_of([handle])[handle].person
    return msgspec.msgpack.decode(engine.store.states([person])[person], type=PersonState)


def test_the_text_that_was_served_is_found_again():
    engine = house()
    engine.take(
        [identify("ana"), track("ana", "terms.granted", 1, purpose="marketing", notice=NOTICE)]
    )
    (record,) = consents_of(engine.store, state_of(engine, "ana"), SETTINGS)
    assert record.state in VALID
    assert record.said[0].notice.text == "Chaque mois."


def test_what_was_refused_is_no_consent():
    engine = house()
    engine.take([identify("ana"), track("ana", "terms.granted", 1, purpose="*")])
    assert told_of(engine.store, state_of(engine, "ana")) == []
    assert kantara_receipts(engine.store, state_of(engine, "ana"), SETTINGS) == []


def test_only_the_person_s_own_acts_are_told_in_their_order():
    engine = house()
    engine.take([*welcome("ana"), *welcome("zoe"), granted("ana", 2, "surveys")])
    told = told_of(engine.store, state_of(engine, "ana"))
    assert [event.facts["purpose"] for _, event in told] == ["marketing", "surveys"]


def test_consent_mode_follows_the_gate():
    engine = house()
    engine.take([identify("ana"), track("ana", "terms.objected", 1, purpose="analytics")])
    told = consent_mode_of(state_of(engine, "ana"), SETTINGS, NOON_MS)
    assert told["analytics_storage"] == "denied"
