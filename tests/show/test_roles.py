"""Every page has a row that says who may see and do what, and the row is kept on every page."""

import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.nouns.access import ROLES, Role
from equipoise.show.app import console_app
from equipoise.show.guarding import OPEN_FOLDERS, OPEN_PATHS
from equipoise.show.roles import ROWS, first_page, may, row_of
from show.visiting import ORIGIN, TOKEN, house_of, lively, mails_of, token_of, visit

PEOPLE = {"marketer": False, "analyst": False, "staff": True, "officer": True, "admin": True}
"""Who sees somebody by name."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    return lively()


@pytest.fixture(scope="module")
def routes(engine: Engine) -> list[tuple[str, str]]:
    """Every route of the console as method and path, the pages of the town and of effects included."""
    house = house_of(engine, mails=lambda most: mails_of(engine)[:most], effects=Counted())
    app = console_app(house)._app
    return [
        (method, route.path)
        for route in app.routes
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


class Counted:
    """Nothing was counted yet."""

    def count(self):
        return iter(())

    def told(self):
        return []


def signed_in(engine: Engine, role: Role) -> TestClient:
    client = visit(engine, open_console=False, role=lambda name, sha256: role)
    assert client.post("/login", data={"token": TOKEN}, headers=ORIGIN).status_code == 303
    return client


def address(path: str) -> str:
    """A path in which every part stands for something."""
    return "/".join("16" if part.startswith("{") else part for part in path.split("/"))


def is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


def test_every_route_of_the_console_has_a_row_for_what_it_does(
    routes: list[tuple[str, str]],
) -> None:
    assert len(routes) > 20
    for method, path in routes:
        row = row_of(address(path))
        assert is_open(path) or row is not None, f"{path} needs a row in show/roles.py"
        if row is not None and not is_open(path):
            assert row.see if method == "GET" else row.do, f"{method} {path} is allowed to nobody"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_refused_where_its_row_says_so_and_nowhere_else(
    engine: Engine, routes: list[tuple[str, str]], role: Role
) -> None:
    client = signed_in(engine, role)
    form = {"form-token": token_of(client)}
    for method, path in routes:
        if is_open(path) or path in ("/live", "/logout", "/mailbox", "/effects"):
            continue
        answer = client.request(
            method, address(path), headers=ORIGIN, data=form if method == "POST" else None
        )
        if path == "/" and not may(role, "GET", "/"):
            assert answer.headers["location"] == first_page(role)
            continue
        refused = answer.status_code == 403
        assert refused == (not may(role, method, address(path))), (method, path, answer.status_code)


@pytest.mark.parametrize("role", ROLES)
def test_only_who_cares_for_people_sees_a_name(engine: Engine, role: Role) -> None:
    client = signed_in(engine, role)
    shown = "".join(client.get(path).text for path in ("/people", "/desk", "/outbox", "/why", "/"))
    assert ("ana@example.org" in shown or "/people/p_" in shown) == PEOPLE[role]


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_holds_what_the_role_may_see(engine: Engine, role: Role) -> None:
    page = signed_in(engine, role).get("/plays").text
    for path in ("/people", "/desk", "/refused", "/ledger"):
        assert (f'<a href="{path}"' in page) == may(role, "GET", path)


def test_a_page_without_a_row_is_the_admins_alone() -> None:
    assert [role for role in ROLES if may(role, "GET", "/brand/new")] == ["admin"]


def test_who_may_do_something_on_a_page_may_also_see_where_it_is_done() -> None:
    for row in ROWS:
        assert row.see or row.do, f"{row.path} is for nobody"


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_a_page_to_begin_with(role: Role) -> None:
    assert may(role, "GET", first_page(role))
