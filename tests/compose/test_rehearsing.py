"""A rehearsal in Python: on a file or on the engine's own log, with the house's guards and choosers."""

import pytest

from equipoise.arrive.files import FileError, MappingError
from equipoise.nouns.rehearsals import Rule
from equipoise.runners.choosing import CannotRehearse
from equipoise.testing.town.clocks import SteppedClock
from house import DAY_MS, NOON_MS, granted, house, identify, track

LETTER = """
name: letter
purpose: marketing
goal: {event: Order Completed, within_days: 3, value: revenue, currency: EUR}
moment: {event: Basket Left}
options:
  - {name: mail, channel: email, cost: 0.1, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: uniform
"""

ALWAYS = """
name: always
purpose: marketing
goal: {event: Order Completed, within_days: 3, value: revenue, currency: EUR}
moment: {event: Basket Left}
options:
  - {name: mail, channel: email, share: 1, cost: 0.1, subject: {en: T, fr: M}, body: {en: T, fr: M}}
chooser: fixed_shares
explore_floor: 0
"""


def lived(people=300):
    """Each leaves a basket; whoever was mailed buys, one in three of the others does."""
    clock = SteppedClock(NOON_MS)
    engine = house(clock=clock)
    engine.add_play(LETTER)
    users = [f"user{n}" for n in range(people)]
    for user in users:
        engine.take([identify(user, email=f"{user}@example.org"), granted(user)])
    for n, user in enumerate(users):
        engine.take([track(user, "Basket Left", "b")])
        newest = engine.store.newest_receipts(1)[0]
        if b'"chosen":"mail"' in newest.body or n % 3 == 0:
            clock.step_to(NOON_MS + n)
            engine.take([track(user, "Order Completed", "o", revenue=10.0)])
    clock.step_to(NOON_MS + 10 * DAY_MS)
    engine.tick()
    return engine


@pytest.fixture(scope="module")
def shop():
    engine = lived()
    yield engine
    engine.close()


def test_a_better_play_is_told_to_be_launched_from_the_engines_own_log(shop):
    told = shop.rehearse(ALWAYS)
    assert told.n == 300
    assert told.support.unsupported == 0.0
    assert told.support.largest_weight == pytest.approx(2.0)
    assert told.value("candidate", "snips").mean == pytest.approx(9.9, abs=0.3)
    assert told.difference("incumbent", "dr").low > 0
    assert told.conclusion.answer == "launch"
    assert "decisions_of: letter" in told.notes


def test_a_play_on_its_own_log_is_worth_what_it_was_worth(shop):
    told = shop.rehearse("letter")
    assert told.value("candidate", "ips").mean == told.value("incumbent", "on_policy").mean
    assert told.difference("incumbent", "dr").mean == pytest.approx(0.0, abs=1e-12)
    assert told.conclusion.answer == "do_not_launch"


def test_a_rehearsal_writes_nothing(shop):
    before = shop.store.position(), shop.store.counts()
    shop.rehearse(ALWAYS)
    assert (shop.store.position(), shop.store.counts()) == before


def test_a_file_is_rehearsed_with_a_mapping_in_python(shop, tmp_path):
    rows = "".join(f"{n},{'AB'[n % 2]},{float(n % 2 == 0)}\n" for n in range(400))
    (tmp_path / "log.csv").write_text(f"who,arm,gain\n{rows}")
    mapping = {
        "person": "who",
        "option": "arm",
        "reward": "gain",
        "propensity": "0.5",
        "options": {"A": "mail", "B": "silence"},
    }
    told = shop.rehearse(ALWAYS, tmp_path / "log.csv", mapping, Rule(seed=7))
    assert told.rule.seed == 7
    assert told.value("candidate", "snips").mean == pytest.approx(0.9)
    assert told.conclusion.answer == "launch"


def test_mistakes_in_file_mapping_and_play_are_told(shop, tmp_path):
    with pytest.raises(MappingError, match="opton"):
        shop.rehearse(ALWAYS, tmp_path / "log.csv", {"opton": "arm"})
    with pytest.raises(FileError, match=r"ends in \.csv"):
        shop.rehearse(ALWAYS, tmp_path / "log.xls")
    with pytest.raises(CannotRehearse, match="no matured decision"):
        shop.rehearse(ALWAYS.replace("Basket Left", "Tab Closed"))
