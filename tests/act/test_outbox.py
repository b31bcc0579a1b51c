"""The life of an action: what each step allows, and what it never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.act import outbox
from equipoise.act.outbox import Addressee, Retries
from equipoise.nouns.decisions import Action, Decided, Decision, Moment
from equipoise.nouns.events import Handle
from equipoise.nouns.plays import SILENCE, Goal, Limits, Option, Play, Trigger
from equipoise.nouns.records import Delivery, HumanAnswer

NOW = 1_700_000_000_000
SEED = b"seed of these tests"
TO = Addressee((Handle("email", "ana@example.org"),), "fr")
RETRIES = Retries(attempts_most=3, backoff_s=30.0, lease_ms=60_000)


def decided(option=None, outcome="act", seq=42, hours=24.0):
    option = option or Option(name="men", channel="email")
    play = Play(
        name="spring",
        purpose="marketing",
        moment=Trigger(event="order.completed"),
        options=(option, SILENCE),
        goal=Goal(event="order.completed"),
        limits=Limits(valid_for_hours=hours),
        version="ab" * 32,
    )
    moment = Moment(
        id="m1", kind="order.completed", event="e1", channel="web", at_ms=NOW, opened_ms=NOW - 1000
    )
    decision = Decision(
        seq=seq,
        person=7,
        atom=7,
        play="spring",
        version=play.version,
        purpose="marketing",
        moment=moment,
        weighed=(),
        chosen=option.name,
        outcome=outcome,
        reason="chosen",
        chooser="uniform",
        draw=0.5,
        at_ms=NOW,
        content={"subject": "Hello"},
    )
    return Decided(decision, play, option)


def made(**changes) -> Action:
    return replace(outbox.action_for(decided(), TO, NOW, SEED), **changes)


def reported(result, **more):
    return Delivery(action=42, result=result, **more)


def test_an_action_carries_what_was_decided_and_expires_with_the_play():
    action = outbox.action_for(decided(hours=2.0), TO, NOW, SEED)
    assert (action.id, action.sender, action.status, action.due_ms) == (42, "email", "ready", NOW)
    assert action.until_ms == NOW - 1000 + 2 * 3_600_000
    assert action.handles == TO.handles
    assert action.locale == "fr"
    assert action.content == {"subject": "Hello"}


@pytest.mark.parametrize(
    ("channel", "outcome", "status"),
    [
        ("email", "act", "ready"),
        ("page", "act", "waiting"),
        ("email", "review", "review"),
        ("page", "review", "review"),
    ],
)
def test_where_an_action_starts_depends_on_its_channel_and_on_review(channel, outcome, status):
    given_ = decided(Option(name="x", channel=channel), outcome)
    assert outbox.action_for(given_, TO, NOW, SEED).status == status


@pytest.mark.parametrize(
    ("option", "outcome"), [(SILENCE, "silence"), (None, "held"), (SILENCE, "act")]
)
def test_silence_and_held_moments_make_no_action(option, outcome):
    with pytest.raises(ValueError, match=r"d_42 ended in"):
        outbox.action_for(decided(option, outcome), TO, NOW, SEED)


def test_the_key_names_the_decision_repeats_in_a_replay_and_cannot_be_known_outside():
    key = outbox.key_of(decided(), SEED)
    assert key.startswith("d_42_")
    assert key == outbox.key_of(decided(), SEED)
    assert key != outbox.key_of(decided(), b"another seed")
    assert key != outbox.key_of(decided(seq=43), SEED)
    assert "." not in key, "a full stop would part the signed text of a webhook"


def test_claiming_takes_one_attempt_and_holds_a_lease():
    claimed = outbox.claim(made(), NOW, 60_000)
    assert (claimed.status, claimed.attempts, claimed.due_ms) == ("sending", 1, NOW + 60_000)
    assert claimed.key == made().key


def test_two_attempts_never_own_one_action_until_the_lease_is_over():
    claimed = outbox.claim(made(), NOW, 60_000)
    with pytest.raises(ValueError, match="needs one that is ready or past its lease"):
        outbox.claim(claimed, NOW + 59_999, 60_000)
    again = outbox.claim(claimed, NOW + 60_000, 60_000)
    assert (again.attempts, again.key) == (2, claimed.key)


@pytest.mark.parametrize("status", ["review", "waiting", "sent", "cancelled", "dead"])
def test_what_is_not_on_its_way_cannot_be_claimed(status):
    with pytest.raises(ValueError, match=status):
        outbox.claim(made(status=status), NOW, 60_000)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "go"),
        ({"status": "sending", "attempts": 1}, "go"),
        ({"status": "cancelled"}, "closed"),
        ({"status": "waiting"}, "closed"),
        ({"due_ms": NOW + 1}, "early"),
        ({"until_ms": NOW - 1}, "expired"),
        ({"status": "sending", "attempts": 3}, "exhausted"),
    ],
)
def test_the_action_says_for_itself_whether_one_more_attempt_makes_sense(changes, answer):
    assert outbox.look(made(**changes), NOW, RETRIES) == answer


def test_failures_back_off_twice_as_long_each_time_and_end_in_the_dead_letter_list():
    action, now_ms, waits_s = made(), NOW, []
    for _ in range(RETRIES.attempts_most):
        action = outbox.claim(action, now_ms, RETRIES.lease_ms)
        action = outbox.after(action, reported("retry", detail="busy"), now_ms, RETRIES)
        waits_s.append((action.due_ms - now_ms) / 1000)
        now_ms = action.due_ms
    assert 30 <= waits_s[0] <= 36
    assert 60 <= waits_s[1] <= 72
    assert (action.status, action.detail) == ("dead", "3 attempts; last: busy")


def test_a_receiver_that_asks_for_more_time_gets_it():
    claimed = outbox.claim(made(), NOW, 60_000)
    action = outbox.after(claimed, reported("retry", after_s=600.0), NOW, RETRIES)
    assert action.due_ms == NOW + 600_000


def test_an_action_that_could_only_be_repeated_too_late_dies_at_once():
    claimed = outbox.claim(made(until_ms=NOW + 10_000), NOW, 60_000)
    action = outbox.after(claimed, reported("retry", detail="busy"), NOW, RETRIES)
    assert (action.status, action.detail) == ("dead", "no time left to try again; last: busy")


def test_a_failure_for_good_is_dead_without_another_attempt():
    claimed = outbox.claim(made(), NOW, 60_000)
    action = outbox.after(claimed, reported("failed", detail="no such address"), NOW, RETRIES)
    assert (action.status, action.detail) == ("dead", "no such address")


def test_what_left_is_sent_even_if_it_was_cancelled_meanwhile():
    cancelled = outbox.cancel(outbox.claim(made(), NOW, 60_000), "withdrawn")
    assert outbox.after(cancelled, reported("sent"), NOW, RETRIES).status == "sent"


@pytest.mark.parametrize("status", ["sent", "cancelled", "dead", "review", "waiting"])
@pytest.mark.parametrize("result", ["retry", "failed"])
def test_a_late_report_of_a_failure_changes_nothing_that_is_settled(status, result):
    action = made(status=status)
    assert outbox.after(action, reported(result), NOW, RETRIES) == action


def test_a_last_look_may_put_an_action_off_but_not_past_its_worth():
    later = outbox.defer(made(), NOW + 5000, "quiet_hours")
    assert (later.status, later.due_ms, later.detail) == ("ready", NOW + 5000, "quiet_hours")
    over = outbox.defer(made(until_ms=NOW + 4000), NOW + 5000, "quiet_hours")
    assert (over.status, over.detail) == ("cancelled", "quiet_hours")
    assert outbox.defer(made(status="sent"), NOW + 5000, "quiet_hours").status == "sent"


@pytest.mark.parametrize(
    ("before", "later"),
    [
        ("ready", "cancelled"),
        ("sending", "cancelled"),
        ("review", "cancelled"),
        ("waiting", "cancelled"),
        ("sent", "sent"),
        ("dead", "dead"),
    ],
)
def test_only_what_has_not_left_can_be_cancelled(before, later):
    assert outbox.cancel(made(status=before), "withdrawn").status == later


def test_a_human_approves_or_declines_and_never_sends_late():
    yes = HumanAnswer(action=42, answer="approve", by="bea")
    no = HumanAnswer(action=42, answer="decline", by="bea")
    waiting = made(status="review")
    approved = outbox.answered(waiting, yes, NOW + 9)
    assert (approved.status, approved.due_ms) == ("ready", NOW + 9)
    assert outbox.answered(replace(waiting, sender="page"), yes, NOW).status == "waiting"
    assert outbox.answered(waiting, no, NOW).status == "cancelled"
    late = outbox.answered(waiting, yes, waiting.until_ms + 1)
    assert (late.status, late.detail) == ("cancelled", "expired")
    assert outbox.answered(made(), no, NOW).status == "ready", "only what is in review is asked for"


@given(
    key=st.text("abcdef0123456789_", min_size=1, max_size=90),
    attempts=st.integers(1, 2000),
    backoff_s=st.floats(0.1, 3600.0),
)
def test_a_wait_is_never_shorter_than_asked_and_never_longer_than_the_ceiling(
    key, attempts, backoff_s
):
    action = made(key=key, attempts=attempts)
    wait_ms = outbox.wait_ms(action, backoff_s)
    asked_ms = min(backoff_s * 2.0 ** min(attempts - 1, 40), outbox.BACKOFF_MOST_S) * 1000
    assert round(asked_ms) <= wait_ms <= round(asked_ms * 1.2) + 1
    assert wait_ms == outbox.wait_ms(action, backoff_s), "a replay waits just as long"


REPORTS = st.lists(
    st.sampled_from(["claim", "sent", "retry", "failed", "cancel", "approve", "decline", "defer"]),
    max_size=25,
)


def stepped(action: Action, step: str, now_ms: int) -> Action:
    """One step of any kind, as the engine would take it."""
    if step == "claim":
        go = outbox.look(action, now_ms, RETRIES) == "go"
        return outbox.claim(action, now_ms, RETRIES.lease_ms) if go else action
    if step in ("approve", "decline"):
        return outbox.answered(action, HumanAnswer(action=42, answer=step, by="b"), now_ms)
    if step == "cancel":
        return outbox.cancel(action, "withdrawn")
    if step == "defer":
        return outbox.defer(action, now_ms + 1000, "quiet_hours")
    return outbox.after(action, reported(step), now_ms, RETRIES)


@given(start=st.sampled_from(["ready", "review", "waiting"]), steps=REPORTS)
def test_whatever_happens_the_key_stays_attempts_are_bounded_and_sent_is_for_ever(start, steps):
    action, now_ms = made(status=start), NOW
    for step in steps:
        before, now_ms = action, now_ms + 61_000
        action = stepped(action, step, now_ms)
        assert action.key == before.key
        assert before.attempts <= action.attempts <= RETRIES.attempts_most
        if before.status == "sent":
            assert action == before
        if before.status in ("cancelled", "dead"):
            assert action.status in (before.status, "sent")
        if action.status == "sending" and before.status != "sending":
            assert before.status == "ready"
