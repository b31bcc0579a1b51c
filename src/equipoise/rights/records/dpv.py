"""Consent and agreements as JSON-LD in the Data Privacy Vocabulary, laid out after ISO/IEC TS 27560:2023.

Field by field the W3C group's guide "Consent records and receipts" (2026) is followed, with one difference:
whatever may stand more than once is a list, so that no key repeats and every reader can type it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from equipoise.nouns.agreements import NAMESPACE
from equipoise.nouns.consents import ConsentRecord, Controller, Said, Served
from equipoise.rights.records.purposes import meant

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "pd": "https://w3id.org/dpv/pd#",
    "ieee-7012": NAMESPACE,
    "eq": "urn:equipoise:terms#",
}
"""Prefixes: DPV and its extensions, Dublin Core, and our own purposes and digests."""

PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
"""What each record conforms to."""

BASES = {
    "consent": "eu-gdpr:A6-1-a",
    "contract": "eu-gdpr:A6-1-b",
    "interest": "eu-gdpr:A6-1-f",
}
"""Each basis by its place in the GDPR."""

RIGHTS = ("A7-3", "A15", "A16", "A17", "A18", "A20", "A21")
"""The rights that every record names, by article."""


def consents_jsonld(records: Iterable[ConsentRecord], house: Controller) -> dict[str, Any]:
    """All records as one document.

    What rests on consent is a consent record; an answer on what rests on interest or contract is the
    exercise of the right to object, and is told as that.
    """
    return {"@context": CONTEXT, "@graph": [_record(record, house) for record in records]}


def agreement_jsonld(record: dict[str, Any]) -> dict[str, Any]:
    """An `AgreementInteractionRecord` (the object that both sides keep) as JSON-LD."""
    first, second = record["first_party"], record["second_party"]
    return {
        "@context": CONTEXT,
        "@id": f"urn:equipoise:{second['origin']}:{record['id']}",
        "@type": ["ieee-7012:AgreementInteractionRecord"],
        "dct:identifier": record["id"],
        "dpv:hasStatus": [{"@id": f"ieee-7012:{record['status']}"}],
        "ieee-7012:hasAgreement": [
            {"@id": record["agreement"]["iri"], "dct:source": record["agreement"]["url"]}
        ],
        "ieee-7012:hasFirstParty": [{"dct:identifier": first["pseudonym"]}],
        "ieee-7012:hasSecondParty": [{"dpv:hasName": second["name"]}],
        "dpv:hasNotice": [_notice(Served(**{"id": record["agreement"]["id"], **record["text"]}))],
        "dpv:hasIndicationMethod": record["method"],
        "dct:date": _iso(record["opened_ms"]),
        "dct:valid": [_iso(record["until_ms"])] if record["until_ms"] else [],
        "dpv:hasJurisdiction": [record["jurisdiction"]],
    }


def _record(record: ConsentRecord, house: Controller) -> dict[str, Any]:
    consent = record.basis == "consent"
    notices = {said.notice.sha256 or said.notice.id: said.notice for said in record.said}
    statuses = [(_status if consent else _objection)(said) for said in record.said]
    told: dict[str, Any] = {
        "@id": f"urn:uuid:{record.id}",
        "@type": ["dpv:ConsentRecord" if consent else "dpv:RightExerciseRecord"],
        "dct:conformsTo": [{"@id": PROFILE}] if consent else [],
        "dct:identifier": record.id,
        "dpv:hasDataSubject": [
            {"@id": f"urn:equipoise:{house.origin}:{record.person}", "@type": "dpv:DataSubject"}
        ],
        "dpv:hasNotice": [_notice(notice) for key, notice in notices.items() if key],
        "dpv:hasProcess": [_process(record, house)],
    }
    return told | {"dpv:hasConsentStatus" if consent else "dct:hasPart": statuses}


def _process(record: ConsentRecord, house: Controller) -> dict[str, Any]:
    contact = ["pd:Contact"] if record.channel in ("email", "sms", "phone", "push", "*") else []
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": [{"@id": meant(record.purpose).dpv, "dct:title": record.purpose}],
        "eq:channel": [record.channel],
        "dpv:hasLegalBasis": [{"@id": BASES[record.basis]}],
        "dpv:hasPersonalData": [{"@id": name} for name in [*contact, "pd:Behavioral"]],
        "dpv:hasDataController": [_controller(house)],
        "dpv:hasRecipient": [],
        "dpv:hasProcessing": [{"@id": "dpv:Use"}, {"@id": "dpv:Profiling"}],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": house.location},
            {
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": {"@id": "dpv:UntilEventDuration"},
                "dct:description": "until the person has their data erased",
            },
        ],
        "dpv:hasJurisdiction": [house.jurisdiction],
        "dpv:hasConsentControl": [
            {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": house.withdraw_url}
        ],
        "dpv:hasRight": [
            {"@id": f"eu-gdpr:{right}", "dpv:isExercisedAt": house.rights_url} for right in RIGHTS
        ],
    }


def _controller(house: Controller) -> dict[str, Any]:
    return {
        "@id": f"urn:equipoise:{house.origin}",
        "@type": "dpv:DataController",
        "dpv:hasName": house.name,
        "dpv:hasAddress": house.address,
        "dpv:hasContact": [part for part in (house.contact, house.phone, house.url) if part],
    }


def _status(said: Said) -> dict[str, Any]:
    told: dict[str, Any] = {
        "@type": f"dpv:{said.state}",
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
        "dpv:hasIndicationMethod": f"{said.source}/{said.method}",
        "dpv:isIndicatedAtTime": _iso(said.at_ms),
        "dct:identifier": said.event,
        "eq:record": said.seq,
    }
    shown = said.notice.sha256 or said.notice.id
    return told | ({"dpv:hasNotice": {"@id": _notice_id(said.notice)}} if shown else {})


def _objection(said: Said) -> dict[str, Any]:
    """Without consent there is none to give: who says yes again no longer objects."""
    stands = said.state in ("ConsentRefused", "ConsentWithdrawn")
    return _status(said) | {
        "@type": "dpv:RightExerciseActivity",
        "dpv:hasRight": [{"@id": "eu-gdpr:A21"}],
        "dpv:hasStatus": [{"@id": f"dpv:{'ActivityOngoing' if stands else 'ActivityCompleted'}"}],
    }


def _notice_id(notice: Served) -> str:
    return f"urn:equipoise:notice:{quote(notice.sha256 or notice.id, safe='')}"


def _notice(notice: Served) -> dict[str, Any]:
    return {
        "@id": _notice_id(notice),
        "@type": "dpv:ConsentNotice",
        "dct:identifier": notice.id,
        "dct:language": notice.language,
        "dct:description": notice.text,
        "eq:sha256": notice.sha256,
    }


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
