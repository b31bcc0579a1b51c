"""Which house a command is about: the file that is named, the variable, the folder; paths in it."""

from equipoise.cli import places
from equipoise.settings import read_settings


def written(folder, text=""):
    """A settings file in a folder."""
    folder.mkdir(exist_ok=True)
    file = folder / "equipoise.toml"
    file.write_text(text)
    return file


def test_paths_in_a_settings_file_are_seen_from_its_folder(tmp_path):
    file = written(tmp_path / "a", "store = 'sqlite:shop.db'\nkeys = '/etc/shop.keys'\n")
    settings = read_settings(file, environ={})
    assert settings.text("store") == f"sqlite:{tmp_path}/a/shop.db"
    assert settings.text("plays") == f"{tmp_path}/a/plays"
    assert settings.text("keys") == "/etc/shop.keys"


def test_paths_in_variables_and_on_the_command_line_are_seen_from_where_we_are(tmp_path):
    file = written(tmp_path / "a")
    environ = {"EQUIPOISE_PLAYS": "mine"}
    settings = read_settings(file, environ, {"store": "sqlite:here.db"})
    assert (settings.text("plays"), settings.text("store")) == ("mine", "sqlite:here.db")


def test_a_store_without_a_path_stays_as_it_is(tmp_path):
    file = written(tmp_path / "a", "store = 'memory:'\n")
    assert read_settings(file, environ={}).text("store") == "memory:"


def test_the_named_file_wins_over_the_variable_and_that_over_the_folder(
    equipoise, tmp_path, monkeypatch
):
    written(tmp_path, "company = 'here'\n")
    assert equipoise("settings", "company", "--json").json[0]["value"] == "here"
    monkeypatch.setenv("EQUIPOISE_SETTINGS", str(written(tmp_path / "b", "company = 'told'\n")))
    assert equipoise("settings", "company", "--json").json[0]["value"] == "told"
    named = written(tmp_path / "c", "company = 'named'\n")
    said = equipoise("settings", "company", "--json", "--settings", named)
    assert said.json[0]["value"] == "named"


def test_a_path_alone_means_a_store_on_sqlite():
    assert places.url_of("shop.db") == "sqlite:shop.db"
    assert places.url_of("./data/shop") == "sqlite:./data/shop"
    assert places.url_of("memory:") == "memory:"


def test_a_folder_without_settings_is_known_by_its_one_store(equipoise, shop):
    (shop / "equipoise.toml").unlink()
    assert places.of_folder(shop, {}).text("store") == f"sqlite:{shop}/equipoise.db"
    (shop / "other.db").touch()
    said = equipoise("doctor", shop)
    assert said.code == 2
    assert "equipoise.db, other.db" in said.err
