"""A witness's folder forgets nothing, is held by one process, and keeps both heads of a fork."""

import stat
from types import SimpleNamespace

import pytest

from equipoise.account.ledger import seal
from equipoise.account.note import NoteSigner
from equipoise.account.refusal import LedgerRefused
from equipoise.account.tiles import pack_entries, read_tile_path
from equipoise.account.tree import Frontier
from equipoise.account.witness import Evidence, Forked, Head, UnknownLog, Witness
from equipoise.runners.witnessing import WitnessFolder, head_of, look

ORIGIN = "ledger.example/shop"
LOG = NoteSigner(ORIGIN, bytes(range(32)))


def log(size, mark=0):
    """How to fetch a ledger of fewer than 256 leaves."""
    leaves = [b"eq1\x00" + bytes([mark, n]) * 16 for n in range(size)]
    sealed = seal(Frontier(), leaves, ORIGIN, [LOG])

    def fetch(path):
        if path == "checkpoint":
            return sealed.checkpoint.encode()
        if not path.startswith("tile/"):
            return None
        place = read_tile_path(path)
        if place.level is None:
            return pack_entries(leaves)
        return sealed.frontier.pending[place.level]

    return SimpleNamespace(fetch=fetch, note=sealed.checkpoint)


@pytest.fixture
def folder(tmp_path):
    kept = WitnessFolder(tmp_path / "w", "witness.example/w1")
    yield kept
    kept.close()


def test_key_and_heads_outlive_the_process_and_nobody_else_may_read_them(tmp_path):
    kept = WitnessFolder(tmp_path / "w", "witness.example/w1")
    vkey = kept.signer.key.vkey
    kept.trust(LOG.key.vkey)
    look(kept, Witness(kept.signer, kept), log(9).fetch, lambda: 1_790_000_000.0)
    kept.close()
    again = WitnessFolder(tmp_path / "w")
    assert again.signer.key.vkey == vkey
    assert again.head(ORIGIN) == Head(LOG.key.vkey, log(9).note, 1_790_000_000)
    assert again.origins() == [ORIGIN]
    again.close()
    assert stat.S_IMODE((tmp_path / "w" / "witness.json").stat().st_mode) == 0o600


def test_a_second_process_is_turned_away(folder, tmp_path):
    with pytest.raises(LedgerRefused, match="another process is this witness"):
        WitnessFolder(tmp_path / "w")


@pytest.mark.parametrize("text", ["", "{", '{"x": {"vkey": "no"}}', '{"x": 3}'])
def test_a_witness_that_cannot_read_what_it_signed_does_not_begin_anew(tmp_path, text):
    WitnessFolder(tmp_path / "w").close()
    (tmp_path / "w" / "heads.json").write_text(text)
    with pytest.raises(LedgerRefused, match="could sign two histories"):
        WitnessFolder(tmp_path / "w")


def test_a_damaged_key_another_name_and_an_impossible_name_are_refused(tmp_path):
    with pytest.raises(LedgerRefused, match="without spaces"):
        WitnessFolder(tmp_path / "a", "two words")
    WitnessFolder(tmp_path / "a", "first").close()
    with pytest.raises(LedgerRefused, match="called 'first'"):
        WitnessFolder(tmp_path / "a", "second")
    (tmp_path / "a" / "witness.json").write_text('{"name": "x", "secret": "zz"}')
    with pytest.raises(LedgerRefused, match="not a witness's key"):
        WitnessFolder(tmp_path / "a")


def test_a_log_that_comes_with_another_key_is_refused(folder):
    folder.trust(LOG.key.vkey)
    folder.trust(LOG.key.vkey)
    with pytest.raises(LedgerRefused, match="was known by the key"):
        folder.trust(NoteSigner(ORIGIN, bytes(32)).key.vkey)


def test_a_log_is_followed_as_it_grows_and_its_fork_is_refused_with_evidence(folder, tmp_path):
    folder.trust(LOG.key.vkey)
    witness = Witness(folder.signer, folder)
    for size in (3, 3, 40):
        assert look(folder, witness, log(size).fetch, lambda: 1e9).size == size
    for other in (log(40, mark=1), log(60, mark=1), log(39)):
        with pytest.raises(Forked) as fork:
            look(folder, witness, other.fetch, lambda: 1e9)
        place = folder.evidence(fork.value.evidence)
        assert (place / "before.txt").read_text() == log(40).note
        assert (place / "now.txt").read_text() == other.note
        assert ORIGIN in (place / "why.txt").read_text()
    assert len(list((tmp_path / "w" / "evidence").iterdir())) == 3
    assert look(folder, witness, log(41).fetch, lambda: 1e9).size == 41


def test_tiles_that_do_not_fit_the_head_are_not_signed_and_accuse_nobody(folder, tmp_path):
    folder.trust(LOG.key.vkey)
    witness = Witness(folder.signer, folder)
    look(folder, witness, log(3).fetch, lambda: 1e9)
    honest, other = log(9), log(9, mark=1)

    def mixed(path):
        return honest.fetch(path) if path == "checkpoint" else other.fetch(path)

    with pytest.raises(LedgerRefused, match="another root") as refused:
        look(folder, witness, mixed, lambda: 1e9)
    assert not isinstance(refused.value, Forked)
    assert not (tmp_path / "w" / "evidence").exists()


def test_the_same_evidence_is_kept_once(folder, tmp_path):
    for _ in range(3):
        folder.accuse(Evidence(ORIGIN, "why", "a", "b"))
    assert len(list((tmp_path / "w" / "evidence").iterdir())) == 1


def test_a_log_that_is_not_known_empty_or_no_text_is_refused(folder):
    witness = Witness(folder.signer, folder)
    with pytest.raises(UnknownLog):
        look(folder, witness, log(3).fetch, lambda: 1e9)
    with pytest.raises(LedgerRefused, match="ledger is empty"):
        head_of(lambda path: None)
    with pytest.raises(LedgerRefused, match="not text"):
        head_of(lambda path: b"\xff")
