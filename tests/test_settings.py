"""Settings: one table, filled by file, environment and what is given; a wrong one says what to do."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.settings import PATHS, SETTINGS, SettingsError, read_settings

NAMES = [setting.name for setting in SETTINGS]


def written(folder: Path, text: str) -> Path:
    file = folder / "equipoise.toml"
    file.write_text(text, "utf-8")
    return file


def test_without_anything_every_setting_has_its_default():
    settings = read_settings(environ={})
    assert settings.values == {setting.name: setting.default for setting in SETTINGS}
    assert settings.whole("port") == 8080
    assert settings.number("holdout") == 0.0
    assert settings.yes("open_console") is False
    assert settings.text("company") == "Your shop"


def test_names_are_told_once_and_every_one_has_help_that_is_a_sentence():
    assert len(set(NAMES)) == len(NAMES)
    assert [s.name for s in SETTINGS if not s.help.endswith(".")] == []


def test_each_layer_goes_over_the_one_before(tmp_path):
    file = written(tmp_path, 'company = "File"\nport = 1\n[budget]\nper_day = 2\n')
    environ = {"EQUIPOISE_PORT": "2", "EQUIPOISE_BUDGET_PER_7D": "9", "HOME": "x"}
    settings = read_settings(file, environ, {"budget.per_day": 4})
    assert settings.text("company") == "File"
    assert settings.whole("port") == 2
    assert settings.whole("budget.per_7d") == 9
    assert settings.whole("budget.per_day") == 4


@pytest.mark.parametrize(
    ("word", "means"), [("true", True), ("YES", True), ("0", False), ("", False)]
)
def test_yes_and_no_may_be_written_as_words(word, means):
    assert read_settings(environ={"EQUIPOISE_OPEN_CONSOLE": word}).yes("open_console") is means


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"prot": 1}, "there is no setting 'prot'"),
        ({"port": "many"}, "setting port needs int, got 'many'"),
        ({"open_console": "maybe"}, "setting open_console needs bool"),
        ({"open_console": 1}, "setting open_console needs bool"),
        ({"holdout": "half"}, "setting holdout needs float"),
    ],
)
def test_a_wrong_setting_says_where_it_stands_and_what_it_needs(given, says):
    with pytest.raises(SettingsError, match=says) as told:
        read_settings(environ={}, given=given)
    assert "`equipoise settings`" in str(told.value)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"holdout": "nan"}, "holdout"),
        ({"port": 80.5}, "port"),
        ({"port": True}, "port"),
        ({"budget.per_day": "1.5"}, "budget.per_day"),
        ({"send.backoff_s": "inf"}, "send.backoff_s"),
    ],
)
def test_a_number_that_would_be_bent_is_refused(given, name):
    with pytest.raises(SettingsError, match=f"setting {name} needs"):
        read_settings(environ={}, given=given)


def test_a_mistake_in_the_environment_is_told_to_stand_there():
    with pytest.raises(SettingsError, match="environment: setting port needs int, got 'x'"):
        read_settings(environ={"EQUIPOISE_PORT": "x"})


def test_a_file_that_is_not_there_or_no_toml_is_told_by_its_name(tmp_path):
    with pytest.raises(SettingsError, match="there is no such settings file"):
        read_settings(tmp_path / "gone.toml", {})
    with pytest.raises(SettingsError, match=r"equipoise\.toml: is not TOML"):
        read_settings(written(tmp_path, "port = = 1"), {})
    (tmp_path / "equipoise.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not TOML"):
        read_settings(tmp_path / "equipoise.toml", {})


def test_paths_in_a_file_are_seen_from_its_folder(tmp_path):
    file = written(tmp_path, 'store = "sqlite:data/shop.db"\nkeys = "shop.keys"\n')
    settings = read_settings(file, {})
    assert settings.text("store") == f"sqlite:{tmp_path}/data/shop.db"
    assert settings.text("keys") == f"{tmp_path}/shop.keys"
    assert settings.text("plays") == f"{tmp_path}/plays"


def test_paths_outside_of_a_file_are_left_as_they_are_given(tmp_path):
    file = written(tmp_path, 'store = "memory:"\nkeys = ""\nplays = "/srv/plays"\n')
    settings = read_settings(file, {"EQUIPOISE_KEYS": "here.keys"})
    assert settings.text("store") == "memory:"
    assert settings.text("keys") == "here.keys"
    assert settings.text("plays") == "/srv/plays"
    assert set(PATHS) == {"store", "plays", "keys", "phrases", "tenants.folder", "terms.notices"}


@given(st.sampled_from(SETTINGS), st.data())
def test_what_is_given_in_the_right_kind_is_what_is_read(setting, data):
    kind = type(setting.default)
    kinds = {
        str: st.text(max_size=20),
        int: st.integers(0, 10**9),
        float: st.floats(0, 1e9),
        bool: st.booleans(),
    }
    value = data.draw(kinds[kind])
    settings = read_settings(environ={}, given={setting.name: value})
    assert settings.values[setting.name] == value
    assert type(settings.values[setting.name]) is kind
    name = f"EQUIPOISE_{setting.name.replace('.', '_').upper()}"
    again = read_settings(environ={name: str(value)})
    assert again.values[setting.name] == value
