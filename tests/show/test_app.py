"""Every page is shown in both languages, escapes what it is told, and never breaks on an odd address."""

import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.show.addresses import person_name
from equipoise.show.heading import POLICY
from house import house
from show.visiting import EVIL, lively, mails_of, people_of, visit

PAGES = [
    "/",
    "/people",
    "/people?after=0",
    "/people?q=nobody@example.org",
    "/why",
    "/why?person=cy",
    "/why?person=nobody",
    "/desk",
    "/desk?said=approve",
    "/outbox",
    "/refused",
    "/plays",
    "/ledger",
    "/mailbox",
    "/login",
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return lively()


@pytest.fixture(scope="module")
def client(engine: Engine) -> TestClient:
    mistakes = {"bad.yaml": f"line 1: {EVIL}"}
    return visit(engine, mails=lambda _: mails_of(engine), mistakes=mistakes, simulated=True)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_shown_in_both_languages(
    client: TestClient, page: str, language: str
) -> None:
    answer = client.get(page, headers={"accept-language": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert "<h1" in answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_person_and_every_receipt_has_a_page(
    engine: Engine, client: TestClient, language: str
) -> None:
    receipts = engine.store.newest_receipts(500)
    kinds = set()
    pages = [f"/people/{person_name(person)}" for person in people_of(engine).values()]
    pages += [f"/decisions/{row.seq}" for row in receipts]
    for page in pages:
        answer = client.get(page, headers={"accept-language": language})
        assert answer.status_code == 200, page
        kinds |= {
            kind for kind in ("silence", "act", "held", "review") if f"chip {kind}" in answer.text
        }
    assert kinds == {"silence", "act", "held", "review"}


def test_whatever_people_say_is_escaped(engine: Engine, client: TestClient) -> None:
    """A handle, a trait, a fact, a mail and a mistake that are scripts stay text."""
    pages = [*PAGES, *(f"/people/{person_name(p)}" for p in people_of(engine).values())]
    shown = [client.get(page).text for page in pages]
    assert not any("<script>alert" in text for text in shown)
    assert sum("&lt;script&gt;alert" in text for text in shown) >= 5


@pytest.mark.parametrize(
    "path",
    [
        "/people/p_zzzzzzzzzzzzz",
        "/people/x",
        "/people/-1",
        "/people/99999999999999999999999",
        "/people/p_kha?at=l-1.r99999999999999999999.q5.%00",
        "/people/%00",
        "/decisions/0",
        "/decisions/abc",
        "/decisions/99999999999999999999999",
        "/decisions/1/bundle",
        "/tile/0/999",
        "/tile/../../etc/passwd",
        "/tile/",
        "/assets/../house.py",
        "/assets/nothing.css",
        "/nowhere",
        "/desk/1",
    ],
)
def test_an_odd_address_is_not_there_and_breaks_nothing(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (404, 405)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "q", ["%00", "a" * 5000, "%F0%9F%A6%84", "%FF%FE", "'; DROP TABLE x;--", "%"]
)
def test_an_odd_question_is_answered(client: TestClient, q: str) -> None:
    assert client.get(f"/people?q={q}").status_code in (200, 303)
    assert client.get(f"/why?person={q}").status_code == 200
    assert client.get(f"/?lang={q}").status_code == 200
    assert client.get(f"/people?after={q}").status_code == 200


def test_a_house_in_which_nothing_happened_says_so_kindly() -> None:
    client = visit(house())
    for page in ("/", "/people", "/desk", "/outbox", "/refused", "/plays", "/ledger"):
        assert client.get(page).status_code == 200
    assert "Nothing has arrived yet" in client.get("/").text
    assert client.get("/checkpoint").status_code == 404


def test_the_town_says_that_it_is_simulated_and_a_real_house_has_no_mailbox(
    engine: Engine, client: TestClient
) -> None:
    assert "nobody here is real" in client.get("/").text
    real = visit(engine)
    assert "nobody here is real" not in real.get("/").text
    assert real.get("/mailbox").status_code == 404


def test_every_answer_forbids_foreign_scripts_frames_and_copies(client: TestClient) -> None:
    for path in ("/", "/login", "/nowhere", "/people"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY
    assert "strict-transport-security" not in client.get("/").headers


def test_pages_obey_the_policy_that_they_send(client: TestClient) -> None:
    """No style attribute, no script between tags, nothing from another host."""
    for page in PAGES:
        text = client.get(page).text
        assert "style=" not in text
        assert "onclick" not in text
        assert text.count("<script") == text.count('<script defer src="/assets/')
        assert "http://" not in text.replace("http://testserver", "")
        assert "https://" not in text


def test_our_own_files_are_kept_for_ever_under_an_address_that_changes_with_them(
    client: TestClient,
) -> None:
    page = client.get("/").text
    address = page.partition('href="/assets/console.css?v=')[2].partition('"')[0]
    answer = client.get(f"/assets/console.css?v={address}")
    assert len(address) == 12
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


def test_a_language_chosen_by_hand_is_remembered_and_keeps_the_question(
    client: TestClient,
) -> None:
    chosen = client.get("/people?q=nobody&lang=fr", headers={"accept-language": "en"})
    assert chosen.cookies["equipoise_lang"] == "fr"
    assert '<html lang="fr">' in client.get("/", headers={"accept-language": "en"}).text
    assert "?q=nobody&amp;lang=en" in chosen.text
    client.cookies.clear()


def test_a_person_is_found_by_any_handle_and_by_name(engine: Engine, client: TestClient) -> None:
    name = person_name(people_of(engine)["ana"])
    for wanted in ("ana", "ANA@example.org", "email:ana@example.org", "an-1", name):
        answer = client.get("/people", params={"q": wanted})
        assert answer.headers["location"] == f"/people/{name}", wanted
