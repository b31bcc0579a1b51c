"""An action on its way: each attempt is looked at as the person stands then, and nothing leaks."""

import msgspec
import pytest

from equipoise.nouns.records import Attempt, Delivery, HumanAnswer
from equipoise.testing.fakes import FakeClock
from house import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    NOON_MS,
    THANKS,
    granted,
    house,
    identify,
    receipts,
    track,
    welcome,
)

REVIEWED = THANKS.replace("share: 1,", "share: 1, review: true,")


class Mailed:
    """A house in which Ana ordered and a mail is on its way."""

    def __init__(self, play=THANKS, **given):
        self.clock = FakeClock(NOON_MS)
        self.engine = house(clock=self.clock, **given)
        self.engine.add_play(play)
        self.engine.take([*welcome("ana"), track("ana", "Order Completed", 1)])
        self.id = self.engine.store.position().seq + 1

    @property
    def action(self):
        return self.engine.store.actions([self.id])[self.id]

    def later(self, ms):
        self.clock._now_ms += ms

    def attempt(self):
        return msgspec.json.decode(self.engine.ask("attempt", Attempt(self.id)))

    def report(self, result, detail="", after_s=0.0):
        how = Delivery(action=self.id, result=result, detail=detail, after_s=after_s)
        return msgspec.json.decode(self.engine.ask("delivery", how))

    def say(self, answer):
        said = HumanAnswer(action=self.id, answer=answer, by="Zoé", note="hm")
        return msgspec.json.decode(self.engine.ask("human", said))

    def contacts(self):
        (person,) = self.engine.store.people_after(0, 10)
        state = self.engine.walker._decode(self.engine.store.states([person])[person])
        return [contact.decision for atom in state.atoms for contact in atom.contacts]


def test_its_own_contact_does_not_stand_in_its_way():
    """The budget of the day is one, and it is this one."""
    mailed = Mailed(**{"budget.per_day": 1})
    assert mailed.contacts() == [mailed.id]
    assert mailed.attempt()["go"] is True
    assert mailed.contacts() == [mailed.id]


def test_quiet_hours_put_an_attempt_off_without_a_receipt():
    mailed = Mailed()
    before = len(receipts(mailed.engine))
    mailed.later(10 * HOUR_MS)
    told = mailed.attempt()
    assert (told["go"], told["reason"]) == (False, "quiet_hours")
    assert mailed.action.status == "ready"
    assert mailed.action.due_ms > mailed.clock.now_ms()
    assert len(receipts(mailed.engine)) == before
    assert mailed.contacts() == [mailed.id]


def test_what_can_only_leave_too_late_is_cancelled_and_its_contact_given_back():
    mailed = Mailed(THANKS.replace("valid_for_hours: 48", "valid_for_hours: 12"))
    mailed.later(10 * HOUR_MS)
    assert mailed.attempt()["go"] is False
    assert (mailed.action.status, mailed.action.detail) == ("cancelled", "quiet_hours")
    assert receipts(mailed.engine)[-1]["type"] == "cancelled"
    assert mailed.contacts() == []


def test_after_its_worth_an_action_is_never_sent():
    mailed = Mailed()
    mailed.later(3 * DAY_MS)
    assert mailed.attempt()["reason"] == "expired"
    assert mailed.action.status == "cancelled"
    assert mailed.contacts() == []


def test_a_paused_play_takes_back_what_has_not_left():
    mailed = Mailed()
    mailed.engine.add_play(THANKS + "status: paused\n")
    assert mailed.attempt()["reason"] == "play_paused"
    assert mailed.action.status == "cancelled"


@pytest.mark.parametrize("kind", ["terms.withdrawn", "terms.objected"])
def test_a_no_that_came_before_the_attempt_holds_at_the_attempt(kind):
    mailed = Mailed()
    mailed.engine.take([track("ana", kind, 1, purpose="marketing", channel="email")])
    assert mailed.attempt()["go"] is False
    assert mailed.action.status == "cancelled"
    assert mailed.engine.store.counts()["cancelled"] == 1


def test_a_stock_that_ran_out_meanwhile_does_not_take_back_what_was_reserved():
    mailed = Mailed(THANKS.replace("share: 1,", "share: 1, stock: 1,"))
    mailed.engine.take([identify("bob", email="bob@example.org"), granted("bob")])
    mailed.engine.take([track("bob", "Order Completed", 1)])
    assert receipts(mailed.engine)[-1]["reason"] == "out_of_stock"
    assert mailed.attempt()["go"] is True


def test_a_retry_waits_longer_each_time_and_keeps_the_contact():
    mailed = Mailed()
    waits = []
    for _ in range(3):
        assert mailed.attempt()["go"] is True
        mailed.report("retry", "busy")
        waits.append(mailed.action.due_ms - mailed.clock.now_ms())
        mailed.later(waits[-1])
    assert waits == sorted(waits)
    assert waits[-1] > 2 * waits[0]
    assert mailed.contacts() == [mailed.id]


def test_a_receiver_that_asks_to_be_left_alone_is_left_alone():
    mailed = Mailed()
    mailed.attempt()
    mailed.report("retry", "later", after_s=3_600)
    assert mailed.action.due_ms >= mailed.clock.now_ms() + HOUR_MS


def test_after_the_last_attempt_it_is_dead_with_a_receipt():
    mailed = Mailed(**{"send.attempts": 2})
    for _ in range(2):
        assert mailed.attempt()["go"] is True
        mailed.report("retry", "busy")
        mailed.later(10 * MINUTE_MS)
    assert mailed.action.status == "dead"
    assert receipts(mailed.engine)[-1]["type"] == "undelivered"
    assert mailed.contacts() == []


def test_a_late_report_that_it_did_leave_is_believed():
    mailed = Mailed()
    mailed.attempt()
    mailed.report("failed", "550")
    assert mailed.contacts() == []
    assert mailed.report("sent")["status"] == "sent"
    assert mailed.contacts() == [mailed.id], "the person was reached, so the contact counts"
    mailed.report("sent")
    assert mailed.contacts() == [mailed.id]


def test_who_reports_on_nothing_is_told_that_it_is_gone():
    mailed = Mailed()
    mailed.id = 999
    assert mailed.attempt() == {"go": False, "reason": "gone"}
    assert mailed.report("sent") == {"ok": False, "reason": "gone"}
    assert mailed.say("approve") == {"ok": False, "reason": "gone"}


def test_an_approved_action_still_gets_its_last_look():
    mailed = Mailed(REVIEWED)
    assert mailed.attempt()["go"] is False
    assert mailed.say("approve")["status"] == "ready"
    assert receipts(mailed.engine)[-1]["type"] == "human_approve"
    mailed.engine.take([track("ana", "terms.withdrawn", 1, purpose="marketing", channel="*")])
    assert mailed.attempt()["go"] is False


def test_an_approval_after_its_worth_sends_nothing_and_gives_the_contact_back():
    mailed = Mailed(REVIEWED)
    mailed.later(3 * DAY_MS)
    assert mailed.say("approve")["status"] == "cancelled"
    assert mailed.contacts() == []


def test_only_the_first_of_two_human_answers_counts():
    mailed = Mailed(REVIEWED)
    assert mailed.say("decline")["status"] == "cancelled"
    before = len(receipts(mailed.engine))
    assert mailed.say("approve")["status"] == "cancelled"
    assert len(receipts(mailed.engine)) == before


def test_a_failure_that_is_reported_twice_has_one_receipt():
    mailed = Mailed()
    mailed.attempt()
    mailed.report("failed", "550")
    before = len(receipts(mailed.engine))
    mailed.report("failed", "550")
    assert len(receipts(mailed.engine)) == before
