"""Shares through the whole step: a grant, reads with their receipts, a person's no, and notices."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.events import Handle, Source
from equipoise.nouns.shares import (
    Band,
    Count,
    Duties,
    EndShare,
    Holds,
    ReadShare,
    RenewToken,
    ShareToken,
    StopSharing,
)
from equipoise.runners.sharing import UNIFORM
from house import DAY_MS, NOON_MS, granted, house, identify, receipts, track
from partners import (
    ADULT,
    ANA,
    NOBODY,
    QUESTIONS,
    TOKEN,
    ask,
    grant,
    newest,
    read,
    read_at,
    shop,
)


def test_a_read_is_answered_with_its_duties_and_leaves_a_receipt_at_the_person():
    engine, share = shop()
    told = read(engine, share, "adult", "age")
    assert told["outcome"] == "granted"
    assert told["answers"] == {"adult": True, "age": {"from": 30.0, "below": 65.0}}
    assert told["duties"] == {"no_onward": True, "no_profiling": True, "delete_days": 30}
    body = newest(engine)
    assert body["id"] == told["receipt"]
    assert body["answer"] == {"adult": "yes", "age": "30..65"}
    assert body["questions"] == {"adult": "traits.age >= 18", "age": "band traits.age 18 30 65"}
    assert (body["recipient"], body["purpose"], body["volume"]) == ("Crèche", "partner", 2)
    assert body["basis"]["legal"] == "consent"
    assert body["person"] > 0
    (row,) = engine.store.share_reads([share], 9)
    assert (row.receipt, row.atom, row.outcome) == (told["receipt"], body["atom"], "granted")


def test_what_was_said_is_in_the_receipt_alone_and_not_in_the_log():
    engine, share = shop()
    read(engine, share, "adult")
    rows = [row for row in engine.store.recent(99) if row.kind == "share" and row.atom]
    assert len(rows) == 1
    assert b"ana" not in rows[0].body


def test_fields_need_their_names_and_the_reason_why_an_answer_will_not_do():
    engine, _ = shop()
    wish = grant(mode="fields", questions=(), fields=("traits.city",))
    assert "the reason why an answer will not do" in ask(engine, wish)["reason"]
    why = "The parcel has to be carried to the town."
    token = ShareToken("efgh5678", "1" * 64)
    told = ask(engine, msgspec.structs.replace(wish, why=why, token=token))
    share = int(told["share"][2:])
    told = read(engine, share, "traits.city", token=token.id)
    assert told["fields"] == {"traits.city": "Nice"}
    assert told["provenance"] == {"traits.city": "stated"}
    body = newest(engine)
    assert (body["fields"], body["mode"]) == ({"traits.city": "Nice"}, "fields")
    assert read(engine, share, "traits.age", token=token.id)["reason"] == "share_not_granted"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"recipient": " "}, "the name of its recipient"),
        ({"recipient": "*"}, "stands for all"),
        ({"purpose": "two words"}, "needs one purpose"),
        ({"until_ms": 5}, "cannot end before it began"),
        ({"questions": ()}, "needs 1 to 20 questions"),
        ({"questions": (QUESTIONS[0], QUESTIONS[0])}, "two questions have one name"),
        ({"questions": (Holds(name="A B", condition=ADULT, text=""),)}, "a name of small letters"),
        ({"questions": (Count(name="a", condition=ADULT, text="", at_least=19),)}, "from 20 people on"),
        ({"questions": (Band(name="a", field="no.such", edges=(1.0,)),)}, "there is no field"),
        ({"questions": (Band(name="a", field="traits.age", edges=(2.0, 1.0)),)}, "above the one before"),
        ({"mode": "fields"}, "needs 1 to 20 fields"),
        ({"mode": "fields", "questions": (), "fields": ("no.such",)}, "there is no field"),
        ({"duties": Duties(delete_by="soon")}, "needs a day such as"),
        ({"duties": Duties(delete_days=-1)}, "0 (not set) or more"),
    ],
)  # fmt: skip
def test_a_grant_that_makes_no_sense_is_refused_with_what_to_do(given, told):
    engine = house()
    answer = ask(engine, grant(**given))
    assert not answer["ok"]
    assert told in answer["reason"]
    assert engine.store.shares() == []


def test_a_public_key_opens_and_reads_nothing():
    engine, share = shop()
    public = Source("browser", "public")
    assert not ask(engine, grant(), public)["ok"]
    said = ReadShare(
        share=share, token=TOKEN.id, purpose="partner", asked=("adult",), handles=(ANA,)
    )
    assert "public key" in ask(engine, said, public)["reason"]
    assert engine.store.share_reads([share], 9) == []


# --- refused ------------------------------------------------------------------------------------


def stopped(engine, share):
    assert ask(engine, StopSharing(recipient="Crèche", handles=(ANA,)))["changed"]
    return "share_stopped"


def stopped_for_all(engine, share):
    assert ask(engine, StopSharing(handles=(ANA,)))["changed"]
    return "share_stopped"


def restricted(engine, share):
    assert engine.request("restriction", "user_id:ana")["ok"]
    return "restricted"


def withdrawn(engine, share):
    engine.take([track("ana", "terms.withdrawn", purpose="partner", channel="*")])
    return "withdrawn"


def agreed(engine, share):
    said = Negotiate(does="proffer", handles=(ANA,), agreement="SD-BASE", nonce="n")
    assert json.loads(engine.ask("agreement", said))["ok"]
    return "beyond_agreement"


def minor(engine, share):
    engine.take([identify("ana", minor=True)])
    return "prohibited_minor"


@pytest.mark.parametrize(
    "change", [stopped, stopped_for_all, restricted, withdrawn, agreed, minor], ids=lambda f: f.__name__
)  # fmt: skip
def test_what_the_person_says_reaches_the_next_read_and_the_partner_hears_no_reason(change):
    engine, share = shop()
    assert read(engine, share)["outcome"] == "granted"
    reason = change(engine, share)
    told = read(engine, share)
    assert (told["outcome"], told["reason"]) == ("refused", UNIFORM)
    assert "answers" not in told
    body = newest(engine)
    assert (body["outcome"], body["reason"], body["id"]) == ("refused", reason, told["receipt"])
    assert "answer" not in body
    assert body["volume"] == 0


def test_an_officer_who_ends_a_share_or_its_time_that_is_over_reaches_the_next_read():
    engine, share = shop()
    assert ask(engine, EndShare(share=share, by="zoë"))["ok"]
    told = read(engine, share)
    assert (told["outcome"], told["reason"]) == ("refused", "share_over")
    assert not ask(engine, EndShare(share=share, by="zoë"))["ok"]
    timed = ask(engine, grant(until_ms=NOON_MS + DAY_MS, token=ShareToken("t", "2" * 64)))
    share = int(timed["share"][2:])
    assert read(engine, share, token="t")["outcome"] == "granted"
    later = engine.clock.now_ms() + DAY_MS
    assert read_at(engine, share, later, token="t")["reason"] == "share_over"


def test_two_tokens_live_while_one_takes_the_others_place_and_never_three():
    engine, share = shop()
    new = ShareToken("efgh5678", "1" * 64)
    assert ask(engine, RenewToken(share=share, token=new, until_ms=NOON_MS + 1, by="zoë"))["ok"]
    assert read(engine, share)["outcome"] == "granted"
    assert read(engine, share, token=new.id)["outcome"] == "granted"
    third = RenewToken(share=share, token=ShareToken("x", "2" * 64), until_ms=NOON_MS + 9, by="zoë")
    assert "two tokens already" in ask(engine, third)["reason"]
    told = read_at(engine, share, NOON_MS + 1, token=TOKEN.id)
    assert told["reason"] == "share_token_over"
    assert read(engine, share, token="never")["reason"] == "share_token_over"


def test_another_purpose_or_question_than_the_granted_is_refused_with_a_receipt():
    engine, share = shop()
    assert read(engine, share, purpose="ads")["reason"] == "share_other_purpose"
    assert newest(engine)["stated"] == "ads"
    assert read(engine, share, "income")["reason"] == "share_not_granted"
    assert read(engine, share, "adults")["reason"] == "share_not_granted"
    assert read(engine, share, "adult", "adults")["reason"] == "share_not_granted"
    assert len([body for body in receipts(engine) if body["type"] == "share"]) == 4


def test_a_handle_that_nobody_has_is_answered_as_a_refused_one_and_kept_for_the_officer():
    engine, share = shop()
    people = engine.store.people_after(0, 99)
    nobody = read(engine, share, who=(NOBODY,))
    withdrawn(engine, share)
    refused = read(engine, share)
    assert nobody.keys() == refused.keys()
    assert {k: v for k, v in nobody.items() if k != "receipt"} == {
        k: v for k, v in refused.items() if k != "receipt"
    }
    assert engine.store.people_after(0, 99) == people
    assert engine.store.atoms_of([NOBODY]) == {}
    (kept,) = engine.store.shares()
    assert (kept.granted, kept.refused, kept.nobody) == (0, 2, 1)
    rows = {row.receipt: row for row in engine.store.share_reads([share], 9)}
    assert (rows[nobody["receipt"]].atom, rows[nobody["receipt"]].reason) == (0, "share_unknown")
    for row in engine.store.recent(99):
        assert b"nobody-here" not in row.body


def test_handles_of_two_people_are_answered_like_those_of_nobody():
    engine, share = shop()
    engine.take([identify("bob", age=50), granted("bob", purpose="partner")])
    told = read(engine, share, who=(ANA, Handle("user_id", "bob")))
    assert (told["outcome"], told["reason"]) == ("refused", UNIFORM)
    assert read(engine, share, who=(ANA, NOBODY))["reason"] == UNIFORM


@given(which=st.sampled_from([stopped, restricted, withdrawn, agreed, minor]), extra=st.booleans())
def test_no_second_change_makes_a_refused_read_a_granted_one(which, extra):
    """Deny wins: more that speaks against it never lets it through."""
    engine, share = shop()
    which(engine, share)
    if extra:
        engine.take([granted("ana", 2, purpose="partner")] if which is not withdrawn else [])
        withdrawn(engine, share)
    assert read(engine, share)["outcome"] == "refused"


# --- the person's no ------------------------------------------------------------------------------


def test_a_no_has_a_receipt_once_and_is_lifted_by_the_person():
    engine, share = shop()
    stopped(engine, share)
    assert newest(engine, "share_stop")["outcome"] == "stopped"
    assert not ask(engine, StopSharing(recipient="Crèche", handles=(ANA,)))["changed"]
    assert len([b for b in receipts(engine) if b["type"] == "share_stop"]) == 1
    assert ask(engine, StopSharing(recipient="Crèche", lift=True, handles=(ANA,)))["changed"]
    assert newest(engine, "share_stop")["outcome"] == "lifted"
    assert read(engine, share)["outcome"] == "granted"
    assert not ask(engine, StopSharing(recipient="x", handles=(NOBODY,)))["ok"]
    person = engine.store.atoms_of([ANA])[ANA].person
    assert ask(engine, StopSharing(person=person))["changed"]


def test_a_no_stays_with_both_where_a_join_is_taken_apart():
    engine, share = shop()
    engine.take(
        [{"type": "page", "anonymousId": "web1", "messageId": "p"}, identify("ana", "web1")]
    )
    stopped(engine, share)
    atom = engine.store.atoms_of([Handle("anonymous_id", "web1")])
    (web,) = atom.values()
    assert engine.split(web.person, [web.id], "zoë")["ok"]
    told = read(engine, share, who=(Handle("anonymous_id", "web1"),))
    assert told["reason"] == UNIFORM
    assert newest(engine)["reason"] == "share_stopped"
