"""Settings in, a house out: what is made where, under which rules, and what is never made again."""

import subprocess
import sys

import msgspec
import pytest

from equipoise.compose import Engine
from equipoise.compose.library import (
    SystemClock,
    SystemEntropy,
    build_engine,
    columns_of,
    keyring_of,
    keyring_path,
    known_here,
    rules_of,
)
from equipoise.nouns.state import AtomState, PersonState
from equipoise.plays.reading import read_play
from equipoise.settings import SettingsError, read_settings
from equipoise.stores import StoreError
from equipoise.stores.keyring import KeyringError, read_keyring
from house import HERO, THANKS, house, track, welcome


def settings(**given):
    return read_settings(environ={}, given=given)


def test_a_house_at_a_path_is_three_files_that_belong_together(tmp_path):
    with Engine.open(tmp_path / "shop.db") as engine:
        engine.take([track("ana", "page", 1)])
    names = {path.name for path in tmp_path.iterdir() if not path.name.endswith((".lock", "-shm"))}
    assert names >= {"shop.db", "shop.intake.db", "shop.keys"}
    assert len(read_keyring(tmp_path / "shop.keys").seed) == 32


def test_a_house_that_is_opened_again_draws_and_signs_as_before(tmp_path):
    with Engine.open(tmp_path / "shop.db") as engine:
        engine.take(welcome("ana"))
        seed, head = engine.walker.engine.seed, engine.store.position().checkpoint
    with Engine.open(tmp_path / "shop.db") as again:
        assert again.walker.engine.seed == seed
        assert again.store.position().checkpoint == head
        again.take([track("ana", "terms.withdrawn", 1, purpose="marketing")])
        keys = [
            text.splitlines()[-1].split()[1] for text in (head, again.store.position().checkpoint)
        ]
        assert keys[0] == keys[1], "both heads are signed under one name"


def test_a_store_without_its_key_file_is_not_given_another_one(tmp_path):
    """A second key would fork the ledger, draw anew, and take every repeat for fresh."""
    with Engine.open(tmp_path / "shop.db") as engine:
        engine.take(welcome("ana"))
    (tmp_path / "shop.keys").rename(tmp_path / "elsewhere")
    with pytest.raises(KeyringError, match=r"shop\.keys"):
        Engine.open(tmp_path / "shop.db")
    (tmp_path / "elsewhere").rename(tmp_path / "shop.keys")
    with Engine.open(tmp_path / "shop.db") as engine:
        assert engine.store.position().leaves == 1, "the refusal left neither a lock nor a file"


def test_a_key_file_that_others_can_read_stops_the_house_and_frees_the_store(tmp_path):
    Engine.open(tmp_path / "shop.db").close()
    (tmp_path / "shop.keys").chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        Engine.open(tmp_path / "shop.db")
    (tmp_path / "shop.keys").chmod(0o600)
    Engine.open(tmp_path / "shop.db").close()


@pytest.mark.parametrize(
    ("url", "keys", "path"),
    [
        ("sqlite:data/shop.db", "", "data/shop.keys"),
        ("sqlite:data/shop.db", "safe/my.keys", "safe/my.keys"),
        ("memory:", "", None),
        ("memory:", "my.keys", "my.keys"),
    ],
)
def test_the_key_file_lies_beside_the_store_unless_it_is_set(url, keys, path):
    found = keyring_path(url, settings(keys=keys))
    assert (found and str(found)) == path


def test_a_seed_gives_secrets_that_anybody_can_repeat_and_writes_no_file(tmp_path):
    seeded = settings(seed="town", keys=str(tmp_path / "x.keys"))
    assert keyring_of("sqlite:x.db", seeded) == keyring_of("memory:", seeded)
    assert list(tmp_path.iterdir()) == []
    assert keyring_of("memory:", settings()) != keyring_of("memory:", settings())


def test_a_path_is_a_store_of_files_and_a_url_is_what_it_says(tmp_path):
    with Engine.open(tmp_path / "a.db"), Engine.open(f"sqlite:{tmp_path}/b.db"):
        names = {path.name for path in tmp_path.glob("[ab].*")}
        assert names >= {"a.db", "a.keys", "b.db", "b.keys"}
    (tmp_path / "file").write_text("")
    with pytest.raises((StoreError, OSError)):
        Engine.open(tmp_path / "file" / "x.db")


def test_rules_say_what_the_settings_say():
    rules = rules_of(
        settings(
            **{
                "quiet.from": "22:30",
                "quiet.to": "7",
                "budget.per_day": 2,
                "holdout": 0.1,
                "basis.contract": "service parcel",
                "basis.interest": "analytics",
            }
        )
    )
    assert rules.quiet == (22 * 60 + 30, 7 * 60)
    assert (rules.per_day, rules.holdout) == (2, 0.1)
    assert [rules.basis(p) for p in ("parcel", "analytics", "ads")] == [
        "contract",
        "interest",
        "consent",
    ]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"quiet.from": "late"}, "quiet.from"),
        ({"quiet.to": "25:00"}, "quiet.to"),
        ({"quiet.to": "08:75"}, "quiet.to"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"basis.default": "whatever"}, "basis.default"),
        ({"locale": "de"}, "locale"),
        ({"holdout": 1.5}, "holdout"),
        ({"budget.per_7d": -1}, "budget.per_7d"),
    ],
)
def test_a_rule_that_makes_no_sense_is_told_by_its_setting(given, name):
    with pytest.raises(SettingsError, match=name):
        rules_of(settings(**given))


def test_a_play_may_name_the_fields_and_choosers_of_this_house_only():
    known = known_here()
    assert read_play(THANKS, known=known).name == "thanks"
    with pytest.raises(ValueError, match="eldest"):
        read_play(THANKS.replace("chooser: fixed_shares", "chooser: eldest"), known=known)
    with pytest.raises(ValueError, match=r"orders\.cuont"):
        read_play(THANKS + "audience: {field: orders.cuont, at_least: 1}\n", known=known)


def test_the_pure_engine_needs_nothing_but_settings_and_secrets():
    made = build_engine(settings(**{"send.attempts": 3}), keyring_of("memory:", settings(seed="x")))
    assert made.retries.attempts_most == 3
    assert made.deciders.questions[0].name == "rights"
    assert set(made.deciders.choosers) >= {"uniform", "fixed_shares", "learning"}


def test_columns_hold_only_what_is_named():
    state = PersonState([AtomState(id=16)])
    assert set(columns_of(state, {"orders.count": "number"})) == {"orders.count"}
    assert columns_of(state, {}) == {}


def test_time_and_salts_come_from_the_system_in_use():
    assert SystemClock().now_ms() > 1_700_000_000_000
    assert len(SystemEntropy().salt(1)) == 32
    assert SystemEntropy().salt(1) != SystemEntropy().salt(1)


def test_salts_in_use_are_never_those_of_a_seed(tmp_path):
    """Else whoever knows the seed could test whether a leaf is about somebody."""
    salts = []
    for name in ("a.db", "b.db"):
        with Engine.open(tmp_path / name, settings=settings(seed="same")) as engine:
            engine.take(welcome("ana"))
            salts.append(engine.store.newest_receipts(1)[0].salt)
    assert salts[0] != salts[1]


def test_the_step_process_takes_its_settings_from_standard_input_and_ends_with_its_door(tmp_path):
    """No secret stands in a list of processes; without a door there is nothing to do."""
    values = settings(seed="t", store=f"sqlite:{tmp_path}/shop.db").values
    Engine.open(tmp_path / "shop.db", settings=settings(seed="t")).close()
    script = (
        "import socket, sys, runpy; ours, theirs = socket.socketpair(); ours.close();"
        "sys.argv = ['x', str(theirs.detach())];"
        "runpy.run_module('equipoise.compose', run_name='__main__')"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        input=msgspec.json.encode(values),
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_the_quickstart_of_ten_lines_decides_and_says_why():
    engine = house()
    engine.add_play(HERO)
    engine.take([track("ana", "Product Viewed", 1)])
    assert engine.decide("user_id:ana", "home-hero").why("fr").endswith((".", "%."))
