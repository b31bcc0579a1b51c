"""The Kantara Consent Receipt 1.1, the ancestor of ISO/IEC TS 27560: an export, and nothing is kept in it."""

from typing import Any

from equipoise.nouns.consents import VALID, ConsentRecord, Controller
from equipoise.rights.records.purposes import meant

VERSION = "KI-CR-v1.1.0"
"""The version that each receipt names."""


def kantara_receipt(record: ConsentRecord, house: Controller) -> dict[str, Any]:
    """One record as a receipt; `consentTimestamp` is in whole seconds since 1970.

    The format knows only consents in force: what the person refused or took back is told by its
    `termination`, and by `consentType` NOT_GIVEN.
    """
    last = record.said[-1]
    given = last.state in VALID
    ended = "until withdrawn" if given else f"{last.state} at {last.at_ms // 1000}"
    return {
        "version": VERSION,
        "jurisdiction": house.jurisdiction,
        "consentTimestamp": last.at_ms // 1000,
        "collectionMethod": f"{last.source}/{last.method}",
        "consentReceiptID": record.id,
        "language": last.notice.language or "und",
        "piiPrincipalId": record.person,
        "piiControllers": [
            {
                "piiController": house.name,
                "onBehalf": False,
                "contact": house.contact or house.name,
                "address": {"streetAddress": house.address},
                "email": house.contact,
                "phone": house.phone,
                "piiControllerUrl": house.url,
            }
        ],
        "policyUrl": house.policy_url or house.url,
        "services": [
            {
                "service": house.name,
                "purposes": [
                    {
                        "purpose": record.purpose,
                        "purposeCategory": [meant(record.purpose).fides],
                        "consentType": "EXPLICIT" if given else "NOT_GIVEN",
                        "piiCategory": ["contact", "behaviour"],
                        "primaryPurpose": record.basis == "contract",
                        "termination": ended,
                        "thirdPartyDisclosure": False,
                    }
                ],
            }
        ],
        "sensitive": False,
        "spiCat": [],
    }
