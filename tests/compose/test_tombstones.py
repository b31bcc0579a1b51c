"""A backup brings nobody back: who was erased goes again before anything else, and newcomers stay."""

import shutil

import msgspec
import pytest

from equipoise.compose import Engine
from equipoise.compose.leaving import leave_with
from equipoise.compose.settling import CannotSettle, file_digest, settle
from equipoise.compose.tombstones import Tombstones
from equipoise.nouns.events import Handle
from equipoise.settings import read_settings
from equipoise.stores.keyring import read_keyring
from equipoise.stores.sqlite.backup import backup, restore
from house import HOUR_MS, NOON_MS, identify, rows_of, track, welcome

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


# --- a whole export -----------------------------------------------------------------------------


def leaves(folder, out):
    settings = read_settings(environ={}, given={"store": f"sqlite:{folder / 'shop.db'}"})
    leave_with(settings, folder / "shop.db", out, SECRET)


def settles(out, folder):
    settle(out, folder / "shop.db", folder / "shop.keys", SECRET, NOON_MS)


@pytest.fixture
def left(tmp_path):
    """Two exports of one house: `before` and `after` ana was erased; her last event waits in the first."""
    clock, place = Wound(NOON_MS), tmp_path / "a"
    place.mkdir()
    with opened(place, clock) as engine:
        engine.take([*welcome("ana"), *welcome("bob")])
        for user in ("ana", "bob"):
            engine.intake.append([rows_of([track(user, "Late", 1)], clock.now_ms())])
    leaves(place, tmp_path / "before")
    with opened(place, clock) as engine:
        clock.now += HOUR_MS
        assert engine.request("erasure", "user_id:ana", at_once=True)["ok"]
        engine.take([identify("zoe")])
    leaves(place, tmp_path / "after")
    return clock


def test_who_was_erased_stays_so_where_an_older_export_follows_a_newer_one(left, tmp_path):
    other = tmp_path / "b"
    settles(tmp_path / "after", other)
    with opened(other, left) as engine:
        assert [here(engine, user) for user in ("ana", "bob", "zoe")] == [False, True, True]
    for file in other.glob("shop.*db*"):
        file.unlink()
    settles(tmp_path / "before", other)
    with opened(other, left) as engine:
        assert [here(engine, user) for user in ("ana", "bob", "zoe")] == [False, True, False]
        assert engine.store.counts()["dropped:erased"] == 1
        engine.take([identify("ana", n=2)])
    with opened(other, left) as engine:
        assert here(engine, "ana"), "who comes back later is new"


def test_an_older_export_alone_cannot_know_who_was_erased_later(left, tmp_path):
    settles(tmp_path / "before", tmp_path / "b")
    with opened(tmp_path / "b", left) as engine:
        assert here(engine, "ana")


def test_erasures_under_another_key_are_put_aside_where_a_house_moves_in(left, tmp_path):
    other = tmp_path / "b"
    other.mkdir()
    Engine.open(other / "shop.db", settings=read_settings(environ={})).close()
    Tombstones(other / "shop.erased", read_keyring(other / "shop.keys").digests).entomb(
        [Handle("user_id", "eve")], NOON_MS
    )
    settles(tmp_path / "after", other)
    assert (other / "shop.erased.before").exists()
    after = (other / "shop.erased").read_bytes()
    assert after == (tmp_path / "a" / "shop.erased").read_bytes()


def test_an_export_whose_tombstones_cannot_be_read_is_not_taken_in(left, tmp_path):
    out = tmp_path / "after"
    (out / "erased.jsonl").write_bytes(b"nonsense\n")
    told = msgspec.json.decode((out / "datapackage.json").read_bytes())
    names = [one["path"] for one in told["files"]]
    told["files"][names.index("erased.jsonl")] = file_digest(out, "erased.jsonl")
    (out / "datapackage.json").write_bytes(msgspec.json.encode(told))
    with pytest.raises(CannotSettle, match="who was erased"):
        settles(out, tmp_path / "b")


def test_what_waited_in_a_restored_queue_is_dropped_and_a_neighbour_keeps_theirs(tmp_path):
    clock = Wound(NOON_MS)
    place, other = tmp_path / "a", tmp_path / "b"
    place.mkdir()
    with opened(place, clock) as engine:
        engine.take([*welcome("ana"), *welcome("bob"), identify("ana", "phone")])
        shared = track("bob", "Late", 1) | {"anonymousId": "phone"}
        engine.intake.append([rows_of([track("ana", "Late", 1), shared], clock.now_ms())])
        backup(place / "shop.db", place / "shop.intake.db", tmp_path / "one.eqb", SECRET)
        clock.now += HOUR_MS
        engine.request("erasure", "user_id:ana", at_once=True)
    restore(tmp_path / "one.eqb", other, SECRET)
    for name in ("shop.keys", "shop.erased"):
        shutil.copy2(place / name, other / name)
    with opened(other, clock) as engine:
        assert [here(engine, user) for user in ("ana", "bob")] == [False, True]
        known = dict(engine.store.handles_after(None, 99))
        assert Handle("anonymous_id", "phone") not in known
        late = [row for row in engine.store.recent(9) if b"Late" in row.body]
        assert len(late) == 1
        assert b"phone" not in late[0].body
