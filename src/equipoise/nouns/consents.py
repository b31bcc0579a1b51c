"""What a person said of one purpose on one channel, over time: the record behind every export of it."""

from typing import Literal

import msgspec

from equipoise.nouns.rules import Basis

ConsentState = Literal[
    "ConsentGiven", "RenewedConsentGiven", "ConsentRefused", "ConsentWithdrawn", "ConsentExpired"
]
"""A status of the Data Privacy Vocabulary; only the first two are valid for processing."""

VALID = ("ConsentGiven", "RenewedConsentGiven")
"""The statuses under which data may be used."""


class Served(msgspec.Struct, frozen=True):
    """The notice that was really served: its id, language, SHA-256 in hex, and its text where we have it."""

    id: str = ""
    language: str = ""
    sha256: str = ""
    text: str = ""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One act: what it made of the consent, when (ms), through whom and how, in which record of the log."""

    state: ConsentState
    at_ms: int
    seq: int
    event: str
    source: str
    method: str
    trust: str
    notice: Served = Served()


class ConsentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything said of one purpose and channel (`*` for all), oldest first; `id` is a UUID."""

    id: str
    person: str
    purpose: str
    channel: str
    basis: Basis
    said: tuple[Said, ...]

    @property
    def state(self) -> ConsentState:
        """Where it stands after the last act."""
        return self.said[-1].state


class Controller(msgspec.Struct, frozen=True, kw_only=True):
    """Who is responsible, and where a person reaches them; what is not known is empty, and said so."""

    name: str
    origin: str = ""
    contact: str = ""
    address: str = ""
    phone: str = ""
    url: str = ""
    policy_url: str = ""
    jurisdiction: str = "EU"
    location: str = "EU"

    @property
    def withdraw_url(self) -> str:
        """Where a consent is taken back."""
        return f"{self.url.rstrip('/')}/me/terms"

    @property
    def rights_url(self) -> str:
        """Where the other rights are exercised."""
        return f"{self.url.rstrip('/')}/me/requests"
