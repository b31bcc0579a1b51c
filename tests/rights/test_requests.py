"""A request from being asked to its end: only what may follow does, and no clock is forgotten."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from equipoise.nouns.rights import AnswerRight, AskRight
from equipoise.rights.requests import NotSo, answered, asked, months_later, run_out

DAY_MS = 86_400_000
START_MS = int(datetime(2026, 1, 31, 12, tzinfo=UTC).timestamp() * 1000)

KINDS = {
    "access": {},
    "correction": {"values": {"traits.city": "Sète"}},
    "erasure": {},
    "restriction": {},
    "portability": {},
    "objection": {},
    "review": {"decision": 48},
    "contest": {"decision": 48},
}


def request(kind="access", now_ms=START_MS):
    return asked(AskRight(kind=kind, **KINDS[kind]), 16, 1, now_ms)


def say(verb, **said):
    return AnswerRight(request=16, verb=verb, by="zoe", **said)


def day(at_ms):
    return datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()


@given(st.integers(0, 4_000_000_000_000), st.integers(1, 3))
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(at_ms, months):
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    then = datetime.fromtimestamp(months_later(at_ms, months) / 1000, UTC)
    assert (then.year - at.year) * 12 + then.month - at.month == months
    assert then.day == at.day or (then.day < at.day and then.day >= 28)
    assert then.time().replace(microsecond=0) == at.time().replace(microsecond=0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_opened_with_a_month_to_answer(kind):
    opened = request(kind)
    assert (opened.status, opened.id, day(opened.due_ms)) == ("open", "r_16", "2026-02-28")


def test_it_is_put_off_once_to_three_months_from_arrival_and_with_a_reason():
    longer = answered(request(), say("extend", reason="two systems"), START_MS)
    assert (day(longer.due_ms), longer.reason) == ("2026-04-30", "two systems")
    with pytest.raises(NotSo, match="once"):
        answered(longer, say("extend", reason="again"), START_MS)
    with pytest.raises(NotSo, match="say why"):
        answered(request(), say("extend"), START_MS)


def test_a_clock_that_ran_out_is_late_and_the_answer_still_owed():
    opened = request()
    assert run_out(opened, opened.due_ms - 1) is opened
    late = run_out(opened, opened.due_ms)
    assert (late.status, late.owed) == ("expired", True)
    assert answered(late, say("fulfil"), opened.due_ms).status == "fulfilled"
    with pytest.raises(NotSo, match="before its clock"):
        answered(late, say("extend", reason="too late"), opened.due_ms)


def test_a_refusal_says_why():
    with pytest.raises(NotSo, match="say why"):
        answered(request(), say("refuse", reason=" "), START_MS)
    refused = answered(request(), say("refuse", reason="not you"), START_MS)
    assert (refused.status, refused.reason, refused.owed) == ("refused", "not you", False)


def test_a_contest_ends_with_an_outcome():
    with pytest.raises(NotSo, match="upheld"):
        answered(request("contest"), say("fulfil"), START_MS)
    changed = answered(request("contest"), say("fulfil", outcome="changed"), START_MS)
    assert (changed.status, changed.outcome) == ("fulfilled", "changed")
    rested = answered(request("contest"), say("withdraw"), START_MS)
    assert (rested.status, rested.outcome) == ("withdrawn", "withdrawn")


def test_a_restriction_goes_on_until_it_is_withdrawn():
    held = answered(request("restriction"), say("fulfil"), START_MS)
    assert answered(held, say("withdraw"), START_MS).status == "withdrawn"
    with pytest.raises(NotSo, match="its end"):
        answered(answered(request(), say("fulfil"), START_MS), say("withdraw"), START_MS)


@pytest.mark.parametrize(
    ("ask", "needs"),
    [
        ({"kind": "contest"}, "the decision"),
        ({"kind": "review"}, "the decision"),
        ({"kind": "correction"}, "right values"),
        ({"kind": "correction", "values": {"orders.count": 3}}, "only what was stated"),
        ({"kind": "correction", "values": {"traits.": 3}}, "only what was stated"),
    ],
)
def test_a_request_that_lacks_something_says_what(ask, needs):
    with pytest.raises(NotSo, match=needs):
        asked(AskRight(**ask), 16, 1, START_MS)


class Lives(RuleBasedStateMachine):
    """Any kind, any answers at any time: a twin of the rules, kept in two sets, agrees at each step."""

    def __init__(self):
        super().__init__()
        self.now_ms = START_MS
        self.it = None
        self.extended = False

    @precondition(lambda self: self.it is None)
    @rule(kind=st.sampled_from(sorted(KINDS)))
    def ask(self, kind):
        self.it = request(kind, self.now_ms)

    @precondition(lambda self: self.it is not None)
    @rule(days=st.integers(0, 50))
    def wait(self, days):
        self.now_ms += days * DAY_MS
        before, self.it = self.it, run_out(self.it, self.now_ms)
        if before.status in ("open", "in_progress") and self.now_ms >= before.due_ms:
            assert self.it.status == "expired"
        else:
            assert self.it == before

    @precondition(lambda self: self.it is not None)
    @rule(
        verb=st.sampled_from(["begin", "extend", "fulfil", "refuse", "withdraw"]),
        reason=st.sampled_from(["", "because"]),
        outcome=st.sampled_from(["", "upheld", "changed"]),
    )
    def answer(self, verb, reason, outcome):
        before = self.it
        may = self._may(before, verb, reason, outcome)
        said = say(verb, reason=reason, outcome=outcome)
        if not may:
            with pytest.raises(NotSo, match=r"^r_16"):
                answered(before, said, self.now_ms)
            return
        self.it = answered(before, said, self.now_ms)
        ends = {"fulfil": "fulfilled", "refuse": "refused", "withdraw": "withdrawn"}
        expected = ends.get(verb, "in_progress" if verb == "begin" else before.status)
        assert self.it.status == expected
        self.extended |= verb == "extend"

    def _may(self, it, verb, reason, outcome):
        if it.kind == "restriction" and it.status == "fulfilled":
            return verb == "withdraw"
        if it.status not in ("open", "in_progress", "expired"):
            return False
        return {
            "begin": it.status == "open",
            "extend": bool(reason) and not self.extended and it.status != "expired",
            "fulfil": it.kind != "contest" or bool(outcome),
            "refuse": bool(reason),
            "withdraw": True,
        }[verb]

    @invariant()
    def the_clock_is_that_of_the_arrival(self):
        if self.it is not None:
            months = 3 if self.extended else 1
            assert self.it.due_ms == months_later(self.it.asked_ms, months)
            assert self.it.extended == self.extended

    @invariant()
    def what_is_over_says_when_and_by_whom(self):
        if self.it is not None and not self.it.owed:
            assert self.it.answered_by == "zoe"
            assert self.it.answered_ms <= self.now_ms
            assert replace(self.it) == self.it


TestLives = Lives.TestCase
