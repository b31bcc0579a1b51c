"""What the OpenAPI document says of `/v1/shares/...`."""

from typing import Any

from equipoise.doors.answers import Trouble
from equipoise.doors.partner_bodies import (
    AckReply,
    NoticesReply,
    ProofReply,
    ReadBody,
    ReadReply,
    ShareReply,
)
from equipoise.doors.partners import PATH

TYPES: tuple[type, ...] = (AckReply, NoticesReply, ProofReply, ReadBody, ReadReply, ShareReply)
"""The records that these operations name."""

SCHEME = {
    "partner": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a share, eqs_ENV_ID_SECRET.",
    }
}
"""How partners say who they are."""

_TROUBLES = {
    "400": "The read cannot be read",
    "401": "The token is not known",
    "404": "This share has no such receipt or notice",
    "413": "The body is too large",
    "429": "The intake is full, or the token asks too fast: come back after Retry-After seconds",
}

_OPERATIONS: tuple[tuple[str, str, str, type, tuple[str, ...]], ...] = (
    ("GET", PATH, "What a partner may ask, for which purpose, and what it owes", ShareReply, ()),
    ("POST", f"{PATH}/reads", "Ask granted questions of one person, or a count", ReadReply, ("400", "413")),
    ("GET", f"{PATH}/notices", "What a partner has to delete, correct or restrict", NoticesReply, ()),
    ("POST", f"{PATH}/notices/{{notice}}/ack", "Say that it was done", AckReply, ("404",)),
    ("GET", f"{PATH}/receipts/{{receipt}}", "The proof of a receipt, without its body", ProofReply, ("404",)),
)  # fmt: skip


def operations() -> dict[str, dict[str, Any]]:
    """The paths of the door for partners, as the document tells paths."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, summary, reply, troubles in _OPERATIONS:
        named = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
        told: dict[str, Any] = {
            "operationId": f"{method.lower()}{path}".translate(_PLAIN),
            "summary": summary,
            "security": [{"partner": []}],
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                for name in named
            ],
            "responses": {
                "200": _response("Success", reply),
                **{code: _response(_TROUBLES[code], Trouble) for code in ("401", "429", *troubles)},
            },
        }
        if reply is ReadReply:
            told["requestBody"] = {"required": True, "content": _content(ReadBody)}
            told["responses"]["403"] = _response("Refused, with its reason and receipt", ReadReply)
        paths.setdefault(path, {})[method.lower()] = told
    return paths


_PLAIN = str.maketrans({"/": "_", "-": "_", "{": None, "}": None})


def _response(description: str, record: type) -> dict[str, Any]:
    return {"description": description, "content": _content(record)}


def _content(record: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{record.__name__}"}}}
