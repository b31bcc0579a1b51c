"""The roster of IEEE 7012 as bits: what a person may choose, and what it lets the house do.

Ids and meaning follow the Data Privacy Vocabulary's extension for IEEE 7012 (DPV 2.3, namespace
`NAMESPACE`): each agreement is one row of `ROSTER`, read literally and without subsumption. What an
agreement does not name is prohibited. The text of the standard itself is not repeated here.
"""

from typing import Literal

import msgspec

from equipoise.nouns.events import Handle, Trust

NAMESPACE = "https://w3id.org/dpv/standards/ieee/7012#"
"""The names of the agreements are terms of this vocabulary."""

REGISTRY = "https://customercommons.org/p7012/"
"""Where the roster is kept, by a party that is neither the person nor the house."""

SERVICE = 1
"""The service itself."""
ANALYTICS = 1 << 1
"""Counting how the service is used."""
TRACKING = 1 << 2
"""Following one person over time."""
PROFILING = 1 << 3
"""Concluding from what one person did."""
SHARE_ANONYMISED = 1 << 4
"""Giving others what tells nobody apart."""
THIRD_PARTY = 1 << 5
"""Giving others what tells somebody apart: no agreement of the roster allows it."""
CROSS_SITE = 1 << 6
"""Advertising that follows a person from site to site: no agreement of the roster allows it."""
PORTABILITY = 1 << 7
"""A duty of the house: data go with the person, unasked."""
INTENT = 1 << 8
"""The person contributes declared wishes, so that offers can be made to them."""
AI = 1 << 9
"""The person contributes declared data for training and running AI."""
GOOD = 1 << 10
"""The person contributes declared data for the public good."""

CONTRIBUTIONS = INTENT | AI | GOOD
"""What is never allowed unless the person contributes it."""

UNCAPPED = SERVICE | ANALYTICS | TRACKING | PROFILING | SHARE_ANONYMISED | THIRD_PARTY | CROSS_SITE
"""The cap on somebody who chose no agreement: stance and basis alone decide."""

BITS: dict[str, int] = {
    "service": SERVICE,
    "analytics": ANALYTICS,
    "tracking": TRACKING,
    "profiling": PROFILING,
    "share_anonymised": SHARE_ANONYMISED,
    "third_party": THIRD_PARTY,
    "cross_site": CROSS_SITE,
    "portability": PORTABILITY,
    "intent": INTENT,
    "ai": AI,
    "good": GOOD,
}
"""Each bit by the name that reasons and pages use."""


class Agreement(msgspec.Struct, frozen=True):
    """One agreement of the roster: its id, its bits, and one sentence in English and in French."""

    id: str
    mask: int
    en: str
    fr: str

    @property
    def iri(self) -> str:
        """Its identifier in the vocabulary."""
        return NAMESPACE + self.id

    @property
    def url(self) -> str:
        """Where its text is published."""
        return f"https://myterms.info/agreements/{self.id}"

    @property
    def family(self) -> str:
        """`SD` for the one agreement on service data; a contribution stands beside it under its own id."""
        return "SD" if self.id.startswith("SD-") else self.id


_USES = (
    (
        "SD-BASE",
        0,
        "Use my data for the service and nothing else.",
        "Mes données servent au service, et à rien d’autre.",
    ),
    (
        "SD-BASE-A",
        ANALYTICS,
        "Use my data for the service, and count how it is used.",
        "Mes données servent au service et à compter comment il est utilisé.",
    ),
    (
        "SD-BASE-AT",
        ANALYTICS | TRACKING,
        "Use my data for the service, count its use, and follow what I do here.",
        "Mes données servent au service, à en compter l’usage et à suivre ce que je fais ici.",
    ),
    (
        "SD-BASE-ATP",
        ANALYTICS | TRACKING | PROFILING,
        "Use my data for the service, count, follow, and draw conclusions about me.",
        "Mes données servent au service, à compter, à suivre, et à tirer des conclusions sur moi.",
    ),
    (
        "SD-BASE-ATP-S3P",
        ANALYTICS | TRACKING | PROFILING | SHARE_ANONYMISED,
        "All of these, and give others what tells nobody apart.",
        "Tout cela, et transmettre à d’autres ce qui ne distingue personne.",
    ),
)
_PORTABLE = (" My data come with me.", " Mes données me suivent.")

ROSTER: dict[str, Agreement] = {
    agreement.id: agreement
    for agreement in (
        *(Agreement(name, SERVICE | uses, en, fr) for name, uses, en, fr in _USES),
        *(
            Agreement(
                f"{name}-DP", SERVICE | uses | PORTABILITY, en + _PORTABLE[0], fr + _PORTABLE[1]
            )
            for name, uses, en, fr in _USES
        ),
        Agreement(
            "PDC-INTENT",
            INTENT,
            "I say what I look for, so that offers can be made to me.",
            "Je dis ce que je cherche, pour que l’on puisse me proposer quelque chose.",
        ),
        Agreement(
            "PDC-AI",
            AI,
            "I contribute what I declare to training and running AI.",
            "Je confie ce que je déclare à l’entraînement et à l’usage d’une IA.",
        ),
        Agreement(
            "PDC-GOOD",
            GOOD,
            "I contribute what I declare to the public good.",
            "Je confie ce que je déclare au bien commun.",
        ),
    )
}
"""Every agreement that a person may choose here, by its id; between people (TPR-...) there is none."""


class Agreed(msgspec.Struct, array_like=True, frozen=True):
    """An agreement in force: its id, since when (ms), by which record, until when (ms, 0: no end)."""

    id: str
    at_ms: int
    seq: int
    until_ms: int = 0
    trust: Trust = "server"


class Signal(msgspec.Struct, array_like=True, frozen=True):
    """Bits that a signal of the person's software bars, since when (ms), by which record; 0 bars none."""

    bars: int
    at_ms: int
    seq: int


NegotiationStatus = Literal[
    "AgreementNegotiationCounterOfferMade",
    "AgreementAccepted",
    "AgreementRefused",
    "AgreementNegotiationExpired",
    "AgreementNegotiationTerminated",
]
"""Where a negotiation stands, by its name in the vocabulary. An answer is immediate, so no other is used."""

OFFERED: NegotiationStatus = "AgreementNegotiationCounterOfferMade"
ACCEPTED: NegotiationStatus = "AgreementAccepted"
REFUSED: NegotiationStatus = "AgreementRefused"
EXPIRED: NegotiationStatus = "AgreementNegotiationExpired"
ENDED: NegotiationStatus = "AgreementNegotiationTerminated"
"""The person ended what was agreed: the vocabulary has this one word for it."""


class Talk(msgspec.Struct, array_like=True, frozen=True):
    """One negotiation: what the person proffered, what the house countered, where it stands.

    `seq` is the record that opened it, `closed_seq` the one that closed it (0: still open).
    `until_ms` ends the agreement (0: no end), `nonce` makes a repeat find its first answer.
    """

    agreement: str
    counter: str
    status: NegotiationStatus
    at_ms: int
    seq: int
    nonce: str
    until_ms: int = 0
    closed_seq: int = 0

    @property
    def id(self) -> str:
        """The public name of the negotiation."""
        return f"n_{self.seq}"

    @property
    def chosen(self) -> str:
        """The agreement that both came to, or an empty text."""
        return (self.counter or self.agreement) if self.status == ACCEPTED else ""


class Negotiate(msgspec.Struct, frozen=True, kw_only=True):
    """A person speaks in a negotiation: the body of an intake row of the kind `agreement`.

    `does` is `proffer` (with `agreement`, and a `nonce` of the person's), `accept` or `refuse` of the
    counter-offer of the negotiation `id`, or `end` of the agreement that it came to. `first_party` is the
    pseudonym that the record names, `method` how the person said it (`agent_key`, `portal_click`,
    `email_link`), and `signature` with `key` (base64 of Ed25519) what their agent signed, already checked
    by the door.
    """

    does: Literal["proffer", "accept", "refuse", "end"]
    handles: tuple[Handle, ...]
    agreement: str = ""
    id: str = ""
    nonce: str = ""
    until_ms: int = 0
    first_party: str = ""
    method: str = "portal_click"
    key: str = ""
    signature: str = ""
    language: str = "en"

    def signed(self) -> dict[str, str | int]:
        """What the person's agent signs the canonical bytes of; `valid_until` in ms, 0 for no end."""
        return {
            "agreement": self.agreement,
            "does": self.does,
            "id": self.id,
            "nonce": self.nonce,
            "pseudonym": self.first_party,
            "valid_until": self.until_ms,
        }


class Policy(msgspec.Struct, frozen=True):
    """What the house accepts from the roster, and the one counter-offer that it may make (or none).

    `party`, `origin` and `jurisdiction` name the house in records.
    """

    accepts: tuple[str, ...] = tuple(ROSTER)
    counter: str = ""
    party: str = ""
    origin: str = ""
    jurisdiction: str = "EU"

    def answer(self, name: str) -> Literal["accept", "counter", "refuse"]:
        """What the house says to a proffer of this agreement of the roster.

        A counter-offer stands in place of an agreement of its own family alone: who contributes is not
        offered terms on service data instead.
        """
        if name in self.accepts:
            return "accept"
        other = ROSTER.get(self.counter)
        if other is not None and other.id != name and other.family == ROSTER[name].family:
            return "counter"
        return "refuse"
