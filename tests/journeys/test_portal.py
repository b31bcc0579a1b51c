"""The person's pages in real Chromium: both languages, desk and phone, keyboard and screen reader."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from house import track
from journeys.chromium import DESKTOP, PHONE, chromium
from journeys.visitor import in_language, peopled, places, visiting

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="Chromium is not on the PATH; on Debian: apt install chromium"
)

CONTRAST = Path(__file__).with_name("contrast.js").read_text("utf-8")
"""Finds text whose colour is too near its background's (WCAG 2.2, 1.4.3)."""

OUTSIDE = """
[...document.querySelectorAll("main *")]
  .filter(e => e.checkVisibility() && !e.closest(".scroll, pre, .unseen, thead"))
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map(e => `${e.tagName} ${e.className}`)
"""
"""What reaches beyond the window, also where a card hides it."""


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Two people, a house, and a browser."""
    with visiting(tmp_path_factory.mktemp("portal")) as visitor:
        yield visitor


@pytest.mark.parametrize("code", ["en", "fr"])
@pytest.mark.parametrize(("name", "size"), [("desk", DESKTOP), ("phone", PHONE)])
def test_every_page_can_be_read_in_both_languages_at_both_widths(
    visitor, tmp_path, code, name, size
):
    browser, house = visitor.enter("ana@example.org"), visitor.house
    browser.size(size)
    with in_language(browser, house, code):
        for number, path in enumerate(places(browser, house)):
            browser.visit(f"{house.url}{path}")
            browser.js("document.querySelectorAll('details').forEach(e => { e.open = true })")
            browser.picture(tmp_path / f"{number}-{name}-{code}.png")
            assert browser.js("document.documentElement.lang") == code
            assert browser.js(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            ), path
            assert browser.js(OUTSIDE) == [], path
            assert browser.js("document.scripts.length") == 0, path
            assert not browser.js(CONTRAST), (path, browser.js(CONTRAST))
            check_reading(browser, path)


def check_reading(browser, path):
    """What a screen reader needs: landmarks, one first heading, a name for everything one can use."""
    told = browser.names()
    roles = [role for role, _ in told]
    assert {"banner", "main", "navigation", "contentinfo"} <= set(roles), (path, set(roles))
    assert browser.js("document.querySelectorAll('h1').length") == 1, path
    used = {"button", "link", "textbox", "combobox", "spinbutton", "DisclosureTriangle"}
    nameless = [role for role, name in told if role in used and not name.strip()]
    assert not nameless, (path, nameless)
    levels = browser.js("[...document.querySelectorAll('h1,h2,h3')].map(e => +e.tagName[1])")
    assert all(b <= a + 1 for a, b in pairwise(levels)), (path, levels)


def test_the_way_in_can_be_read_too_and_needs_no_script(visitor, tmp_path):
    browser, house = visitor.browser, visitor.house
    browser.tell("Network.clearBrowserCookies")
    for code in ("en", "fr"):
        for name, size in (("desk", DESKTOP), ("phone", PHONE)):
            browser.size(size)
            browser.visit(f"{house.url}/me/enter?lang={code}")
            browser.picture(tmp_path / f"enter-{name}-{code}.png")
            assert browser.js(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            )
            assert not browser.js(CONTRAST), browser.js(CONTRAST)
    browser.size(DESKTOP)
    before = len(visitor.inbox.texts)
    browser.tell("Emulation.setScriptExecutionDisabled", value=True)
    browser.tell("Emulation.setScriptExecutionDisabled", value=False)
    browser.type("#email", "ana@example.org").press("form[action='/me/enter'] button")
    browser.picture(tmp_path / "sent.png")
    code = re.search(r": (\d{8})\b", visitor.letter(before).replace("\xa0", " "))[1]
    browser.type("#code", code).press("form[action='/me/code'] button")
    assert browser.path == "/me"


def test_a_link_opened_in_another_browser_says_where_it_can_be_opened(visitor):
    browser, house, before = visitor.browser, visitor.house, len(visitor.inbox.texts)
    browser.tell("Network.clearBrowserCookies")
    browser.visit(f"{house.url}/me/enter?lang=en").type("#email", "bo@example.org")
    browser.press("form[action='/me/enter'] button")
    link = re.search(r"http://\S+/me/enter/\S+", visitor.letter(before))[0]
    browser.tell("Network.clearBrowserCookies")
    browser.visit(link)
    assert "asked for in another browser" in browser.text
    assert not browser.js("document.querySelector('main form')")


def test_everything_is_reached_and_used_with_the_keyboard_alone(visitor):
    browser = visitor.enter("ana@example.org")
    browser.size(DESKTOP)
    browser.visit(f"{visitor.house.url}/me/terms?lang=en")
    reached = []
    for _ in range(60):
        browser.key("Tab", 9)
        reached.append(
            browser.js(
                "(e => `${e.tagName} ${e.getAttribute('href') || e.name || ''}`)"
                "(document.activeElement)"
            )
        )
        assert browser.js(
            "(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none'"
            " || e.id === 'content' || e.type === 'time')(document.activeElement)"
        ), reached[-1]
    assert reached[0] == "A #content"
    usable = browser.js(
        "document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary').length"
    )
    assert len({*reached}) > 10
    assert reached.count("BUTTON answer") >= 4, reached
    assert usable <= 60


def test_what_a_person_says_counts_from_the_next_decision_on(visitor):
    browser, house = visitor.enter("bo@example.org"), visitor.house
    browser.visit(f"{house.url}/me/terms?lang=en")
    browser.press("button[aria-label='Stop: Choosing what suits you, everywhere']")
    assert "Stopped" in browser.text
    assert house.decide("home-hero", "bo")["reason"] == "objected"
    browser.visit(f"{house.url}/me/terms?lang=en")
    browser.press("button[aria-label='Allow: Choosing what suits you, everywhere']")
    assert house.decide("home-hero", "bo")["reason"] != "objected"
    browser.visit(f"{house.url}/me/terms").type("#per_week", "2")
    browser.press("form[action='/me/terms/attention'] button")
    assert browser.js("document.querySelector('#per_week').value") == "2"


def test_an_agreement_ends_with_one_press_and_a_counter_offer_is_answered_with_one(visitor):
    browser, url = visitor.enter("bo@example.org"), f"{visitor.house.url}/me/terms?lang=en"
    visitor.choose("PDC-AI")
    assert "Agreed" in browser.text
    browser.press("button[aria-label='End it: the agreement PDC-AI']")
    assert "Ended" in browser.text
    assert "I contribute what I declare" not in browser.text.split("The agreements")[0]
    visitor.choose("SD-BASE-ATP")
    browser.visit(url)
    assert "Maison Test does not take it" in browser.text
    browser.press("form[action='/me/terms/agreement'] button[value=accept]")
    assert "Agreed" in browser.text
    assert "SD-BASE-A-DP" in browser.text
    browser.press("button[aria-label='End it: the agreement SD-BASE-A-DP']")
    browser.visit(url)
    assert not browser.js("document.querySelector('form[action$=agreement] button')")
    browser.visit(f"{visitor.house.url}/me/decisions?lang=en")
    assert "You ended an agreement: SD-BASE-A-DP." in browser.text


def test_a_decision_is_contested_and_waits_with_its_clock(visitor):
    browser, house = visitor.enter("ana@example.org"), visitor.house
    browser.visit(f"{house.url}{places(browser, house)[-1]}?lang=en")
    browser.js("document.querySelector('details').open = true")
    browser.js("document.querySelector('#text').value = 'I never asked for this'")
    browser.press("form[action$='/contest'] button")
    assert "Contested" in browser.text
    browser.visit(f"{house.url}/me/requests")
    assert "days left" in browser.text
    assert "I never asked for this" in browser.text


def test_the_log_is_checked_and_continues_a_head_that_was_kept(visitor):
    browser, house = visitor.enter("ana@example.org"), visitor.house
    browser.visit(f"{house.url}/me/log?lang=en")
    head = browser.js("document.querySelector('details pre').textContent")
    assert "no line was rewritten" in browser.text
    house.post("/v1/track", track("ana", "Order Completed", 9))
    house.walked()
    for text, said in ((head, "It holds"), (head.replace("\n", "\nA", 1), "does not hold")):
        browser.visit(f"{house.url}/me/log")
        browser.js("document.querySelector('#head').focus()")
        browser.tell("Input.insertText", text=text)
        browser.press("form[action='/me/log'] button")
        assert said in browser.text


def test_leaving_takes_no_more_steps_than_joining(visitor):
    """Both from nothing, in a browser that knows nobody: proving who one is counts on both sides."""
    house = visitor.house
    peopled(house, "cy")
    house.post("/v1/track", track("cy", "terms.withdrawn", purpose="marketing", channel="*"))
    house.walked()
    browser = visitor.enter("cy@example.org")
    browser.size(PHONE)
    browser.press("nav a", "What I allow")
    browser.press("button[aria-label='Allow: News and offers, everywhere']")
    assert "Allowed, from the next decision on" in browser.text
    joining = browser.steps
    browser = visitor.enter("cy@example.org")
    browser.press("nav a", "leave")
    browser.press("form[action='/me/leave'] button")
    assert browser.steps <= joining, (browser.steps, joining)
    assert joining == 5
    assert browser.path == "/me/left", browser.text
    browser.visit(f"{house.url}/me")
    assert browser.path.startswith("/me/enter")
    before = len(visitor.inbox.texts)
    browser.type("#email", "cy@example.org").press("form[action='/me/enter'] button")
    assert "If cy@example.org is known to us" in browser.text
    visitor.enter("ana@example.org")
    assert not [text for text in visitor.inbox.texts[before:] if "cy@" in text]


def test_nothing_is_fetched_from_anywhere_else(visitor):
    asked = {url for url in visitor.browser.requested if not url.startswith(("data:", "about:"))}
    assert asked
    assert not [url for url in asked if not url.startswith(f"{visitor.house.url}/")]
