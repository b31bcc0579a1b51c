"""Guards drop options, one draw chooses: the table of precedence, the endings, and what is asked of whom."""

from itertools import combinations_with_replacement, permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.decide.choosers import find_choosers
from equipoise.decide.deciding import ORDER, Deciders, decide, judge, worst
from equipoise.decide.guards import find_guards
from equipoise.decide.verdicts import hold, looks_at, refuse, review
from equipoise.nouns.decisions import ALLOWED, Answer, Moment, Verdict
from equipoise.nouns.plays import SILENCE, Limits, Option
from equipoise.testing.exams_decide import situations
from equipoise.testing.standing import EMAIL, NOON_MS, PLAY, ask

HOUR_MS = 3_600_000
PUSH = Option(name="push", channel="push")
SAYS = {
    Answer.ALLOW: ALLOWED,
    Answer.HOLD: hold("g", reason="wait", until_ms=NOON_MS + HOUR_MS),
    Answer.REVIEW: review("g", reason="look"),
    Answer.REFUSE: refuse("g", reason="no"),
}


def saying(verdict):
    return lambda _: verdict


def deciders(*verdicts):
    """One guard for each verdict, which it gives whatever it is asked."""
    guards = [(f"g{n}", saying(verdict)) for n, verdict in enumerate(verdicts)]
    return Deciders.of(guards, find_choosers())


def by_option(**verdicts):
    """One guard that answers by the name of the option."""

    def guard(asked):
        return verdicts.get(asked.option.name, ALLOWED)

    return Deciders.of([("by_option", guard)], find_choosers())


def decided(deciders, *options, **play):
    play = replace(PLAY, options=(*options, SILENCE), **play)
    decision, option = decide(ask(play=play), deciders, seq=17, atom=1)
    assert option.name == decision.chosen
    assert sum(weighed.propensity for weighed in decision.weighed) == pytest.approx(1.0)
    return decision


@pytest.mark.parametrize("answers", list(combinations_with_replacement(Answer, 3)))
def test_refuse_beats_review_beats_hold_beats_allow_in_whatever_order(answers):
    counts = max(answers)
    for order in set(permutations(answers)):
        judged = judge(ask(), EMAIL, deciders(*(SAYS[a] for a in order)).questions, {})
        assert worst(judged) is counts
        assert Answer.ALLOW not in [verdict.answer for verdict in judged]


@pytest.mark.parametrize(
    ("answer", "outcomes"),
    [
        (Answer.ALLOW, {"act", "silence"}),
        (Answer.HOLD, {"held"}),
        (Answer.REVIEW, {"review", "silence"}),
        (Answer.REFUSE, {"silence"}),
    ],
)
def test_each_answer_leads_to_its_outcomes_and_no_others(answer, outcomes):
    asked = ask(play=replace(PLAY, options=(EMAIL, SILENCE)))
    seen = set()
    for n in range(40):
        asked.moment = replace(asked.moment, id=f"m{n}")
        decision, _ = decide(asked, deciders(SAYS[answer]), seq=17, atom=1)
        seen.add(decision.outcome)
    assert seen == outcomes


def test_if_one_option_is_open_it_is_drawn_now_and_the_held_one_is_not_waited_for():
    decision = decided(by_option(mail=SAYS[Answer.HOLD]), EMAIL, PUSH)
    assert decision.outcome in {"act", "silence"}
    assert {w.option: w.propensity for w in decision.weighed} == {
        "mail": 0.0,
        "push": 0.5,
        "silence": 0.5,
    }


def test_what_needs_a_human_takes_part_in_the_draw_and_is_told_apart_after_it():
    decision = decided(by_option(mail=SAYS[Answer.REVIEW]), EMAIL, PUSH)
    assert [w.propensity for w in decision.weighed] == pytest.approx([1 / 3] * 3)


def test_a_moment_waits_for_the_option_that_is_free_first_and_for_all_of_its_holds():
    def late(reason, hours):
        return hold("g", reason=reason, until_ms=NOON_MS + hours * HOUR_MS)

    def short(asked):
        return late("a", 1) if asked.option.name == "mail" else late("c", 9)

    def long(asked):
        return late("b", 5) if asked.option.name == "mail" else late("d", 6)

    both = Deciders.of([("short", short), ("long", long)], find_choosers())
    decision = decided(both, EMAIL, PUSH)
    assert (decision.outcome, decision.reason) == ("held", "b")
    assert decision.until_ms == NOON_MS + 5 * HOUR_MS
    assert decision.chooser == "", "nothing was drawn"


def test_a_wait_beyond_the_worth_of_the_moment_is_silence_with_the_same_reason():
    brief = Limits(valid_for_hours=0.5)
    decision = decided(deciders(SAYS[Answer.HOLD]), EMAIL, limits=brief)
    assert (decision.outcome, decision.reason, decision.until_ms) == ("silence", "wait", None)


def test_when_all_is_refused_the_first_guard_in_order_is_told():
    guards = [(name, saying(refuse(name, reason=f"no_{name}"))) for name in reversed(ORDER)]
    decision = decided(Deciders.of(guards, find_choosers()), EMAIL)
    assert (decision.reason, decision.guard) == ("no_rights", "rights")
    assert decision.weighed[-1].propensity == 1.0


def test_a_play_with_nothing_but_silence_is_silent_for_that_reason():
    assert decided(deciders()).reason == "no_option"


def test_silence_is_never_asked_about():
    asked_about = []

    def guard(asked):
        asked_about.append(asked.option.name)
        return ALLOWED

    decided(Deciders.of([("guard", guard)], find_choosers()), EMAIL, PUSH)
    assert asked_about == ["mail", "push"]


def test_who_is_not_in_the_audience_is_asked_nothing_further():
    def nosy(_):
        raise AssertionError("asked about somebody the play is not for")

    guards = [("audience", saying(refuse("audience", reason="not_in_audience"))), ("nosy", nosy)]
    decision = decided(Deciders.of(guards, find_choosers()), EMAIL)
    assert decision.reason == "not_in_audience"


def test_an_unsigned_verdict_gets_the_name_of_its_guard():
    judged = judge(ask(), EMAIL, deciders(Verdict(Answer.REFUSE, reason="no")).questions, {})
    assert [verdict.guard for verdict in judged] == ["g0"]


def test_guards_stand_in_the_order_in_which_reasons_are_told_and_others_after_them():
    names = ["zebra", "presence", "ape", "terms"]
    made = Deciders.of([(name, saying(ALLOWED)) for name in names], {})
    assert [question.name for question in made.questions] == ["terms", "presence", "ape", "zebra"]


def test_a_guard_is_asked_once_about_options_that_are_alike_to_it():
    asked_about = []

    @looks_at("channel")
    def guard(asked):
        asked_about.append(asked.option.name)
        return ALLOWED

    twin = replace(EMAIL, name="twin")
    decided(Deciders.of([("guard", guard)], find_choosers()), EMAIL, twin, PUSH)
    assert asked_about == ["mail", "push"]


@given(st.text(min_size=1, max_size=20), st.binary(min_size=1, max_size=32))
def test_the_same_moment_and_seed_give_the_same_decision_and_draw(moment_id, seed):
    moment = Moment(id=moment_id, kind="k", event="", channel="", at_ms=NOON_MS, opened_ms=NOON_MS)
    decisions = [
        decide(ask(moment=moment, seed=seed), deciders(), seq=17, atom=1)[0] for _ in range(2)
    ]
    assert decisions[0] == decisions[1]
    assert 0.0 <= decisions[0].draw < 1.0


def test_what_is_drawn_follows_the_probabilities_that_are_logged():
    counts = {"mail": 0, "silence": 0}
    asked = ask(
        play=replace(
            PLAY, options=(replace(EMAIL, share=0.25), SILENCE), chooser="fixed_shares",
            explore_floor=0.0,
        )
    )  # fmt: skip
    for n in range(4_000):
        asked.moment = replace(asked.moment, id=f"m{n}")
        decision, _ = decide(asked, deciders(), seq=17, atom=1)
        counts[decision.chosen] += 1
    assert counts["mail"] == pytest.approx(1_000, abs=110), "four standard deviations"


def test_a_holdout_is_marked_so_that_it_can_be_compared():
    assert decided(deciders(refuse("holdout", reason="holdout_play")), EMAIL).holdout is True
    assert decided(deciders(SAYS[Answer.REFUSE]), EMAIL).holdout is False


@pytest.mark.parametrize("answers", list(combinations_with_replacement(Answer, 2)))
def test_whoever_is_held_out_is_counted_when_the_others_are(answers):
    """Else the arms would differ by more than the holdout, and no effect could be believed."""
    guards = by_option(email=SAYS[answers[0]], push=SAYS[answers[1]]).questions
    free = Deciders(guards, find_choosers())
    told = refuse("holdout", reason="holdout_play")
    held_out = Deciders.of(
        [*((question.name, question.guard) for question in guards), ("holdout", saying(told))],
        find_choosers(),
    )
    options = (replace(EMAIL, name="email"), PUSH)
    theirs, mine = decided(free, *options), decided(held_out, *options)
    assert mine.holdout is bool(theirs.chooser)
    assert (mine.outcome == "held") is (theirs.outcome == "held")
    assert mine.until_ms == theirs.until_ms
    assert mine.chosen == "silence"


class NotingOption:
    """Stands for an option and notes which of its fields are read."""

    def __init__(self, option, read):
        self._option = option
        self._read = read

    def __getattr__(self, field):
        if field in ("is_contact", "is_silence"):
            # These are worked out from other fields, so that reading them reads those.
            return getattr(type(self._option), field).fget(self)
        self._read.add(field)
        return getattr(self._option, field)


def read_by(guard):
    """Every field of an option that a guard reads in its exam."""
    read = set()
    for asked in situations():
        asked.option = NotingOption(asked.option, read)
        guard(asked)
    return read


@pytest.mark.parametrize("name", dict(find_guards()))
def test_no_guard_looks_at_more_of_an_option_than_it_says(name):
    guard = dict(find_guards())[name]
    fields = {field.name for field in msgspec.structs.fields(Option)}
    assert read_by(guard) <= set(getattr(guard, "looks_at", fields))


def test_a_guard_that_looks_at_more_than_it_says_would_be_seen():
    @looks_at("channel")
    def sly(asked):
        return SAYS[Answer.REFUSE] if asked.option.is_contact and asked.option.cost else ALLOWED

    assert read_by(sly) - set(sly.looks_at) == {"do", "cost"}


def test_a_guard_that_breaks_refuses():
    """Deciding without a guard would not be safe, and one broken guard must not stop the house."""

    def broken(_):
        raise ZeroDivisionError

    judges = Deciders.of([("of_others", broken)], find_choosers())
    decision, option = decide(ask(), judges, seq=1, atom=1)
    assert option.is_silence
    assert (decision.outcome, decision.reason) == ("silence", "guard_failed")
    assert decision.detail == {"guard": "of_others", "fault": "ZeroDivisionError"}
