"""JSON Schemas of what is given out, so that a reader can check a document without a JSON-LD processor."""

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_ANY_TEXT = {"type": "string"}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}\+00:00$"}
_NAMED = {"type": "object", "required": ["@id"], "properties": {"@id": _TEXT}}


def _listed(of: dict[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "array", "items": of, "minItems": least}


def _needs(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(fields), "properties": fields}


_STATUS = _needs(
    {
        "@type": {
            "enum": [
                "dpv:ConsentGiven",
                "dpv:RenewedConsentGiven",
                "dpv:ConsentRefused",
                "dpv:ConsentWithdrawn",
                "dpv:ConsentExpired",
                "dpv:RightExerciseActivity",
            ]
        },
        "dpv:isIndicatedBy": _NAMED,
        "dpv:hasIndicationMethod": _TEXT,
        "dpv:isIndicatedAtTime": _TIME,
    }
)
_PROCESS = _needs(
    {
        "@type": {"const": "dpv:Process"},
        "dpv:hasPurpose": _listed(_NAMED),
        "dpv:hasLegalBasis": _listed(
            {"properties": {"@id": {"enum": [f"eu-gdpr:A6-1-{letter}" for letter in "abf"]}}}
        ),
        "dpv:hasPersonalData": _listed(_NAMED),
        "dpv:hasDataController": _listed(_needs({"@id": _TEXT, "dpv:hasName": _TEXT})),
        "dpv:hasRecipient": _listed(_NAMED, 0),
        "dpv:hasStorageCondition": _listed(_needs({"@type": _TEXT}), 2),
        "dpv:hasJurisdiction": _listed(_TEXT),
        "dpv:hasConsentControl": _listed(_needs({"dpv:isExercisedAt": _TEXT})),
        "dpv:hasRight": _listed(_NAMED),
    }
)
_RECORD: dict[str, Any] = _needs(
    {
        "@id": {"type": "string", "pattern": "^urn:uuid:[0-9a-f-]{36}$"},
        "@type": _listed({"enum": ["dpv:ConsentRecord", "dpv:RightExerciseRecord"]}),
        "dct:conformsTo": _listed(_NAMED, 0),
        "dct:identifier": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
        "dpv:hasDataSubject": _listed(_NAMED),
        "dpv:hasNotice": _listed(
            _needs(
                {"dct:identifier": _ANY_TEXT, "dct:language": _ANY_TEXT, "eq:sha256": _ANY_TEXT}
            ),
            0,
        ),
        "dpv:hasProcess": _listed(_PROCESS),
    }
)
_RECORD["oneOf"] = [
    {"required": ["dpv:hasConsentStatus"]},
    {"required": ["dct:hasPart"]},
]
_RECORD["properties"] |= {
    "dpv:hasConsentStatus": _listed(_STATUS),
    "dct:hasPart": _listed(_STATUS),
}

CONSENTS_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Consent records (ISO/IEC TS 27560 through DPV)",
    **_needs({"@context": {"type": "object"}, "@graph": _listed(_RECORD, 0)}),
}
"""What `consents_jsonld` gives."""

KANTARA_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Consent receipt (Kantara 1.1)",
    **_needs(
        {
            "version": {"const": "KI-CR-v1.1.0"},
            "jurisdiction": _TEXT,
            "consentTimestamp": {"type": "integer", "minimum": 0},
            "collectionMethod": _TEXT,
            "consentReceiptID": {"type": "string", "pattern": "^[0-9a-f-]{36}$"},
            "piiPrincipalId": _TEXT,
            "piiControllers": _listed(
                _needs({"piiController": _TEXT, "contact": _TEXT, "address": {"type": "object"}})
            ),
            "policyUrl": _ANY_TEXT,
            "services": _listed(
                _needs(
                    {
                        "service": _TEXT,
                        "purposes": _listed(
                            _needs(
                                {
                                    "purposeCategory": _listed(_TEXT),
                                    "consentType": {"enum": ["EXPLICIT", "NOT_GIVEN"]},
                                    "piiCategory": _listed(_TEXT),
                                    "primaryPurpose": {"type": "boolean"},
                                    "termination": _TEXT,
                                    "thirdPartyDisclosure": {"type": "boolean"},
                                }
                            )
                        ),
                    }
                )
            ),
            "sensitive": {"type": "boolean"},
            "spiCat": {"type": "array"},
        }
    ),
}
"""What `kantara_receipt` gives."""
