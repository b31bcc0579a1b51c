"""`equipoise export` writes a person's archive or a whole house, which `equipoise import` takes in."""

import zipfile

import pytest


@pytest.fixture
def passphrase(monkeypatch):
    """A passphrase as a timer would give it."""
    monkeypatch.setenv("EQUIPOISE_BACKUP_PASSPHRASE", "correct horse")


def test_a_person_is_written_into_one_archive(equipoise, lived_in, tmp_path):
    said = equipoise("export", "user_id:ana", "-o", tmp_path / "ana.zip", "--json")
    assert said.code == 0
    with zipfile.ZipFile(tmp_path / "ana.zip") as archive:
        assert archive.testzip() is None
        assert {"datapackage.json", "verify.py", "README.en.html", "README.fr.html"} <= {
            *archive.namelist()
        }
        assert b"zoe" not in b"".join(archive.read(name) for name in archive.namelist())
    assert said.json["bytes"] == (tmp_path / "ana.zip").stat().st_size


def test_an_archive_is_named_after_the_person_and_never_overwritten(equipoise, lived_in):
    assert equipoise("export", "user_id:ana").code == 0
    (file,) = lived_in.glob("p_*.zip")
    before = file.read_bytes()
    said = equipoise("export", "user_id:ana")
    assert said.code == 2
    assert "never overwritten" in said.err
    assert file.read_bytes() == before


def test_nobody_of_that_name_is_told(equipoise, lived_in):
    assert equipoise("export", "user_id:nobody").code == 1


@pytest.mark.parametrize("words", [(), ("user_id:ana", "--all", "out")])
def test_either_a_person_or_the_whole_house_is_named(equipoise, lived_in, words):
    said = equipoise("export", *words)
    assert said.code == 2
    assert "--all FOLDER" in said.err


def test_a_whole_house_moves_to_another_place_and_everything_holds(
    equipoise, lived_in, passphrase, tmp_path
):
    assert equipoise("export", "--all", tmp_path / "out", "--json").code == 0
    before = equipoise("why", "user_id:ana", "--json").json
    new = tmp_path / "new" / "equipoise.db"
    said = equipoise("import", tmp_path / "out", "--store", new, "--json")
    assert said.code == 0, said.err
    assert said.json["rows"]["receipts"] > 0
    assert equipoise("verify", tmp_path / "new").code == 0
    assert (tmp_path / "new/plays/thanks.yaml").is_file()
    after = equipoise("why", "user_id:ana", "--json", "--settings", tmp_path / "new/equipoise.toml")
    assert after.json == before
    assert (tmp_path / "new/equipoise.toml").stat().st_mode & 0o077 == 0


def test_a_house_is_not_mixed_with_another(equipoise, lived_in, passphrase, tmp_path):
    equipoise("export", "--all", tmp_path / "out")
    said = equipoise("import", tmp_path / "out")
    assert said.code == 2
    assert "not empty" in said.err


def test_a_folder_that_holds_something_is_not_written_into(
    equipoise, lived_in, passphrase, tmp_path
):
    (tmp_path / "mine.txt").write_text("mine")
    assert equipoise("export", "--all", tmp_path).code == 2
    assert not (tmp_path / "tables").exists()


def test_another_name_of_the_ledger_is_told_before_anything_is_written(
    equipoise, lived_in, passphrase, tmp_path, monkeypatch
):
    equipoise("export", "--all", tmp_path / "out")
    assert equipoise("init", tmp_path / "other").code == 0
    monkeypatch.chdir(tmp_path / "other")
    file = tmp_path / "other/equipoise.toml"
    file.write_text(file.read_text() + '\norigin = "other.example/x"\n')
    said = equipoise("import", tmp_path / "out")
    assert said.code == 2
    assert "origin" in said.err


def test_a_fresh_house_takes_an_export_in(equipoise, lived_in, passphrase, tmp_path, monkeypatch):
    equipoise("export", "--all", tmp_path / "out")
    assert equipoise("init", tmp_path / "other").code == 0
    monkeypatch.chdir(tmp_path / "other")
    assert equipoise("import", tmp_path / "out").code == 0
    assert equipoise("verify").code == 0
    assert (tmp_path / "other/equipoise.keys.before").is_file()


def test_a_folder_that_is_no_export_and_a_file_without_mapping_are_told(equipoise, shop, tmp_path):
    (tmp_path / "x").mkdir()
    assert "is no whole export" in equipoise("import", tmp_path / "x").err
    (tmp_path / "x.csv").write_text("a,b\n")
    said = equipoise("import", tmp_path / "x.csv")
    assert said.code == 2
    assert "--mapping" in said.err
