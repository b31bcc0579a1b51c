"""What a person said becomes records that others read, each with the notice that was really served."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from equipoise.nouns.consents import VALID, Controller
from equipoise.nouns.events import Event
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember.terms import fold_terms
from equipoise.remember.view import View
from equipoise.rights.records import (
    CONSENTS_SCHEMA,
    KANTARA_SCHEMA,
    agreement_jsonld,
    consent_mode,
    consents_jsonld,
    kantara_receipt,
    records_of,
)

HOUSE = Controller(name="Shop", origin="ledger.test/shop", url="https://shop.test", contact="a@b.c")
RULES = Rules(bases={"service": "contract", "analytics": "interest"})
TEXT = "We write once a month."
NOTICE = {"id": "news-3", "language": "en", "text": TEXT}
T_MS = 1_790_000_000_000

AGREED = {
    "id": "n_16",
    "status": "AgreementAccepted",
    "agreement": {
        "id": "SD-BASE",
        "iri": "https://w3id.org/dpv/standards/ieee/7012#SD-BASE",
        "url": "u",
    },
    "text": {"language": "en", "text": "t", "sha256": "00"},
    "first_party": {"pseudonym": "p", "key": ""},
    "second_party": {"name": "Shop", "origin": "o"},
    "jurisdiction": "EU",
    "opened_ms": T_MS,
    "until_ms": 0,
    "method": "portal_click",
}
"""The record of an agreement, as both sides keep it."""


def said(kind: str, at: int, **facts) -> Event:
    return Event(
        id=f"{kind}/{at}",
        kind=kind,
        channel="web",
        source="site",
        at_ms=T_MS + at,
        received_ms=T_MS + at,
        handles=(),
        facts=facts,
    )


def records(*events: Event, texts=None):
    return records_of(list(enumerate(events, 1)), "p_s", HOUSE.origin, RULES, texts)


def states(*events: Event) -> dict[tuple[str, str], list[str]]:
    return {(r.purpose, r.channel): [act.state for act in r.said] for r in records(*events)}


def test_a_consent_is_given_renewed_withdrawn_and_given_again():
    assert states(
        said("terms.granted", 1, purpose="marketing"),
        said("terms.granted", 2, purpose="marketing"),
        said("terms.withdrawn", 3, purpose="marketing"),
        said("terms.granted", 4, purpose="marketing"),
    ) == {
        ("marketing", "*"): [
            "ConsentGiven",
            "RenewedConsentGiven",
            "ConsentWithdrawn",
            "RenewedConsentGiven",
        ]
    }


def test_who_never_said_yes_refused_and_withdrew_nothing():
    assert states(said("terms.withdrawn", 1, purpose="ads")) == {("ads", "*"): ["ConsentRefused"]}


def test_a_denial_of_everything_withdraws_each_consent_that_stands():
    told = states(
        said("terms.granted", 1, purpose="marketing", channel="email"),
        said("terms.granted", 2, purpose="ads"),
        said("terms.objected", 3, purpose="*"),
    )
    assert told["marketing", "email"][-1] == told["ads", "*"][-1] == "ConsentWithdrawn"
    assert told["*", "*"] == ["ConsentRefused"]


def test_an_unsubscription_withdraws_what_came_by_email():
    told = states(
        said("terms.granted", 1, purpose="marketing", channel="email"),
        said("terms.granted", 2, purpose="marketing", channel="sms"),
        said("Email Unsubscribed", 3),
    )
    assert told["marketing", "email"][-1] == "ConsentWithdrawn"
    assert told["marketing", "sms"][-1] == "ConsentGiven"


def test_the_notice_is_told_with_the_text_that_was_served():
    (record,) = records(said("terms.granted", 1, purpose="marketing", notice=NOTICE))
    notice = record.said[0].notice
    assert notice.text == TEXT
    assert notice.sha256 == sha256(TEXT.encode()).hexdigest()
    (shown,) = consents_jsonld([record], HOUSE)["@graph"][0]["dpv:hasNotice"]
    assert (shown["dct:description"], shown["dct:language"]) == (TEXT, "en")


def test_a_notice_told_by_its_digest_is_found_among_those_that_are_served():
    digest = sha256(TEXT.encode()).hexdigest()
    event = said("terms.granted", 1, purpose="marketing", notice="news-3", notice_sha256=digest)
    assert records(event)[0].said[0].notice.text == ""
    assert records(event, texts={digest: TEXT})[0].said[0].notice.text == TEXT


def test_what_rests_on_interest_is_told_as_an_objection_and_not_as_a_consent():
    document = consents_jsonld(records(said("terms.objected", 1, purpose="analytics")), HOUSE)
    (record,) = document["@graph"]
    assert record["@type"] == ["dpv:RightExerciseRecord"]
    assert record["dpv:hasProcess"][0]["dpv:hasLegalBasis"] == [{"@id": "eu-gdpr:A6-1-f"}]
    assert "dpv:hasConsentStatus" not in record


facts = st.fixed_dictionaries(
    {"purpose": st.sampled_from(["marketing", "analytics", "service", "x y"])},
    optional={
        "channel": st.sampled_from(["email", "sms", "*"]),
        "notice": st.just(NOTICE) | st.just("n1"),
        "language": st.sampled_from(["en", "fr"]),
        "method": st.sampled_from(["ADPC", "TCF"]),
    },
)
acts = st.lists(
    st.tuples(st.sampled_from(["terms.granted", "terms.withdrawn", "terms.objected"]), facts),
    max_size=8,
)


@given(acts)
def test_every_history_is_a_valid_document_in_both_formats(acts):
    found = records(*(said(kind, at, **told) for at, (kind, told) in enumerate(acts)))
    Draft202012Validator(CONSENTS_SCHEMA).validate(consents_jsonld(found, HOUSE))
    for record in found:
        Draft202012Validator(KANTARA_SCHEMA).validate(kantara_receipt(record, HOUSE))


@given(acts)
def test_a_record_that_stands_is_a_consent_that_counts_at_the_next_decision(acts):
    """On its own channel; a denial elsewhere may still narrow it, never the other way round."""
    events = [said(kind, at, **told) for at, (kind, told) in enumerate(acts)]
    state = PersonState([AtomState(id=1)])
    for seq, event in enumerate(events, 1):
        assert fold_terms(state, state.atoms[0], event, seq) is None
    standing = {(r.purpose, r.channel) for r in records(*events) if r.state in VALID}
    view = View(state, T_MS + 100, RULES)
    for purpose in ("marketing", "analytics", "service", "x y"):
        for channel in ("email", "sms"):
            stance = view.stance(purpose, channel)
            if stance is not None and stance.granted:
                assert {(purpose, channel), (purpose, "*")} & standing


@pytest.mark.parametrize(
    "break_it",
    [
        lambda d: d["@graph"][0].pop("dpv:hasConsentStatus"),
        lambda d: d["@graph"][0]["dpv:hasProcess"][0].pop("dpv:hasLegalBasis"),
        lambda d: d["@graph"][0].update({"@id": "x"}),
        lambda d: d.pop("@context"),
    ],
)
def test_the_schema_is_seen_to_refuse(break_it):
    document = consents_jsonld(records(said("terms.granted", 1, purpose="marketing")), HOUSE)
    break_it(document)
    assert not Draft202012Validator(CONSENTS_SCHEMA).is_valid(document)


def test_a_kantara_receipt_says_what_was_taken_back():
    given_, taken = (
        kantara_receipt(records(*events)[0], HOUSE)
        for events in (
            [said("terms.granted", 1, purpose="marketing")],
            [
                said("terms.granted", 1, purpose="marketing"),
                said("terms.withdrawn", 2, purpose="marketing"),
            ],
        )
    )
    assert given_["services"][0]["purposes"][0]["consentType"] == "EXPLICIT"
    assert taken["services"][0]["purposes"][0]["consentType"] == "NOT_GIVEN"
    assert given_["consentReceiptID"] == taken["consentReceiptID"]


def test_consent_mode_grants_only_what_every_purpose_behind_it_allows():
    assert set(consent_mode(lambda _: True).values()) == {"granted"}
    assert set(consent_mode(lambda _: False).values()) == {"denied"}
    told = consent_mode(lambda purpose: purpose in ("analytics", "personalisation"))
    assert told == {
        "ad_storage": "denied",
        "ad_user_data": "denied",
        "ad_personalization": "denied",
        "analytics_storage": "granted",
    }


def test_an_agreement_is_told_in_the_words_of_the_vocabulary():
    told = agreement_jsonld(AGREED)
    assert told["dpv:hasStatus"] == [{"@id": "ieee-7012:AgreementAccepted"}]
    assert told["ieee-7012:hasAgreement"][0]["@id"].endswith("7012#SD-BASE")
