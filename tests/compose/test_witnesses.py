"""A house takes the signatures of the witnesses in its settings, keeps them, and proves under them."""

import pytest

from equipoise.account.bundle import read_bundle
from equipoise.account.cosignature import WitnessSigner
from equipoise.account.note import NoteSigner, read_note
from equipoise.account.refusal import LedgerRefused
from equipoise.account.verify import verify_receipt
from equipoise.account.verify_receipt import check
from equipoise.compose.library import keyring_of
from equipoise.compose.witnesses import publisher_of
from equipoise.settings import SettingsError, read_settings
from house import house, send, track, welcome

WITNESS = WitnessSigner("witness.example/w1", bytes(range(1, 33)))


def told(store="memory:", witnesses=WITNESS.key.vkey):
    """Settings of a house with a seed and these witnesses."""
    return read_settings(environ={}, given={"seed": "test", "store": store, "witnesses": witnesses})


def key_of(settings):
    return NoteSigner(settings.text("origin"), keyring_of("memory:", settings).ledger).key


def cosigned(text):
    return text + WITNESS.cosign(read_note(text).text, 1_790_000_000)


@pytest.mark.parametrize("kind", ["memory:", "sqlite:"])
def test_what_a_witness_signed_is_shown_kept_and_proven_under(tmp_path, kind):
    engine = house()
    send(engine, welcome("ana"))
    settings = told("memory:" if kind == "memory:" else f"sqlite:{tmp_path / 'shop.db'}")
    publisher = publisher_of(settings, engine.store, key_of(settings))
    assert publisher.head() == publisher.newest() == engine.store.position().checkpoint
    assert publisher.witness(cosigned(publisher.newest())) == ("witness.example/w1",)
    shown = publisher.head()
    assert "witness.example/w1" in shown
    send(engine, [track("ben", "terms.granted", purpose="marketing", channel="*")])
    first, last = engine.store.receipts_after(0, 99)[0], engine.store.newest_receipts(1)[0]
    for row, names in ((first, True), (last, False)):
        blob = publisher.bundle(row.seq)
        assert verify_receipt(blob, publisher.vkey).holds
        assert "has signed" in check(blob, publisher.vkey)
        assert ("witness.example/w1" in read_bundle(blob).proof.checkpoint) is names
    if kind == "sqlite:":
        again = publisher_of(settings, engine.store, key_of(settings))
        assert "witness.example/w1" in read_bundle(again.bundle(first.seq)).proof.checkpoint
        (tmp_path / "shop.witnessed").write_bytes(b"\xff")
        assert publisher_of(settings, engine.store, key_of(settings)).head()


def test_a_house_without_witnesses_takes_none_and_a_wrong_key_stops_the_start():
    engine = house()
    plain = told(witnesses="")
    with pytest.raises(LedgerRefused, match="names no witness"):
        publisher_of(plain, engine.store, key_of(plain)).witness("x")
    wrong = told(witnesses=key_of(plain).vkey)
    with pytest.raises(SettingsError, match="setting witnesses: a verifier key needs type 0x04"):
        publisher_of(wrong, engine.store, key_of(wrong))
