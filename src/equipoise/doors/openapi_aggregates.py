"""What the OpenAPI document says of `/v1/aggregates`."""

from typing import Any

from equipoise.doors.aggregates import PATH, AggregateBody, AggregateCell, AggregateReply
from equipoise.doors.answers import Trouble

TYPES: tuple[type, ...] = (AggregateBody, AggregateCell, AggregateReply)
"""The records that this operation names."""

_TROUBLES = {
    "400": "The question cannot be read, names what is not there, or a day that is not to be had",
    "401": "The write key is not known",
    "403": "The key is public or lacks the scope; or no officer allows this, or the budget is spent",
    "413": "The body is too large",
    "429": "The intake is full, or the key asks too fast: come back after Retry-After seconds",
    "500": "Counting broke; the same question is not charged again",
    "501": "This house has no OpenDP, so no figures leave",
}


def operations() -> dict[str, dict[str, Any]]:
    """The path of the door for figures about many people, as the document tells paths."""
    told = {
        "operationId": "post_v1_aggregates",
        "summary": "Ask about many people: figures with noise, from a yearly budget",
        "security": [{"basic": []}],
        "parameters": [],
        "requestBody": {"required": True, "content": _content(AggregateBody)},
        "responses": {
            "200": {"description": "Success", "content": _content(AggregateReply)},
            **{
                status: {"description": text, "content": _content(Trouble)}
                for status, text in _TROUBLES.items()
            },
        },
    }
    return {PATH: {"post": told}}


def _content(record: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{record.__name__}"}}}
