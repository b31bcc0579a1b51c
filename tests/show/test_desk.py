"""What staff do on a page goes through the desk: into the log, with their name, and under a receipt."""

import msgspec
import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.nouns.events import IntakeRow
from equipoise.nouns.records import HumanAnswer, Split
from equipoise.ports import Overloaded
from equipoise.show.addresses import person_name
from equipoise.show.desk import felt_of
from equipoise.show.forms import FIELDS_MOST, MOST_BYTES
from house import receipts
from show.visiting import ORIGIN, TOKEN, lively, people_of, visit


class FullDesk:
    """A desk that can take nothing."""

    async def accept(self, row: IntakeRow) -> int:
        raise Overloaded(7)

    async def ask(self, row: IntakeRow) -> bytes:
        raise Overloaded(7)


@pytest.fixture
def engine() -> Engine:
    return lively()


@pytest.fixture
def client(engine: Engine) -> TestClient:
    client = visit(engine, open_console=False)
    client.post("/login", data={"token": TOKEN}, headers=ORIGIN)
    return client


def answer(client: TestClient, action: int | str, said: str) -> str:
    form = {"answer": said, "note": "called them"}
    reply = client.post(f"/desk/{action}", data=form, headers=ORIGIN)
    return str(reply.headers.get("location", reply.status_code))


def test_the_desk_shows_what_would_be_said_and_how_many_wait(client: TestClient) -> None:
    page = client.get("/desk").text
    assert "Five euros for you" in page
    assert 'class="count"' in page


@pytest.mark.parametrize(("said", "status"), [("approve", "ready"), ("decline", "cancelled")])
def test_an_answer_is_logged_with_its_author_and_gets_a_receipt(
    engine: Engine, client: TestClient, said: str, status: str
) -> None:
    action = engine.store.with_status("review", 1)[0]
    assert answer(client, action.id, said) == f"/desk?said={said}"
    assert engine.store.actions([action.id])[action.id].status == status
    row = next(row for row in engine.store.recent(5) if row.kind == "human")
    logged = msgspec.msgpack.decode(row.body, type=HumanAnswer)
    assert (logged.by, logged.note, logged.answer) == ("olga", "called them", said)
    assert receipts(engine)[-1]["type"] == f"human_{said}"
    assert 'class="count"' not in client.get("/desk").text


def test_what_is_no_longer_there_cannot_be_answered(client: TestClient) -> None:
    assert answer(client, 999_999, "approve") == "/desk?said=gone"
    assert answer(client, "abc", "approve") == "404"
    assert answer(client, 1, "perhaps") == "404"


def test_a_join_is_taken_apart_by_name_and_both_keep_what_was_theirs(
    engine: Engine, client: TestClient
) -> None:
    ana = people_of(engine)["ana"]
    page = client.get(f"/people/{person_name(ana)}").text
    atoms = [int(part.partition('"')[0]) for part in page.split('name="atom" value="')[1:]]
    assert len(atoms) == 2
    form = {"atom": str(atoms[1]), "note": "brother and sister"}
    moved = client.post(f"/people/{person_name(ana)}/split", data=form, headers=ORIGIN)
    assert moved.headers["location"].endswith("?said=split")
    people = {atom.person for atom in engine.store.atoms(atoms).values()}
    assert len(people) == 2
    row = next(row for row in engine.store.recent(3) if row.kind == "split")
    assert msgspec.msgpack.decode(row.body, type=Split).by == "olga"
    shown = client.get(moved.headers["location"]).text
    assert "Never joined again with" in shown


@pytest.mark.parametrize("atoms", [[], ["abc"], ["999999999999999999999"], ["17"]])
def test_a_split_that_names_no_group_of_the_person_changes_nothing(
    engine: Engine, client: TestClient, atoms: list[str]
) -> None:
    ana = person_name(people_of(engine)["ana"])
    moved = client.post(f"/people/{ana}/split", data={"atom": atoms}, headers=ORIGIN)
    assert moved.headers["location"] == f"/people/{ana}?said=not_split"
    assert "Nothing was changed" in client.get(moved.headers["location"]).text


def test_a_house_that_is_full_says_when_to_come_back(engine: Engine) -> None:
    client = visit(engine, desk=FullDesk())
    reply = client.post("/desk/17", data={"answer": "approve"}, headers=ORIGIN)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "7")


@pytest.mark.parametrize(
    "form", ["note=" + "a" * MOST_BYTES, "&".join(["a=1"] * (FIELDS_MOST + 1))]
)
def test_a_form_beyond_its_bounds_is_refused(client: TestClient, form: str) -> None:
    headers = {**ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    assert client.post("/desk/17", content=form, headers=headers).status_code == 400


def test_plays_are_shown_with_every_version_and_refused_items_with_what_came(
    client: TestClient,
) -> None:
    plays = client.get("/plays").text
    assert "when “Order Refunded” happens" in plays
    assert "chooser: fixed_shares" in plays
    assert "no_identity" in client.get("/refused").text


def test_answers_are_told_by_play_and_option_and_those_taken_back_are_not():
    counts = {"felt:welcome": 9, "felt:thanks/mail:welcome": 2, "felt:thanks/mail:untrue": 0}
    assert felt_of(counts | {"events": 4}) == {"thanks": {"mail": {"welcome": 2}}}
