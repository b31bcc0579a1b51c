"""A contest from the person's page to the officer's and back: held back, made again, answered."""

import pytest

from equipoise.nouns.events import Handle
from house import DAY_MS, NOON_MS, receipts, send, track
from show.guests import Portal, say
from show.visiting import ORIGIN, TOKEN, lively, visit

WHOM = Handle("user_id", "ana")


@pytest.fixture
def contested():
    """Ana at her portal, an officer at the console, and the decision that she contests there."""
    portal = Portal(lively())
    engine = portal.engine
    mine = engine.store.atoms_of([WHOM])[WHOM].person
    sent = next(
        one["seq"]
        for one in reversed(receipts(engine))
        if one["type"] == "decision" and one["person"] == mine and one["chosen"] == "mail"
    )
    ana = portal.enter()
    page = f"/me/decisions/{sent}"
    said = say(ana, f"{page}/contest", page, ground="wrong_data", text="I never bought that.")
    assert said.headers["location"] == f"{page}?said=contested"
    officer = visit(engine, open_console=False)
    officer.post("/login", data={"token": TOKEN}, headers=ORIGIN)
    (request,) = engine.store.requests_owed(9)
    return engine, ana, officer, request


def buys(engine, n):
    """What the play does at an order eight days later, at noon."""
    engine.clock._now_ms = NOON_MS + 8 * n * DAY_MS
    engine.tick()
    send(engine, [track("ana", "Order Completed", f"later{n}", revenue=20)])
    made = [one for one in receipts(engine) if one["type"] == "decision"]
    row = [one for one in made if one["play"] == "thanks"][-1]
    assert row["at_ms"] == engine.clock.now_ms()
    return row["outcome"], row["reason"]


def answer(officer, request, **form):
    told = officer.post(f"/requests/{request.seq}", data=form, headers=ORIGIN)
    assert told.headers.get("location", "").startswith("/requests?said="), told.text


def test_it_waits_frozen_made_again_and_with_its_clock(contested):
    engine, ana, officer, request = contested
    assert (request.kind, request.ground, request.replayed) == ("contest", "wrong_data", "same")
    (row,) = engine.store.receipts([request.decision]).values()
    assert request.frozen == row.body
    page = officer.get("/requests?lang=en").text
    assert "I never bought that." in page
    assert "the same, in every number" in page
    assert "30 days left" in page or "31 days left" in page
    mine = ana.get("/me/requests?lang=en").text
    assert "days left" in mine


@pytest.mark.parametrize(
    ("verb", "outcome", "after"),
    [("upheld", "upheld", ("act", "chosen")), ("changed", "changed", ("silence", "contested"))],
)
def test_a_human_decides_the_person_reads_it_and_both_halves_have_receipts(
    contested, verb, outcome, after
):
    engine, ana, officer, request = contested
    assert buys(engine, 1) == ("silence", "contested")
    answer(officer, request, verb="begin")
    answer(officer, request, verb=verb, reason="The till had your card.")
    done = engine.store.requests([request.seq])[request.seq]
    assert (done.status, done.outcome, done.answered_by) == ("fulfilled", outcome, "olga")
    steps = [one for one in receipts(engine) if one["type"] == "request"]
    assert [one["did"] for one in steps] == ["asked", "begin", "fulfil"]
    assert steps[-1]["outcome"] == outcome
    assert {one["request"] for one in steps} == {request.id}
    told = ana.get("/me/requests?lang=en").text
    assert "The till had your card." in told
    assert buys(engine, 2) == after


def test_who_lets_it_rest_gets_the_same_again(contested):
    engine, ana, _, request = contested
    say(ana, f"/me/requests/{request.seq}/withdraw", "/me/requests")
    assert engine.store.requests([request.seq])[request.seq].outcome == "withdrawn"
    assert buys(engine, 1) == ("act", "chosen")
