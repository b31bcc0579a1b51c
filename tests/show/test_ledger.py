"""What is published can be checked by outsiders with what is published alone."""

import msgspec
import pytest
from starlette.testclient import TestClient

from equipoise.account.tiles import unpack_entries
from equipoise.account.tree import leaf_hash
from equipoise.account.verify_receipt import check
from equipoise.compose import Engine
from show.visiting import lively, visit


@pytest.fixture(scope="module")
def engine() -> Engine:
    return lively()


@pytest.fixture(scope="module")
def client(engine: Engine) -> TestClient:
    return visit(engine)


def test_the_proof_of_each_receipt_convinces_the_script_that_knows_nothing_of_us(
    engine: Engine, client: TestClient
) -> None:
    vkey = client.get("/vkey").text.strip()
    rows = engine.store.newest_receipts(500)
    for row in rows:
        answer = client.get(f"/decisions/{row.seq}/bundle")
        assert f"leaf {row.leaf} of the {len(rows)}" in check(answer.content, vkey)
        assert answer.headers["content-disposition"].startswith("attachment")
        assert msgspec.json.decode(answer.content)["receipt"]["seq"] == row.seq


def test_the_checkpoint_is_never_kept_and_a_tile_for_ever(
    engine: Engine, client: TestClient
) -> None:
    head = client.get("/checkpoint")
    assert head.text == engine.store.position().checkpoint
    assert head.headers["cache-control"] == "no-cache"
    assert head.headers["content-type"].startswith("text/plain")
    assert client.get("/checkpoint/newest").text == head.text
    size = int(head.text.splitlines()[1])
    tile = client.get(f"/tile/0/000.p/{size}")
    entries = client.get(f"/tile/entries/000.p/{size}")
    assert "immutable" in tile.headers["cache-control"]
    assert tile.headers["access-control-allow-origin"] == "*"
    leaves = unpack_entries(entries.content)
    assert b"".join(leaf_hash(leaf) for leaf in leaves) == tile.content


def test_the_page_says_what_was_proven(client: TestClient) -> None:
    page = client.get("/ledger").text
    assert "were opened and proven just now: all hold" in page
    assert "equipoise verify http://testserver\n" in page


def test_a_ledger_that_does_not_hold_is_told_on_every_page_that_shows_it(engine: Engine) -> None:
    class Broken:
        vkey = "x+00000000+AA=="

        def head(self) -> str:
            return engine.store.position().checkpoint

        def health(self, most: int) -> object:
            found = msgspec.defstruct("Found", ["size", "root", "checked", "complaint"])
            return found(3, "", 0, "leaf 2 was altered")

    client = visit(engine, ledger=Broken())
    for page in ("/", "/ledger"):
        assert "The ledger does not hold: leaf 2 was altered" in client.get(page).text
