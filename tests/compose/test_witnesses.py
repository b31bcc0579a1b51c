"""A house takes the signatures of the witnesses in its settings, keeps them, and proves under them."""

import asyncio
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from equipoise.account.bundle import read_bundle
from equipoise.account.cosignature import WitnessSigner
from equipoise.account.note import NoteSigner, read_note
from equipoise.account.refusal import LedgerRefused
from equipoise.account.verify import verify_receipt
from equipoise.account.verify_receipt import check
from equipoise.compose.library import keyring_of
from equipoise.compose.witnesses import asking_of, post_text, publisher_of
from equipoise.settings import SettingsError, read_settings
from house import house, send, track, welcome

WITNESS = WitnessSigner("witness.example/w1", bytes(range(1, 33)))


def told(store="memory:", witnesses=WITNESS.key.vkey):
    """Settings of a house with a seed and these witnesses."""
    return read_settings(environ={}, given={"seed": "test", "store": store, "witnesses": witnesses})


def key_of(settings):
    return NoteSigner(settings.text("origin"), keyring_of("memory:", settings).ledger).key


def cosigned(text):
    return text + WITNESS.cosign(read_note(text).text, 1_790_000_000)


@pytest.mark.parametrize("kind", ["memory:", "sqlite:"])
def test_what_a_witness_signed_is_shown_kept_and_proven_under(tmp_path, kind):
    engine = house()
    send(engine, welcome("ana"))
    settings = told("memory:" if kind == "memory:" else f"sqlite:{tmp_path / 'shop.db'}")
    publisher = publisher_of(settings, engine.store, key_of(settings))
    assert publisher.head() == publisher.newest() == engine.store.position().checkpoint
    assert publisher.witness(cosigned(publisher.newest())) == ("witness.example/w1",)
    shown = publisher.head()
    assert "witness.example/w1" in shown
    send(engine, [track("ben", "terms.granted", purpose="marketing", channel="*")])
    first, last = engine.store.receipts_after(0, 99)[0], engine.store.newest_receipts(1)[0]
    for row, names in ((first, True), (last, False)):
        blob = publisher.bundle(row.seq)
        assert verify_receipt(blob, publisher.vkey).holds
        assert "has signed" in check(blob, publisher.vkey)
        assert ("witness.example/w1" in read_bundle(blob).proof.checkpoint) is names
    if kind == "sqlite:":
        again = publisher_of(settings, engine.store, key_of(settings))
        assert "witness.example/w1" in read_bundle(again.bundle(first.seq)).proof.checkpoint
        (tmp_path / "shop.witnessed").write_bytes(b"\xff")
        assert publisher_of(settings, engine.store, key_of(settings)).head()


def test_witnesses_with_an_address_are_asked_there():
    engine = house()
    both = told(witnesses=f"{WITNESS.key.vkey} {WITNESS.key.vkey}@https://w1.example/")
    publisher = publisher_of(both, engine.store, key_of(both))
    asking = asking_of(both, publisher)
    assert [one.url for one in asking.witnesses] == ["https://w1.example"]
    assert asking_of(told(), publisher) is None
    with pytest.raises(SettingsError, match="is no address"):
        asking_of(told(witnesses=f"{WITNESS.key.vkey}@w1.example"), publisher)


def test_a_text_is_posted_and_nobody_there_is_an_error_of_the_system():
    class Echo(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(409)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        url = f"http://127.0.0.1:{server.server_port}/add-checkpoint"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        assert asyncio.run(post_text(url, "old 0\n—")) == (409, "old 0\n—")
        server.shutdown()
        thread.join()
    with pytest.raises(OSError, match="does not answer"):
        asyncio.run(post_text(url, "x"))


def test_a_house_without_witnesses_takes_none_and_a_wrong_key_stops_the_start():
    engine = house()
    plain = told(witnesses="")
    with pytest.raises(LedgerRefused, match="names no witness"):
        publisher_of(plain, engine.store, key_of(plain)).witness("x")
    wrong = told(witnesses=key_of(plain).vkey)
    with pytest.raises(SettingsError, match="setting witnesses: a verifier key needs type 0x04"):
        publisher_of(wrong, engine.store, key_of(wrong))
