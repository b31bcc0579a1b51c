"""What a person sees and says on their pages: all of it is theirs, and each act is in the log."""

import asyncio
import re
from html import unescape

import pytest

from equipoise.nouns.aims import AIM_KINDS
from equipoise.show.languages import Language, texts
from equipoise.show.person import portrait
from equipoise.show.portal.allowing import notice_text
from equipoise.show.portal.knowing import FOLDED
from equipoise.show.portal.pages import PLACES, TEXTS
from equipoise.show.who import person_state
from house import receipts
from journeys.learned import Shop
from show.guests import Portal, say
from show.visiting import EVIL, lively, people_of

PATHS = ["/me", *(f"/me/{place}" for place in PLACES[1:])]


@pytest.fixture
def portal() -> Portal:
    return Portal(lively())


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return unescape(answer.text)


@pytest.mark.parametrize("code", ["en", "fr"])
def test_every_page_is_there_in_both_languages_and_escapes_what_it_shows(portal, code) -> None:
    client = portal.enter()
    for path in PATHS:
        answer = client.get(f"{path}?lang={code}")
        assert answer.status_code == 200, path
        assert f'<html lang="{code}">' in answer.text
        assert EVIL not in answer.text
    assert EVIL in read(client, "/me")


def test_everything_that_is_remembered_is_shown(portal) -> None:
    page = read(portal.enter(), "/me?lang=en")
    engine = portal.engine
    state = person_state(engine.store, people_of(engine)["ana"])
    for atom in state.atoms:
        for handle in atom.handles:
            assert f">{handle.value}<" in page
        for name, last in atom.profile.last.items():
            assert str(last.value) in page, name
        for kind, tally in atom.profile.tallies.items():
            assert f">{tally.n}<" in page, kind
    assert any(atom.profile.bought for atom in state.atoms)
    assert "Purchases kept one by one" in page
    named = texts(TEXTS)
    for name in FOLDED:
        assert f"field.{name.replace('.', '_')}" in named
    told = portrait(
        engine.store, state, _view(engine, state), engine.walker.engine.rules, engine.clock.now_ms()
    )
    for held in told.held:
        assert held.play in page


def _view(engine, state):
    from equipoise.remember.view import View

    return View(state, engine.clock.now_ms(), engine.walker.engine.rules)


def test_what_a_model_inferred_is_shown_as_inferred() -> None:
    portal = Portal(Shop().engine)
    page = read(portal.enter("u0@example.org"), "/me?lang=en")
    assert "What was inferred" in page
    assert "chance that you answer" in page
    assert "inferred</span>" in page


def test_nobody_reads_a_receipt_of_somebody_else(portal) -> None:
    ana, bo = portal.enter(), portal.enter("bo@example.org")
    seqs = re.findall(r'href="/me/decisions/(\d+)"', ana.get("/me/decisions").text)
    assert seqs
    for seq in seqs:
        assert ana.get(f"/me/decisions/{seq}").status_code == 200
        assert ana.get(f"/me/proofs/{seq}.json").status_code == 200
        for path in (f"/me/decisions/{seq}", f"/me/proofs/{seq}.json"):
            assert bo.get(path).status_code == 404
        for act in ("contest", "review", "stop"):
            path = f"/me/decisions/{seq}/{act}"
            assert say(bo, path, "/me/terms", ground="other").status_code == 404
    assert ana.get("/me/decisions/999999").status_code == 404
    assert ana.get("/me/decisions/nonsense").status_code == 404


def test_a_withdrawal_counts_at_the_next_decision_under_the_sentence_that_was_read(portal) -> None:
    client, engine = portal.enter(), portal.engine
    answer = say(client, "/me/terms", purpose="personalisation", channel="*", answer="withdraw")
    assert answer.headers["location"] == "/me/terms?said=withdraw"
    assert engine.decide("user_id:ana", "home-hero").reason == "objected"
    receipt = next(r for r in reversed(receipts(engine)) if r["type"] == "terms")
    assert receipt["kind"] == "terms.withdrawn"
    assert receipt["source"] == "portal"
    sentence = notice_text(
        Language("en", "Europe/Paris", TEXTS), "Maison Test", "withdraw", ("personalisation", "*")
    )
    assert sentence == "I no longer allow Maison Test: Choosing what suits you, everywhere."
    asyncio.run(engine.clock.advance(1000))
    say(client, "/me/terms", purpose="personalisation", channel="*", answer="grant")
    assert engine.decide("user_id:ana", "home-hero").reason != "objected"


def test_attention_and_quiet_hours_are_set_and_taken_back(portal) -> None:
    client = portal.enter()
    say(client, "/me/terms/attention", per_week="2")
    say(client, "/me/terms/quiet", **{"from": "20:00", "to": "09:30"})
    page = read(client, "/me/terms")
    assert 'value="2"' in page
    assert 'value="20:00"' in page
    assert 'value="09:30"' in page
    for wrong in ({"per_week": "-1"}, {"per_week": "lots"}, {"per_week": "99999"}):
        answer = say(client, "/me/terms/attention", **wrong)
        assert answer.headers["location"].endswith("not_so")
    answer = say(client, "/me/terms/quiet", **{"from": "25:00", "to": "09:30"})
    assert answer.headers["location"].endswith("not_so")
    asyncio.run(portal.engine.clock.advance(1000))
    say(client, "/me/terms/attention", per_week="")
    say(client, "/me/terms/quiet", **{"from": "", "to": ""})
    page = read(client, "/me/terms")
    assert 'value="2"' not in page
    assert 'value="20:00"' not in page


def test_an_agreement_caps_what_was_allowed(portal) -> None:
    client, engine = portal.enter(), portal.engine
    answer = say(client, "/me/terms/agree", agreement="SD-BASE")
    assert answer.headers["location"].endswith("agreed")
    assert "SD-BASE" in read(client, "/me/terms")
    assert engine.decide("user_id:ana", "home-hero").reason == "beyond_agreement"
    assert "You chose an agreement: SD-BASE." in read(client, "/me/decisions")
    answer = say(client, "/me/terms", purpose="personalisation", channel="*", answer="grant")
    assert answer.headers["location"].endswith("grant_barred")
    assert "by *" not in read(client, "/me/terms?lang=en")
    refused = say(client, "/me/terms/agree", agreement="SD-EVERYTHING")
    assert refused.headers["location"].endswith("not_so")
    id_ = re.search(r'name="id" value="(n_\d+)"', read(client, "/me/terms"))[1]
    ended = say(client, "/me/terms/agreement", does="end", id=id_)
    assert ended.headers["location"].endswith("agreement_ended")
    assert "You ended an agreement: SD-BASE." in read(client, "/me/decisions")
    assert engine.decide("user_id:ana", "home-hero").reason != "beyond_agreement"
    assert say(client, "/me/terms/agreement", does="proffer", id=id_).status_code == 404
    again = say(client, "/me/terms/agreement", does="end", id=id_)
    assert again.headers["location"].endswith("not_so")


def test_a_value_is_corrected_and_removed(portal) -> None:
    client = portal.enter()
    answer = say(client, "/me/correct", "/me", field="traits.city", value="Lyon")
    assert answer.headers["location"] == "/me?said=corrected"
    page = read(client, "/me")
    assert "Lyon" in page
    assert EVIL not in page
    say(client, "/me/correct", "/me", field="traits.city", value="")
    assert "Lyon" not in read(client, "/me")
    assert say(client, "/me/correct", "/me", field="orders.count", value="9").status_code == 404


def test_a_decision_is_contested_reviewed_and_the_requests_are_withdrawn(portal) -> None:
    client = portal.enter()
    seq = re.findall(r'href="/me/decisions/(\d+)"', client.get("/me/decisions").text)[0]
    page = f"/me/decisions/{seq}"
    answer = say(client, f"{page}/contest", page, ground="unfair", text=EVIL)
    assert answer.headers["location"] == f"{page}?said=contested"
    assert say(client, f"{page}/contest", page, ground="nonsense").status_code == 404
    say(client, f"{page}/review", page, text="please look")
    told = read(client, "/me/requests?lang=en")
    assert EVIL in told
    assert "please look" in told
    assert "days left" in told
    asked = re.findall(r'action="(/me/requests/\d+/withdraw)"', told)
    assert len(asked) == 2
    other = portal.enter("bo@example.org")
    assert say(other, asked[0], "/me/requests").status_code == 404
    for path in asked:
        say(client, path, "/me/requests")
    assert "withdrawn" in read(client, "/me/requests")


def test_stopping_the_purpose_of_a_decision_is_an_objection(portal) -> None:
    client, engine = portal.enter(), portal.engine
    told = engine.decide("user_id:ana", "home-hero")
    seq = told.decision.removeprefix("d_")
    page = f"/me/decisions/{seq}"
    assert say(client, f"{page}/stop", page).headers["location"] == f"{page}?said=stopped"
    assert engine.decide("user_id:ana", "home-hero").reason == "objected"


def test_a_person_pauses_asks_and_objects(portal) -> None:
    client = portal.enter()
    say(client, "/me/restrict", "/me/requests", lift="")
    assert "Paused" in read(client, "/me/requests?lang=en")
    say(client, "/me/restrict", "/me/requests", lift="yes")
    assert "Paused" not in read(client, "/me/requests?lang=en")
    say(client, "/me/requests", "/me/requests", kind="access", text="all of it, please")
    assert "all of it, please" in read(client, "/me/requests")
    assert say(client, "/me/requests", "/me/requests", kind="erasure").status_code == 404
    assert say(client, "/me/terms/object", purpose="*").headers["location"].endswith("object")
    assert portal.engine.decide("user_id:ana", "home-hero").reason == "objected"


def test_taking_away_and_leaving_need_a_link_of_the_last_quarter_of_an_hour(portal) -> None:
    client = portal.enter()
    portal.time.now_s += 1000
    for path in ("/me/leave", "/me/export"):
        assert say(client, path, "/me/leave").headers["location"].startswith("/me/enter?next=")
    assert "ana@example.org" in read(client, "/me")


def test_who_leaves_is_gone_and_comes_back_as_nobody(portal) -> None:
    client, other = portal.enter(), portal.enter()
    answer = say(client, "/me/leave", "/me/leave")
    assert answer.headers["location"] == "/me/left"
    assert client.get("/me/left").status_code == 200
    for browser in (client, other):
        assert browser.get("/me").status_code == 303
    before = len(portal.post.letters)
    portal.time.now_s += 3600
    portal.ask(portal.browser())
    assert len(portal.post.letters) == before


def test_who_leaves_takes_nobody_with_them(portal) -> None:
    client, other = portal.enter(), portal.enter("bo@example.org")
    say(client, "/me/leave", "/me/leave")
    assert other.get("/me").status_code == 200
    assert "ana" not in people_of(portal.engine)


def test_the_copy_is_the_file_that_the_house_makes() -> None:
    engine = lively()

    async def made(person: int) -> bytes:
        return f"file of {person}".encode()

    portal = Portal(engine, export=made)
    answer = say(portal.enter(), "/me/export", "/me/leave")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.text == f"file of {people_of(engine)['ana']}"
    without = Portal(lively())
    assert say(without.enter(), "/me/export", "/me/leave").status_code == 404


def test_a_share_is_told_with_its_receipt(portal) -> None:
    assert "was given to anybody" in read(portal.enter(), "/me/shares?lang=en")


def test_every_text_is_there_in_both_languages_with_the_same_places() -> None:
    for name, (english, french) in texts(TEXTS).items():
        assert english.strip(), name
        assert french.strip(), name
        places = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (english, french)]
        assert places[0] == places[1], name
        assert not re.search(r" [:;?!»%]|« ", french), name


def test_no_text_outlives_its_page() -> None:
    folder = TEXTS.parent
    files = [*folder.glob("*.py"), *folder.glob("templates/*.html")]
    written = "\n".join(file.read_text("utf-8") for file in files)
    words = set(re.findall(r'word\(\s*"(\w+)"', written)) | {"terms", "inferred", "receipt"}
    made = {f"me.{place}" for place in PLACES} | {f"see.{c}" for c in CHAPTERS}
    made |= {f"aim.{kind}{end}" for kind in AIM_KINDS for end in ("", "_percent")}
    made |= {f"terms_page.notice_{verb}" for verb in ("grant", "withdraw")}
    unused = [
        name
        for name in texts(TEXTS)
        if name.partition(".")[0] not in words
        and name not in made
        and not re.search(f"[\"']{re.escape(name)}[\"']", written)
    ]
    assert unused == []


CHAPTERS = [
    f"{name}{end}"
    for name in ("handles", "stated", "seen", "inferred", "contacts")
    for end in ("", "_lead")
]


def test_words_of_somebody_else_are_never_shown_as_if_they_were_ours(portal) -> None:
    client = portal.enter()
    assert "Stopped, from the next decision on." in read(client, "/me?lang=en&said=stopped")
    assert "call us" not in read(client, "/me?lang=en&said=Your+account+is+locked,+call+us")


def test_a_form_that_is_too_large_is_not_read(portal) -> None:
    client = portal.enter()
    answer = say(client, "/me/terms/object", purpose="x" * 30_000)
    assert answer.status_code == 400
    assert "could not be read" in answer.text
