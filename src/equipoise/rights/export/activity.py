"""What a person did, as an ActivityStreams 2.0 collection that other programs of theirs can read."""

from typing import Any

from equipoise.nouns.events import Event
from equipoise.rights.export.taking import Taking, iso

CONTEXT = ["https://www.w3.org/ns/activitystreams", {"eq": "urn:equipoise:terms#"}]
"""The vocabulary, and a name of our own for what it has no word for."""

KINDS = {
    "page": "View",
    "screen": "View",
    "Product Viewed": "View",
    "Product List Viewed": "View",
    "Product Added": "Add",
    "Product Removed": "Remove",
    "Wishlist Product Added": "Add",
    "identify": "Update",
    "Product Reviewed": "Create",
    "terms.granted": "Accept",
    "terms.withdrawn": "Reject",
    "terms.objected": "Reject",
    "aim.declared": "Add",
    "aim.withdrawn": "Remove",
    "intent.declared": "Offer",
    "intent.withdrawn": "Remove",
}
"""The activity that a kind of event is; every other is a plain `Activity` with its kind as name."""


def outbox(taking: Taking) -> dict[str, Any]:
    """The person's own acts, oldest first, as an OrderedCollection."""
    me = f"urn:equipoise:{taking.origin}:{taking.person}"
    return {
        "@context": CONTEXT,
        "id": f"{me}:outbox",
        "type": "OrderedCollection",
        "totalItems": len(taking.events),
        "orderedItems": [_activity(me, event) for _, event in taking.events],
    }


def _activity(me: str, event: Event) -> dict[str, Any]:
    return {
        "id": f"{me}:event:{event.id}",
        "type": KINDS.get(event.kind, "Activity"),
        "name": event.kind,
        "actor": me,
        "published": iso(event.at_ms),
        "instrument": {"type": "Service", "name": f"{event.source}/{event.channel}"},
        "object": {"type": "Object", "name": _named(event), "eq:facts": event.facts},
    }


def _named(event: Event) -> str:
    """What the event is about, in its own words, else its kind."""
    for name in ("name", "title", "product_id", "order_id", "url", "purpose", "category"):
        value = event.facts.get(name)
        if isinstance(value, str) and value:
            return value
    return event.kind
