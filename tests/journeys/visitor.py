"""A person with a mailbox and a browser, at a house that knows them well."""

import re
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP

from house import HERO, THANKS, granted, identify, track
from journeys.chromium import browsing
from journeys.looping import listening
from journeys.served import served, until

PAGES = ("", "/decisions", "/terms", "/wishes", "/shares", "/requests", "/log", "/leave")
AWAKE = {"quiet__from": "00:00", "quiet__to": "00:00"}


class Inbox:
    """A mail server that keeps the text of what it takes."""

    def __init__(self):
        self.texts = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the name that the server calls
        mail = message_from_bytes(envelope.content, policy=default)
        self.texts.append(mail.get_content())
        return "250 OK"


class Visitor:
    """Somebody with a mailbox and a browser, at a house."""

    def __init__(self, browser, house, inbox):
        self.browser = browser
        self.house = house
        self.inbox = inbox

    def letter(self, before):
        """The next letter of the portal."""

        def came():
            return [text for text in self.inbox.texts[before:] if "/me/enter/" in text]

        return until(came, "no letter came")[0]

    def enter(self, email):
        """From nothing to one's own page, as a person does it."""
        browser, before = self.browser, len(self.inbox.texts)
        browser.tell("Network.clearBrowserCookies")
        browser.visit(f"{self.house.url}/me")
        assert browser.path.startswith("/me/enter"), browser.path
        browser.steps = 0
        browser.type("#email", email).press("form[action='/me/enter'] button")
        browser.visit(re.search(r"http://\S+/me/enter/\S+", self.letter(before))[0])
        browser.press("main form button")
        assert browser.path == "/me", browser.text
        return browser

    def speak_up(self):
        """Whoever is in asks, agrees, contests, and sets limits: pages with something on them."""
        browser, url = self.browser, f"{self.house.url}/me"
        browser.visit(f"{url}/requests?lang=en").type("#text", "Send it to my new bank, please")
        browser.press("form[action='/me/requests'] button")
        browser.visit(f"{url}/terms")
        browser.js("document.querySelectorAll('details').forEach(e => { e.open = true })")
        self.choose("SD-BASE")
        self.choose("SD-BASE-ATP")
        browser.visit(f"{url}/terms").type("#per_week", "3")
        browser.press("form[action='/me/terms/attention'] button")
        browser.visit(f"{url}/wishes")
        browser.js("document.querySelectorAll('details').forEach(e => { e.open = true })")
        browser.type("#intent-category", "shoes").type("#intent-new-must", "waterproof, size 42")
        browser.press("form[action='/me/wishes/intent'] button")
        self._wish("contacts_at_most", n="9")
        self._wish("spend_at_most", amount="60,50")
        self._wish("use_less", at_most="4")
        self._wish("goal", text="Save for a trip", until="2030-01-01")
        browser.visit(f"{url}/wishes").press(".answers-row button", "Not now")
        for act in ("contest", "review"):
            browser.visit(f"{self.house.url}{decision(browser, self.house)}")
            browser.js("document.querySelectorAll('details').forEach(e => { e.open = true })")
            browser.press(f"form[action$='/{act}'] button")

    def choose(self, agreement):
        """Proffer one agreement of the roster."""
        browser = self.browser
        browser.visit(f"{self.house.url}/me/terms?lang=en")
        browser.js("document.querySelectorAll('details').forEach(e => { e.open = true })")
        browser.js(f"document.querySelector('[name=agreement][value={agreement}]').checked = true")
        browser.press("form[action='/me/terms/agree'] button")

    def _wish(self, kind, **fields):
        """Fill in one form of limits and goals."""
        browser = self.browser
        browser.visit(f"{self.house.url}/me/wishes")
        browser.js("document.querySelectorAll('details').forEach(e => { e.open = true })")
        form = f".ways form:has([value={kind}])"
        for name, value in fields.items():
            browser.js(f"document.querySelector('{form} [name={name}]').value = '{value}'")
        browser.press(f"{form} button")
        assert "Set. It counts" in browser.text, browser.text


@contextmanager
def visiting(folder, **settings):
    """A house with two people in it who have a history, and a browser in front of it."""
    inbox = Inbox()
    for name in ("house", "browser"):
        (folder / name).mkdir()
    with (
        listening(lambda loop: SMTP(inbox, loop=loop, hostname="mail.example")) as (port,),
        served(
            folder / "house",
            THANKS,
            HERO,
            smtp__url=f"smtp://127.0.0.1:{port}",
            smtp__from="shop@shop.example",
            company="Maison Test",
            terms__accepts="SD-BASE SD-BASE-A-DP PDC-AI",
            terms__counter="SD-BASE-A-DP",
            **AWAKE,
            **settings,
        ) as house,
        browsing(folder / "browser") as browser,
    ):
        until(lambda: house.said.count("entered the log") >= 2, "the plays did not go live")
        for user in ("ana", "bo"):
            peopled(house, user)
        house.walked()
        yield Visitor(browser, house, inbox)


def peopled(house, user):
    """A person with a history: traits, orders, a decision each way."""
    calls = [
        identify(user, f"browser-{user}", email=f"{user}@example.org", first_name=user.title()),
        granted(user),
        identify(user, city="Nice"),
        track(user, "Product Viewed", 1, product_id="p1"),
        track(user, "Order Completed", 1, revenue=59.9, order_id=f"{user}-1"),
        track(user, "Order Completed", 2, revenue=20, order_id=f"{user}-2"),
    ]
    assert house.post("/v1/batch", {"batch": calls}).status == 200
    house.walked()
    house.decide("home-hero", user)


@contextmanager
def in_language(browser, house, code):
    browser.visit(f"{house.url}/me/leave?lang={code}")
    yield
    browser.visit(f"{house.url}/me/leave?lang=en")


def places(browser, house):
    """Every page that a person who has entered can open."""
    browser.visit(f"{house.url}/me/decisions")
    newest = browser.js("document.querySelector('.story a[href*=decisions]').getAttribute('href')")
    return [*(f"/me{page}" for page in PAGES), newest, decision(browser, house)]


def decision(browser, house):
    """The page of the newest decision of a play."""
    browser.visit(f"{house.url}/me/decisions")
    told = ".story:is(.act, .silence, .held, .review) a[href*=decisions]"
    return browser.js(f"document.querySelector('{told}').getAttribute('href')")
