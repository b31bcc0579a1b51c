"""The officer's page: clocks, answers, and the report of an erasure, through the desk into the log."""

import msgspec
import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.nouns.events import Handle
from equipoise.nouns.state import PersonState
from equipoise.rights.erasing import KEPT, erased_of
from equipoise.show.languages import Language
from house import DAY_MS, receipts
from show.visiting import ORIGIN, TOKEN, lively, visit


@pytest.fixture
def engine() -> Engine:
    return lively()


@pytest.fixture
def client(engine: Engine) -> TestClient:
    client = visit(engine, open_console=False)
    client.post("/login", data={"token": TOKEN}, headers=ORIGIN)
    return client


def somebody(engine: Engine) -> str:
    row = next(r for r in receipts(engine) if r["type"] == "decision" and r["chosen"] != "silence")
    state = engine.store.states([row["person"]])[row["person"]]
    for handle in (Handle("user_id", n) for n in ("ana", "bob", "zoe", "lea", "max")):
        if handle in engine.store.atoms_of([handle]) and handle.value.encode() in state:
            return f"user_id:{handle.value}"
    raise AssertionError(state)


def post(client: TestClient, place: str, **form: str):
    return client.post(f"/requests{place}", data=form, headers=ORIGIN)


def test_nothing_owed_says_so_and_offers_a_form(client: TestClient) -> None:
    page = client.get("/requests").text
    assert "You owe nobody an answer." in page
    assert 'name="kind"' in page
    french = client.get("/requests?lang=fr").text
    assert "Vous ne devez de réponse à personne." in french


def test_a_request_is_opened_shown_with_its_clock_put_off_and_refused(engine, client) -> None:
    whom = somebody(engine)
    assert post(client, "/new", person=whom, kind="access").headers["location"].endswith("=open")
    (asked,) = engine.store.requests_owed(9)
    page = client.get("/requests").text
    assert asked.id in page
    assert "days left" in page
    refused = post(client, f"/{asked.seq}", verb="refuse")
    assert "say why" in refused.text
    post(client, f"/{asked.seq}", verb="extend", reason="two systems")
    assert "two systems" in client.get("/requests").text
    post(client, f"/{asked.seq}", verb="refuse", reason="asked yesterday")
    assert engine.store.requests_owed(9) == []
    assert "asked yesterday" in client.get("/requests").text
    steps = [row["did"] for row in receipts(engine) if row["type"] == "request"]
    assert steps == ["asked", "extend", "refuse"]
    assert engine.store.requests([asked.seq])[asked.seq].answered_by == "olga"


def test_a_contest_shows_the_decision_and_ends_with_an_outcome(engine, client) -> None:
    decision = next(
        r for r in receipts(engine) if r["type"] == "decision" and r["chosen"] != "silence"
    )
    whom = somebody(engine)
    post(client, "/new", person=whom, kind="contest", decision=decision["id"], ground="unfair")
    (asked,) = engine.store.requests_owed(9)
    page = client.get("/requests").text
    assert f"/decisions/{decision['seq']}" in page
    assert 'value="upheld"' in page
    post(client, f"/{asked.seq}", verb="changed")
    assert engine.store.requests([asked.seq])[asked.seq].outcome == "changed"


def test_the_report_of_an_erasure_is_shown_once_and_the_pages_go_on(engine, client) -> None:
    whom = somebody(engine)
    post(client, "/new", person=whom, kind="erasure")
    (asked,) = engine.store.requests_owed(9)
    report = post(client, f"/{asked.seq}", verb="fulfil").text
    assert "Erased: the report" in report
    assert "salted commitment" in report
    assert "Erased: the report" not in client.get("/requests").text
    for page in ("/", "/people", "/why", "/ledger", "/requests"):
        assert client.get(page).status_code == 200


def test_what_cannot_be_asked_says_why(engine, client) -> None:
    assert "nobody here is known" in post(client, "/new", person="x@y.z", kind="access").text
    assert post(client, "/new", person="x", kind="wishes").status_code == 404
    assert post(client, "/99", verb="dance").status_code == 404
    assert "no such request" in post(client, "/99", verb="fulfil").text


def test_a_persons_page_tells_their_requests(engine, client) -> None:
    whom = somebody(engine)
    post(client, "/new", person=whom, kind="restriction")
    (atom,) = engine.store.atoms_of([Handle(*whom.split(":"))]).values()
    page = client.get(f"/people/{atom.person}").text
    assert "Restriction" in page
    (past,) = (r for r in engine.store.newest_requests(9) if r.kind == "restriction")
    post(client, f"/{past.seq}", verb="withdraw")
    assert engine.store.requests([past.seq])[past.seq].status == "withdrawn"


def test_every_line_of_the_report_of_an_erasure_has_words_in_both_languages(engine) -> None:
    state = engine.store.states([next(iter(engine.store.people_after(0, 1)))])
    whom = erased_of(msgspec.msgpack.decode(next(iter(state.values())), type=PersonState))
    tables = {*engine.store.traces(whom), *KEPT, "others_put_right"}
    for code in ("en", "fr"):
        language = Language(code, "Europe/Paris")
        assert {one for one in tables if language.word("erased_table", one) == one} == set()
        assert {one for one in KEPT if language.word("erased_kept", one) == one} == set()


def test_the_button_of_an_erasure_says_that_it_erases(engine, client) -> None:
    post(client, "/new", person=somebody(engine), kind="erasure")
    page = client.get("/requests").text
    assert "Erase for ever" in page
    assert ">Fulfil<" not in page
    assert "Effacer pour toujours" in client.get("/requests?lang=fr").text


def test_one_day_is_told_as_one(engine, client) -> None:
    post(client, "/new", person=somebody(engine), kind="access")
    (asked,) = engine.store.requests_owed(9)
    for now_ms, words in (
        (asked.due_ms - DAY_MS, "1 day left"),
        (asked.due_ms + 1, "1 day late"),
        (asked.due_ms + DAY_MS + 1, "2 days late"),
    ):
        engine.clock._now_ms = now_ms
        assert words in client.get("/requests").text
