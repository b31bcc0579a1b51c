"""A budget of attention and quiet hours, set by the person in Chromium: the next decision obeys."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from house import track
from journeys.chromium import chromium
from journeys.visitor import visiting

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="Chromium is not on the PATH; on Debian: apt install chromium"
)
WIDE = {"budget__per_day": 50, "budget__per_7d": 50, "budget__per_28d": 50}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Two people, a house that would write them after every order, and a browser."""
    with visiting(tmp_path_factory.mktemp("limits"), **WIDE) as visitor:
        yield visitor


def ordered(visitor, user, number):
    """What the person reads of the decision after one more order: its first story, as shown."""
    house, browser = visitor.house, visitor.browser
    assert (
        house.post("/v1/batch", {"batch": [track(user, "Order Completed", number)]}).status == 200
    )
    house.walked()
    browser.visit(f"{house.url}/me/decisions?lang=en")
    return browser.js(
        "document.querySelector('.story:is(.act, .silence, .held, .review)').innerText"
    )


def limit(visitor, **fields):
    """Fill in the form of these fields on the page of terms, and send it."""
    browser = visitor.browser
    browser.visit(f"{visitor.house.url}/me/terms?lang=en")
    for name, value in fields.items():
        browser.js(f"document.querySelector('#{name}').value = '{value}'")
    browser.press(f"form:has(#{next(iter(fields))}) button")


def test_the_next_decision_keeps_to_the_persons_own_budget(visitor):
    visitor.enter("bo@example.org")
    before = ordered(visitor, "bo", 3)
    limit(visitor, per_week="3")
    told = ordered(visitor, "bo", 4)
    assert "The number of contacts that you set for a week is reached: 3" in told, told
    limit(visitor, per_week="")
    assert ordered(visitor, "bo", 5).splitlines()[0] == before.splitlines()[0] != "Silence"


def test_the_next_decision_keeps_to_the_persons_own_quiet_hours(visitor):
    visitor.enter("ana@example.org")
    assert "disturbed" not in ordered(visitor, "ana", 3)
    now = datetime.now(ZoneInfo("Europe/Paris"))
    start, end = ((now + timedelta(hours=hours)).strftime("%H:%M") for hours in (-2, 3))
    limit(visitor, **{"from": start, "to": end})
    told = ordered(visitor, "ana", 4)
    assert "You asked not to be disturbed at this time" in told, told
    assert told.startswith("Waits")
    limit(visitor, **{"from": "", "to": ""})
    assert visitor.browser.js("document.querySelector('#from').value") == ""
