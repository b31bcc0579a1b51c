"""The town by itself: what it says is fixed by its seed, and is said with the right voice."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.arrive import segment
from equipoise.nouns.decisions import Action, Moment
from equipoise.nouns.events import Event, Handle
from equipoise.nouns.plays import Option
from equipoise.plays.reading import check_play
from equipoise.testing.town import PLAYS, SOURCES, Town, requests_of
from equipoise.testing.town.chance import Chance
from equipoise.testing.town.clocks import SPRING_MS, SteppedClock, TownClock
from equipoise.testing.town.diary import Diary
from equipoise.testing.town.letters import annoyance
from equipoise.testing.town.rows import row_of
from equipoise.testing.town.streets import DAY_MS, HOUR_MS, day_of, minute_of, shop_is_open

PEOPLE = 120
WEEK_MS = SPRING_MS + 7 * DAY_MS


@pytest.fixture(scope="module")
def town():
    return Town("montpellier", PEOPLE, start_ms=SPRING_MS)


@pytest.fixture(scope="module")
def week(town):
    return town.calls(SPRING_MS, WEEK_MS)


def letter(who, key="d_1", do="notify"):
    """A mail to a resident, as it would leave."""
    option = Option(name="mail", do=do)
    moment = Moment(id="m", kind="k", event="e", channel="web", at_ms=0, opened_ms=0)
    return Action(
        id=1, key=key, atom=1, person=1, play="thank-you", version="v", option=option,
        sender="email", status="sending", due_ms=0, until_ms=0, at_ms=SPRING_MS, moment=moment,
        handles=(Handle("email", who.typed),),
    )  # fmt: skip


# --- one seed, one life ---------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_life_and_another_seed_another(week):
    again = Town("montpellier", PEOPLE, start_ms=SPRING_MS)
    other = Town("nîmes", PEOPLE, start_ms=SPRING_MS)
    assert again.calls(SPRING_MS, WEEK_MS) == week
    assert other.calls(SPRING_MS, WEEK_MS) != week
    assert again.history() != other.history()


def test_asking_for_a_later_day_first_changes_nothing(week):
    town = Town("montpellier", PEOPLE, start_ms=SPRING_MS)
    friday = town.calls(SPRING_MS + 3 * DAY_MS, SPRING_MS + 4 * DAY_MS)
    tuesday = town.calls(SPRING_MS, SPRING_MS + DAY_MS)
    assert tuesday == [call for call in week if call.at_ms < SPRING_MS + DAY_MS]
    assert friday == [c for c in week if 3 * DAY_MS <= c.at_ms - SPRING_MS < 4 * DAY_MS]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 7 * DAY_MS), max_size=6))
def test_however_time_is_cut_the_same_is_said(town, week, cuts):
    edges = [0, *sorted(cuts), 7 * DAY_MS]
    pieces = pairwise(edges)
    said = [call for a, b in pieces for call in town.calls(SPRING_MS + a, SPRING_MS + b)]
    assert said == week


def test_nothing_is_said_before_the_town_begins(town):
    assert town.calls(SPRING_MS - 3 * DAY_MS, SPRING_MS) == []
    assert all(call.at_ms < SPRING_MS for call in town.history())


def test_draws_follow_their_weights_and_means():
    draws = [Chance(b"seed").at("place", n) for n in range(4000)]
    shares = Counter(draw.weighted("side", {"left": 3.0, "right": 1.0}) for draw in draws)
    assert shares["left"] / 4000 == pytest.approx(0.75, abs=0.03)
    assert sum(draw.count("visits", 1.5) for draw in draws) / 4000 == pytest.approx(1.5, abs=0.08)
    assert sum(draw.wait("pause", 10.0) for draw in draws) / 4000 == pytest.approx(10.0, abs=0.6)
    assert {draw.whole("die", 1, 6) for draw in draws} == {1, 2, 3, 4, 5, 6}


# --- who lives there ------------------------------------------------------------------------------


def test_the_town_has_families_children_and_two_languages():
    people = Town("montpellier", 400, start_ms=SPRING_MS).residents
    assert len(people) == 400
    assert any(len(who.home) > 2 for who in people)
    assert 0.02 < sum(who.is_minor for who in people) / 400 < 0.3
    assert 0.01 < sum(who.locale == "en" for who in people) / 400 < 0.3
    assert {"site", "till", "never"} == {who.joins for who in people}
    assert len({who.address for who in people}) == 400, "everybody has an address of their own"
    assert any(who.typed != who.address for who in people), "some have a slip in it"
    assert {who.district for who in people} >= {"Écusson", "Antigone", "La Paillade", "Boutonnet"}


def test_every_address_is_of_a_domain_that_belongs_to_nobody(town):
    assert all(who.address.partition("@")[2].startswith("example.") for who in town.residents)


# --- how they speak -------------------------------------------------------------------------------


def test_a_browser_and_the_app_name_nobody_but_themselves(week):
    public = [call for call in week if call.source.trust == "public"]
    assert len(public) > 100
    assert {call.source.name for call in public} == {"site", "app"}
    for call in public:
        assert "userId" not in call.body
        assert "traits" not in call.body.get("context", {})


def test_all_sources_speak_and_the_shop_only_while_it_is_open(week):
    assert {call.source for call in week} == set(SOURCES) - {SOURCES[-1]} - {
        source for source in SOURCES if source.name == "mailer"
    }
    sales = [
        c for c in week if c.source.name == "till" and c.body.get("event") == "Order Completed"
    ]
    assert sales
    assert all(shop_is_open(call.at_ms) for call in sales)


def test_the_wire_understands_all_of_it(town, week):
    """Every item becomes an event at the time at which it happened, also where a phone sends again."""
    seen: set[tuple[str, str]] = set()
    for request in requests_of([*town.history(), *week]):
        if request.path not in ("/v1/batch", "/v1/import"):
            continue
        row = row_of(request.path, request.source, request.body, WEEK_MS)
        parsed = segment.parse(row)
        assert all(isinstance(event, Event) for event in parsed)
        for event, call in zip(parsed, request.calls, strict=True):
            late_ms = 90_000 if (call.source.name, event.id) in seen else 0
            assert event.at_ms == call.at_ms - late_ms
            seen.add((call.source.name, event.id))
        assert {event.history for event in parsed} == {request.path == "/v1/import"}


def test_somebody_signs_up_at_the_till_and_somebody_on_the_site(week):
    joined = [call for call in week if call.body.get("event") == "Signed Up"]
    assert {call.source.name for call in joined} == {"till", "webshop"}
    on_site = next(call for call in joined if call.source.name == "webshop")
    assert on_site.body["anonymousId"]
    assert on_site.body["userId"]


def test_the_till_has_its_sloppy_hours(week):
    sloppy = {"guest", "null", "undefined", "[object Object]", "0", "anonymous"}
    assert sloppy & {call.body.get("userId") for call in week if call.source.name == "till"}


def test_a_family_shares_a_browser_and_cleared_cookies_make_a_stranger(town, week):
    people: dict[str, set[int]] = {}
    for call in week:
        if call.source.name == "site" and call.who >= 0:
            people.setdefault(call.body["anonymousId"], set()).add(call.who)
    shared = [who for who in people.values() if len(who) > 1]
    assert shared
    for who in shared:
        assert len({town.residents[number].household for number in who}) == 1
    ids = Counter(number for who in people.values() for number in who)
    assert max(ids.values()) > 1, "somebody has several browsers"


def test_a_path_that_is_not_of_the_town_is_refused():
    with pytest.raises(ValueError, match="not to '/v1/fly'"):
        row_of("/v1/fly", SOURCES[0], b"{}", SPRING_MS)


# --- what they make of what they get --------------------------------------------------------------


def test_more_mails_make_more_people_say_stop():
    town = Town("montpellier", 300, start_ms=SPRING_MS)
    for who in town.residents:
        for n in range(6):
            town.receive(letter(who, key=f"d_{who.number}_{n}"), SPRING_MS + n * HOUR_MS)
    assert annoyance(town.residents[0], 5) > annoyance(town.residents[0], 0)
    after_one = Town("montpellier", 300, start_ms=SPRING_MS)
    for who in after_one.residents:
        after_one.receive(letter(who, key=f"d_{who.number}_0"), SPRING_MS)
    assert len(town.stops) > 3 * len(after_one.stops) > 0


def test_who_said_stop_allows_nothing_from_then_on():
    town = Town("montpellier", 300, start_ms=SPRING_MS)
    eager = [who for who in town.residents if town.allows_marketing(who.number, SPRING_MS)]
    for who in eager:
        for n in range(8):
            town.receive(letter(who, key=f"d_{who.number}_{n}"), SPRING_MS + n * HOUR_MS)
    number, (stop_ms, *_) = next(iter(town.stops.items()))
    assert town.allows_marketing(number, min(town.stops[number]) - 1)
    assert not town.allows_marketing(number, stop_ms + 30 * DAY_MS)


def test_a_mail_is_read_by_day_and_only_at_an_address_without_a_slip(town):
    right = next(who for who in town.residents if who.typed == who.address)
    wrong = next(
        who
        for who in Town("montpellier", 400, start_ms=SPRING_MS).residents
        if who.typed != who.address
    )
    fresh = Town("montpellier", 400, start_ms=SPRING_MS)
    (bounce,) = fresh.receive(letter(wrong), SPRING_MS)
    assert bounce.body["event"] == "Email Bounced"
    night_ms = SPRING_MS + 18 * HOUR_MS
    for n in range(30):
        said = fresh.receive(letter(fresh.residents[right.number], key=f"d_{n}"), night_ms)
        opened = [call for call in said if call.body.get("event") == "Email Opened"]
        assert all(minute_of(call.at_ms) >= 420 for call in opened)


def test_a_page_that_shows_nothing_moves_nobody(town, week):
    asked = [call for call in week if call.path == "/v1/decide"]
    assert all(town.sees(call, {"outcome": "silence", "content": {}}) == [] for call in asked)
    moved = [town.sees(call, {"option": "again", "content": {"title": "T"}}) for call in asked]
    assert 0 < sum(map(bool, moved)) < len(asked)


def test_the_staff_answer_in_opening_hours_and_after_some_time(town):
    action = letter(town.residents[0], do="restrain")
    assert town.judges(action, SPRING_MS + HOUR_MS) is None
    assert town.judges(action, SPRING_MS + 15 * HOUR_MS) is None, "the shop is closed"
    answer = town.judges(action, SPRING_MS + 5 * HOUR_MS)
    assert answer is not None
    assert answer.by == "Nawel"


# --- time -----------------------------------------------------------------------------------------


def test_the_town_begins_on_a_tuesday_morning_in_april():
    assert minute_of(SPRING_MS) == 8 * 60 + 30
    assert day_of(SPRING_MS) % 7 == 2


def test_an_hour_of_the_town_passes_in_a_minute():
    seconds = iter([100.0, 100.0, 160.0])
    clock = TownClock(SPRING_MS, running=lambda: next(seconds))
    assert clock.now_ms() == SPRING_MS
    assert clock.now_ms() == SPRING_MS + HOUR_MS


def test_a_stepped_clock_never_goes_back():
    clock = SteppedClock(SPRING_MS)
    clock.step_to(SPRING_MS + 5)
    clock.step_to(SPRING_MS)
    assert clock.now_ms() == SPRING_MS + 5


def test_a_diary_hands_out_each_call_once_and_in_order(town, week):
    diary = Diary(town, SPRING_MS)
    late = msgspec.structs.replace(week[5], at_ms=SPRING_MS + 2 * HOUR_MS)
    first = diary.read(SPRING_MS + HOUR_MS)
    diary.write([late])
    second = diary.read(SPRING_MS + 3 * HOUR_MS)
    said = [call for request in first + second for call in request.calls]
    own = [call for call in week if call.at_ms < SPRING_MS + 3 * HOUR_MS]
    assert sorted(said, key=id) == sorted([*own, late], key=id)
    times = [call.at_ms for request in second for call in request.calls]
    assert times == sorted(times)
    assert diary.read(SPRING_MS + 3 * HOUR_MS) == []


# --- its plays ------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(PLAYS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_play_of_the_town_has_no_mistake_and_no_warning(file):
    checked = check_play(file.read_text("utf-8"))
    assert [str(mistake) for mistake in checked.mistakes] == []
    assert checked.play is not None
    assert checked.play.name == file.stem


def test_there_are_plays_of_every_sort():
    plays = [check_play(file.read_text("utf-8")).play for file in PLAYS.glob("*.yaml")]
    assert 5 <= len(plays) <= 8
    assert {"marketing", "service", "personalisation"} == {play.purpose for play in plays}
    assert any(play.moment.every_hours for play in plays)
    assert any(play.moment.decide for play in plays)
    assert any(option.do == "restrain" for play in plays for option in play.options)
    assert any(play.holdout for play in plays)
