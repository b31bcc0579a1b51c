"""`equipoise verify URL` and `equipoise compare`, against a server that shows a ledger or lies."""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from account.kept import VKEY, Kept, files_of, forked


@contextmanager
def instance(kept, broken=False):
    """A server that publishes a ledger; its address."""

    class Shows(BaseHTTPRequestHandler):
        def do_GET(self):
            fetch = files_of(self.server.kept)
            path = self.path.removeprefix("/shop/")
            body = None if not path.startswith(("tile/", "checkpoint", "vkey")) else fetch(path)
            status = 500 if broken else 404 if body is None else 200
            self.send_response(status)
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Shows) as server:
        server.kept = kept
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server, f"http://127.0.0.1:{server.server_port}/shop"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def state(monkeypatch, tmp_path):
    """Where heads are remembered."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "equipoise" / "heads.json"


def test_an_instance_is_checked_remembered_and_a_later_fork_is_seen(equipoise, state, tmp_path):
    kept = Kept(300)
    (tmp_path / "mine.json").write_bytes(kept.bundle(3))
    with instance(kept) as (server, url):
        said = equipoise("verify", url, "--receipt", "mine.json")
        assert said.code == 0, said
        assert "Everything holds" in said.out
        assert state.exists()
        kept.take(20)
        said = equipoise("verify", f"{url}/", "--json")
        assert "continues the 300" in said.out
        server.kept = forked(400, 200)
        before = state.read_bytes()
        said = equipoise("verify", url, "--receipt", "mine.json")
        assert said.code == 1
        assert "does not continue" in " ".join(said.out.split())
        assert said.out.count("— ledger.example/shop") == 2, "both heads are shown"
        assert state.read_bytes() == before
        said = equipoise("verify", url, "--json")
        assert said.json["holds"] is False
        assert said.json["fork"]["before"] == kept.checkpoints[-1]


def test_a_place_that_is_no_instance_or_does_not_answer_is_told(equipoise, state):
    with instance(Kept(3), broken=True) as (_, url):
        said = equipoise("verify", url)
        assert said.code == 3
        assert "answers 500" in said.err
    assert equipoise("verify", url).code == 3
    with instance(Kept()) as (_, url):
        said = equipoise("verify", url, "--witness", VKEY)
        assert (said.code, "type 0x04" in said.err) == (2, True)
        assert equipoise("verify", url).code == 0
    assert not state.exists()
    state.parent.mkdir(parents=True)
    state.write_text("{")
    said = equipoise("verify", url)
    assert (said.code, "cannot be read" in said.err) == (2, True)


def test_two_people_compare_their_receipts(equipoise, tmp_path):
    kept = Kept(9)
    (tmp_path / "ana.json").write_bytes(kept.bundle(1))
    kept.take(30)
    (tmp_path / "ben.json").write_bytes(kept.bundle(12))
    said = equipoise("compare", "ana.json", "ben.json")
    assert (said.code, "--at" in said.err) == (2, True)
    with instance(kept) as (_, url):
        said = equipoise("compare", "ana.json", "ben.json", "--at", url)
    assert (said.code, "same history" in said.out) == (0, True)
    (tmp_path / "other.txt").write_text(forked(39).checkpoints[-1])
    said = equipoise("compare", "ben.json", "other.txt", "--key", VKEY, "--json")
    assert said.code == 1
    assert said.json["holds"] is False
    assert equipoise("compare", "ana.json", "ben.json", "--at", "nowhere").code == 2
