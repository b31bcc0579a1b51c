"""`equipoise backup` and `restore` bring a whole house back, or nothing; `migrate` says what it did."""

import pytest


@pytest.fixture
def passphrase(monkeypatch):
    """A passphrase as a timer would give it."""
    monkeypatch.setenv("EQUIPOISE_BACKUP_PASSPHRASE", "correct horse")


def test_a_backup_restores_to_a_house_that_verifies(equipoise, lived_in, passphrase, tmp_path):
    made = equipoise("backup", tmp_path / "b.eqb", "--json")
    assert made.code == 0
    assert equipoise("restore", tmp_path / "b.eqb", "--to", tmp_path / "attempt").code == 0
    assert equipoise("verify", tmp_path / "attempt").code == 0
    before = equipoise("why", "user_id:ana", "--json").json
    after = equipoise("why", "user_id:ana", "--json", "--store", tmp_path / "attempt/equipoise.db")
    assert after.json == before


def test_what_is_sealed_shows_nobody(equipoise, lived_in, passphrase, tmp_path):
    equipoise("backup", tmp_path / "b.eqb")
    assert b"ana" not in (tmp_path / "b.eqb").read_bytes()


def test_another_passphrase_opens_nothing(equipoise, lived_in, passphrase, tmp_path, monkeypatch):
    equipoise("backup", tmp_path / "b.eqb")
    monkeypatch.setenv("EQUIPOISE_BACKUP_PASSPHRASE", "wrong")
    assert equipoise("restore", tmp_path / "b.eqb", "--to", tmp_path / "attempt").code == 2
    assert not list((tmp_path / "attempt").glob("*.db"))


def test_the_key_file_seals_and_opens_too(equipoise, shop, tmp_path):
    sealed = tmp_path / "b.eqb"
    assert equipoise("backup", sealed, "--key-file", "equipoise.keys").code == 0
    said = equipoise("restore", sealed, "--to", tmp_path / "a", "--key-file", "equipoise.keys")
    assert said.code == 0


def test_without_a_secret_and_a_terminal_nothing_is_done(equipoise, shop, tmp_path):
    said = equipoise("backup", tmp_path / "b.eqb")
    assert said.code == 2
    assert "EQUIPOISE_BACKUP_PASSPHRASE" in said.err
    assert not (tmp_path / "b.eqb").exists()


def test_neither_a_backup_nor_a_store_is_overwritten(equipoise, shop, passphrase, tmp_path):
    equipoise("backup", tmp_path / "b.eqb")
    assert equipoise("backup", tmp_path / "b.eqb").code == 2
    said = equipoise("restore", tmp_path / "b.eqb", "--to", shop)
    assert said.code == 2
    assert "never overwritten" in said.err


def test_a_backup_that_is_not_there_is_told(equipoise, passphrase, tmp_path):
    assert equipoise("restore", "gone.eqb", "--to", tmp_path / "a").code == 2


def test_migrate_says_that_files_of_this_release_are_so_already(equipoise, shop):
    said = equipoise("migrate", "--json")
    assert said.code == 0
    assert all(one["from"] == one["to"] for one in said.json.values())
    assert len(said.json) == 2
    assert "already" in equipoise("migrate").out
