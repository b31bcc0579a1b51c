"""What a person is looking for is said on their page, to whom they choose, changed, and taken back."""

import asyncio
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.intents import ALL, DEFAULT_AUDIENCE, HOUSE, MOST_INTENTS, STAFF
from equipoise.show.languages import Language
from equipoise.show.portal.pages import TEXTS
from equipoise.show.portal.seeking import hearer, hearers, intent_facts
from equipoise.show.who import person_state
from house import NOON_MS, receipts
from partners import ask, grant
from show.guests import Portal, say
from show.visiting import EVIL, lively, people_of

PAGE = "/me/wishes"
SHOES = {"category": "shoes", "must": "waterproof, size 42", "audience": HOUSE}


@pytest.fixture
def portal() -> Portal:
    return Portal(lively())


def intent(client, **fields) -> str:
    said = say(client, f"{PAGE}/intent", PAGE, **fields).headers["location"]
    return said.partition("said=")[2]


def read(client, language: str = "en") -> str:
    return unescape(client.get(f"{PAGE}?lang={language}").text)


def kept(portal):
    state = person_state(portal.engine.store, people_of(portal.engine)["ana"])
    return [one for atom in state.atoms for one in atom.intents]


def test_it_is_kept_as_it_was_said_and_known_to_the_house_alone(portal) -> None:
    client = portal.enter()
    assert intent(client, **SHOES, nice="green", budget="80,50", until="2026-03-31") == "intent"
    (one,) = kept(portal)
    assert (one.category, one.must, one.nice) == ("shoes", ("waterproof", "size 42"), ("green",))
    assert (one.budget, one.audience, one.trust) == (80_500, DEFAULT_AUDIENCE, "server")
    english, french = read(client), read(client, "fr")
    for said in ("waterproof, size 42", "until 31 Mar 2026", "The plays of this house, no human"):
        assert said in english
    assert "80,5" in french
    assert "Les programmes de cette maison, aucun humain" in french
    receipt = receipts(portal.engine)[-1]
    assert (receipt["type"], receipt["source"]) == ("intent", "portal")
    assert "You said what you are looking for." in unescape(
        client.get("/me/decisions?lang=en").text
    )


def test_the_same_once_more_changes_it_and_it_is_taken_back(portal) -> None:
    client = portal.enter()
    intent(client, **SHOES)
    asyncio.run(portal.engine.clock.advance(1000))
    form = SHOES | {"must": "", "intent": "shoes", "audience": [STAFF, ALL]}
    assert intent(client, **form) == "intent"
    (one,) = kept(portal)
    assert (one.must, one.audience) == ((), (STAFF, ALL))
    asyncio.run(portal.engine.clock.advance(1000))
    ended = say(client, f"{PAGE}/intent/end", PAGE, intent="shoes")
    assert ended.headers["location"].endswith("intent_ended")
    assert "You have named nothing" in read(client)
    assert say(client, f"{PAGE}/intent/end", PAGE, intent="shoes").status_code == 404
    assert "You took back what you were looking for." in unescape(
        client.get("/me/decisions?lang=en").text
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"category": ""},
        {"budget": "lots"},
        {"budget": "-5"},
        {"until": "2020-01-01"},
        {"until": "2030-01-01"},
        {"audience": "the moon"},
        {"must": ",".join(f"w{n}" for n in range(40))},
    ],
)
def test_what_cannot_be_meant_changes_nothing_and_says_so(portal, wrong) -> None:
    client = portal.enter()
    before = portal.engine.store.position()
    assert intent(client, **(SHOES | wrong)) == "not_so"
    assert portal.engine.store.position() == before


def test_an_audience_of_nobody_is_not_taken_for_the_house(portal) -> None:
    client = portal.enter()
    assert intent(client, category="shoes") == "not_so"
    assert kept(portal) == []


def test_one_too_many_is_not_called_said(portal) -> None:
    client = portal.enter()
    for n in range(MOST_INTENTS):
        assert intent(client, category=f"c{n}", audience=HOUSE) == "intent"
    assert intent(client, category="one more", audience=HOUSE) == "not_so"


def test_partners_who_may_ask_can_be_chosen_by_name_and_escape(portal) -> None:
    ask(portal.engine, grant(recipient=EVIL))
    client = portal.enter()
    assert EVIL not in client.get(PAGE).text
    assert intent(client, category="shoes", audience=f"partner:{EVIL}") == "intent"
    assert kept(portal)[0].audience == (f"partner:{EVIL}",)
    ask(portal.engine, grant(recipient="x" * 80))
    english = Language("en", "Europe/Paris", TEXTS)
    entries = [one.entry for one in hearers(portal.engine.store, NOON_MS * 2, english)]
    assert entries == [HOUSE, STAFF, f"partner:{EVIL}", ALL]


def test_every_entry_of_an_audience_is_a_sentence() -> None:
    english, french = (Language(code, "Europe/Paris", TEXTS) for code in ("en", "fr"))
    for entry in (HOUSE, STAFF, ALL, "play:tv", "purpose:marketing", "partner:Bank"):
        told = hearer(entry, english), hearer(entry, french)
        assert told[0] != told[1] != entry
    assert hearer("purpose:marketing", english) == "Everything for: News and offers"


def test_the_change_of_an_intent_begins_with_all_that_it_says(portal) -> None:
    client = portal.enter()
    intent(client, category="shoes", nice="green", budget="80.5", audience="play:winter")
    form = re.search(r'name="intent" value="shoes".*?</form>', read(client), re.DOTALL)[0]
    for held in ('value="green"', 'value="80.5"', 'value="play:winter" checked'):
        assert held in form
    assert 'value="house" checked' not in form


@given(
    st.dictionaries(
        st.sampled_from(("category", "intent", "must", "nice", "budget", "until", "audience")),
        st.lists(st.sampled_from([HOUSE, ALL, "a,b", "", "5", "-1", "1e999", "2026-03-31", "|"])),
    )
)
def test_a_form_is_an_intent_with_an_audience_or_nothing(fields: dict[str, list[str]]) -> None:
    fields = {name: values for name, values in fields.items() if values}
    read = intent_facts(fields, NOON_MS, "Europe/Paris")
    assert read is None or (read[0]["category"] and read[0]["audience"])
