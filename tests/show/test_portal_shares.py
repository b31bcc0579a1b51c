"""A person sees who may ask about them, what each was told, and ends it with one button."""

import re

import pytest

from equipoise.nouns.aggregates import Spending
from equipoise.nouns.events import Handle
from equipoise.nouns.shares import EndShare, ReadShare, ShareToken
from house import NOON_MS, granted, identify, send
from partners import TOKEN, ask, grant
from show.guests import Portal, form_of
from show.visiting import EVIL, house_of, lively

ANA = (Handle("email", "ana@example.org"),)


@pytest.fixture
def engine():
    engine = lively()
    send(engine, [identify("ana", age=34), granted("ana", 7, purpose="partner")])
    ask(engine, grant())
    ask(engine, grant(recipient=EVIL, token=ShareToken("other123", "1" * 64)))
    return engine


def read(engine, *asked):
    share = engine.store.shares()[0].seq
    said = {"share": share, "token": TOKEN.id, "purpose": "partner", "asked": asked}
    return ask(engine, ReadShare(**said, handles=ANA))


def page(client, language="en"):
    return client.get(f"/me/shares?lang={language}").text


def press(client, name, verb):
    form = form_of(page(client))
    return client.post("/me/shares/stop", data={"form": form, "recipient": name, "verb": verb})


def test_who_may_ask_and_what_each_was_told_is_there_with_its_receipt(engine):
    client = Portal(engine).enter()
    assert "Was told nothing about you." in page(client)
    read(engine, "adult", "age")
    told = page(client)
    assert "Answers given: 1" in told
    assert "30..65" in told
    assert "age ≥ 18" in told
    assert "It deletes it after 30 days." in told
    seq = engine.store.share_reads_of([a.id for a in engine.store.atoms_of(ANA).values()])[0].seq
    receipt = client.get(f"/me/decisions/{seq}")
    assert receipt.status_code == 200
    assert client.get(f"/me/proofs/{seq}.json").json()
    assert "Réponses données\u00a0: 1" in page(client, "fr")
    assert EVIL not in told


def test_one_button_ends_one_partner_and_takes_it_back(engine):
    client = Portal(engine).enter()
    answer = press(client, "Crèche", "stop")
    assert answer.headers["location"] == "/me/shares?said=stop"
    assert read(engine, "adult")["outcome"] == "refused"
    told = page(client)
    assert "You said no." in told
    assert "You have said that nothing about you goes to this partner." in told
    press(client, "Crèche", "lift")
    assert read(engine, "adult")["outcome"] == "granted"


def test_one_button_ends_them_all(engine):
    client = Portal(engine).enter()
    press(client, "*", "stop")
    assert read(engine, "adult")["outcome"] == "refused"
    assert "nothing about you goes to anybody" in page(client)
    assert press(client, "*", "lift").status_code == 303
    assert "nothing about you goes to anybody" not in page(client)


def test_a_partner_whose_share_ended_stays_where_it_was_told_something(engine):
    client = Portal(engine).enter()
    read(engine, "adult")
    for share in engine.store.shares():
        ask(engine, EndShare(share=share.seq, by="zoë"))
    told = page(client)
    assert "It may not ask any more." in told
    assert told.count("Answers given: 1") == 1


def test_what_is_not_a_button_of_the_page_does_nothing(engine):
    client = Portal(engine).enter()
    assert press(client, "", "stop").status_code == 404
    assert press(client, "Crèche", "burn").status_code == 404
    assert client.post("/me/shares/stop", data={"recipient": "*"}).status_code == 403


def test_the_page_tells_the_newest_reads_and_where_all_of_them_are(engine):
    for _ in range(52):
        read(engine, "adult")
    told = page(Portal(engine).enter())
    assert len(re.findall(r'href="/me/decisions/\d+"', told)) == 50
    assert "These are the newest." in told


def test_figures_about_many_people_are_told_with_what_they_cost(engine):
    spending = Spending(
        recipient="City", purpose="planning", year=2026, questions=3, epsilon=250_000,
        budget=3_000_000, last_ms=NOON_MS,
    )  # fmt: skip
    client = Portal(engine, house=house_of(engine, spendings=lambda _: [spending])).enter()
    assert "answers in 2026: 3, epsilon 0.25" in page(client)
