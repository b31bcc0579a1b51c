"""Paths and bundles of a published ledger have one spelling, and read back as they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import (
    TilePlace,
    pack_entries,
    read_tile_path,
    tile_path,
    unpack_entries,
)

PLACES = st.builds(
    TilePlace, st.none() | st.integers(0, 63), st.integers(0, 10**21 - 1), st.integers(1, 256)
)


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (TilePlace(0, 0), "tile/0/000"),
        (TilePlace(1, 1234067), "tile/1/x001/x234/067"),
        (TilePlace(0, 273, 112), "tile/0/273.p/112"),
        (TilePlace(None, 1000, 1), "tile/entries/x001/000.p/1"),
        (TilePlace(63, 999), "tile/63/999"),
    ],
)
def test_paths_are_those_of_the_specification(place, path):
    assert tile_path(place) == path
    assert read_tile_path(path) == place


@given(PLACES)
def test_every_place_survives_its_path(place):
    assert read_tile_path(tile_path(place)) == place


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/07",
        "tile/0/000.p/999",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../000",
        "tile/entries/\u0660\u0660\u0660",
        "tile/0/000\n",
        "tile/0/" + "x001/" * 7 + "000",
    ],
)
def test_any_other_spelling_is_refused(path):
    with pytest.raises(LedgerRefused):
        read_tile_path(path)


@given(st.text(st.sampled_from("tile/0123456789x.pentrs"), max_size=40) | st.text(max_size=30))
def test_hostile_paths_meet_the_rooms_own_error_or_none(path):
    try:
        place = read_tile_path(path)
    except LedgerRefused:
        return
    assert tile_path(place) == path


@pytest.mark.parametrize(
    "place", [TilePlace(0, -1), TilePlace(0, 0, 0), TilePlace(0, 0, 257), TilePlace(64, 0)]
)
def test_a_place_that_cannot_be_is_refused(place):
    with pytest.raises(LedgerRefused, match="a tile needs"):
        tile_path(place)


@given(st.lists(st.binary(max_size=50), max_size=256))
def test_entries_survive_their_bundle(leaves):
    assert unpack_entries(pack_entries(leaves)) == leaves


def test_an_entry_carries_its_length_high_byte_first():
    assert pack_entries([b"", b"abc"]) == b"\x00\x00\x00\x03abc"
    assert unpack_entries(pack_entries([b"x" * 65_535])) == [b"x" * 65_535]


def test_an_entry_too_long_for_its_length_is_refused():
    with pytest.raises(LedgerRefused, match="at most 65535"):
        pack_entries([b"x" * 65_536])


@pytest.mark.parametrize("bundle", [b"\x00", b"\x00\x01", b"\x00\x03ab", b"\x00\x00\x01"])
def test_a_cut_bundle_is_refused(bundle):
    with pytest.raises(LedgerRefused, match="ends inside"):
        unpack_entries(bundle)


def test_a_bundle_of_more_than_256_entries_is_refused():
    with pytest.raises(LedgerRefused, match="at most 256"):
        unpack_entries(bytes(2 * 257))


@given(st.binary(max_size=300))
def test_hostile_bundles_meet_the_rooms_own_error_or_none(bundle):
    try:
        leaves = unpack_entries(bundle)
    except LedgerRefused:
        return
    assert pack_entries(leaves) == bundle
