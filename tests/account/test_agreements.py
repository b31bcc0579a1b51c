"""The record of a negotiation says what was agreed and how, in bytes that are the same everywhere."""

from hashlib import sha256

import pytest
import rfc8785

from equipoise.account.agreements import agreement_receipt, agreement_record
from equipoise.canon import canonical
from equipoise.nouns.agreements import ACCEPTED, ROSTER, Negotiate, Policy, Talk

POLICY = Policy(party="Épicerie", origin="ledger.test/shop")
SAID = Negotiate(does="proffer", handles=(), agreement="SD-BASE", first_party="p", language="fr")
TALK = Talk("SD-BASE", "", ACCEPTED, 5, 16, "n1", 0, 16)


@pytest.mark.parametrize("name", sorted(ROSTER))
def test_the_bytes_that_both_sides_keep_are_those_of_rfc_8785(name):
    record = agreement_record(Talk(name, "", ACCEPTED, 5, 16, "n1", 9, 16), SAID, POLICY)
    assert canonical(record) == rfc8785.dumps(record)
    assert record["agreement"]["iri"].endswith(f"7012#{name}")


def test_a_record_names_what_was_offered_last():
    offered = agreement_record(
        Talk("SD-BASE", "SD-BASE-A", ACCEPTED, 5, 16, "n1", 0, 32), SAID, POLICY
    )
    assert offered["agreement"]["id"] == "SD-BASE-A"
    assert (offered["proffered"], offered["countered"]) == ("SD-BASE", "SD-BASE-A")


def test_the_receipt_holds_the_record_and_the_digest_of_its_bytes():
    record = agreement_record(TALK, SAID, POLICY)
    receipt = agreement_receipt(record, 17, 16, 16, 5)
    assert receipt["record"] == record
    assert receipt["record_sha256"] == sha256(canonical(record)).hexdigest()
    assert canonical(receipt)


def test_a_language_that_is_not_served_is_english():
    said = Negotiate(does="proffer", handles=(), agreement="SD-BASE", language="xx")
    assert agreement_record(TALK, said, POLICY)["text"]["language"] == "en"
