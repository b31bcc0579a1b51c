"""Only a form of our own pages changes anything."""

import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.show.app import console_app
from equipoise.show.forms import FORM_FIELD, FORM_HEADER
from show.visiting import TOKEN, house_of, lively, token_of, visit

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


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_browser_that_contradicts_itself_is_refused(client: TestClient, site: str) -> None:
    headers = {"sec-fetch-site": site, "origin": "https://evil.example"}
    assert client.post("/login", data={"token": TOKEN}, headers=headers).status_code == 403


def test_a_page_that_sends_no_referrer_still_posts(client: TestClient) -> None:
    headers = {"sec-fetch-site": "same-origin", "origin": "null"}
    assert client.post("/login", data={"token": TOKEN}, headers=headers).status_code == 303


@pytest.fixture
def signed_in(engine: Engine) -> TestClient:
    """A browser that adds nothing to what it is told to send."""
    return plain(engine)


def plain(engine: Engine) -> TestClient:
    client = TestClient(console_app(house_of(engine, open_console=False)), follow_redirects=False)
    assert client.post("/login", data={"token": TOKEN}, headers=OURS[0]).status_code == 303
    return client


def test_every_form_of_a_session_carries_its_token(signed_in: TestClient) -> None:
    for path in ("/desk", "/people/16", "/plays"):
        page = signed_in.get(path, follow_redirects=True).text
        assert page.count('method="post"') == page.count(f'name="{FORM_FIELD}"') > 0, path


@pytest.mark.parametrize("token", ["", "x", "another's"])
def test_a_form_without_the_token_of_its_session_changes_nothing(
    engine: Engine, signed_in: TestClient, token: str
) -> None:
    if token == "another's":
        token = token_of(plain(engine))
    review = engine.store.with_status("review", 1)[0]
    before = engine.store.position()
    for form in (
        {FORM_FIELD: token, "answer": "approve"},
        {"answer": "approve", FORM_FIELD: token},
    ):
        answer = signed_in.post(f"/desk/{review.id}", data=form, headers=OURS[0])
        assert answer.status_code == 403
    assert engine.store.position() == before
    assert signed_in.get("/desk").status_code == 200, "and the session goes on"


def test_a_form_or_a_script_with_the_token_is_taken(signed_in: TestClient) -> None:
    form = {FORM_FIELD: token_of(signed_in), "answer": "neither"}
    assert signed_in.post("/desk/1", data=form, headers=OURS[0]).status_code == 404
    headers = {**OURS[0], FORM_HEADER: token_of(signed_in)}
    assert signed_in.post("/desk/1", data={"answer": "x"}, headers=headers).status_code == 404
    assert signed_in.post("/logout", headers=headers).status_code == 303


def test_a_form_that_is_too_large_is_told_and_not_read_to_its_end(signed_in: TestClient) -> None:
    form = {FORM_FIELD: token_of(signed_in), "note": "x" * 100_000}
    assert signed_in.post("/desk/1", data=form, headers=OURS[0]).status_code == 400
