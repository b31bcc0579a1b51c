"""What one person allows, as records that others read: gathered from the log, told in three formats."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from equipoise.compose.agreements import notices_of
from equipoise.compose.library import rules_of
from equipoise.decide.gate import gate
from equipoise.nouns.consents import ConsentRecord, Controller
from equipoise.nouns.events import Event
from equipoise.nouns.state import PersonState
from equipoise.ports import Store
from equipoise.remember.terms import is_terms
from equipoise.remember.view import View
from equipoise.rights.records import consent_mode, consents_jsonld, kantara_receipt, records_of
from equipoise.settings import Settings
from equipoise.show.addresses import person_name
from equipoise.show.chains import heads_of, walk

MOST_ROWS = 1_000_000
"""Records of the log of one person that are read."""


def controller_of(settings: Settings) -> Controller:
    """Who the records name as responsible."""
    return Controller(
        name=settings.text("company"),
        origin=settings.text("origin"),
        contact=settings.text("smtp.from"),
        url=settings.text("public_url"),
        policy_url=settings.text("terms.url"),
        jurisdiction=settings.text("terms.jurisdiction"),
        location=settings.text("terms.jurisdiction"),
    )


def told_of(store: Store, state: PersonState) -> list[tuple[int, Event]]:
    """The terms events of a person with their numbers in the log, oldest first."""
    heads = {head for head in heads_of(state) if head[0] == "l"}
    atoms = frozenset(atom.id for atom in state.atoms)
    found = []
    for row in walk(store, heads, atoms, MOST_ROWS).rows:
        if getattr(row, "kind", "") == "event":
            event = msgspec.msgpack.decode(row.body, type=Event)
            if is_terms(event.kind):
                found.append((row.seq, event))
    return sorted(found, key=lambda pair: pair[0])


def consents_of(store: Store, state: PersonState, settings: Settings) -> tuple[ConsentRecord, ...]:
    """One record for each purpose and channel that the person said something of."""
    return records_of(
        told_of(store, state),
        person_name(state.person),
        settings.text("origin"),
        rules_of(settings),
        texts_of(settings),
    )


def consents_document(store: Store, state: PersonState, settings: Settings) -> dict[str, Any]:
    """ISO/IEC TS 27560 through DPV, as one JSON-LD document."""
    return consents_jsonld(consents_of(store, state, settings), controller_of(settings))


def kantara_receipts(store: Store, state: PersonState, settings: Settings) -> list[dict[str, Any]]:
    """A Kantara receipt of each record."""
    house = controller_of(settings)
    return [kantara_receipt(record, house) for record in consents_of(store, state, settings)]


def consent_mode_of(state: PersonState, settings: Settings, now_ms: int) -> dict[str, str]:
    """The four values of Consent Mode v2, as the terms gate answers for the web now."""
    rules = rules_of(settings)
    view = View(state, now_ms, rules)
    return dict(consent_mode(lambda purpose: not gate(view, rules, purpose, "web")))


def texts_of(settings: Settings) -> Mapping[str, str]:
    """The notices of the house by the SHA-256 of their text."""
    return {
        sha256(text.encode()).hexdigest(): text
        for notice in notices_of(settings).values()
        for text in notice.texts.values()
    }
