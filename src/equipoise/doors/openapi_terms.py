"""What the OpenAPI document says of `/v1/terms/...`."""

from typing import Any

from equipoise.doors.answers import Trouble
from equipoise.doors.negotiating import NegotiationReply, NegotiationShown, Proffer, RecordReply
from equipoise.doors.signalling import Signals, SignalsReply
from equipoise.doors.wellknown import ENDPOINT, SIGNALS

TYPES: tuple[type, ...] = (
    Proffer,
    NegotiationReply,
    NegotiationShown,
    RecordReply,
    Signals,
    SignalsReply,
)
"""The records that these operations name."""

_TROUBLES = {
    "400": "The request cannot be read, names nobody, or asks for what there is not",
    "401": "The write key is not known; none is needed to speak for an anonymousId",
    "403": "A public key, or none, asked for more than its anonymousId may",
    "404": "This person has no such negotiation",
    "409": "The negotiation is closed",
    "410": "The record was erased with the person",
    "413": "The body is too large",
    "429": "The intake is full, or the key or address asks too fast: come back after Retry-After seconds",
}
_NAMED = f"{ENDPOINT}/{{id}}"
_TURN = ("400", "401", "403", "404", "409", "413", "429")
_READ = ("400", "401", "403", "404", "429")
_QUERY = ("anonymousId", "userId", "email", "writeKey")

_OPERATIONS: tuple[tuple[str, str, str, type | None, str, type, tuple[str, ...]], ...] = (
    ("POST", ENDPOINT, "Proffer an agreement", Proffer, "201", NegotiationReply, _TURN),
    ("GET", _NAMED, "Where a negotiation stands", None, "200", NegotiationShown, _READ),
    (
        "GET",
        f"{_NAMED}/record",
        "The record that both sides keep, with signatures and proof",
        None,
        "200",
        RecordReply,
        (*_READ, "410"),
    ),
    (
        "POST",
        f"{_NAMED}/accept-counter",
        "Accept the house's counter-offer",
        Proffer,
        "200",
        NegotiationReply,
        _TURN,
    ),
    (
        "POST",
        f"{_NAMED}/refuse",
        "Refuse the house's counter-offer",
        Proffer,
        "200",
        NegotiationReply,
        _TURN,
    ),
    (
        "POST",
        f"{_NAMED}/end",
        "End what was agreed",
        Proffer,
        "200",
        NegotiationReply,
        _TURN,
    ),
    (
        "POST",
        SIGNALS,
        "Hand in what a browser or a consent tool says",
        Signals,
        "200",
        SignalsReply,
        ("400", "401", "403", "413", "429"),
    ),
)


def operations() -> dict[str, dict[str, Any]]:
    """The paths of the door for terms, as the document tells paths."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, summary, body, status, reply, troubles in _OPERATIONS:
        told: dict[str, Any] = {
            "operationId": f"{method.lower()}{path}".translate(_PLAIN),
            "summary": summary,
            "security": [{"basic": []}, {"query": []}, {}],
            "parameters": _parameters(path, method),
            "responses": {
                status: _response("Success", reply),
                **{code: _response(_TROUBLES[code], Trouble) for code in troubles},
            },
        }
        if body is not None:
            told["requestBody"] = {"required": False, "content": _content(body)}
        paths.setdefault(path, {})[method.lower()] = told
    return paths


_PLAIN = str.maketrans({"/": "_", "-": "_", "{": None, "}": None})


def _parameters(path: str, method: str) -> list[dict[str, Any]]:
    names = [("id", "path")] if "{id}" in path else []
    names += [(name, "query") for name in (_QUERY if method == "GET" else ("writeKey",))]
    if path == SIGNALS:
        names += [("Sec-GPC", "header"), ("ADPC", "header")]
    text = {"type": "string"}
    return [
        {"name": name, "in": place, "required": place == "path", "schema": text}
        for name, place in names
    ]


def _response(description: str, record: type) -> dict[str, Any]:
    return {"description": description, "content": _content(record)}


def _content(record: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{record.__name__}"}}}
