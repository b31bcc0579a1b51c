"""What is wiped of the queue is in no file any more."""

import os

import pytest

from equipoise.nouns.events import IntakeRow, Source
from equipoise.stores.sqlite import SqliteIntake
from equipoise.stores.sqlite import intake as intake_file


@pytest.mark.parametrize("kept_bytes", [0, 3_000, intake_file.FEW_BYTES + 1])
def test_what_is_wiped_is_in_no_file_however_much_stays(tmp_path, kept_bytes):
    place = tmp_path / "shop.intake.db"
    source = Source("server")
    gone = [IntakeRow(0, "segment", source, 1, b"SECRET%d" % n * 90) for n in range(50)]
    kept = IntakeRow(0, "segment", source, 2, os.urandom(kept_bytes))
    intake = SqliteIntake(place)
    intake.append([*gone, kept] if kept_bytes else gone)
    intake.wipe(50)
    for end in ("", "-wal"):
        assert b"SECRET" not in place.with_name(place.name + end).read_bytes()
    assert [row.body for row in intake.read(0, 1 << 30)] == ([kept.body] if kept_bytes else [])
    intake.append([kept])
    intake.close()
    again = SqliteIntake(place)
    assert again.last() == 51 + bool(kept_bytes)
    assert b"SECRET" not in place.read_bytes()
    again.close()


def test_a_wiped_file_is_as_short_as_what_stays(tmp_path):
    place = tmp_path / "shop.intake.db"
    intake = SqliteIntake(place)
    intake.append([IntakeRow(0, "segment", Source("server"), 1, os.urandom(1 << 20))])
    intake.wipe(1)
    intake.close()
    assert place.stat().st_size < 1 << 16
