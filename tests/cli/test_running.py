"""Expected errors end as one sentence with a code; anything else keeps its traceback."""

import pytest

from equipoise.cli import commands, running
from equipoise.cli.speaking import Exit
from equipoise.stores import StoreBusy, StoreError, StoreFull


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("settings", "--settings", "gone.toml"), "there is no such settings file"),
        (("verify", "--key", "x", "--settings", "gone.toml"), "there is no such settings file"),
        (("keys", "list", "--store", "gone.db"), "there is no key file"),
        (("why", "user_id:1", "--store", "gone.db"), "there is no such file to read"),
        (("why", "user_id:1", "--store", "nowhere:x"), "needs NAME:PLACE"),
        (("why", "user_id:1", "--store", "memory:"), "lives in its own process"),
        (("play", "check", "gone.yaml"), "gone.yaml: No such file"),
        (("doctor", "nowhere"), "there is no such folder"),
    ],
    ids=str,
)
def test_what_is_expected_to_go_wrong_is_one_sentence_and_code_2(equipoise, words, told):
    said = equipoise(*words)
    assert said.code == 2
    assert told in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_setting_that_does_not_exist_is_named_with_its_file(equipoise, tmp_path):
    (tmp_path / "equipoise.toml").write_text("stoer = 'x'\n")
    said = equipoise("settings")
    assert said.code == 2
    assert "equipoise.toml: there is no setting 'stoer'" in said.err


def test_a_file_that_is_not_toml_is_told_with_its_place(equipoise, tmp_path):
    (tmp_path / "equipoise.toml").write_text("store = \n")
    said = equipoise("settings")
    assert said.code == 2
    assert "line 1" in said.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreBusy("x"), Exit.IN_THE_WAY),
        (StoreFull("x"), Exit.IN_THE_WAY),
        (StoreError("x"), Exit.NOT_SO),
        (OSError(98, "taken"), Exit.IN_THE_WAY),
        (OSError(28, "full"), Exit.IN_THE_WAY),
        (FileNotFoundError(2, "gone"), Exit.NOT_SO),
    ],
    ids=repr,
)
def test_code_3_says_that_waiting_or_making_room_helps(error, code):
    assert running._code(error) == code


def test_a_fault_of_ours_keeps_its_traceback(equipoise):
    @commands.app.command("broken", hidden=True)
    def broken() -> None:
        """Breaks."""
        raise ZeroDivisionError

    try:
        with pytest.raises(ZeroDivisionError):
            equipoise("broken")
    finally:
        commands.app.registered_commands.pop()


def test_colours_are_taken_away_where_nobody_sees_them(equipoise, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in equipoise("play", "new").out
