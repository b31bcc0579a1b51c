"""`equipoise settings` shows every setting as it is in force, and no secret."""

from equipoise.cli.listing import masked
from equipoise.settings import SETTINGS


def test_every_setting_is_listed_with_value_and_default(equipoise):
    rows = equipoise("settings", "--json").json
    assert [row["name"] for row in rows] == [setting.name for setting in SETTINGS]
    assert all(row["is_default"] and row["value"] == row["default"] for row in rows)
    shown = equipoise("settings").out
    assert all(setting.name in shown for setting in SETTINGS)


def test_a_variable_is_in_force(equipoise, monkeypatch):
    monkeypatch.setenv("EQUIPOISE_BUDGET_PER_7D", "2")
    (row,) = equipoise("settings", "budget.per_7d", "--json").json
    assert (row["value"], row["default"], row["is_default"]) == (2, 3, False)


def test_a_word_shows_what_those_settings_do(equipoise):
    said = equipoise("settings", "quiet")
    assert "Start of the quiet hours" in said.out
    assert "EQUIPOISE_QUIET_FROM" in said.out
    assert equipoise("settings", "nosuch").code == 2


def test_no_secret_is_shown(equipoise, monkeypatch):
    monkeypatch.setenv("EQUIPOISE_SEED", "s3cret")
    monkeypatch.setenv("EQUIPOISE_WEBHOOK_SECRET", "whsec_s3cret")
    monkeypatch.setenv("EQUIPOISE_SMTP_URL", "smtps://ana:s3cret@mail.example.org:465")
    for words in (("settings",), ("settings", "--json"), ("settings", "smtp"), ("settings", "s")):
        said = equipoise(*words)
        assert "s3cret" not in said.out
        assert "mail.example.org" in said.out


def test_an_address_keeps_all_but_its_password():
    assert masked("smtp.url", "smtp://u:p@h:25") == "smtp://u:********@h:25"
    assert masked("webhook.url", "https://h/x") == "https://h/x"
    assert masked("seed", "") == ""
