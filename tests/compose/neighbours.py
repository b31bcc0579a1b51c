"""Two houses behind one door, each with files of its own, without a socket or a process."""

import base64
import hashlib
from pathlib import Path

from starlette.testclient import TestClient

from equipoise.account.note import NoteSigner
from equipoise.compose import Engine
from equipoise.compose.searching import searcher_of
from equipoise.compose.serving import Served, outermost
from equipoise.compose.tenants import Door, tenants_app
from equipoise.compose.witnesses import publisher_of
from equipoise.plays.reading import read_play
from equipoise.runners.inline import InlineDesk
from equipoise.runners.watching import PlayFolder
from equipoise.settings import read_settings
from equipoise.stores.keyring import LiveKeyring, new_keyring, write_keyring
from equipoise.testing.fakes import FakeClock
from house import HERO, NOON_MS, THANKS, track, welcome

SHARED = "api.example"


class House:
    """One tenant: its files, its keys, and the people that only it knows."""

    def __init__(self, folder: Path, name: str, **given: object) -> None:
        self.name, self.host, self.folder = name, f"{name}.example", folder / name
        self.folder.mkdir()
        keyring = new_keyring(name.encode())
        self.server = keyring.add_source("till", "server")
        self.public = keyring.add_source("site", "public")
        self.token = keyring.add_operator("olga")
        write_keyring(self.folder / "shop.keys", keyring)
        settings = read_settings(
            environ={},
            given={
                "store": f"sqlite:{self.folder}/shop.db",
                "plays": str(self.folder / "plays"),
                "origin": f"{self.host}/equipoise",
                "public_url": f"https://{self.host}",
                **given,
            },
        )
        clock = FakeClock(NOON_MS)
        self.engine = Engine.open(f"sqlite:{self.folder}/shop.db", settings=settings, clock=clock)
        for play in (THANKS, HERO):
            self.engine.add_play(play)
        key = NoteSigner(settings.text("origin"), keyring.ledger).key
        desk, store = InlineDesk(self.engine, clock), self.engine.store
        self.served = Served(
            settings=settings,
            store=store,
            ledger=publisher_of(settings, store, key),
            desk=desk,
            clock=clock,
            keys=LiveKeyring(self.folder / "shop.keys", keyring),
            senders={},
            folder=PlayFolder(self.folder / "plays", read_play, store, desk, clock),
            searcher=searcher_of(settings, store, desk, clock),
            listener=None,
            closing=lambda: False,
        )

    @property
    def door(self) -> Door:
        return Door(self.host, lambda key: self.served.keys.source(key) is not None, self.app)

    @property
    def app(self):
        async def learn() -> bytes:
            return b"[]"

        return outermost(self.served, learn)

    def marks(self) -> list[str]:
        """What nobody else may ever be shown: names, addresses, keys, the root of the ledger."""
        return [self.user, self.server, self.public, self.token, f"{self.name}-order-77"]

    @property
    def user(self) -> str:
        return f"{self.name}-customer-7261"

    def live(self) -> "House":
        """Somebody comes, agrees, buys, and is decided for."""
        client = TestClient(self.app, base_url=f"https://{self.host}")
        batch = {
            "batch": [
                *welcome(self.user),
                track(self.user, "Order Completed", 1, revenue=5, order_id=f"{self.name}-order-77"),
            ]
        }
        assert client.post("/v1/batch", json=batch, headers=basic(self.server)).status_code == 200
        asked = {"moment": "home-hero", "userId": self.user}
        assert client.post("/v1/decide", json=asked, headers=basic(self.server)).status_code == 200
        return self

    def digest(self) -> dict[str, str]:
        """Every file of the house by its digest, save the index that readers share in memory."""
        return {
            file.name: hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and not file.name.endswith("-shm")
        }

    def close(self) -> None:
        self.engine.close()


def basic(key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def browser(houses: list[House], host: str) -> TestClient:
    """Somebody who names a host to the door of all of them."""
    app = tenants_app([house.door for house in houses])
    return TestClient(app, base_url=f"https://{host}", follow_redirects=False)
