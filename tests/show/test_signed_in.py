"""Sessions are listed and ended, by their own and by an admin; who is taken out is out at once."""

import asyncio

import pytest

from equipoise.compose import Engine
from equipoise.show.app import Time, console_app
from equipoise.show.live import Live
from equipoise.show.rendering import Pages
from equipoise.show.sessions import Sessions, Terms
from show.visiting import ORIGIN, FakeTime, browser, house_of, lively, token_of

NAMES = {"eqo_ana": "ana", "eqo_bo": "bo"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return lively()


class Desk:
    """One console with two operators whose roles may change."""

    def __init__(self, engine: Engine, terms: Terms | None = None) -> None:
        self.roles = {"ana": "staff", "bo": "admin"}
        self.time = FakeTime()
        self.house = house_of(
            engine,
            open_console=False,
            operator=NAMES.get,
            role=lambda name, sha256: self.roles.get(name),
            terms=terms or Terms(),
        )
        self.app = console_app(self.house, Time(self.time.seconds, self.time.pause))

    def enter(self, token: str):
        client = browser(self.app)
        assert client.post("/login", data={"token": token}, headers=ORIGIN).status_code == 303
        return client


def names_of(page: str) -> list[str]:
    return [part.partition("/end")[0] for part in page.split('action="/sessions/')[1:]]


def test_an_operator_sees_and_ends_their_own_sessions_only(engine: Engine) -> None:
    desk = Desk(engine)
    first, second, other = desk.enter("eqo_ana"), desk.enter("eqo_ana"), desk.enter("eqo_bo")
    (mine,) = names_of(first.get("/sessions").text)
    theirs = {*names_of(other.get("/sessions").text)}
    assert len(theirs) == 2
    assert mine in theirs
    form = {"form-token": token_of(first)}
    (bos,) = [n for n, one in desk.app._sessions.living().items() if one.operator == "bo"]
    assert first.post(f"/sessions/{bos}/end", data=form, headers=ORIGIN).status_code == 404
    assert first.post(f"/sessions/{mine}/end", data=form, headers=ORIGIN).status_code == 303
    assert second.get("/people").status_code == 303
    assert first.get("/people").status_code == other.get("/people").status_code == 200


def test_an_admin_ends_the_session_of_another(engine: Engine) -> None:
    desk = Desk(engine)
    ana, admin = desk.enter("eqo_ana"), desk.enter("eqo_bo")
    (name,) = names_of(admin.get("/sessions").text)
    form = {"form-token": token_of(admin)}
    assert admin.post(f"/sessions/{name}/end", data=form, headers=ORIGIN).status_code == 303
    assert ana.get("/people").status_code == 303


def test_an_operator_who_is_taken_out_is_out_at_the_next_request(engine: Engine) -> None:
    desk = Desk(engine)
    ana = desk.enter("eqo_ana")
    assert ana.get("/people").status_code == 200
    del desk.roles["ana"]
    assert ana.get("/people").status_code == 303
    assert ana.post("/desk/1", headers=ORIGIN).status_code == 401


def test_an_open_stream_of_an_operator_who_is_taken_out_ends(engine: Engine) -> None:
    desk = Desk(engine)
    sessions = Sessions(desk.time.seconds)
    sessions.of(sessions.begin("ana", lambda: desk.roles.get("ana")))
    (session,) = sessions.living().values()
    pages = Pages(desk.house)
    live = Live(desk.house, pages, desk.time.seconds, desk.time.pause)

    async def watch() -> int:
        language, seen = pages._language("en", "Europe/Paris"), 0
        async for _ in live.changes(language, session.alive):
            seen += 1
            desk.roles.pop("ana", None)
        return seen

    assert asyncio.run(watch()) == 1, "what was sent before, and then the end"


def test_a_role_that_is_changed_counts_at_the_next_request(engine: Engine) -> None:
    desk = Desk(engine)
    ana = desk.enter("eqo_ana")
    desk.roles["ana"] = "analyst"
    assert ana.get("/people").status_code == 403
    assert ana.get("/plays").status_code == 200


def test_the_house_says_how_long_a_session_lasts(engine: Engine) -> None:
    desk = Desk(engine, Terms(idle_s=60.0, age_s=90.0))
    ana = desk.enter("eqo_ana")
    desk.time.now_s += 50
    assert ana.get("/people").status_code == 200
    desk.time.now_s += 45
    assert ana.get("/people").status_code == 303


def test_signing_in_again_ends_the_session_that_the_browser_had(engine: Engine) -> None:
    desk = Desk(engine)
    ana = desk.enter("eqo_ana")
    ana.post("/login", data={"token": "eqo_ana"}, headers=ORIGIN)
    assert len(desk.app._sessions.living()) == 1
