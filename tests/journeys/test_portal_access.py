"""The person's pages for everybody: WCAG 2.2 AA by axe-core and by checks of our own, in real Chromium."""

from itertools import pairwise
from pathlib import Path

import pytest

from journeys.chromium import DESKTOP, PHONE, chromium
from journeys.visitor import in_language, places, visiting

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="Chromium is not on the PATH; on Debian: apt install chromium"
)

HERE = Path(__file__).parent
AXE = HERE.parent / "axe/node_modules/axe-core/axe.min.js"
ACCESS = (HERE / "access.js").read_text("utf-8")
CONTRAST = (HERE / "contrast.js").read_text("utf-8")

ASKED = """
axe.run(document, { resultTypes: ["violations"], runOnly:
  ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
  .then(told => told.violations.map(
    v => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 120)).join(" | ")}`))
"""
"""All rules of axe-core up to WCAG 2.2 AA, and its best practices."""

LIGHT, DARK = {"prefers_color_scheme": "light"}, {"prefers_color_scheme": "dark"}
CALM = {"prefers_reduced_motion": "reduce"}
FORCED = {"forced_colors": "active"}
ZOOMED, NARROW = (640, 450), (320, 256)
"""A desk of 1280 pixels at 200 % (WCAG 2.2, 1.4.4) and at 400 % (1.4.10)."""

MODES = {
    "desk-light": (DESKTOP, LIGHT | CALM),
    "phone-light": (PHONE, LIGHT),
    "desk-dark": (DESKTOP, DARK),
    "phone-dark": (PHONE, DARK | CALM),
}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """A house, a browser, and somebody about whom there is much to read."""
    with visiting(tmp_path_factory.mktemp("access")) as visitor:
        visitor.enter("ana@example.org")
        visitor.speak_up()
        yield visitor


@pytest.fixture
def browser(visitor):
    """The browser as it comes, before and after."""
    yield visitor.browser
    visitor.browser.likes()
    visitor.browser.size(DESKTOP)


def everywhere(visitor):
    """Each page, opened with all that can be unfolded."""
    for path in places(visitor.browser, visitor.house):
        visitor.browser.visit(f"{visitor.house.url}{path}")
        visitor.browser.js("document.querySelectorAll('details').forEach(e => { e.open = true })")
        yield path


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.skipif(
    not AXE.exists(), reason="axe-core is not there: `make axe` fetches it, and needs npm"
)
def test_axe_has_nothing_to_say_about_any_page(visitor, browser, mode):
    size, likes = MODES[mode]
    browser.size(size)
    browser.likes(**likes)
    rules = AXE.read_text("utf-8")
    with in_language(browser, visitor.house, "fr" if "phone" in mode else "en"):
        for path in everywhere(visitor):
            browser.js(f"{rules}; 0")
            found = browser.js(ASKED)
            assert found == [], (path, found)


@pytest.mark.parametrize("mode", MODES)
def test_targets_are_large_and_focus_is_seen_by_day_and_by_night(visitor, browser, mode):
    size, likes = MODES[mode]
    browser.size(size)
    browser.likes(**likes)
    for path in everywhere(visitor):
        browser.key("Tab", 9)
        found = browser.js(ACCESS)
        assert not found, (path, found)
        faint = browser.js(CONTRAST)
        assert not faint, (path, faint)


def test_colours_that_the_system_forces_leave_everything_to_be_told_apart(
    visitor, browser, tmp_path
):
    browser.likes(**FORCED)
    for number, path in enumerate(everywhere(visitor)):
        browser.key("Tab", 9)
        found = browser.js(ACCESS)
        browser.picture(tmp_path / f"{number}-forced.png")
        assert not found, (path, found)


@pytest.mark.parametrize("size", [ZOOMED, NARROW], ids=["200-percent", "400-percent"])
@pytest.mark.parametrize("code", ["en", "fr"])
def test_a_page_read_large_needs_no_scrolling_sideways(visitor, browser, tmp_path, size, code):
    browser.size(size)
    with in_language(browser, visitor.house, code):
        for number, path in enumerate(everywhere(visitor)):
            browser.picture(tmp_path / f"{number}-{size[0]}-{code}.png")
            wide = browser.js("document.documentElement.scrollWidth")
            assert wide <= size[0], (path, wide)


def test_the_keyboard_meets_everything_in_the_order_of_the_page(visitor, browser):
    """Tab by tab: what comes next stands later in the document, and nothing holds the focus fast."""
    place = """(e => e === document.body ? -1 : [...document.querySelectorAll("*")].indexOf(e))
      (document.activeElement)"""
    for path in everywhere(visitor):
        browser.js("scrollTo(0, 0)")
        reached = []
        for _ in range(250):
            browser.key("Tab", 9)
            reached.append(browser.js(place))
            # From the last one the browser goes to its own bar, or begins again.
            if reached[-1] == -1 or reached[-1] in reached[:1] * (len(reached) > 1):
                break
        else:
            pytest.fail(f"{path}: the focus never leaves the page")
        order = reached[:-1]
        # A field of several parts, such as a time, is stopped at more than once.
        back = [(a, b) for a, b in pairwise(order) if a > b]
        assert not back, (path, back)


def test_every_page_has_a_name_of_its_own_and_says_its_language(visitor, browser):
    names = {}
    for path in everywhere(visitor):
        names[path] = browser.js("document.title")
        assert browser.js("document.documentElement.lang") == "en"
        assert browser.js("document.querySelector('a.language').lang") == "fr"
    assert len(set(names.values())) == len(names), names


FAULTS = """
(() => {
  const main = document.querySelector("main");
  main.append(document.createElement("img"));
  const button = document.createElement("button");
  button.textContent = "x";
  Object.assign(button.style,
    { minHeight: "0", padding: "0", width: "10px", height: "10px", outline: "none", border: "none" });
  button.tabIndex = 5;
  main.append(button);
  main.querySelector("h1").animate([{ opacity: 0.9 }, { opacity: 1 }], { duration: 1e6 });
})()
"""
"""A picture without words, a small button that jumps the queue and hides its focus, and a page that moves."""


def test_every_fault_that_is_put_into_a_page_is_found(visitor, browser):
    browser.likes(**CALM, **FORCED)
    browser.visit(f"{visitor.house.url}/me/leave").key("Tab", 9)
    browser.js(FAULTS)
    found = "\n".join(browser.js(ACCESS))
    for fault in ("small 10x10", "focus unseen", "jumps the queue", "moves although", "no border"):
        assert fault in found, found
    if AXE.exists():
        browser.js(f"{AXE.read_text('utf-8')}; 0")
        assert any(told.startswith("image-alt") for told in browser.js(ASKED))
