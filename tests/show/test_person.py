"""A person's page tells all that happened, in order, and why something was not sent."""

import asyncio
import json
from typing import get_args

import pytest

from equipoise.compose import Engine
from equipoise.nouns.agreements import NegotiationStatus
from equipoise.nouns.changes import ReceiptRow
from equipoise.nouns.events import Handle
from equipoise.nouns.state import PersonState
from equipoise.plays.phrases import held_join, sentence
from equipoise.plays.telling import why
from equipoise.show.chains import heads_of, read_onward, walk
from equipoise.show.house import Sentences
from equipoise.show.languages import Language
from equipoise.show.person import TIMELINE, portrait, timeline
from equipoise.show.reasons import why_not
from equipoise.show.stories import Teller
from equipoise.show.who import person_state, who, who_of
from house import DAY_MS, THANKS, house, identify, send, track, welcome
from show.visiting import house_of, lively, people_of, visit

EN = Language("en", "Europe/Paris")
TELLER = Teller(Sentences(sentence, held_join, why), EN)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return lively()


def state_of(engine: Engine, user: str) -> PersonState:
    state = person_state(engine.store, people_of(engine)[user])
    assert state is not None
    return state


def test_the_timeline_holds_events_decisions_terms_and_joins_newest_first(engine: Engine) -> None:
    past = timeline(engine.store, state_of(engine, "ana"), TELLER)
    seqs = [story.seq for story in past.stories]
    assert seqs == sorted(seqs, reverse=True)
    assert {story.tone for story in past.stories} >= {"event", "act", "terms", "join"}
    assert not any(story.sentence.startswith("terms.") for story in past.stories)
    assert past.onward == ""


def test_a_long_past_is_read_in_pages_without_a_gap_or_a_repeat() -> None:
    engine = house()
    engine.add_play(THANKS)
    send(engine, [*welcome("ana"), {"type": "page", "anonymousId": "a1", "messageId": "p"}])
    send(engine, [track("ana", "Order Completed", n) for n in range(70)])
    send(engine, [identify("ana", "a1")])
    state = state_of(engine, "ana")
    seen: list[int] = []
    at = ""
    for _ in range(20):
        past = timeline(engine.store, state, TELLER, at)
        assert len(past.stories) <= TIMELINE + 2
        seen += [story.seq for story in past.stories if story.tone != "join"]
        at = past.onward
        if not at:
            break
    whole = walk(engine.store, heads_of(state), frozenset(a.id for a in state.atoms), 10_000)
    hidden = [row for row in whole.rows if b"terms.granted" in row.body and hasattr(row, "kind")]
    assert len(seen) == len(set(seen)) == len(whole.rows) - len(hidden)
    assert seen == sorted(seen, reverse=True)


def test_the_page_of_one_person_shows_nobody_elses_past(engine: Engine) -> None:
    """Where the timeline goes on stands in the address, and an address can be made up."""
    bo, ana = state_of(engine, "bo"), state_of(engine, "ana")
    at = ".".join(f"{where}{seq}" for where, seq in heads_of(bo))
    stories = timeline(engine.store, ana, TELLER, at).stories
    assert not any(story.atom in {atom.id for atom in bo.atoms} for story in stories)
    assert read_onward("l1.r2.x3.l-4.lå.r") == {("l", 1), ("r", 2)}


def test_the_portrait_tells_terms_budget_handles_and_where_each_fact_comes_from(
    engine: Engine,
) -> None:
    house_ = house_of(engine)
    state = state_of(engine, "ana")
    now_ms = engine.clock.now_ms()
    told = portrait(engine.store, state, house_.view(state, now_ms), house_.rules, now_ms)
    assert [len(group.joins) for group in told.groups] == [0, 1]
    stances = {term.purpose: term.stance for term in told.terms}
    assert stances["marketing"] is not None
    assert stances["service"] is None
    assert [used.window for used in told.budget] == ["day", "week", "month"]
    assert told.budget[1].used == 1
    stated = {trait.name: trait.provenance for trait in told.traits}
    assert stated["first_name"] == "stated"
    assert stated["orders.count"] == "observed"
    assert dict(told.kinds)["Order Completed"].n == 1


def test_contacts_of_yesterday_are_not_charged_to_today() -> None:
    engine = house()
    engine.add_play(THANKS)
    send(engine, welcome("ana"))
    send(engine, [track("ana", "Order Completed", 1)])
    asyncio.run(engine.clock.advance(DAY_MS))
    house_, state = house_of(engine), state_of(engine, "ana")
    now_ms = engine.clock.now_ms()
    told = portrait(engine.store, state, house_.view(state, now_ms), house_.rules, now_ms)
    assert [(used.window, used.used) for used in told.budget] == [
        ("day", 0),
        ("week", 1),
        ("month", 1),
    ]


def test_every_play_says_why_it_was_not_sent(engine: Engine) -> None:
    plays = {
        play.name: play for play in why_not(house_of(engine), state_of(engine, "cy"), TELLER, EN)
    }
    thanks = plays["thanks"].because[0]
    assert "You have not said yes" in thanks.story.sentence
    assert thanks.n == 3
    assert "has never done that" in plays["birthday"].never
    assert "No channel has asked" in plays["hero"].never


def test_silences_of_a_closed_day_are_still_counted() -> None:
    engine = house()
    engine.add_play(THANKS)
    send(engine, [identify("cy", email="cy@example.org")])
    send(engine, [track("cy", "Order Completed", n) for n in range(4)])
    asyncio.run(engine.clock.advance(DAY_MS))
    engine.tick()
    send(engine, [track("cy", "Order Completed", 9)])
    play = next(p for p in why_not(house_of(engine), state_of(engine, "cy"), TELLER, EN))
    assert sum(because.n for because in play.because) == 5
    assert "You have not said yes" in play.because[0].story.sentence


def test_options_and_their_verdicts_are_told_in_sentences(engine: Engine) -> None:
    stories = timeline(engine.store, state_of(engine, "dee"), TELLER).stories
    held = next(story for story in stories if story.tone == "held")
    verdicts = [verdict for option in held.weighed for verdict in option.verdicts]
    assert any(v.answer == "hold" and "quiet hours" in v.sentence for v in verdicts)
    assert {option.option for option in held.weighed} == {"mail", "silence"}


def test_a_merged_person_leads_to_the_one_they_became(engine: Engine) -> None:
    ana = state_of(engine, "ana")
    client = visit(engine)
    moved = client.get(f"/people/{ana.atoms[1].id}")
    assert moved.status_code == 303
    assert client.get(moved.headers["location"]).status_code == 200


def test_a_person_is_called_by_the_handle_that_says_most() -> None:
    handles = (Handle("anonymous_id", "x"), Handle("email", "ana@example.org"))
    assert who(16, handles).label == "ana@example.org"
    assert who(16).label == "p_s"
    assert who(16, (Handle("odd", "…"),)).initial == "?"


def test_faces_are_those_of_the_state(engine: Engine) -> None:
    assert who_of(state_of(engine, "bo")).label == "bo"
    assert who_of(state_of(engine, "bo")).known


def test_what_a_person_said_they_want_is_told_as_their_word_and_not_as_a_fault() -> None:
    engine = house()
    said = {"kind": "spend_at_most", "amount": 50}
    calls = [track("ana", "felt", 1, felt="welcome"), track("ana", "aim.declared", 2, **said)]
    send(engine, [*welcome("ana"), *calls])
    past = timeline(engine.store, state_of(engine, "ana"), TELLER)
    told = {story.raw.get("type"): story for story in past.stories}
    felt, aim = told["felt"], told["aim"]
    assert (felt.chip, felt.tone, felt.notes) == ("Felt", "terms", ("welcome",))
    assert aim.sentence == "The person said what they want of themselves."
    assert aim.notes == ("spend_at_most",)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("status", get_args(NegotiationStatus))
def test_the_story_of_an_agreement_says_how_it_stands_and_which_it_is(
    status: str, language: str
) -> None:
    """Staff read sentences of their own; the person's page has others."""
    record = {"status": status, "proffered": "PDC-BASE", "countered": "SD-BASE"}
    raw = {"type": "agreement", "at_ms": 1, "record": record}
    teller = Teller(Sentences(sentence, held_join, why), Language(language, "Europe/Paris"))
    story = teller.receipt(ReceiptRow(16, 1, 0, 0, json.dumps(raw).encode(), b""))
    assert story.tone == "terms"
    assert story.notes == ("PDC-BASE", "SD-BASE")
    assert "_" not in story.chip + story.sentence
    assert story.sentence.endswith(".")
