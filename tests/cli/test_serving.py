"""`equipoise serve` says where it answers, ends in order, and says clearly what stands in its way."""

import os
import signal
import socket
import stat
import subprocess
import sys

import msgspec
import pytest

from equipoise.cli import serving
from equipoise.settings import read_settings
from equipoise.stores.keyring import read_keyring
from house import THANKS
from journeys.served import PATIENCE_S, served, until


def test_a_house_answers_takes_events_and_ends_with_code_0(tmp_path):
    with served(tmp_path, THANKS) as house:
        assert house.ask("GET", "/health").status == 200
        assert house.post("/v1/track", {"userId": "ana", "event": "Order Completed"}).status == 200
        house.walked()
        os.killpg(house.process.pid, signal.SIGINT)
        assert house.process.wait(PATIENCE_S) == 0, house.said
        assert "Traceback" not in house.said
        assert "Ended." in house.said
        assert house.counts()["events"] == 1


def test_a_service_manager_ends_it_in_order_too(tmp_path):
    with served(tmp_path) as house:
        os.killpg(house.process.pid, signal.SIGTERM)
        assert house.process.wait(PATIENCE_S) == 0, house.said
        assert "Traceback" not in house.said


def test_a_first_operator_is_made_once_and_the_login_opens(tmp_path):
    with served(tmp_path) as house:
        said = house.said
        house.stop()
        assert "Console login, shown once" in said
        token = next(word for word in said.split() if "eqo_" in word)
        keys = read_keyring(tmp_path / "shop.keys")
        assert keys.operator(token[token.index("eqo_") :]) == "first"
        house.start()
        assert "shown once" not in house.said
    assert stat.S_IMODE((tmp_path / "shop.keys").stat().st_mode) == 0o600


def test_log_lines_are_json_where_no_terminal_is(tmp_path):
    with served(tmp_path, THANKS) as house:
        line = until(
            lambda: next((x for x in house.said.splitlines() if "entered the log" in x), None),
            "the play did not enter the log",
        )
        assert msgspec.json.decode(line)["play"] == "thanks"


def serve(folder, *words):
    """`equipoise serve` in a process of its own, which is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "equipoise", "serve", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_a_second_engine_on_one_store_is_turned_away(tmp_path):
    with served(tmp_path) as house:
        second = serve(tmp_path, "--store", house.store_url, "--port", "0")
    assert second.returncode == 3
    assert "another process writes this store" in second.stderr


def test_a_port_that_is_taken_is_told_with_the_way_out(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        said = serve(tmp_path, "--store", "shop.db", "--port", number)
    assert said.returncode == 3
    assert f"127.0.0.1:{number}" in said.stderr
    assert "--port 0" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_key_file_that_others_can_read_stops_the_start(equipoise, shop):
    (shop / "equipoise.keys").chmod(0o644)
    said = serve(shop, "--port", "0")
    assert said.returncode == 2
    assert "chmod 600" in said.stderr


def test_a_level_of_talk_that_there_is_not_is_told(equipoise, shop, monkeypatch):
    monkeypatch.setenv("EQUIPOISE_LOG_LEVEL", "loud")
    said = equipoise("serve", "--port", "0")
    assert said.code == 2
    assert "debug, info, warning, error" in said.err


@pytest.mark.parametrize("given", [{"seed": "x"}, {"open_console": True}, {"store": "memory:"}])
def test_no_login_is_made_where_none_is_asked_for(tmp_path, given):
    settings = read_settings(environ={}, given={"store": f"sqlite:{tmp_path}/shop.db", **given})
    assert serving.first_operator(settings) == ""
    assert not (tmp_path / "shop.keys").exists()
