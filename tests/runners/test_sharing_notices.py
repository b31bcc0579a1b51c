"""Counts over many people, and what partners are told once a person is erased, put right or restricted."""

import msgspec

from equipoise.nouns.events import IntakeRow
from equipoise.nouns.shares import (
    AckNotice,
    EndShare,
    ReadShare,
    StopSharing,
)
from house import NOON_MS, receipts
from partners import ANA, PARTNER, TOKEN, ask, newest, read, shop

# --- counts -------------------------------------------------------------------------------------


def test_a_count_is_said_as_a_rounded_band_and_once_a_day():
    engine, share = shop()
    told = read(engine, share, "adults", who=(), counted={"adults": 73})
    assert told["answers"] == {
        "adults": {"at_least": 20, "holds": True, "band": {"from": 50, "below": 100}}
    }
    assert read(engine, share, "adults", who=())["answers"] == told["answers"]
    again = read(engine, share, "adults", who=(), counted={"adults": 3})
    assert again["answers"] == told["answers"]
    body = newest(engine)
    assert (body["person"], body["answer"]) == (0, {"adults": "50..100"})


def test_too_few_people_are_only_said_to_be_too_few():
    engine, share = shop()
    told = read(engine, share, "adults", who=(), counted={"adults": 19})
    assert told["answers"] == {"adults": {"at_least": 20, "holds": False, "band": None}}
    assert newest(engine)["answer"] == {"adults": "no"}


def test_a_count_that_nobody_made_is_refused():
    engine, share = shop()
    assert read(engine, share, "adults", who=())["reason"] == "share_not_counted"
    assert read(engine, share, "adult", who=())["reason"] == "share_not_granted"


# --- recipients and notices -----------------------------------------------------------------------


def test_correction_restriction_and_erasure_name_the_recipients_and_tell_them():
    engine, share = shop()
    first = read(engine, share)
    kept = engine.request(
        "correction", "user_id:ana", values={"traits.city": "Nîmes"}, at_once=True
    )
    assert kept["recipients"] == ["Crèche"]
    assert engine.request("restriction", "user_id:ana")["recipients"] == ["Crèche"]
    read(engine, share)
    gone = engine.request("erasure", "user_id:ana", at_once=True)
    assert gone["recipients"] == ["Crèche"]
    notices = engine.store.share_notices(share)
    assert [notice.demand for notice in notices] == ["correct", "restrict", "delete"]
    number = int(first["receipt"][2:])
    assert [notice.receipts for notice in notices] == [(number,)] * 3
    assert engine.store.share_reads([share], 9) == []
    told = ask(engine, AckNotice(share=share, notice=notices[2].id))
    assert told["ok"]
    done = engine.store.share_notices(share)[2]
    assert (done.receipts, done.n, done.acked_ms) == ((), 1, NOON_MS)
    again = ask(engine, AckNotice(share=share, notice=notices[2].id))
    assert again == told
    assert not ask(engine, AckNotice(share=share, notice="m_1_2"))["ok"]


def test_a_correction_that_an_officer_fulfils_tells_partners_too():
    engine, share = shop()
    read(engine, share)
    asked = engine.request("correction", "user_id:ana", values={"traits.city": "Nîmes"}, by="zoë")
    assert engine.store.share_notices(share) == []
    assert engine.answer(asked["request"], "fulfil", "zoë")["recipients"] == ["Crèche"]
    assert [notice.demand for notice in engine.store.share_notices(share)] == ["correct"]


def test_somebody_about_whom_nothing_was_given_has_no_recipients():
    engine, share = shop()
    ask(engine, StopSharing(handles=(ANA,)))
    read(engine, share)
    assert engine.request("restriction", "user_id:ana")["recipients"] == []
    assert engine.store.share_notices(share) == []


def test_cut_anywhere_the_same_rows_leave_the_same_receipts():
    """A read sees what the rows before it in the same batch did."""
    engine, share = shop()
    said = ReadShare(
        share=share, token=TOKEN.id, purpose="partner", asked=("adult",), handles=(ANA,)
    )
    rows = [
        IntakeRow(0, "share", PARTNER, NOON_MS, msgspec.msgpack.encode(record))
        for record in (said, StopSharing(handles=(ANA,)), said, StopSharing(lift=True, handles=(ANA,)),
                       said, EndShare(share=share, by="zoë"), said)
    ]  # fmt: skip
    engine.intake.append(rows)
    engine.catch_up()
    ended = [(b["outcome"], b["reason"]) for b in receipts(engine) if b["type"] == "share"]
    assert ended == [
        ("granted", ""),
        ("refused", "share_stopped"),
        ("granted", ""),
        ("refused", "share_over"),
    ]
    (kept,) = engine.store.shares()
    assert (kept.granted, kept.refused) == (2, 2)
