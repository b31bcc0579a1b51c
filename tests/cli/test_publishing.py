"""A ledger is published as files; a store that was restored catches up from them, or is refused."""

import shutil

from house import house, track


def grow(shop, *people):
    """More receipts, written by an engine that opens and closes the store."""
    with house(shop / "equipoise.db") as engine:
        engine.take([track(name, "terms.granted", purpose="x", channel="*") for name in people])


def test_a_restored_store_forks_unless_it_catches_up(equipoise, lived_in, tmp_path):
    public, kept = tmp_path / "public", tmp_path / "kept"
    said = equipoise("publish", public)
    assert (said.code, "leaves" in said.out) == (0, True)
    shutil.copytree(lived_in, kept)
    grow(lived_in, "u1", "u2", "u3")
    assert equipoise("publish", public, "--json").json["told"]["files"] > 0
    for name in ("equipoise.db", "equipoise.intake.db"):
        for file in lived_in.glob(f"{name}*"):
            file.unlink()
        shutil.copy(kept / name, lived_in / name)
    assert equipoise("publish", public).code == 2, "leaves would be taken back"
    said = equipoise("catchup", public)
    assert (said.code, "3 leaves were taken back" in said.out) == (0, True)
    assert "has all" in equipoise("catchup", public).out
    assert equipoise("verify").code == 0
    grow(lived_in, "u4")
    assert equipoise("publish", public, "--json").json["told"]["before"] > 3
    assert equipoise("verify", "--earlier", public / "checkpoint").code == 0


def test_catching_up_needs_a_store_and_a_place(equipoise, lived_in, tmp_path):
    assert equipoise("catchup", tmp_path / "nowhere").code == 2
    assert equipoise("catchup", tmp_path, "--store", "other.db").code == 2
    assert "nothing is published" in equipoise("catchup", tmp_path).err
