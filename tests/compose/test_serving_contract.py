"""The wire keeps to its OpenAPI document, whatever schemathesis asks of it, for each tenant apart."""

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from compose.neighbours import SHARED, House, basic, browser
from equipoise.doors import openapi

pytestmark = pytest.mark.slow
SCHEMA = schemathesis.openapi.from_dict(msgspec.json.decode(openapi.document()))
OPERATIONS = {told.ok().label: told.ok() for told in SCHEMA.get_all_operations()}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 6
"""How many requests are made up for each operation; each is asked in four ways."""


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    folder = tmp_path_factory.mktemp("contract")
    both = [House(folder, "amber").live(), House(folder, "birch").live()]
    yield both
    for house in both:
        house.close()


@pytest.fixture(scope="module")
def clients(houses):
    hosts = [*(house.host for house in houses), SHARED]
    return {host: browser(houses, host) for host in hosts}


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_an_operation_breaks_nothing_keeps_its_contract_and_reads_nothing_of_a_neighbour(
    label, houses, clients
):
    amber, birch = houses
    operation = OPERATIONS[label]
    ways = [(amber.host, amber.server), (amber.host, amber.public), (SHARED, amber.server)]
    before = birch.digest()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy())
    def ask(case):
        for host, key in [*ways, (birch.host, amber.server)]:
            sent = case.as_transport_kwargs(base_url=f"https://{host}", headers=basic(key))
            sent.pop("cookies", None)
            answer = clients[host].request(
                sent["method"],
                sent["url"],
                headers=sent["headers"],
                params=sent.get("params"),
                content=body_of(sent),
            )
            case.validate_response(answer, checks=CHECKS)
            if host == birch.host:
                assert answer.status_code in (401, 400) or is_open(case.path)
            elif not is_open(case.path):
                assert birch.user not in answer.text.replace(str(case.body), "")

    ask()
    assert birch.digest() == before


def body_of(sent):
    """The body as bytes, as a client without a library of its own would send it."""
    if "json" in sent:
        return msgspec.json.encode(sent["json"])
    return sent.get("data")


def is_open(path):
    """Whether a path needs no key, and so says nothing about anybody."""
    return path in ("/v1/m", "/health", "/metrics", "/version", "/openapi.json", "/docs")


def test_the_document_has_the_operations_that_are_asked():
    assert len(OPERATIONS) >= 30
    assert "POST /v1/decide" in OPERATIONS
