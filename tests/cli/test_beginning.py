"""`equipoise init` makes a folder that runs at once, tells its secrets once, and overwrites nothing."""

import stat
import tomllib

from equipoise.cli.beginning import settings_text
from equipoise.settings import PATHS, SETTINGS, read_settings
from equipoise.stores.keyring import read_keyring


def test_a_new_folder_is_well_at_once(equipoise, shop):
    said = equipoise("doctor", "--json")
    assert {
        c["name"]: c["state"] for c in said.json["checks"] if c["name"] not in LOCAL
    } == dict.fromkeys(
        ("python", "sqlite", "settings", "keys", "clock", "store", "intake", "ledger", "plays"),
        "ok",
    )


LOCAL = {"disk", "fsync", "port"}
"""What depends on the machine that the test runs on."""


def test_the_secrets_that_are_printed_are_those_that_open(equipoise, tmp_path):
    said = equipoise("init", tmp_path / "shop", "--json", "--first-operator", "ana").json
    keyring = read_keyring(tmp_path / "shop" / "equipoise.keys")
    assert keyring.operator(said["login"]) == "ana"
    assert keyring.source(said["server_write_key"]).trust == "server"
    assert keyring.source(said["public_write_key"]).trust == "public"


def test_no_secret_that_is_printed_is_kept(equipoise, tmp_path):
    said = equipoise("init", tmp_path / "shop", "--json").json
    kept = b"".join(file.read_bytes() for file in (tmp_path / "shop").rglob("*") if file.is_file())
    for name in ("login", "server_write_key", "public_write_key"):
        assert said[name].encode() not in kept


def test_only_the_owner_can_look_into_the_folder_and_the_key_file(shop):
    assert stat.S_IMODE(shop.stat().st_mode) == 0o700
    assert stat.S_IMODE((shop / "equipoise.keys").stat().st_mode) == 0o600


def test_nothing_is_ever_overwritten(equipoise, shop):
    before = {file: file.read_bytes() for file in shop.rglob("*") if file.is_file()}
    said = equipoise("init", shop)
    assert said.code == 2
    assert "equipoise.toml, equipoise.keys, equipoise.db are there already" in said.err
    assert {file: file.read_bytes() for file in shop.rglob("*") if file.is_file()} == before


def test_a_play_that_is_there_already_is_kept(equipoise, tmp_path):
    play = tmp_path / "shop" / "plays" / "thank-you.yaml"
    play.parent.mkdir(parents=True)
    play.write_text("mine")
    assert equipoise("init", tmp_path / "shop").code == 0
    assert play.read_text() == "mine"


def test_the_settings_file_holds_every_setting_with_its_default(tmp_path):
    """With every # taken away it reads as all defaults."""
    text = settings_text({})
    bare = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and " = " in line else line
        for line in text.splitlines()
    )
    file = tmp_path / "all.toml"
    file.write_text(bare)
    settings = read_settings(file, environ={})
    told = tomllib.loads(bare)
    assert {s.name for s in SETTINGS if "." not in s.name} <= told.keys()
    for setting in SETTINGS:
        if setting.name not in PATHS:
            assert settings.values[setting.name] == setting.default


def test_a_company_name_with_quotes_is_written_so_that_it_reads_back(equipoise, tmp_path):
    equipoise("init", tmp_path / "shop", "--company", 'Chez "Zoë" \\')
    settings = read_settings(tmp_path / "shop" / "equipoise.toml", environ={})
    assert settings.text("company") == 'Chez "Zoë" \\'
