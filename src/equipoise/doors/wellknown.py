"""What a house says of its terms to anybody who asks: `myterms.json`, `gpc.json`, keys, ADPC requests."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

import msgspec

from equipoise.arrive.signals import Notice
from equipoise.doors.answers import Answer
from equipoise.nouns.agreements import REGISTRY, ROSTER, Policy

ENDPOINT = "/v1/terms/negotiations"
"""Where a person's agent proffers an agreement."""

SIGNALS = "/v1/terms/signals"
"""Where a page hands in what a browser or a consent tool says."""

_encode = msgspec.json.Encoder().encode


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What is told to everybody: the policy, the day it holds from, the notices, the public key."""

    policy: Policy
    since: date
    notices: Mapping[str, Notice] = {}
    tos_url: str = ""
    key: bytes = b""
    key_id: str = ""


def documents(house: Published) -> dict[str, Answer]:
    """Each path with what it answers; all of it is public and may be kept for an hour."""
    told = {
        "/.well-known/myterms.json": myterms(house),
        "/.well-known/gpc.json": {"gpc": True, "lastUpdate": house.since.isoformat()},
        "/.well-known/jwks.json": {"keys": [_jwk(house)]},
        "/adpc.json": consent_requests(house),
    }
    headers = (
        (b"cache-control", b"public, max-age=3600"),
        (b"access-control-allow-origin", b"*"),
        (b"link", b'</adpc.json>; rel="consent-requests"'),
    )
    return {path: Answer(body=_encode(body), headers=headers) for path, body in told.items()}


def myterms(house: Published) -> dict[str, Any]:
    """What the house answers to a proffer of each agreement of the roster (IEEE 7012, DPV identifiers)."""
    policy = house.policy
    effective = datetime.combine(house.since, time(), UTC)
    return {
        "effective_date": format_datetime(effective),
        "registry": REGISTRY,
        "agreements": [_stated(name, policy) for name in ROSTER],
        "endpoint": ENDPOINT,
        "signals": SIGNALS,
        "keys": "/.well-known/jwks.json",
        "tos_url": house.tos_url,
        "second_party": {"name": policy.party, "origin": policy.origin},
    }


def _stated(name: str, policy: Policy) -> dict[str, Any]:
    agreement = ROSTER[name]
    told: dict[str, Any] = {
        "id": name,
        "url": agreement.url,
        "iri": agreement.iri,
        "text": {"en": agreement.en, "fr": agreement.fr},
        "text_sha256": {
            "en": sha256(agreement.en.encode()).hexdigest(),
            "fr": sha256(agreement.fr.encode()).hexdigest(),
        },
    }
    told["policy"] = policy.answer(name)
    return told | ({"counter": policy.counter} if told["policy"] == "counter" else {})


def consent_requests(house: Published) -> dict[str, Any]:
    """The ids that a browser may consent to by ADPC, with the text that stands for each."""
    return {
        "consentRequests": [
            {
                "id": name,
                "text": next(iter(notice.texts.values())),
                "texts": dict(notice.texts),
                "purpose": notice.purpose,
                "sha256": {
                    language: sha256(text.encode()).hexdigest()
                    for language, text in notice.texts.items()
                },
            }
            for name, notice in house.notices.items()
        ]
    }


def _jwk(house: Published) -> dict[str, str]:
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": house.key_id,
        "x": urlsafe_b64encode(house.key).decode().rstrip("="),
    }
