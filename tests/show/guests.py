"""A person at the portal of a small house: letters that arrive at once, and a browser without a socket."""

import re
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from equipoise.account.looking_back import LookingBack
from equipoise.account.note import read_vkey
from equipoise.compose import Engine
from equipoise.compose.portal import emails, limit_of
from equipoise.decide.gate import gate
from equipoise.doors.pacing import Pace
from equipoise.nouns.letters import Letter
from equipoise.show.portal.app import portal_app
from equipoise.show.portal.house import PersonHouse
from show.visiting import FakeTime, browser, house_of


class Post:
    """The mail of the house: every letter, as it would have left."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def __call__(self, letter: Letter) -> None:
        self.letters.append(letter)

    @property
    def token(self) -> str:
        return re.search(r"/me/enter/([\w-]{43})", self.letters[-1].text)[1]

    @property
    def code(self) -> str:
        return re.search(r": (\d{8})\b", self.letters[-1].text)[1]


async def at_once() -> None:
    """An inline desk has decided when it answers."""


class Portal:
    """One portal with its clock and its post, and as many browsers as one likes."""

    def __init__(self, engine: Engine, **given: Any) -> None:
        self.time = FakeTime()
        self.post = Post()
        self.engine = engine
        house = house_of(engine)
        made = {
            "house": house,
            "post": self.post,
            "settled": at_once,
            "limit": limit_of(
                Pace(1 / 60, 5, self.time.seconds), Pace(1 / 300, 3, self.time.seconds)
            ),
            "gate": gate,
            "looks": LookingBack(engine.store, read_vkey(house.ledger.vkey)),
            "emails": emails,
            "seconds": self.time.seconds,
        } | given
        self.app: ASGIApp = portal_app(PersonHouse(**made), PlainTextResponse("elsewhere"))

    def browser(self, **given: Any) -> TestClient:
        """A fresh browser at the portal."""
        return browser(self.app, headers={"sec-fetch-site": "same-origin"} | given)

    def ask(self, client: TestClient, email: str = "ana@example.org") -> Any:
        """Ask for a link; the answer."""
        form = form_of(client.get("/me/enter").text)
        return client.post("/me/enter", data={"form": form, "email": email})

    def enter(self, email: str = "ana@example.org", **given: Any) -> TestClient:
        """A browser in which somebody has entered."""
        client = self.browser(**given)
        self.ask(client, email)
        token = self.post.token
        form = form_of(client.get(f"/me/enter/{token}").text)
        answer = client.post(f"/me/enter/{token}", data={"form": form})
        assert answer.status_code == 303, answer.text
        return client


def form_of(html: str) -> str:
    """The token of the forms of a page."""
    found = re.search(r'name="form" value="([0-9a-f]{64})"', html)
    assert found, html
    return found[1]


def say(client: TestClient, path: str, page: str = "/me/terms", **fields: str) -> Any:
    """Send a form of a page."""
    return client.post(path, data={"form": form_of(client.get(page).text)} | fields)
