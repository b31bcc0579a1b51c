"""The officer's page of shares: a grant with its token shown once, an end, and reads with their outcomes."""

import re

import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.nouns.events import Handle
from equipoise.nouns.shares import ReadShare, StopSharing
from house import granted, send
from partners import ask
from show.visiting import EVIL, ORIGIN, TOKEN, lively, people_of, visit

FORM = {
    "recipient": "Crèche des Lilas",
    "purpose": "partner",
    "mode": "answers",
    "asked": "adult: traits.age >= 18\nmany: count 50 traits.city = Nice",
    "no_onward": "1",
    "delete_days": "14",
    "until": "2027-01-31",
}
FIELDS = {"mode": "fields", "asked": "traits.city\ntraits.first_name"}


@pytest.fixture
def engine() -> Engine:
    return lively()


@pytest.fixture
def client(engine: Engine) -> TestClient:
    client = visit(engine, open_console=False)
    client.post("/login", data={"token": TOKEN}, headers=ORIGIN)
    return client


def post(client: TestClient, place: str, **form: str):
    return client.post(f"/shares{place}", data=form, headers=ORIGIN)


def token_in(page: str) -> str:
    return re.findall(r"eqs_live_[a-z0-9]{8}_[\w-]+", page)[0]


def test_nothing_shared_says_so_and_offers_a_form_with_answers_first(client) -> None:
    page = client.get("/shares").text
    assert "Nothing is shared with anybody." in page
    assert re.search(r'value="answers" checked', page)
    assert "Rien n’est partagé avec personne." in client.get("/shares?lang=fr").text


def test_a_partner_is_let_ask_and_its_token_is_shown_once(engine, client) -> None:
    page = post(client, "/new", **FORM).text
    token = token_in(page)
    (share,) = engine.store.shares()
    assert (share.recipient, share.by, share.mode) == ("Crèche des Lilas", "olga", "answers")
    assert [question.name for question in share.questions] == ["adult", "many"]
    assert (share.duties.no_onward, share.duties.no_profiling) == (True, False)
    assert share.duties.delete_days == 14
    assert share.until_ms == 1_801_440_000_000
    assert share.tokens[0].id == token.split("_")[2]
    again = client.get("/shares").text
    assert "eqs_" not in again
    assert "count 50 traits.city = Nice" in again
    assert token.rpartition("_")[2] not in str(engine.store.recent(99))


def test_fields_without_a_reason_are_refused_and_what_was_typed_stays(engine, client) -> None:
    page = post(client, "/new", **(FORM | FIELDS)).text
    assert "the reason why an answer will not do" in page
    assert 'value="Crèche des Lilas"' in page
    assert "traits.first_name</textarea>" in page
    assert engine.store.shares() == []
    post(client, "/new", **(FORM | FIELDS), why="The parcel is carried to the town.")
    (share,) = engine.store.shares()
    assert share.fields == ("traits.city", "traits.first_name")
    assert "The parcel is carried" in client.get("/shares").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"asked": "of age?"}, "write NAME: CONDITION"),
        ({"asked": "many: count 3 traits.city = Nice"}, "from 20 people on"),
        ({"delete_days": "many"}, "a whole number"),
        ({"until": "soon"}, "needs a day such as"),
        ({"until": "2001-01-01"}, "cannot end before it began"),
        ({"mode": "all"}, "a whole number"),
        ({"recipient": EVIL, "purpose": "two words"}, "needs one purpose"),
    ],
)
def test_a_form_that_makes_no_sense_is_told_what_to_write(engine, client, form, told) -> None:
    page = post(client, "/new", **(FORM | form)).text
    assert told in page
    assert EVIL not in page
    assert engine.store.shares() == []


def test_reads_are_listed_with_their_outcome_and_lead_to_their_receipt(engine, client) -> None:
    send(engine, [granted("ana", 7, purpose="partner")])
    token = token_in(post(client, "/new", **FORM).text).split("_")[2]
    (share,) = engine.store.shares()
    ana = (Handle("user_id", "ana"),)
    said = {"share": share.seq, "token": token, "purpose": "partner", "asked": ("adult",)}
    ask(engine, ReadShare(**said, handles=ana))
    ask(engine, StopSharing(handles=ana))
    ask(engine, ReadShare(**said, handles=ana))
    ask(engine, ReadShare(**said, handles=(Handle("user_id", "no-one"),)))
    page = client.get("/shares").text
    assert "1 granted, 2 refused, of which 1 about nobody here" in page
    assert "You have said that nothing about you goes to this partner." in page
    assert page.count(">nobody here<") == 1
    for read in engine.store.share_reads([share.seq], 9):
        receipt = client.get(f"/decisions/{read.seq}")
        assert receipt.status_code == 200
    from equipoise.show.addresses import person_name

    whom = client.get(f"/people/{person_name(people_of(engine)['ana'])}").text
    assert "Told: adult: no" in whom
    assert "Nothing more goes to any partner." in whom
    engine.request("erasure", "user_id:ana", at_once=True)
    assert "Not done yet by the partner" in client.get("/shares").text


def test_a_share_ends_once_and_a_token_is_renewed_while_it_lives(engine, client) -> None:
    post(client, "/new", **FORM)
    (share,) = engine.store.shares()
    page = post(client, f"/{share.seq}/token").text
    assert token_in(page)
    assert "two tokens already" in post(client, f"/{share.seq}/token").text
    assert (
        post(client, f"/{share.seq}/end", note="done").headers["location"] == "/shares?said=ended"
    )
    assert "Ended: the next read is refused." in client.get("/shares?said=ended").text
    assert "has ended already" in post(client, f"/{share.seq}/end").text
    assert "is over" in post(client, f"/{share.seq}/token").text
    assert post(client, "/x/end").status_code == 404
    assert "there is no such share" in post(client, "/999/end").text


def test_a_console_without_grants_lists_and_offers_no_form(engine) -> None:
    client = visit(engine, grants=None)
    assert 'name="recipient"' not in client.get("/shares").text
    assert post(client, "/new", **FORM).status_code == 404
