"""Guards are asked of a file as far as it can answer, and what it cannot answer is named."""

import numpy as np

from equipoise.decide.deciding import Deciders
from equipoise.nouns.decisions import ALLOWED, Answer, Verdict
from equipoise.plays.playbook import live_play
from equipoise.runners.recounting import groups, recount
from equipoise.runners.row_standing import plain
from runners.rehearsed import HOUR_MS, START_MS, engine, play, trial


def asked(log, text_changes=None, house=None):
    return recount(log, live_play(play(**(text_changes or {}))), house or engine())


def test_a_bare_file_leaves_everything_allowed_and_names_the_guards_it_cannot_answer():
    judged = asked(trial(20))
    assert judged.allowed.all()
    lacking = {guard: what for guard, what in judged.not_asked.items() if what != "person"}
    assert lacking == {
        "holdout": "comparison",
        "terms": "consent",
        "address": "has.email",
        "belonging": "at",
        "presence": "at",
    }


def test_the_audience_takes_options_away_and_is_asked_once_for_those_alike():
    log = trial(500)
    judged = asked(log, {"audience": "{field: orders.count, at_least: 2}"})
    out = log.fields["orders.count"] < 2
    assert np.array_equal(judged.allowed[:, 0], ~out)
    assert judged.allowed[:, 2].all()
    assert judged.reasons == ("not_in_audience",)
    told = judged.without_help(log.people, None)
    assert (told.decisions, told.people) == (out.sum(), out.sum())
    assert told.removed == {"not_in_audience": 2 * out.sum()}


def test_an_audience_that_the_file_cannot_tell_is_not_asked():
    judged = asked(trial(20), {"audience": "{field: visits.count, at_least: 2}"})
    assert judged.allowed.all()
    assert judged.not_asked["audience"] == "visits.count"


def test_consent_and_addresses_are_asked_where_there_are_columns():
    log = trial(
        4,
        consent=np.array([True, False, None, True], dtype=object),
        fields={"has.email": np.array([True, True, True, False], dtype=object)},
    )
    judged = asked(log)
    assert [judged.reasons[code] if code >= 0 else "" for code in judged.reason[:, 0]] == [
        "",
        "withdrawn",
        "consent_missing",
        "no_address",
    ]
    assert {"terms", "address"}.isdisjoint(judged.not_asked)


def test_contacts_of_the_log_itself_fill_the_budgets_and_nights_are_quiet():
    hours = np.array([0, 1, 30, 38])
    log = trial(
        4,
        taken=np.array([0, 0, 2, 2]),
        people=np.zeros(4, dtype=int),
        at_ms=START_MS + hours * HOUR_MS,
    )
    judged = asked(log)
    reasons = [judged.reasons[code] if code >= 0 else "" for code in judged.reason[:, 0]]
    assert reasons == ["", "budget_day", "", "quiet_hours"]
    assert judged.reason[:, 1].tolist() == [-1] * 4, "a page is no contact"
    assert judged.inputs["contacts.last_7d"].tolist() == [0, 1, 2, 2]


def test_a_cap_of_the_play_counts_the_contacts_of_the_log():
    log = trial(
        3,
        taken=np.zeros(3, dtype=int),
        people=np.zeros(3, dtype=int),
        at_ms=START_MS + np.array([0, 24, 48]) * HOUR_MS,
    )
    judged = asked(log, {"limits": "{per_person: [{times: 1, days: 30}]}"})
    assert judged.reason[1, 0] == judged.reasons.index("play_cap")


def test_what_is_left_of_a_stock_is_not_in_a_file():
    text = play().options[0]
    assert text.stock is None
    judged = asked(trial(5), {"limits": "{total: 1}"})
    assert judged.not_asked["limits"] == "spent"


def test_a_guard_of_others_is_asked_of_every_row():
    seen = []

    def odd_hours(asked):
        seen.append(asked.now_ms)
        return Verdict(Answer.REFUSE, "odd") if asked.now_ms // HOUR_MS % 2 else ALLOWED

    house = engine()
    house.deciders = Deciders.of([("odd_hours", odd_hours)], house.deciders.choosers)
    log = trial(6, at_ms=START_MS + np.arange(6) * HOUR_MS, fields={})
    judged = recount(log, live_play(play()), house)
    assert judged.reasons == ("odd",)
    assert judged.allowed[:, 0].sum() == 3
    assert len(set(seen)) == 6


def test_people_with_one_open_moment_are_not_left_without_help():
    log = trial(4, people=np.array([0, 0, 1, 1]))
    log.fields["orders.count"] = np.array([0.0, 2.0, 0.0, 1.0])
    judged = asked(log, {"audience": "{field: orders.count, at_least: 2}"})
    told = judged.without_help(log.people, np.array(["a", "a", "b", "b"], dtype=object))
    assert (told.decisions, told.people) == (3, 1)
    assert (told.segments["a"].people, told.segments["b"].people) == (0, 1)


def test_rows_are_alike_where_all_columns_agree():
    firsts, which = groups([np.array([1.0, 1.0, 2.0]), np.array(["a", "b", "a"], dtype=object)], 3)
    assert sorted(firsts.tolist()) == [0, 1, 2]
    assert len(set(which.tolist())) == 3
    assert groups([], 3)[1].tolist() == [0, 0, 0]


def test_a_cell_is_read_as_conditions_compare_it():
    assert plain(np.float64(2.0)) == 2.0
    assert type(plain(np.int64(2))) is int
    assert plain(float("nan")) is None
    assert plain(["a"]) is None
    assert plain(np.bool_(True)) is True
