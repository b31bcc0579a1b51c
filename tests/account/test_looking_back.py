"""A person's receipts hold under today's head, and nothing was rewritten since the oldest of them."""

import msgspec
import pytest

from equipoise.account.looking_back import LookingBack
from equipoise.account.note import NoteSigner, read_vkey
from equipoise.compose import Engine
from equipoise.nouns.changes import ReceiptRow
from house import THANKS, head, house, send, track, welcome


@pytest.fixture
def engine() -> Engine:
    made = house()
    made.add_play(THANKS)
    send(made, [*welcome("ana"), track("ana", "Order Completed", 1)])
    send(made, [track("ana", "Order Completed", 2)])
    return made


def looking(engine: Engine) -> LookingBack:
    key = read_vkey(NoteSigner("ledger.localhost/equipoise", _ledger(engine)).key.vkey)
    return LookingBack(engine.store, key)


def _ledger(engine: Engine) -> bytes:
    from equipoise.compose.library import keyring_of
    from equipoise.settings import read_settings

    return keyring_of("memory:", read_settings(environ={}, given={"seed": "test"})).ledger


def rows(engine: Engine) -> list[ReceiptRow]:
    return engine.store.newest_receipts(100)


def test_all_receipts_are_proven_and_the_oldest_tree_is_continued(engine: Engine) -> None:
    found = looking(engine).since(rows(engine)[:-1])
    assert found.complaint == ""
    assert found.proven == len(rows(engine)) - 1
    assert found.since == 2
    assert found.size == len(rows(engine))


def test_a_receipt_that_was_changed_is_a_complaint(engine: Engine) -> None:
    first, *others = rows(engine)
    changed = msgspec.structs.replace(first, body=first.body.replace(b"thanks", b"thonks"))
    assert changed.body != first.body
    assert looking(engine).since([changed, *others]).complaint
    moved = msgspec.structs.replace(first, leaf=others[0].leaf)
    assert looking(engine).since([moved]).complaint
    assert looking(engine).since([msgspec.structs.replace(first, leaf=999)]).complaint


def test_an_earlier_head_is_continued_and_one_of_another_house_is_not(engine: Engine) -> None:
    kept = head(engine)
    send(engine, [track("ana", "Order Completed", 3)])
    found = looking(engine).kept(kept)
    assert (found.complaint, found.since) == ("", len(rows(engine)) - 1)
    other = house(seed="other")
    send(other, welcome("bo"))
    assert looking(engine).kept(head(other)).complaint
    assert looking(engine).kept("nonsense").complaint
    assert looking(engine).kept("").complaint


def test_a_head_of_a_longer_or_rewritten_log_under_the_same_key_is_a_fork(engine: Engine) -> None:
    fork = house()
    fork.add_play(THANKS)
    send(fork, [*welcome("zoe"), *welcome("eve")])
    longer = house()
    send(longer, [call for n in range(9) for call in welcome(f"u{n}")])
    for made in (fork, longer):
        assert looking(engine).kept(head(made)).complaint


def test_an_empty_log_has_nothing_to_hold() -> None:
    found = looking(house()).since([])
    assert (found.size, found.complaint) == (0, "")
