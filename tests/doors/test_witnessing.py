"""What a witness answers is what C2SP prescribes, and a house takes only what its witnesses signed."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from equipoise.account.cosignature import WitnessSigner, cosigned_by
from equipoise.account.ledger import seal
from equipoise.account.note import MAX_NOTE_BYTES, NoteSigner, encode64, read_note
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tree import Frontier
from equipoise.account.view import TreeView
from equipoise.account.witness import Head, Witness
from equipoise.doors.witnessing import cosignatures_app, witness_app

ORIGIN = "ledger.example/shop"
LOG = NoteSigner(ORIGIN, bytes(range(32)))
SIGNING = WitnessSigner("witness.example/w1", bytes(range(1, 33)))


class Notebook:
    """Remembers in memory."""

    def __init__(self):
        self.heads = {ORIGIN: Head(LOG.key.vkey)}
        self.accused = []

    def head(self, origin):
        return self.heads.get(origin)

    def keep(self, origin, head):
        self.heads[origin] = head

    def accuse(self, evidence):
        self.accused.append(evidence)


class Log:
    """A ledger small enough to need no complete tile."""

    def __init__(self, size, mark=0):
        leaves = [b"eq1\x00" + bytes([mark, n]) * 16 for n in range(size)]
        sealed = seal(Frontier(), leaves, ORIGIN, [LOG])
        self.note, self.view = sealed.checkpoint, TreeView(self, sealed.frontier)

    def tile(self, level, index):
        return None

    def asks(self, old):
        proof = self.view.consistency(old) if old else []
        return f"old {old}\n" + "".join(f"{encode64(h)}\n" for h in proof) + f"\n{self.note}"


@pytest.fixture
def witness():
    add = Witness(SIGNING, Notebook()).add_checkpoint
    return TestClient(witness_app(lambda asked: add(asked, 1_790_000_000), SIGNING.key.vkey))


def post(client, text):
    return client.post("/add-checkpoint", content=text)


def test_a_log_that_grows_gets_its_signatures(witness):
    for old, size in ((0, 5), (5, 5), (5, 40)):
        log = Log(size)
        answer = post(witness, log.asks(old))
        assert answer.status_code == 200
        assert cosigned_by(read_note(log.note + answer.text), [SIGNING.key])
    assert witness.get("/vkey").text == f"{SIGNING.key.vkey}\n"


def test_each_refusal_has_the_status_that_c2sp_prescribes(witness):
    assert post(witness, Log(5).asks(0)).status_code == 200
    stale = post(witness, Log(9).asks(0))
    assert (stale.status_code, stale.text) == (409, "5\n")
    assert stale.headers["content-type"] == "text/x.tlog.size"
    assert post(witness, Log(9, mark=1).asks(5)).status_code == 422
    fork = post(witness, Log(5, mark=1).asks(5))
    assert fork.status_code == 409
    assert "two histories" in fork.text
    assert post(witness, Log(3).asks(0).replace("old 0", "old 4")).status_code == 400
    assert post(witness, Log(5).asks(0).replace(ORIGIN, "other.example")).status_code == 404
    assert post(witness, Log(6).asks(5).replace("\n6\n", "\n7\n")).status_code == 403
    assert post(witness, "rubbish").status_code == 400
    assert post(witness, b"\xff\xfe").status_code == 400
    assert post(witness, "x" * (MAX_NOTE_BYTES + 1)).status_code == 413
    assert witness.get("/add-checkpoint").status_code == 405


def test_a_house_takes_cosignatures_says_why_not_and_hands_on_the_rest():
    came = []

    def take(text):
        if text == "no":
            raise LedgerRefused("no witness that this house names signed it")
        came.append(text)
        return ("witness.example/w1",)

    house = TestClient(cosignatures_app(take, Starlette()))
    answer = house.post("/cosignatures", content="a head")
    assert (answer.status_code, answer.text, came) == (200, "witness.example/w1\n", ["a head"])
    refused = house.post("/cosignatures", content="no")
    assert (refused.status_code, refused.text) == (
        400,
        "no witness that this house names signed it\n",
    )
    assert house.post("/cosignatures", content="x" * (MAX_NOTE_BYTES + 1)).status_code == 413
    assert house.get("/cosignatures").headers["allow"] == "POST"
    assert house.get("/elsewhere").status_code == 404
