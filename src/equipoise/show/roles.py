"""Who may see and do what: one row for every page of the console. A page without a row is the admin's alone.

Analysts and marketers see what plays say and are worth, and nobody's name. Staff see the people they
answer to. Officers see that, what was refused, and what people ask of the house. Admins see all, and end
the sessions of others.
"""

from functools import lru_cache
from re import Pattern
from typing import Final

import msgspec
from starlette.routing import compile_path

from equipoise.nouns.access import ROLES, Role

EVERYBODY: Final = frozenset(ROLES)
CARERS: Final = frozenset[Role](("staff", "officer", "admin"))
"""Who may see a person by name."""

OFFICERS: Final = frozenset[Role](("officer", "admin"))
WORTH: Final = frozenset[Role](("marketer", "analyst", "officer", "admin"))
"""Who may see what plays are worth: differences between arms, nobody's name."""


class Row(msgspec.Struct, frozen=True):
    """One page: its path as a route is written, who may read it, and who may post to it."""

    path: str
    see: frozenset[Role]
    do: frozenset[Role] = frozenset()


ROWS: Final = (
    Row("/", CARERS),
    Row("/live", CARERS),
    Row("/people", CARERS),
    Row("/people/{name}", CARERS),
    Row("/people/{name}/split", frozenset(), CARERS),
    Row("/decisions/{seq}", CARERS),
    Row("/decisions/{seq}/bundle", CARERS),
    Row("/why", CARERS),
    Row("/desk", CARERS),
    Row("/desk/{action}", frozenset(), CARERS),
    Row("/outbox", CARERS),
    Row("/mailbox", CARERS),
    Row("/refused", OFFICERS),
    Row("/plays", EVERYBODY),
    Row("/plays/{rest:path}", EVERYBODY),
    Row("/effects", WORTH),
    Row("/rehearsal", WORTH),
    Row("/rehearsal/{rest:path}", WORTH),
    Row("/ledger", EVERYBODY),
    Row("/joins", CARERS, CARERS),
    Row("/joins/{rest:path}", CARERS, CARERS),
    Row("/requests", OFFICERS, OFFICERS),
    Row("/requests/{rest:path}", OFFICERS, OFFICERS),
    Row("/shares", OFFICERS, OFFICERS),
    Row("/shares/{rest:path}", OFFICERS, OFFICERS),
    Row("/aggregates", OFFICERS, OFFICERS),
    Row("/aggregates/{rest:path}", OFFICERS, OFFICERS),
    Row("/sessions", EVERYBODY),
    Row("/sessions/{name}/end", frozenset(), EVERYBODY),
    Row("/logout", frozenset(), EVERYBODY),
)
"""The table. The first row that matches counts."""

_READING = frozenset(("GET", "HEAD"))
_SHAPES: Final[tuple[tuple[Pattern[str], Row], ...]] = tuple(
    (compile_path(row.path)[0], row) for row in ROWS
)


@lru_cache(1024)
def row_of(path: str) -> Row | None:
    """The row of a page that is asked for, or None where the table knows none."""
    return next((row for shape, row in _SHAPES if shape.match(path)), None)


def may(role: Role, method: str, path: str) -> bool:
    """Whether somebody in this role may ask this of a page.

    >>> may("analyst", "GET", "/effects"), may("analyst", "GET", "/people/p_s")
    (True, False)
    """
    row = row_of(path)
    if row is None or role == "admin":
        return role == "admin"
    return role in (row.see if method in _READING else row.do)


def first_page(role: Role) -> str:
    """Where somebody in this role begins."""
    return next(row.path for row in ROWS if role in row.see)
