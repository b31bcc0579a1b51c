"""Hypotheses in a running house and a real Chromium: seen at both sizes, in both languages, answered."""

import pytest

from compose.test_hypotheses import everybody
from equipoise.compose import Engine
from equipoise.nouns.events import Handle
from equipoise.nouns.hypotheses import Hypothesis, Likeness
from equipoise.settings import read_settings
from house import identify, track
from journeys.chromium import DESKTOP, PHONE, browsing, chromium
from journeys.served import served, until

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="Chromium is not on the PATH; on Debian: apt install chromium"
)

EVIDENCE = (
    Likeness("birth_date", "exact", 9.1),
    Likeness("family_name", "close", 4.3),
    Likeness("email", "different", -2.2),
)
PEOPLE = (("giulia", "Bernard"), ("guilia", "Bernhard"), ("gisela", "Bernard"))


def filled(place):
    """A store with three people and two hypotheses about them."""
    settings = read_settings(environ={}, given={"basis.default": "interest"})
    with Engine.open(place, settings=settings) as engine:
        for user, name in PEOPLE:
            said = {"lastName": name, "birthday": "1988-05-21", "email": f"{user}@example.org"}
            engine.take(
                [identify(user, user, **said) | {"messageId": user}, track(user, "Seen", 1)]
            )
        handles = [Handle("user_id", user) for user, _ in PEOPLE]
        atoms = engine.store.atoms_of(handles)
        ids = [atoms[handle].person for handle in handles]
        engine.suppose(
            Hypothesis(left=ids[0], right=other, score=score, evidence=EVIDENCE)
            for other, score in ((ids[1], 0.9931), (ids[2], 0.83))
        )


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """A browser in front of the house, and the address of the page."""
    folder = tmp_path_factory.mktemp("joins")
    for name in ("house", "browser"):
        (folder / name).mkdir()
    filled(folder / "house/shop.db")
    with (
        served(
            folder / "house",
            open_console="true",
            company="Maison Test",
            basis__default="interest",
        ) as house,
        browsing(folder / "browser") as browser,
    ):
        yield browser, f"{house.url}/joins"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("place", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_both_people_are_seen_and_nothing_runs_off_the_side(at, place, language, tmp_path):
    browser, url = at
    browser.size(place)
    browser.visit(f"{url}?lang={language}")
    assert {"en": "Nearly certain", "fr": "Presque certain"}[language] in browser.text
    assert "bernhard" in browser.text
    assert browser.js(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    browser.picture(tmp_path / f"joins-{place[0]}-{language}.png")


def test_somebody_says_that_they_are_one_and_takes_a_handle_out_again(at):
    browser, url = at
    browser.size(DESKTOP)
    browser.visit(f"{url}?lang=en")
    browser.press("button[value=confirm]")
    assert "They are one person now" in browser.text
    assert "Joined by an answer" in browser.text
    browser.press("a.person", "giulia")
    assert "Two records were found to be this person’s" in browser.text
    browser.js("document.querySelector('details.split').open = true")
    browser.js("document.querySelector(\"input[name=handle][value^='email:guilia']\").click()")
    browser.press("details.split button")
    assert "its past stays here" in browser.text
    browser.press("form button.danger")
    assert "Taken apart" in browser.text


@pytest.mark.parametrize("place", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_one_that_is_refused_waits_no_more_and_a_slip_is_reopened(at, place, tmp_path):
    browser, url = at
    browser.size(place)
    browser.visit(f"{url}?lang=en")
    browser.press("button[value=refuse]")
    assert "They stay two" in browser.text
    assert "No two people wait for an answer." in browser.text
    assert "Said to be two" in browser.text
    assert browser.js(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    browser.picture(tmp_path / f"refused-{place[0]}.png")
    browser.press("button[value=reopen]")
    assert "it waits for an answer again" in browser.text
    assert "Refused before; reopened by" in browser.text
    browser.picture(tmp_path / f"reopened-{place[0]}.png")


def test_a_served_house_looks_for_people_while_it_goes_on_answering(tmp_path):
    pytest.importorskip("splink")
    for name in ("house", "browser"):
        (tmp_path / name).mkdir()
    settings = read_settings(environ={}, given={})
    with Engine.open(tmp_path / "house/shop.db", settings=settings) as engine:
        engine.take(everybody())
    with (
        served(tmp_path / "house", open_console="true") as house,
        browsing(tmp_path / "browser") as browser,
    ):
        browser.visit(f"{house.url}/joins?lang=en").press("form[action='/joins'] button")
        assert "A search is under way" in browser.text
        assert house.post("/v1/batch", {"batch": [track("x9", "Seen", 1)]}).status == 200

        def over():
            return "Last search" in browser.visit(f"{house.url}/joins").text

        until(over, "the search did not come to its end", 120)
        assert "giulia" in browser.text
        browser.press("button[value=confirm]")
        assert "They are one person now" in browser.text
