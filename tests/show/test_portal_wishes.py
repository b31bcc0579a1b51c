"""What a person wishes for is an event like any other, which the next decision knows."""

import asyncio
import math
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.aims import AIM_KINDS, MOST_AIMS
from equipoise.nouns.wishes import ANSWERS
from equipoise.show.languages import texts
from equipoise.show.portal.aiming import aim_facts, read_number
from equipoise.show.portal.pages import TEXTS
from house import NOON_MS
from show.guests import Portal, say
from show.visiting import EVIL, lively

PAGE = "/me/wishes"


@pytest.fixture
def portal() -> Portal:
    return Portal(lively())


def aim(client, **fields: str) -> str:
    return say(client, f"{PAGE}/aim", PAGE, **fields).headers["location"].partition("said=")[2]


def read(client, language: str = "en") -> str:
    return unescape(client.get(f"{PAGE}?lang={language}").text)


def test_a_limit_is_kept_shown_with_what_is_left_changed_and_taken_back(portal) -> None:
    client = portal.enter()
    assert aim(client, kind="contacts_at_most", n="3", per="week") == "aim"
    page = read(client)
    assert "At most 3 messages a week" in page
    assert "1 so far, 2 left" in page
    asyncio.run(portal.engine.clock.advance(1000))
    name = re.search(r'name="aim" value="([^"]+)"', page)[1]
    assert aim(client, kind="contacts_at_most", aim=name, n="1", per="week") == "aim"
    assert "1 so far, nothing left" in read(client)
    assert "1 jusqu’ici, il ne reste rien" in read(client, "fr")
    asyncio.run(portal.engine.clock.advance(1000))
    ended = say(client, f"{PAGE}/aim/end", PAGE, aim=name)
    assert ended.headers["location"].endswith("aim_ended")
    assert "You have set none yet." in read(client)
    assert say(client, f"{PAGE}/aim/end", PAGE, aim=name).status_code == 404


def test_every_kind_is_said_in_both_languages_and_goals_stand_side_by_side(portal) -> None:
    client = portal.enter()
    assert aim(client, kind="spend_at_most", amount="50,50", per="month", category="shoes") == "aim"
    assert aim(client, kind="use_less", what="orders", at_most="4") == "aim"
    assert aim(client, kind="use_less", what="visits", percent_below="20", per="week") == "aim"
    for text in ("Save for a trip", EVIL):
        assert aim(client, kind="goal", text=text, until="2026-12-31") == "aim"
    english, french = read(client), read(client, "fr")
    for said in ("Spend at most 50.5 a month (shoes)", "Orders: at most 4 a month"):
        assert said in english
    assert "Dépenser au plus 50,5 par mois (shoes)" in french
    assert "Pages vues\u00a0: 20 pour cent de moins par semaine" in french
    assert "Save for a trip" in english
    assert "until 31 Dec 2026" in english
    assert EVIL not in client.get(PAGE).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "nonsense"},
        {"kind": "spend_at_most", "amount": "lots"},
        {"kind": "spend_at_most", "amount": ""},
        {"kind": "spend_at_most", "amount": "1e999"},
        {"kind": "spend_at_most", "amount": "5", "per": "century"},
        {"kind": "contacts_at_most", "n": "1.5"},
        {"kind": "use_less", "what": "orders", "at_most": "3", "percent_below": "10"},
        {"kind": "goal", "text": "", "until": "2026-12-31"},
        {"kind": "goal", "text": "x", "until": "2020-01-01"},
        {"kind": "goal", "text": "x", "until": "soon"},
    ],
)
def test_what_cannot_be_meant_changes_nothing_and_says_so(portal, wrong) -> None:
    client = portal.enter()
    before = portal.engine.store.position()
    assert aim(client, **wrong) == "not_so"
    assert portal.engine.store.position() == before


def test_one_aim_too_many_is_not_called_set(portal) -> None:
    client = portal.enter()
    for n in range(MOST_AIMS):
        assert aim(client, kind="goal", text=f"goal {n}", until="2026-12-31") == "aim"
    assert aim(client, kind="goal", text="one more", until="2026-12-31") == "not_so"
    assert "one more" not in read(client)


def test_how_a_contact_felt_is_said_and_changed_and_brings_rest_at_once(portal) -> None:
    client, engine = portal.enter(), portal.engine
    page = read(client)
    seq = re.search(r'name="decision" value="(\d+)"', page)[1]
    assert "You have not said." in page
    answer = say(client, f"{PAGE}/felt", PAGE, decision=seq, felt="too_much")
    assert answer.headers["location"].endswith("felt_too_much")
    assert "You are left in peace until" in read(client)
    asyncio.run(engine.clock.advance(1000))
    say(client, f"{PAGE}/felt", PAGE, decision=seq, felt="welcome")
    page = read(client)
    assert "You said: Welcome." in page
    assert "You are left in peace until" not in page
    assert "Vous avez dit\u00a0: Bienvenu." in read(client, "fr")


def test_nobody_speaks_of_what_reached_somebody_else(portal) -> None:
    ana, bo = portal.enter(), portal.enter("bo@example.org")
    seq = re.search(r'name="decision" value="(\d+)"', read(ana))[1]
    for fields in (
        {"decision": seq, "felt": "untrue"},
        {"decision": "nonsense", "felt": "untrue"},
        {"decision": "999999", "felt": "untrue"},
    ):
        assert say(bo, f"{PAGE}/felt", PAGE, **fields).status_code == 404
    assert say(ana, f"{PAGE}/felt", PAGE, decision=seq, felt="meh").status_code == 404


def test_every_word_of_a_wish_is_there_in_both_languages() -> None:
    named = texts(TEXTS)
    for answer in ANSWERS:
        assert {f"felt.{answer}", f"said.felt_{answer}"} <= named.keys()
    assert {f"aim.{kind}" for kind in AIM_KINDS} <= named.keys()


@given(st.text(max_size=30))
def test_a_number_is_read_or_not_but_never_anything_else(typed: str) -> None:
    value = read_number(typed)
    assert value is None or (type(value) in (int, float) and math.isfinite(value))


@given(
    st.dictionaries(
        st.sampled_from(
            (
                "kind",
                "aim",
                "amount",
                "n",
                "what",
                "at_most",
                "percent_below",
                "per",
                "until",
                "text",
            )
        ),
        st.lists(st.sampled_from([*AIM_KINDS, "5", "0", "-1", "month", "2026-12-31", "|", "x"])),
    )
)
def test_a_form_is_an_aim_or_nothing(fields: dict[str, list[str]]) -> None:
    fields = {name: values for name, values in fields.items() if values}
    read = aim_facts(fields, NOON_MS, "Europe/Paris")
    assert read is None or read[0]["kind"] in AIM_KINDS
