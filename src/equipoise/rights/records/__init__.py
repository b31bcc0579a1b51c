"""Records of consent and agreement: one model, and the formats in which others read it."""

from equipoise.rights.records.consent_mode import consent_mode
from equipoise.rights.records.dpv import agreement_jsonld, consents_jsonld
from equipoise.rights.records.gathering import records_of
from equipoise.rights.records.kantara import kantara_receipt
from equipoise.rights.records.schema import CONSENTS_SCHEMA, KANTARA_SCHEMA

__all__ = [
    "CONSENTS_SCHEMA",
    "KANTARA_SCHEMA",
    "agreement_jsonld",
    "consent_mode",
    "consents_jsonld",
    "kantara_receipt",
    "records_of",
]
