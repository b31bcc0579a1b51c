"""Who was given something of a person hears what became of it: corrected, restricted, erased (article 19)."""

import pytest

from equipoise.nouns.events import Handle
from house import identify, receipts
from partners import ANA, ask, grant, read, shop

WHOM = "user_id:ana"


@pytest.fixture
def given():
    """A house with two partners, of whom one has read about Ana and one about nobody."""
    engine, share = shop()
    other = int(ask(engine, grant(recipient="Cantine"))["share"][2:])
    told = read(engine, share, "adult", "age")
    assert told["outcome"] == "granted"
    return engine, share, other, int(told["receipt"].partition("_")[2])


def notices(engine, share):
    return [(one.demand, one.receipts) for one in engine.store.share_notices(share)]


def test_a_restriction_names_who_was_given_what_and_stops_every_read_until_it_is_lifted(given):
    engine, share, other, receipt = given
    told = engine.request("restriction", WHOM)
    assert told["recipients"] == ["Crèche"]
    assert notices(engine, share) == [("restrict", (receipt,))]
    assert notices(engine, other) == []
    for one in (share, other):
        refused = read(engine, one, "adult")
        assert (refused["outcome"], refused["reason"]) == ("refused", "not_shared")
    assert engine.request("restriction", WHOM, lift=True)["status"] == "withdrawn"
    assert read(engine, share, "adult")["outcome"] == "granted"


@pytest.mark.parametrize("at_once", [True, False])
def test_a_correction_tells_who_was_given_the_wrong_value_and_the_next_read_is_right(
    given, at_once
):
    engine, share, other, receipt = given
    told = engine.request("correction", WHOM, values={"traits.age": 70}, at_once=at_once)
    if not at_once:
        assert notices(engine, share) == []
        told = engine.answer(told["request"], "fulfil", "zoé")
    assert told["recipients"] == ["Crèche"]
    assert notices(engine, share) == [("correct", (receipt,))]
    assert notices(engine, other) == []
    assert read(engine, share, "adult", "age")["answers"] == {
        "adult": True,
        "age": {"from": 65.0, "below": None},
    }


@pytest.mark.parametrize("at_once", [True, False])
def test_an_erasure_tells_who_has_to_delete_and_the_notice_names_nobody(given, at_once):
    engine, share, other, receipt = given
    told = engine.request("erasure", WHOM, at_once=at_once)
    if not at_once:
        told = engine.answer(told["request"], "fulfil", "zoé")
    assert told["recipients"] == ["Crèche"]
    assert notices(engine, share) == [("delete", (receipt,))]
    assert notices(engine, other) == []
    assert engine.store.receipts([receipt]) == {}
    assert engine.store.share_reads([share, other], 99) == []
    (notice,) = engine.store.share_notices(share)
    assert "ana" not in repr(notice)
    assert read(engine, share, "adult")["reason"] == "not_shared"
    assert engine.store.atoms_of([ANA]) == {}


def test_a_receipt_of_a_correction_says_who_was_told_and_nobody_else(given):
    engine, *_ = given
    engine.take([identify("bob", age=40)])
    told = engine.request("correction", "user_id:bob", values={"traits.age": 41}, at_once=True)
    assert told["recipients"] == []
    engine.request("correction", WHOM, values={"traits.age": 33}, at_once=True)
    requests = [one for one in receipts(engine) if one["type"] == "request"]
    assert [one.get("recipients", []) for one in requests] == [[], ["Crèche"]]
    assert engine.store.atoms_of([Handle("user_id", "bob")])
