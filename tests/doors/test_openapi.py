"""The document of the wire says what the door does, and its page needs nothing else."""

import re

import msgspec
import pytest

from doors.asking import Client
from equipoise.arrive.segment.items import Item
from equipoise.doors import openapi, routes

DOCUMENT = msgspec.json.decode(openapi.document())


def test_every_path_of_the_door_is_in_the_document() -> None:
    told = {
        (path, method.upper()) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    served = {(path, method) for path, methods in routes.PATHS.items() for method in methods}
    terms = {("GET", at) for at in ("/{id}", "/{id}/record")}
    terms |= {("POST", at) for at in ("", "/{id}/accept-counter", "/{id}/refuse", "/{id}/end")}
    assert told == served | {
        ("/v1/projects/{writeKey}/settings", "GET"),
        ("/v1/terms/signals", "POST"),
        ("/v1/aggregates", "POST"),
        ("/v1/shares", "GET"),
        ("/v1/shares/notices", "GET"),
        ("/v1/shares/notices/{notice}/ack", "POST"),
        ("/v1/shares/reads", "POST"),
        ("/v1/shares/receipts/{receipt}", "GET"),
        *((f"/v1/terms/negotiations{at}", method) for method, at in terms),
    }
    assert DOCUMENT["openapi"] == "3.1.0"


def test_every_field_that_is_read_is_in_the_document() -> None:
    assert set(DOCUMENT["components"]["schemas"]["WireItem"]["properties"]) == set(
        Item.__struct_encode_fields__
    )


def test_every_reference_leads_to_a_schema_and_every_operation_has_its_own_name() -> None:
    text = openapi.document().decode()
    referred = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert referred <= set(DOCUMENT["components"]["schemas"])
    names = [op["operationId"] for methods in DOCUMENT["paths"].values() for op in methods.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("path", "kind"), [("/openapi.json", "application/json"), ("/docs", "text/html; charset=utf-8")]
)
def test_the_document_is_served_without_a_key(path: str, kind: str) -> None:
    reply = Client().ask("GET", path)
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    assert b"/v1/decide" in reply.body


def test_the_page_loads_nothing_from_anywhere() -> None:
    page = openapi.page().decode()
    assert not re.search(r"<script|<link|<img|src=|url\(|https?://", page)
    anchors = set(re.findall(r'href="#(\w+)"', page))
    assert anchors
    assert anchors <= set(re.findall(r'id="(\w+)"', page))
