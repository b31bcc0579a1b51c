"""`equipoise verify` sees every flipped byte of a ledger, and a receipt is a file that proves itself."""

import apsw
import pytest
import scitt_cose
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from equipoise.cli import proving
from equipoise.settings import read_settings


def flip(shop, query):
    """Change a store behind the engine's back."""
    connection = apsw.Connection(str(shop / "equipoise.db"))
    connection.execute(query)
    assert connection.changes() == 1
    connection.close()


def test_an_untouched_ledger_holds(equipoise, lived_in):
    said = equipoise("verify")
    assert said.code == 0
    assert "Everything holds." in said.out
    assert equipoise("verify", "--json").json["holds"] is True


@pytest.mark.parametrize(
    ("query", "check"),
    [
        ("UPDATE leaf SET hash = CAST(substr(hash, 1, 35) || x'00' AS BLOB) WHERE id = 2", "root"),
        ("UPDATE leaf SET hash = zeroblob(36) WHERE id = 0", "leaves"),
        ("UPDATE receipt SET body = CAST(body || ' ' AS BLOB) WHERE leaf = 1", "receipts"),
        ("UPDATE receipt SET salt = zeroblob(32) WHERE leaf = 1", "receipts"),
        ("UPDATE position SET frontier = zeroblob(10)", "edge"),
        (
            "UPDATE position SET checkpoint = replace(checkpoint, 'town', 'tewn') || ' '",
            "checkpoint",
        ),
        ("DELETE FROM leaf WHERE id = 3", "leaves"),
    ],
)
def test_whatever_is_altered_is_seen(equipoise, lived_in, query, check):
    flip(lived_in, query)
    said = equipoise("verify", "--json")
    assert said.code == 1
    assert check in {one["name"] for one in said.json["checks"] if not one["holds"]}


def test_an_erased_receipt_is_no_fault(equipoise, lived_in):
    flip(lived_in, "DELETE FROM receipt WHERE leaf = 1")
    said = equipoise("verify")
    assert said.code == 0
    assert "1 leaves have none any more" in " ".join(said.out.split())


def test_a_checkpoint_that_others_hold_is_compared(equipoise, lived_in):
    connection = apsw.Connection(str(lived_in / "equipoise.db"))
    ((held,),) = connection.execute("SELECT checkpoint FROM position").fetchall()
    connection.close()
    (lived_in / "held.txt").write_text(held)
    assert equipoise("verify", "--earlier", "held.txt").code == 0
    (lived_in / "held.txt").write_text(held.replace("\n", "\nx", 1))
    assert equipoise("verify", "--earlier", "held.txt").code == 1


def test_another_key_does_not_hold(equipoise, lived_in):
    other = "ledger.localhost/equipoise+00000000+" + "A" * 44
    assert equipoise("verify", "--key", other).code == 1


def test_a_receipt_is_written_and_proves_itself(equipoise, lived_in):
    decision = equipoise("why", "user_id:ana", "--json").json["decided"][-1]["decision"]
    assert equipoise("receipt", decision, "-o", "mine.json").code == 0
    assert equipoise("verify", "mine.json").code == 0
    blob = (lived_in / "mine.json").read_text()
    (lived_in / "mine.json").write_text(blob.replace('"seq"', '"sep"', 1))
    said = equipoise("verify", "mine.json", "--json")
    assert said.code == 1
    assert said.json["holds"] is False


def test_a_receipt_goes_to_standard_output_where_no_file_is_named(equipoise, lived_in):
    decision = equipoise("why", "user_id:ana", "--json").json["decided"][0]["decision"]
    assert equipoise("receipt", decision).json.keys() == {"receipt", "salt", "proof", "vkey"}


def test_a_receipt_is_written_as_a_cose_receipt_that_others_can_check(equipoise, lived_in):
    decision = equipoise("why", "user_id:ana", "--json").json["decided"][0]["decision"]
    said = equipoise("receipt", decision, "--cose", "-o", "mine.cose")
    leaf = next(word for word in said.err.split() if len(word) == 72)
    key = proving.ledger_key(read_settings(lived_in / "equipoise.toml", environ={}))
    pem = Ed25519PublicKey.from_public_bytes(key.public).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    blob = (lived_in / "mine.cose").read_bytes()
    found = scitt_cose.verify_receipt(blob, leaf_entry_hex=leaf, log_public_key_pem=pem)
    assert found.ok, found.errors


def test_a_receipt_that_there_is_not_is_told(equipoise, lived_in):
    assert equipoise("receipt", "d_999999").code == 1
    assert equipoise("receipt", "mine").code == 2


def test_receipts_are_read_in_stretches_that_leave_none_out(lived_in, equipoise):
    from equipoise.stores import open_store

    store, intake = open_store(f"sqlite:{lived_in / 'equipoise.db'}", "reader")
    steps = []
    check = proving._receipts(store, steps.append)
    intake.close()
    store.close()
    assert check.found == f"{store_leaves(lived_in)} receipts open their leaves"
    assert steps


def store_leaves(shop):
    """How many leaves the ledger of a shop has."""
    connection = apsw.Connection(str(shop / "equipoise.db"))
    ((leaves,),) = connection.execute("SELECT leaves FROM position").fetchall()
    connection.close()
    return leaves
