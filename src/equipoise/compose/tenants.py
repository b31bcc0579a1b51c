"""Several houses behind one door: each has its files, keys, ledger and step; nothing is shared but the port.

A tenant is a folder as `equipoise init` makes it. Which one a request is for follows from the host
that it names, else from its key, and never from a path or a body.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from equipoise.compose.serving import Guests, Opened, open_house
from equipoise.doors import answers, keys
from equipoise.doors.answers import Refusal
from equipoise.runners.server import Address, Announce, HouseServer, listen
from equipoise.settings import Settings, SettingsError, read_settings

FILE = "equipoise.toml"
OWN = ("store", "keys", "origin", "public_url")
"""The settings that no two tenants may have alike."""


class Tenant(msgspec.Struct, frozen=True):
    """One house of several: what it is called, the host that it answers to, and its settings."""

    name: str
    host: str
    settings: Settings


class Door(msgspec.Struct, frozen=True):
    """What the way in knows of one tenant: its host, whether a key is its own, and its application."""

    host: str
    knows: Callable[[str], bool]
    app: ASGIApp


def read_tenants(folder: Path, environ: Mapping[str, str] | None = None) -> list[Tenant]:
    """Every tenant in a folder, by name. Raises `SettingsError` where two could touch each other."""
    files = sorted(folder.glob(f"*/{FILE}"))
    if not files:
        raise SettingsError(
            f"{folder}: there is no tenant. `equipoise tenants add NAME --host HOST` makes one."
        )
    found = []
    for file in files:
        settings = read_settings(file, environ if environ is not None else {})
        host = urlsplit(settings.text("public_url")).hostname or ""
        if not host:
            raise SettingsError(
                f"{file}: a tenant needs public_url, because its host is what it is known by."
            )
        found.append(Tenant(file.parent.name, host, settings))
    for name in OWN:
        _all_apart(found, name)
    if len({tenant.host for tenant in found}) < len(found):
        raise SettingsError(f"{folder}: two tenants answer to one host; give each its own.")
    return found


def _all_apart(tenants: Collection[Tenant], name: str) -> None:
    seen: dict[str, str] = {}
    for tenant in tenants:
        value = tenant.settings.text(name)
        if name == "store" and not value.startswith("sqlite:"):
            raise SettingsError(
                f"tenant {tenant.name}: its store needs files of its own, sqlite:PATH."
            )
        if name in ("store", "keys") and value:
            value = str(Path(value.removeprefix("sqlite:")).resolve())
        if value and value in seen:
            raise SettingsError(
                f"tenants {seen[value]} and {tenant.name} have the same {name} ({value}); each needs "
                "its own."
            )
        seen[value] = tenant.name


def tenants_app(doors: Sequence[Door]) -> ASGIApp:
    """One application for several tenants.

    A request that names the host of a tenant is that tenant's, and its key must be one of theirs. At any
    other host the key in its header or query says whose it is; without one there is nothing here.
    """
    by_host = {door.host: door.app for door in doors}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        found = by_host.get(_host_of(scope)) or _by_key(doors, scope)
        if found is None:
            await answers.say(send, answers.refused(_nobody()), None)
        else:
            await found(scope, receive, send)

    return app


def _host_of(scope: Scope) -> str:
    told: bytes = dict(scope["headers"]).get(b"host", b"")
    return urlsplit(f"//{told.decode('latin-1')}").hostname or ""


def _by_key(doors: Sequence[Door], scope: Scope) -> ASGIApp | None:
    """Whose key it is. All are asked, so that the time tells nothing about which of them knew it."""
    authorization = dict(scope["headers"]).get(b"authorization")
    key = (
        keys.key_in_header(authorization)
        or keys.bearer_token(authorization)
        or keys.key_in_query(keys.query_of(scope.get("query_string", b"")))
    )
    known = [door.app for door in doors if key and door.knows(key)]
    return known[0] if len(known) == 1 else None


def _nobody() -> Refusal:
    return Refusal(421, "unknown_host", "nobody answers to this host, and no key says whose it is")


class _Desks:
    """The desks of all tenants, opened and closed together."""

    def __init__(self, houses: Sequence[Opened]) -> None:
        self._desks = [house.served.desk for house in houses]

    async def open(self) -> None:
        """Open each; where one does not open, close those that did."""
        for number, desk in enumerate(self._desks):
            try:
                await desk.open()
            except BaseException:
                await asyncio.gather(*(other.close() for other in self._desks[:number]))
                raise

    async def close(self) -> None:
        """Close each, whatever happens to the others."""
        await asyncio.gather(*(desk.close() for desk in self._desks), return_exceptions=True)


def door_of(tenant: Tenant, house: Opened) -> Door:
    """The door of a tenant whose house is open."""
    served = house.served
    return Door(tenant.host, lambda key: served.keys.source(key) is not None, house.app)


async def serve_all(
    settings: Settings,
    tenants: Sequence[Tenant],
    announce: Announce,
    chores: Sequence[Callable[[], Awaitable[None]]] = (),
) -> None:
    """Serve every tenant on one port until a signal comes; `settings` say which port.

    `chores` are loops that run beside them. Raises as `compose.serving.serve` does.
    """
    ending = asyncio.Event()
    listener = listen(Address(settings.text("host"), settings.whole("port")))
    houses: list[Opened] = []
    try:
        houses += _opened(tenants, listener, ending)
        doors = [door_of(tenant, house) for tenant, house in zip(tenants, houses, strict=True)]
        everything = [*(chore for house in houses for chore in house.chores), *chores]
        await HouseServer(
            tenants_app(doors), _Desks(houses), listener, everything, announce, ending
        ).run()
    finally:
        for house in houses:
            await house.close()
        listener.close()


def _opened(
    tenants: Sequence[Tenant], listener: socket.socket, ending: asyncio.Event
) -> list[Opened]:
    open_one = partial(open_house, guests=Guests(), listener=listener, ending=ending)
    return [open_one(tenant.settings) for tenant in tenants]
