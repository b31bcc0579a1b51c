"""Only a form of our own pages changes anything."""

import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from show.visiting import TOKEN, lively, visit

FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {},
    {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
    {"sec-fetch-site": "same-site"},
]
OURS = [
    {"origin": "http://testserver"},
    {"sec-fetch-site": "same-origin", "origin": "http://testserver"},
    {"sec-fetch-site": "none"},
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return lively()


@pytest.fixture
def client(engine: Engine) -> TestClient:
    return visit(engine)


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_of_another_site_changes_nothing(
    engine: Engine, client: TestClient, headers: dict[str, str]
) -> None:
    before = engine.store.position()
    review = engine.store.with_status("review", 1)[0]
    for path in (f"/desk/{review.id}", "/people/16/split", "/logout", "/login"):
        answer = client.post(path, data={"answer": "approve", "token": TOKEN}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert engine.store.position() == before


@pytest.mark.parametrize("headers", OURS)
def test_a_form_of_our_own_page_is_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/login", data={"token": TOKEN}, headers=headers).status_code == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_no_other_method_is_known(client: TestClient, method: str) -> None:
    assert client.request(method, "/desk", headers=OURS[0]).status_code == 405
