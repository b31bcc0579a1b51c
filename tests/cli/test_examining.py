"""`equipoise doctor` looks at one thing after another; each fault is seen to be found."""

import socket

import apsw
import pytest

from equipoise.cli import checking
from equipoise.settings import read_settings
from equipoise.stores import open_store


def state(said, name):
    """How one thing was found to be."""
    return next(check for check in said.json["checks"] if check["name"] == name)


def test_a_house_that_was_lived_in_is_well(equipoise, lived_in):
    """A seed in the settings is told, since with it anybody has the keys."""
    said = equipoise("doctor", "--json")
    assert state(said, "store")["facts"]["totals"]["events"] == 9
    assert set(state(said, "store")["facts"]["bytes"]) >= {"equipoise.db", "equipoise.intake.db"}
    assert state(said, "ledger")["state"] == "ok"
    assert state(said, "keys")["state"] == "warn"


def test_the_worst_finding_is_the_exit_code(equipoise, shop):
    for play in (shop / "plays").glob("*.yaml"):
        play.write_text("name: x\n")
    said = equipoise("doctor", "--json")
    assert (state(said, "plays")["state"], said.code) == ("warn", 1)
    (shop / "equipoise.keys").chmod(0o644)
    said = equipoise("doctor", "--json")
    assert (state(said, "keys")["state"], said.code) == ("fault", 2)
    assert said.json["worst"] == "fault"


def test_settings_that_cannot_be_read_end_the_examination(equipoise, shop):
    (shop / "equipoise.toml").write_text("port = 'high'\n")
    said = equipoise("doctor", "--json")
    assert said.code == 2
    assert said.json["checks"][-1]["name"] == "settings"
    assert "port" in said.json["checks"][-1]["found"]


def test_a_file_of_another_release_is_a_fault(equipoise, shop):
    connection = apsw.Connection(str(shop / "equipoise.db"))
    connection.pragma("user_version", 99)
    connection.close()
    said = equipoise("doctor", "--json")
    assert said.code == 2
    assert "version 99" in state(said, "store")["found"]


def test_a_file_that_is_no_store_is_a_fault(equipoise, shop):
    (shop / "equipoise.db").write_bytes(b"not a database at all" * 100)
    assert state(equipoise("doctor", "--json"), "store")["state"] == "fault"


def test_a_receipt_that_was_altered_is_a_fault(equipoise, lived_in):
    connection = apsw.Connection(str(lived_in / "equipoise.db"))
    connection.execute("UPDATE receipt SET salt = zeroblob(32) WHERE leaf = 1")
    connection.close()
    assert state(equipoise("doctor", "--json"), "ledger")["state"] == "fault"


def test_an_engine_that_runs_is_seen(equipoise, shop):
    store, intake = open_store(f"sqlite:{shop / 'equipoise.db'}")
    try:
        assert state(equipoise("doctor", "--json"), "intake")["facts"]["engine_runs"] is True
    finally:
        intake.close()
        store.close()
    assert state(equipoise("doctor", "--json"), "intake")["facts"]["engine_runs"] is False


def test_a_port_that_somebody_else_uses_is_told(equipoise, shop, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("EQUIPOISE_PORT", str(taken.getsockname()[1]))
        assert state(equipoise("doctor", "--json"), "port")["state"] == "warn"


def test_a_store_that_is_not_there_yet_is_no_fault(equipoise, shop):
    for file in shop.glob("equipoise*.db"):
        file.unlink()
    assert state(equipoise("doctor", "--json"), "store")["state"] == "warn"


def test_a_clock_before_the_newest_receipt_is_told(lived_in, equipoise):
    """The house was lived in during a day of March 2026; one a thousand years later runs ahead."""
    settings = read_settings(lived_in / "equipoise.toml", environ={})
    assert checking.clock(settings).state == "ok"
    connection = apsw.Connection(str(lived_in / "equipoise.db"))
    connection.execute(
        "UPDATE receipt SET body = CAST('{\"at_ms\": 33000000000000}' AS BLOB) "
        "WHERE seq = (SELECT max(seq) FROM receipt)"
    )
    connection.close()
    assert checking.clock(settings).state == "warn"


def test_a_volume_that_is_not_there_is_a_fault(tmp_path):
    settings = read_settings(environ={}, given={"store": f"sqlite:{tmp_path}/gone/shop.db"})
    assert [one.state for one in checking.volume(settings)] == ["fault"]


@pytest.mark.parametrize("number", ["free", "taken"])
def test_what_is_read_by_people_ends_with_a_sentence(equipoise, shop, number):
    if number == "taken":
        (shop / "equipoise.keys").unlink()
    said = equipoise("doctor")
    assert ("keeps it from working" in said.out) == (number == "taken")
    assert max(map(len, said.out.splitlines())) <= 80
