"""A backup brings nobody back: who was erased goes again before anything else, and newcomers stay."""

import shutil

from equipoise.compose import Engine
from equipoise.compose.tombstones import Tombstones
from equipoise.nouns.events import Handle
from equipoise.settings import read_settings
from equipoise.stores.sqlite.backup import backup, restore
from house import HOUR_MS, NOON_MS, identify, track, welcome

SECRET = "a long passphrase for a test"


class Wound:
    def __init__(self, now):
        self.now = now

    def now_ms(self):
        self.now += 1
        return self.now


def opened(folder, clock):
    return Engine.open(folder / "shop.db", settings=read_settings(environ={}), clock=clock)


def here(engine, user):
    return bool(engine.store.atoms_of([Handle("user_id", user)]))


def test_who_was_erased_after_the_backup_is_erased_again_at_the_first_start(tmp_path):
    clock = Wound(NOON_MS)
    place, other = tmp_path / "a", tmp_path / "b"
    place.mkdir()
    with opened(place, clock) as engine:
        engine.take([*welcome("ana"), *welcome("bob"), track("ana", "Order Completed", 1)])
        backup(place / "shop.db", place / "shop.intake.db", tmp_path / "one.eqb", SECRET)
        clock.now += HOUR_MS
        assert engine.request("erasure", "user_id:ana", at_once=True)["ok"]
    restore(tmp_path / "one.eqb", other, SECRET)
    for name in ("shop.keys", "shop.erased"):
        shutil.copy2(place / name, other / name)
    with opened(other, clock) as engine:
        assert not here(engine, "ana")
        assert here(engine, "bob")
        assert engine.store.counts()["erased"] == 1
        assert engine.store.counts()["people"] == 1
        engine.take([identify("ana", n=2)])
    with opened(other, clock) as engine:
        assert here(engine, "ana"), "who comes back later is new, and stays through another start"
    found = b"".join(f.read_bytes() for f in other.iterdir() if f.suffix == ".erased")
    assert b"ana" not in found


def test_somebody_who_came_back_before_the_backup_stays_when_it_is_restored(tmp_path):
    clock = Wound(NOON_MS)
    place, other = tmp_path / "a", tmp_path / "b"
    place.mkdir()
    with opened(place, clock) as engine:
        engine.take([*welcome("ana"), *welcome("bob")])
        engine.request("erasure", "user_id:ana", at_once=True)
        clock.now += HOUR_MS
        engine.take([identify("ana", n=2)])
        backup(place / "shop.db", place / "shop.intake.db", tmp_path / "one.eqb", SECRET)
        engine.request("erasure", "user_id:bob", at_once=True)
    restore(tmp_path / "one.eqb", other, SECRET)
    for name in ("shop.keys", "shop.erased"):
        shutil.copy2(place / name, other / name)
    with opened(other, clock) as engine:
        assert (here(engine, "ana"), here(engine, "bob")) == (True, False)


def test_a_line_that_a_crash_cut_off_is_passed_over_and_there_may_be_no_file(tmp_path):
    stones = Tombstones(tmp_path / "shop.erased", b"k" * 32)
    assert stones.stones() == []
    stones.entomb([Handle("user_id", "ana")], 5)
    stones.entomb([Handle("user_id", "bob")], 6)
    file = tmp_path / "shop.erased"
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(file.read_bytes()[:-9])
    (kept,) = stones.stones()
    assert kept.at_ms == 5
