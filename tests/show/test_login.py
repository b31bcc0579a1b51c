"""Without an open console only an operator sees anything, for as long as their session lasts."""

import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.show.login import local_path
from equipoise.show.sessions import AGE_S, IDLE_S, REFILL_S, TRIES
from show.visiting import ORIGIN, TOKEN, FakeTime, lively, visit

PRIVATE = [
    "/",
    "/people",
    "/people/p_s",
    "/why",
    "/desk",
    "/outbox",
    "/refused",
    "/plays",
    "/ledger",
]


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture(scope="module")
def engine() -> Engine:
    return lively()


@pytest.fixture
def client(engine: Engine, time: FakeTime) -> TestClient:
    return visit(engine, time, open_console=False)


def enter(client: TestClient, token: str = TOKEN, onward: str = "/people") -> int:
    form = {"token": token, "next": onward}
    return int(client.post("/login", data=form, headers=ORIGIN).status_code)


def test_every_page_leads_a_stranger_to_the_login_and_back(client: TestClient) -> None:
    for page in PRIVATE:
        answer = client.get(page)
        assert answer.status_code == 303, page
        assert answer.headers["location"].startswith("/login?next=%2F")
    assert client.get("/live").status_code == 401
    assert client.post("/desk/1", headers=ORIGIN).status_code == 401
    assert client.get("/decisions/1/bundle").status_code == 303


def test_the_login_and_what_a_stranger_gets_name_nobody(client: TestClient) -> None:
    shown = [
        client.get(page).text for page in ("/login", "/tile/0/999", "/assets/x", "/login?next=/x")
    ]
    assert not any("example.org" in text or "waiting" in text for text in shown)


def test_the_ledger_is_published_to_everybody(client: TestClient) -> None:
    for path in ("/checkpoint", "/vkey", "/tile/0/000.p/1", "/tile/entries/000.p/1"):
        assert client.get(path).status_code == 200


def test_the_right_token_opens_the_house(client: TestClient) -> None:
    answer = client.post("/login", data={"token": TOKEN, "next": "/people?q=a"}, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/people?q=a")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert TOKEN not in cookie
    assert len(client.cookies["equipoise"]) >= 43
    assert client.get("/people").status_code == 200
    assert "Sign out" in client.get("/").text


def test_a_wrong_token_opens_nothing(client: TestClient) -> None:
    assert enter(client, "eqo_wrong") == 403
    assert enter(client, "") == 403
    assert client.get("/").status_code == 303


def test_every_session_has_a_cookie_of_its_own(client: TestClient) -> None:
    cookies = set()
    for _ in range(3):
        enter(client)
        cookies.add(client.cookies["equipoise"])
    assert len(cookies) == 3


def test_a_session_ends_after_an_hour_of_silence(client: TestClient, time: FakeTime) -> None:
    enter(client)
    time.now_s += IDLE_S - 1
    assert client.get("/").status_code == 200
    time.now_s += IDLE_S + 1
    assert client.get("/").status_code == 303


def test_a_session_ends_after_its_day_however_much_it_is_used(
    client: TestClient, time: FakeTime
) -> None:
    enter(client)
    for _ in range(int(AGE_S // IDLE_S) * 2):
        time.now_s += IDLE_S / 2
        assert client.get("/").status_code == 200
    time.now_s += 1
    assert client.get("/").status_code == 303


def test_signing_out_ends_the_session_and_not_only_the_cookie(client: TestClient) -> None:
    enter(client)
    cookie = client.cookies["equipoise"]
    assert client.post("/logout", headers=ORIGIN).headers["location"] == "/login"
    client.cookies.set("equipoise", cookie)
    assert client.get("/").status_code == 303


def test_an_address_that_tries_too_often_has_to_wait_and_then_may_try_again(
    client: TestClient, time: FakeTime
) -> None:
    assert [enter(client, f"eqo_{n}") for n in range(TRIES)] == [403] * TRIES
    assert enter(client) == 429
    answer = client.post("/login", data={"token": TOKEN}, headers=ORIGIN)
    assert 1 <= int(answer.headers["retry-after"]) <= REFILL_S + 1
    time.now_s += REFILL_S + 0.1
    assert enter(client) == 303


def test_over_tls_the_cookie_is_bound_to_the_host_and_never_sent_in_the_clear(
    engine: Engine,
    time: FakeTime,
) -> None:
    client = visit(engine, time, open_console=False, public_url="https://shop.example")
    answer = client.post(
        "/login", data={"token": TOKEN}, headers={"origin": "https://shop.example"}
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-equipoise=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "max-age=31536000" in answer.headers["strict-transport-security"]


def test_a_token_in_the_fragment_is_posted_by_our_script_and_taken_out_of_the_history(
    client: TestClient,
) -> None:
    script = client.get("/assets/console.js").text
    assert "location.hash" in script
    assert "history.replaceState" in script
    assert 'id="login"' in client.get("/login").text
    assert 'id="token"' in client.get("/login").text


@pytest.mark.parametrize(
    "asked",
    [
        "//evil.example",
        "https://evil.example",
        "\\\\evil",
        "/\\evil",
        "",
        "/a\r\nb",
        "javascript:x",
    ],
)
def test_the_login_leads_to_no_other_host(asked: str) -> None:
    assert local_path(asked) == "/"
