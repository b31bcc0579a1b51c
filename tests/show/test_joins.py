"""The page of hypotheses: two people side by side, an answer through the desk, and why not."""

import asyncio
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.nouns.events import Handle
from equipoise.nouns.hypotheses import Hypothesis, Likeness, Searched
from equipoise.show.joins import CODES
from house import NOON_MS, send, welcome
from show.visiting import ORIGIN, TOKEN, lively, visit

EVIDENCE = (Likeness("email", "different", -2.5), Likeness("family_name", "exact", 6.5))


def person_of(engine: Engine, user: str) -> int:
    return engine.store.atoms_of([Handle("user_id", user)])[Handle("user_id", user)].person


def suppose(engine: Engine, one: str, other: str, score: float = 0.97, held: str = "") -> str:
    """Keep a hypothesis about two users; its number."""
    left, right = sorted((person_of(engine, one), person_of(engine, other)))
    engine.suppose([Hypothesis(left=left, right=right, score=score, evidence=EVIDENCE, held=held)])
    return str(engine.store.hypotheses_of([left])[-1].seq)


@pytest.fixture
def engine() -> Engine:
    return lively()


@pytest.fixture
def client(engine: Engine) -> TestClient:
    client = visit(engine, open_console=False)
    client.post("/login", data={"token": TOKEN}, headers=ORIGIN)
    return client


def answer(client: TestClient, number: str, verb: str, note: str = "") -> str:
    """Post an answer; the page that follows."""
    told = client.post(f"/joins/{number}", data={"verb": verb, "note": note}, headers=ORIGIN)
    return client.get(told.headers["location"]).text


def test_nothing_that_waits_says_how_to_look(client: TestClient) -> None:
    assert "No two people wait for an answer." in client.get("/joins").text
    assert "Aucune paire n’attend de réponse." in client.get("/joins?lang=fr").text


def test_two_people_stand_side_by_side_with_what_speaks_for_it_first(engine, client) -> None:
    number = suppose(engine, "ana", "bo")
    page = client.get("/joins").text
    assert f"h_{number}" in page
    assert "Very likely" in page
    assert "97% that they are one" in page
    assert page.index("the same") < page.index(">different<")
    assert "ana@example.org" in page
    assert "bo@example.org" in page
    french = client.get("/joins?lang=fr").text
    assert "Très probable" in french
    assert "Ce sont deux personnes" in french


class Looking:
    """A searcher that is asked, and searches when the test says so."""

    began_ms = 0
    last = None

    def begin(self) -> None:
        self.began_ms = NOON_MS


def test_a_search_begins_with_a_button_and_the_page_says_how_it_stands(engine) -> None:
    looking = Looking()
    client = visit(engine, searcher=looking)
    page = client.get("/joins").text
    assert "Nobody is joined by that." in page
    assert "“equipoise joins” looks for people" not in page
    assert client.post("/joins", headers=ORIGIN, follow_redirects=False).status_code == 303
    page = client.get("/joins").text
    assert "A search is under way" in page
    assert '<form method="post" action="/joins"' in page
    assert "<button>Look for people" not in page
    looking.began_ms, looking.last = 0, Searched(at_ms=NOON_MS, pairs=7, joined=2)
    page = client.get("/joins").text
    assert "Pairs found: 7. Joined by the rule: 2." in page
    looking.last = Searched(at_ms=NOON_MS, why="nobody has <traits>")
    assert "nobody has &lt;traits&gt;" in client.get("/joins?lang=fr").text


def test_a_house_that_cannot_search_has_no_button(client) -> None:
    assert client.post("/joins", headers=ORIGIN).status_code == 404


def test_a_confirmed_one_is_listed_with_who_said_so_and_told_on_the_persons_page(
    engine, client
) -> None:
    number = suppose(engine, "ana", "bo")
    page = answer(client, number, "confirm", "same card")
    assert "They are one person now" in page
    assert "same card" in page
    assert "by olga" in page
    assert person_of(engine, "ana") == person_of(engine, "bo")
    person = client.get("/people?q=user_id:ana", follow_redirects=True).text
    assert "Two records were found to be this person’s" in person
    assert "They are one" in person


def test_a_refused_one_is_gone_and_one_put_off_stands_below(engine, client) -> None:
    number = suppose(engine, "ana", "bo")
    assert "Put off" in answer(client, number, "later")
    page = answer(client, number, "refuse")
    assert "They stay two" in page
    assert "No two people wait for an answer." in page


def test_a_refused_one_is_listed_with_who_said_so_and_reopened_with_one_button(
    engine, client
) -> None:
    number = suppose(engine, "ana", "bo")
    assert "Said to be two" not in client.get("/joins").text
    page = answer(client, number, "refuse", "two sisters")
    assert "Said to be two" in page
    assert "two sisters" in page
    assert "by olga" in page
    assert 'value="confirm"' not in page
    assert f'aria-label="Reopen h_{number}"' in page
    page = answer(client, number, "reopen")
    assert "it waits for an answer again" in page
    assert "Refused before; reopened by olga" in page
    assert "Said to be two" not in page
    assert 'value="reopen"' not in page
    assert "They are one person now" in answer(client, number, "confirm")
    assert person_of(engine, "ana") == person_of(engine, "bo")


def test_the_latest_refusal_stands_first_and_what_a_split_ended_is_not_among_them(
    engine, client
) -> None:
    send(engine, [*welcome("eve"), *welcome("fay")])
    parted = suppose(engine, "ana", "bo")
    answer(client, parted, "confirm")
    bo = Handle("user_id", "bo")
    engine.split(person_of(engine, "ana"), [engine.store.atoms_of([bo])[bo].id], "zoé")
    likelier, late = suppose(engine, "ana", "eve", 0.99), suppose(engine, "bo", "fay", 0.6)
    answer(client, late, "later")
    answer(client, likelier, "refuse")
    asyncio.run(engine.clock.advance(1_000))
    page = answer(client, late, "refuse")
    assert page.index(f"Reopen h_{late}") < page.index(f"Reopen h_{likelier}")
    assert f"h_{parted}" not in page
    assert "a split took the two apart" in answer(client, parted, "reopen")


def test_nobody_reopens_without_our_own_form_or_what_was_not_refused(engine, client) -> None:
    number = suppose(engine, "ana", "bo")
    assert "only what was refused can be reopened" in answer(client, number, "reopen")
    answer(client, number, "refuse")
    stranger = visit(engine, open_console=False)
    told = stranger.post(f"/joins/{number}", data={"verb": "reopen"}, headers=ORIGIN)
    assert told.status_code == 401
    forged = client.post(
        f"/joins/{number}", data={"verb": "reopen"}, headers={"origin": "https://else.example"}
    )
    assert forged.status_code == 403
    assert "Said to be two" in client.get("/joins").text


def test_what_is_not_carried_out_says_why(engine, client) -> None:
    send(engine, [*welcome("eve"), *welcome("fay"), *welcome("gus")])
    numbers = [
        suppose(engine, *two)
        for two in (("ana", "bo"), ("bo", "eve"), ("eve", "fay"), ("fay", "gus"))
    ]
    page = answer(client, numbers[0], "confirm")
    assert "most people around them are not like each other" in page
    assert person_of(engine, "ana") != person_of(engine, "bo")
    assert answer(client, "999999", "confirm").count("was erased") == 1


def test_a_pair_that_no_rule_joins_says_why(engine, client) -> None:
    suppose(engine, "ana", "bo", held="cluster_bridge")
    assert "only this pair ties two groups together" in client.get("/joins").text


@pytest.mark.parametrize("place", ["/joins/none", "/joins/h_16"])
def test_an_answer_that_there_is_not_is_not_there(client: TestClient, place: str) -> None:
    assert client.post(place, data={"verb": "perhaps"}, headers=ORIGIN).status_code == 404


def test_an_answer_without_our_own_form_is_refused(engine) -> None:
    number = suppose(engine, "ana", "bo")
    stranger = visit(engine, open_console=False)
    assert (
        stranger.post(f"/joins/{number}", data={"verb": "confirm"}, headers=ORIGIN).status_code
        == 401
    )
    assert person_of(engine, "ana") != person_of(engine, "bo")


def test_every_reason_has_its_row_in_the_docs() -> None:
    told = (Path(__file__).parents[2] / "docs/joins.md").read_text("utf-8")
    assert [code for code in CODES if f"`{code}`" not in told] == []


def test_a_handle_is_taken_out_only_after_the_page_said_that_its_past_stays(engine, client) -> None:
    whom = client.get("/people?q=user_id:ana").headers["location"]
    form = {"handle": "email:ana@example.org", "note": "her sister’s"}
    asked = client.post(f"{whom}/split", data=form, headers=ORIGIN)
    assert asked.status_code == 200
    assert "its past stays here" in asked.text
    mail, ana = Handle("email", "ana@example.org"), Handle("user_id", "ana")
    atoms = engine.store.atoms_of([mail, ana])
    assert atoms[mail].person == atoms[ana].person
    done = client.post(f"{whom}/split", data=form | {"sure": "yes"}, headers=ORIGIN)
    assert done.headers["location"].endswith("said=split")
    atoms = engine.store.atoms_of([mail, ana])
    assert atoms[mail].person != atoms[ana].person


def test_a_handle_that_is_not_the_persons_changes_nothing(engine, client) -> None:
    whom = client.get("/people?q=user_id:ana").headers["location"]
    told = client.post(f"{whom}/split", data={"handle": "user_id:bo"}, headers=ORIGIN)
    assert told.headers["location"].endswith("said=not_split")
