"""`equipoise witness` signs a running house, shows there, and cries when its store was forked."""

import shutil

import pytest

from equipoise.account.cosignature import cosigned_by, read_witness_key
from equipoise.account.note import read_note
from equipoise.runners.witnessing import WitnessFolder
from house import THANKS
from journeys.served import PATIENCE_S, served


@pytest.fixture
def vkey(tmp_path):
    """The key of a witness whose folder is there already."""
    kept = WitnessFolder(tmp_path / "w", "witness.example/w1")
    kept.close()
    return kept.signer.key.vkey


def buys(house, *people):
    """People who allow mails and buy something: receipts."""
    for name in people:
        terms = {"purpose": "marketing", "channel": "email"}
        traits = {"email": f"{name}@example.org"}
        house.post("/v1/identify", {"userId": name, "traits": traits})
        house.post("/v1/track", {"userId": name, "event": "terms.granted", "properties": terms})
        house.post("/v1/track", {"userId": name, "event": "Order Completed"})
    house.walked()


def stopped(house):
    """End a house in order, so that its files can be copied."""
    house.process.terminate()
    assert house.process.wait(PATIENCE_S) == 0, house.said


@pytest.mark.slow
def test_a_house_shows_its_witness_and_a_forked_store_is_refused(equipoise, tmp_path, vkey):
    shop, other = tmp_path / "shop", tmp_path / "other"
    shop.mkdir()
    watch = ("--folder", tmp_path / "w", "--once")
    with served(shop, THANKS, witnesses=vkey) as house:
        buys(house, "ana")
        said = equipoise("witness", house.url, *watch)
        assert said.code == 0, said
        assert "leaves, signed" in said.out
        assert "believed as it came" in " ".join(said.err.split())
        shown = house.ask("GET", "/checkpoint").body.decode()
        assert cosigned_by(read_note(shown), [read_witness_key(vkey)])
        stopped(house)
        shutil.copytree(shop, other)
        house.start()
        buys(house, "ben", "cleo")
        said = equipoise("witness", house.url, *watch, "--json")
        assert said.json["shown"] is True
        honest = house.ask("GET", "/checkpoint").body.decode()
        assert f"\n{said.json['size']}\n" in honest
    with served(other, THANKS) as fork:
        buys(fork, "mallory", "trudy", "eve")
        said = equipoise("witness", fork.url, *watch)
        assert said.code == 1, said
        assert "FORK REFUSED" in said.err
        (place,) = (tmp_path / "w" / "evidence").iterdir()
        assert (place / "now.txt").read_text() == fork.ask("GET", "/checkpoint").body.decode()
        assert (place / "before.txt").read_text().splitlines()[:3] == honest.splitlines()[:3]


def test_what_cannot_be_done_as_typed_is_told(equipoise, tmp_path):
    assert equipoise("witness", "--folder", tmp_path / "w").code == 2
    assert equipoise("witness", "shop.example", "--folder", tmp_path / "w").code == 2
    assert equipoise("witness", "--listen", "8090", "--folder", tmp_path / "w").code == 2
    said = equipoise("witness", "--listen", "127.0.0.1:0", "--folder", tmp_path / "w")
    assert "knows no log" in said.err
    url = "http://127.0.0.1:9"
    assert equipoise("witness", url, "--folder", tmp_path / "w", "--once").code == 3
