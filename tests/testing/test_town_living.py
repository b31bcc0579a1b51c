"""The town lives with an engine: the same seed gives the same ledger, and the town's own truth holds."""

from collections import Counter

import pytest

from equipoise.nouns.events import Handle
from equipoise.testing.town import PLAYS, Town
from equipoise.testing.town.clocks import SPRING_MS, SteppedClock
from equipoise.testing.town.living import live
from equipoise.testing.town.streets import DAY_MS, day_of, minute_of
from house import head, house, receipts

SERVICE = {"late-parcel", "voucher-pause"}
"""The plays of the town that are part of the service and need no consent."""


def lived(hours, people, seed="montpellier", place="memory:", **given):
    """An engine and the life of a town with it, for so many simulated hours."""
    clock = SteppedClock(SPRING_MS)
    engine = house(place, clock=clock, **given)
    return engine, live(engine, Town(seed, people, start_ms=SPRING_MS), clock, hours, PLAYS)


@pytest.fixture(scope="module")
def week():
    return lived(7 * 24, 160)


# --- the same seed --------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_ledger_on_every_store(tmp_path):
    """A day of the town, twice in memory and once in a file: one head."""
    heads = set()
    for place in ("memory:", "memory:", tmp_path / "town.db"):
        engine, life = lived(24, 60, place=place)
        heads.add(head(engine))
        assert life.town.letters
        engine.close()
    assert len(heads) == 1


def test_another_seed_gives_another_ledger():
    assert head(lived(6, 40)[0]) != head(lived(6, 40, seed="sète")[0])


# --- a week ---------------------------------------------------------------------------------------


def test_people_are_recognised_on_several_channels(week):
    engine, life = week
    several = 0
    for who in life.town.residents:
        atom = engine.store.atoms_of([Handle("user_id", who.user_id)])
        for found in atom.values():
            state = engine.walker._people({found.person})[found.person]
            channels = {
                key for each in state.atoms for key in each.profile.tallies if key[0] == "@"
            }
            kinds = {handle.kind for each in state.atoms for handle in each.handles}
            several += len(channels) > 1 and {"user_id", "email", "anonymous_id"} <= kinds
    assert several > 20


def test_a_week_has_silences_of_many_reasons_and_moments_that_waited_for_the_morning(week):
    counts = week[0].store.counts()
    silences = {name for name in counts if name.startswith("silence:")}
    assert silences >= {
        "silence:consent_missing",
        "silence:holdout_play",
        "silence:objected",
        "silence:play_cap",
        "silence:prohibited_minor",
        "silence:source_not_trusted",
    }
    told = Counter((r["type"], r.get("outcome"), r.get("reason")) for r in receipts(week[0], 10**5))
    assert told["decision", "held", "quiet_hours"] > 3
    assert told["decision", "silence", "drawn_silence"] > 3


def test_a_week_has_opt_outs_and_people_who_set_their_own_limits(week):
    _, life = week
    assert life.town.stops
    kinds = Counter(wish.kind for wishes in life.town.wishes for wish in wishes)
    assert min(kinds[f"terms.{kind}"] for kind in ("withdrawn", "objected", "quiet", "budget")) > 0


def test_people_say_what_they_look_for_and_get_it_first(week):
    engine, life = week
    kinds = Counter(wish.kind for wishes in life.town.wishes for wish in wishes)
    assert min(kinds["intent.declared"], kinds["aim.declared"]) > 3
    told = Counter(r["type"] for r in receipts(engine, 10**5))
    assert min(told["intent"], told["aim"]) > 0
    asked = [
        r
        for r in receipts(engine, 10**5)
        if r["type"] == "decision" and r["reason"] in ("asked_for", "asked_for_first")
    ]
    assert asked
    assert {r["chosen"] for r in asked if r["outcome"] == "act"} == {"garden"}


def test_people_say_below_their_mails_how_they_felt(week):
    engine, _ = week
    assert {r["felt"] for r in receipts(engine, 10**5) if r["type"] == "felt"} >= {"welcome"}


def test_people_ask_and_contest_and_the_officer_answers(week):
    engine, _ = week
    asked = engine.store.newest_requests(10**4)
    kinds = {request.kind for request in asked}
    assert kinds == {"access", "portability", "contest"}
    answered = [request for request in asked if not request.owed]
    assert {request.answered_by for request in answered} == {"Maëlle"}
    contests = [request for request in asked if request.kind == "contest"]
    assert {request.replayed for request in contests} == {"same"}
    assert {c.outcome for c in contests if not c.owed} <= {"upheld", "changed"}


def test_what_the_sloppy_till_sends_is_refused_and_joins_nobody(week):
    engine, life = week
    refused = Counter(item.code for item in engine.store.refused(10**5))
    assert refused["no_identity"] > 3
    assert refused["public_cannot_grant"] > 0
    sloppy = [Handle("user_id", value) for value in ("guest", "null", "undefined", "0")]
    assert engine.store.atoms_of(sloppy) == {}
    assert engine.store.counts()["people"] > len(life.town.residents) / 2


def test_a_shared_browser_joins_no_two_accounts(week):
    engine, life = week
    assert any(held.reason == "strong_conflict" for held in engine.store.held_joins(1000))
    handles = [Handle("user_id", who.user_id) for who in life.town.residents]
    people = [atom.person for atom in engine.store.atoms_of(handles).values()]
    assert len(people) == len(set(people))


def test_a_restraint_waits_until_a_human_has_answered(week):
    _, life = week
    assert sum(life.judged.values()) > 0
    paused = [letter for letter in life.town.letters if letter.play == "voucher-pause"]
    assert len(paused) <= life.judged.get("approve", 0)


def test_the_site_shows_what_was_decided_for_it(week):
    assert min(week[1].shown[option] for option in ("new-in", "again", "garden", "silence")) > 10


# --- the town's own truth -------------------------------------------------------------------------


def without_consent(town):
    """The marketing mails that came to somebody who did not allow them, as the town knows."""
    return [
        letter
        for letter in town.letters
        if letter.play not in SERVICE and not town.allows_marketing(letter.who, letter.at_ms)
    ]


def too_many(town):
    """The people who got more than one mail on a day, three in 7 days or eight in 28."""
    received: dict[int, list[int]] = {}
    for letter in town.letters:
        received.setdefault(letter.who, []).append(letter.at_ms)
    found = set()
    for who, times in received.items():
        days = Counter(map(day_of, times))
        for window_days, most in ((7, 3), (28, 8)):
            for at_ms in times:
                inside = sum(at_ms <= other < at_ms + window_days * DAY_MS for other in times)
                if inside > most:
                    found.add(who)
        if max(days.values()) > 1:
            found.add(who)
    return found


def at_night(town):
    """The mails that came between nine in the evening and eight in the morning."""
    return [x for x in town.letters if not 8 * 60 <= minute_of(x.at_ms) < 21 * 60]


def test_nobody_got_a_marketing_mail_that_they_did_not_allow(week):
    town = week[1].town
    assert len(town.letters) > 30
    assert without_consent(town) == []


def test_nobody_got_more_than_the_budget_of_the_house(week):
    assert too_many(week[1].town) == set()


def test_nobody_was_disturbed_at_night(week):
    assert at_night(week[1].town) == []


def test_a_house_without_rules_would_be_seen_to_break_them():
    """The three checks above fire where consent, budgets and quiet hours are switched off."""
    loose = {"budget.per_day": 99, "budget.per_7d": 99, "budget.per_28d": 99}
    loose |= {"basis.default": "interest", "quiet.from": "00:00", "quiet.to": "00:00"}
    _, life = lived(48, 120, **loose)
    assert without_consent(life.town)
    assert too_many(life.town)
    assert at_night(life.town)
