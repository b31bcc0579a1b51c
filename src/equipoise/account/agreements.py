"""The record of a negotiation: the same bytes for the person and for the house, and its receipt."""

from hashlib import sha256
from typing import Any

from equipoise.account.receipts import VERSION
from equipoise.canon import canonical
from equipoise.nouns.agreements import ROSTER, Negotiate, Policy, Talk


def agreement_record(talk: Talk, said: Negotiate, policy: Policy) -> dict[str, Any]:
    """What both sides keep of a negotiation as it stands: an `AgreementInteractionRecord`.

    `text` is the sentence that stood for the agreement, with its language and SHA-256; `said` is the turn
    that led here, as the person's agent signs it, and `method` how they said it, told as it was: somebody
    without a key did not sign. Canonical (RFC 8785) bytes of this object are what is signed and committed.
    """
    agreement = ROSTER[talk.counter or talk.agreement]
    language = "fr" if said.language == "fr" else "en"
    text = agreement.fr if language == "fr" else agreement.en
    return {
        "v": VERSION,
        "type": "AgreementInteractionRecord",
        "id": talk.id,
        "status": talk.status,
        "agreement": {"id": agreement.id, "iri": agreement.iri, "url": agreement.url},
        "text": {
            "language": language,
            "text": text,
            "sha256": sha256(text.encode()).hexdigest(),
        },
        "proffered": talk.agreement,
        "countered": talk.counter,
        "first_party": {"pseudonym": said.first_party, "key": said.key},
        "second_party": {"name": policy.party, "origin": policy.origin},
        "jurisdiction": policy.jurisdiction,
        "opened_ms": talk.at_ms,
        "until_ms": talk.until_ms,
        "nonce": talk.nonce,
        "said": said.signed(),
        "method": said.method,
        "signature": said.signature,
    }


def agreement_receipt(
    record: dict[str, Any], seq: int, person: int, atom: int, at_ms: int
) -> dict[str, Any]:
    """The receipt of one turn of a negotiation: it holds the record whole, and the digest of its bytes."""
    return {
        "v": VERSION,
        "type": "agreement",
        "id": f"g_{seq}",
        "seq": seq,
        "person": person,
        "atom": atom,
        "at_ms": at_ms,
        "record": record,
        "record_sha256": sha256(canonical(record)).hexdigest(),
    }
