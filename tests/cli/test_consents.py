"""`equipoise consents` prints what a person allows, in the formats that others read."""

from jsonschema import Draft202012Validator

from equipoise.rights.records import CONSENTS_SCHEMA, KANTARA_SCHEMA


def test_the_records_of_a_person_are_printed_as_json_ld(equipoise, lived_in):
    document = equipoise("consents", "user_id:ana").json
    Draft202012Validator(CONSENTS_SCHEMA).validate(document)
    (record,) = document["@graph"]
    assert record["dpv:hasProcess"][0]["dpv:hasPurpose"][0]["@id"] == "dpv:DirectMarketing"
    assert record["dpv:hasConsentStatus"][0]["@type"] == "dpv:ConsentGiven"


def test_the_same_records_are_printed_as_receipts_of_kantara(equipoise, lived_in):
    (receipt,) = equipoise("consents", "user_id:ana", "--format", "kantara").json
    Draft202012Validator(KANTARA_SCHEMA).validate(receipt)


def test_consent_mode_says_what_the_gate_says(equipoise, lived_in):
    told = equipoise("consents", "user_id:ana", "--format", "consent-mode").json
    assert told == {
        "ad_storage": "denied",
        "ad_user_data": "denied",
        "ad_personalization": "denied",
        "analytics_storage": "granted",
    }


def test_another_format_is_refused_with_those_that_there_are(equipoise, lived_in):
    said = equipoise("consents", "user_id:ana", "--format", "xml")
    assert said.code != 0
    assert "kantara" in said.err
