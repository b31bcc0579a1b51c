"""What a person allowed, as consent records in JSON-LD (ISO/IEC TS 27560 through the W3C's DPV)."""

from typing import Any

from equipoise.nouns.events import Event
from equipoise.rights.export.taking import Taking, iso

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "eq": "urn:equipoise:terms#",
}
"""Prefixes: the Data Privacy Vocabulary, Dublin Core, the GDPR in DPV, and our own purposes."""

PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
"""What each record conforms to."""

STATES = {
    "terms.granted": "dpv:ConsentGiven",
    "terms.withdrawn": "dpv:ConsentWithdrawn",
    "terms.objected": "dpv:ConsentRefused",
}
"""The status that an act of the person brings about."""


def consent_records(taking: Taking) -> dict[str, Any]:
    """One record for each purpose and channel, with every act in the order in which it was said."""
    acts: dict[tuple[str, str], list[Event]] = {}
    for _, event in taking.events:
        purpose = event.facts.get("purpose")
        if event.kind in STATES and isinstance(purpose, str):
            channel = event.facts.get("channel")
            key = (purpose, channel if isinstance(channel, str) else "*")
            acts.setdefault(key, []).append(event)
    return {
        "@context": CONTEXT,
        "@graph": [_record(taking, key, acts[key]) for key in sorted(acts)],
    }


def _record(taking: Taking, key: tuple[str, str], acts: list[Event]) -> dict[str, Any]:
    purpose, channel = key
    return {
        "@id": f"urn:equipoise:{taking.origin}:{taking.person}:consent:{purpose}:{channel}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": {"@id": PROFILE},
        "dct:identifier": f"{taking.person}/{purpose}/{channel}",
        "dpv:hasDataSubject": {"@id": f"urn:equipoise:{taking.origin}:{taking.person}"},
        "dpv:hasDataController": {"@type": "dpv:DataController", "dpv:hasName": taking.company},
        "dpv:hasLegalBasis": {"@id": "eu-gdpr:A6-1-a"},
        "dpv:hasPurpose": {"@id": f"eq:{purpose}", "dct:title": purpose},
        "eq:channel": channel,
        "dpv:hasConsentStatus": [_status(act) for act in acts],
    }


def _status(act: Event) -> dict[str, Any]:
    notice = act.facts.get("notice")
    told: dict[str, Any] = {
        "@type": STATES[act.kind],
        "dpv:isIndicatedAtTime": iso(act.at_ms),
        "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
        "dpv:hasIndicationMethod": f"{act.source}/{act.channel}",
    }
    if isinstance(notice, dict):
        told["dpv:hasNotice"] = {
            "dct:identifier": str(notice.get("id", "")),
            "dct:language": str(notice.get("language", "")),
            "eq:sha256": str(notice.get("sha256", "")),
        }
    return told
