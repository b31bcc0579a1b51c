"""The OpenAPI 3.1 document of the wire, made from the records that the door reads and writes."""

from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import msgspec

from equipoise.doors import openapi_aggregates, openapi_partners, openapi_terms, routes
from equipoise.doors.answers import Taken, Trouble
from equipoise.doors.policy import policy
from equipoise.doors.requests import DecideBody, DecideReply, PageReply

Id = str | int | float | None


def _told(text: str) -> Any:
    return msgspec.Meta(description=text)


class WireItem(msgspec.Struct, rename="camel"):
    """One call of the Segment tracking wire. Every field may be null or absent, save as told."""

    type: Annotated[
        str | None, _told("Which call it is; needed in a batch, implied by a path.")
    ] = None
    user_id: Annotated[Id, _told("The person's id. This or anonymousId is needed.")] = None
    anonymous_id: Annotated[Id, _told("The browser's or app's id; a public key needs it.")] = None
    message_id: Annotated[
        Id, _told("At most 100 characters; a repeat within a day is dropped.")
    ] = None
    event: Annotated[Id, _told("What happened; needed in a track call.")] = None
    group_id: Annotated[Id, _told("Group calls: the group.")] = None
    previous_id: Annotated[Id, _told("Alias calls: the id that the person had before.")] = None
    merge_properties: Annotated[
        list[dict[str, Any]] | None, _told("Merge calls: handles as pairs of type and value.")
    ] = None
    timestamp: Annotated[Id, _told("When it happened, ISO 8601, by the sender's clock.")] = None
    original_timestamp: Annotated[Id, _told("As timestamp, from RudderStack's libraries.")] = None
    sent_at: Annotated[Id, _told("When it was sent, by the same clock; corrects it.")] = None
    name: Annotated[Id, _told("Page and screen calls: the name.")] = None
    category: Annotated[Id, _told("Page and screen calls: the category.")] = None
    channel: Annotated[
        str | None, _told("The channel, where properties and context name none.")
    ] = None
    properties: Annotated[dict[str, Any] | None, _told("What is said about the event.")] = None
    traits: Annotated[dict[str, Any] | None, _told("What the person says about themselves.")] = None
    context: Annotated[dict[str, Any] | None, _told("Timezone, locale, page, device, traits.")] = (
        None
    )


class WireBatch(msgspec.Struct, rename="camel"):
    """Many calls at once; what stands beside them holds for those that do not say otherwise."""

    batch: list[WireItem]
    sent_at: Id = None
    context: dict[str, Any] | None = None
    write_key: str | None = None


class Alive(msgspec.Struct):
    """The server answers."""

    status: str


_SUMMARIES: dict[str, str] = {
    "take": "Take {what} in: 200 once it is on disk",
    "measure": "Take a client's own metrics, and keep none",
    "pixel": "Take one {what} call in through an image",
    "settings": "What the browser's client fetches before it sends",
    "source_config": "What RudderStack's browser client fetches before it sends",
    "decide": "Decide now for one person, and see every event acknowledged before",
    "page": "What waits to be shown to one person",
    "health": "Whether the server answers",
    "metrics": "Figures for Prometheus",
    "version": "Which version answers",
    "openapi": "This document",
    "docs": "This document, for people",
}
_REPLIES: dict[str, type] = {
    "take": Taken,
    "measure": Taken,
    "decide": DecideReply,
    "page": PageReply,
    "health": Alive,
}
_OTHER_KINDS = {"metrics": "text/plain", "pixel": "image/gif", "docs": "text/html"}
_TROUBLES = {
    "400": "The body cannot be read, or is too large",
    "401": "The write key is not known",
    "403": "A public key asked for more than its anonymous id, or a key for what its scopes lack",
    "413": "As 400 for too large, to sources whose name starts with rudder",
    "429": "The intake is full, or the key asks too fast: come back after Retry-After seconds",
}
_QUERIES = {
    "page": ("anonymousId", "userId", "writeKey"),
    "pixel": ("writeKey", "anonymousId", "event"),
    "source_config": ("writeKey",),
}
_KEYLESS = frozenset(("measure", "health", "metrics", "version", "openapi", "docs", "settings"))


@cache
def running_version() -> str:
    """The version of the package that answers; `0` where it runs without being installed."""
    try:
        return version("equipoise")
    except PackageNotFoundError:
        return "0"


@cache
def document() -> bytes:
    """The OpenAPI document as JSON in UTF-8."""
    wire = (WireBatch, WireItem, DecideBody, Trouble, Taken, DecideReply, PageReply, Alive)
    others = (openapi_terms, openapi_partners, openapi_aggregates)
    types = (*wire, *(one for part in others for one in part.TYPES))
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for path, methods in routes.PATHS.items():
        for method, route in methods.items():
            paths.setdefault(path, {})[method.lower()] = _operation(path, method, route)
    paths["/v1/projects/{writeKey}/settings"] = {
        "get": _operation("/v1/projects/{writeKey}/settings", "GET", routes.Route("settings"))
    }
    for part in others:
        paths |= part.operations()
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Equipoise",
                "version": running_version(),
                "description": "Events in, decisions out. Success is exactly 200; every other "
                "answer is a JSON object with a code and a message.",
            },
            "paths": paths,
            "components": {
                "schemas": schemas,
                "securitySchemes": {
                    "basic": {
                        "type": "http",
                        "scheme": "basic",
                        "description": "The write key as the user name, with no password.",
                    },
                    "query": {"type": "apiKey", "in": "query", "name": "writeKey"},
                    **openapi_partners.SCHEME,
                },
            },
        }
    )


def _operation(path: str, method: str, route: routes.Route) -> dict[str, Any]:
    what = "a batch" if route.call == "batch" else route.call
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()}{path}".replace("/", "_")
        .replace("{", "")
        .replace("}", ""),
        "summary": _SUMMARIES[route.does].format(what=what),
        "responses": {"200": _reply(route)},
    }
    if route.history:
        operation["summary"] += ", as history that opens no moments"
    if body := _body(route):
        operation["requestBody"] = {"required": True, "content": {"application/json": _see(body)}}
    if route.does not in _KEYLESS:
        operation["security"] = [{"basic": []}, {"query": []}, {}]
        operation["responses"] |= {
            status: {"description": text, "content": {"application/json": _see(Trouble)}}
            for status, text in _TROUBLES.items()
        }
    if route.does == "settings":
        unknown = {"description": _TROUBLES["401"], "content": {"application/json": _see(Trouble)}}
        operation["responses"]["401"] = unknown
    names = ("writeKey",) if "{writeKey}" in path else _QUERIES.get(route.does, ())
    place = "path" if "{writeKey}" in path else "query"
    operation["parameters"] = [
        {"name": name, "in": place, "required": place == "path", "schema": {"type": "string"}}
        for name in names
    ]
    return operation


def _body(route: routes.Route) -> type | None:
    if route.does == "decide":
        return DecideBody
    if route.does != "take":
        return None
    return WireBatch if route.call == "batch" else WireItem


def _reply(route: routes.Route) -> dict[str, Any]:
    kind = _OTHER_KINDS.get(route.does, "application/json")
    reply = _REPLIES.get(route.does)
    schema = _see(reply) if reply else {}
    return {"description": "Success", "content": {kind: schema}}


def _see(record: type) -> dict[str, Any]:
    return {"schema": {"$ref": f"#/components/schemas/{record.__name__}"}}


@cache
def page() -> bytes:
    """The document as one HTML page that loads nothing and needs no script."""
    told = msgspec.json.decode(document())
    rows = [
        f"<tr><td><code>{method.upper()}</code><td><code>{escape(path)}</code>"
        f"<td>{escape(operation['summary'])}<td>{_links(operation)}"
        for path, methods in sorted(told["paths"].items())
        for method, operation in methods.items()
    ]
    records = [
        f'<section id="{name}"><h3>{name}</h3><p>{escape(schema.get("description", ""))}</p>'
        f"<table><tbody>{_fields(schema)}</tbody></table></section>"
        for name, schema in sorted(told["components"]["schemas"].items())
    ]
    return _PAGE.format(
        style=_STYLE,
        version=escape(told["info"]["version"]),
        description=escape(told["info"]["description"]),
        rows="\n".join(rows),
        records="\n".join(records),
    ).encode()


@cache
def page_policy() -> bytes:
    """What a browser may do on that page: show its one style sheet."""
    return policy(_STYLE)


def _links(operation: dict[str, Any]) -> str:
    body = operation.get("requestBody", {}).get("content", {})
    given = next(reply for status, reply in operation["responses"].items() if status < "300")
    told = [(" takes ", body), (" gives ", given["content"])]
    links = ""
    for verb, content in told:
        for kind in content.values():
            if name := kind.get("schema", {}).get("$ref", "").rpartition("/")[2]:
                links += f'{verb}<a href="#{name}">{name}</a>'
    return links


def _fields(schema: dict[str, Any]) -> str:
    needed = schema.get("required", [])
    return "".join(
        f"<tr><td><code>{escape(name)}</code>{' (needed)' if name in needed else ''}"
        f"<td>{escape(_kind(field))}<td>{escape(field.get('description', ''))}"
        for name, field in schema.get("properties", {}).items()
    )


def _kind(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_kind(option) for option in field["anyOf"])
    if "items" in field:
        return f"list of {_kind(field['items'])}"
    return str(field.get("type") or field.get("$ref", "anything").rpartition("/")[2])


_STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; display: block; overflow-x: auto; }
td { border-top: 1px solid var(--line); padding: .35rem .75rem .35rem 0; vertical-align: top; }
section { margin-top: 2rem; }
section:target { outline: 2px solid; outline-offset: .5rem; }
"""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Equipoise: the wire</title>
<style>{style}</style>
<h1>Equipoise: the wire</h1>
<p>Version {version}. {description} The same as <a href="openapi.json">OpenAPI 3.1</a>.</p>
<h2>Paths</h2>
<table><tbody>
{rows}
</tbody></table>
<h2>Records</h2>
{records}
</html>
"""
