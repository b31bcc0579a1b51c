"""`equipoise effect` says what plays are worth, for people and for programs."""

import msgspec
import pytest

from equipoise.nouns.changes import Changes
from equipoise.nouns.lessons import HOLDOUT, LessonRow
from house import house
from learn.trying import people

PLAY = """
name: win-back
purpose: marketing
moment: {event: Basket Left}
goal: {event: Order Completed, value: revenue, currency: EUR}
options:
  - {name: mail, do: notify, channel: email, subject: {en: T, fr: M}, body: {en: T, fr: M}}
holdout: 0.2
"""


@pytest.fixture
def tried_shop(lived_in):
    """A house in which a play was tried, by as many people as are asked for."""

    def tried(rows):
        with house(lived_in / "equipoise.db") as engine:
            engine.add_play(PLAY)
            at = engine.store.position()
            kept = [
                LessonRow(row.seq, 1, "tried", "win-back", 0, msgspec.msgpack.encode(row))
                for row in rows
            ]
            engine.store.commit(Changes(cursor=at.cursor, seq=at.seq + 9_000, lessons=kept))

    return tried


def test_it_tells_the_effect_in_words_and_tables(equipoise, tried_shop):
    tried_shop(people(3, 2_000, lift=2.0))
    said = equipoise("effect", "win-back")
    assert said.code == 0
    assert "win-back  brings more" in said.out
    assert "Beside “left alone” the engine brings" in said.out
    assert "The arms hold the people they should" in said.out
    assert "Adjusted" in said.out


def test_it_speaks_french(equipoise, tried_shop):
    tried_shop(people(3, 2_000, lift=2.0))
    assert "rapporte plus" in equipoise("effect", "--lang", "fr").out


def test_a_program_reads_every_interval(equipoise, tried_shop):
    tried_shop(people(3, 150, lift=2.0))
    (told,) = equipoise("effect", "--json").json
    assert [arm["name"] for arm in told["arms"]] == ["engine", HOLDOUT]
    first = told["differences"][0]
    assert first["plain"]["low"] < first["plain"]["mean"] < first["plain"]["high"]
    assert first["adjusted_always"]["low"] is None, "nothing is known before the first look"
    assert first["found"] == "not_yet"


def test_an_alarm_is_an_exit_code_that_a_script_can_see(equipoise, tried_shop):
    tried_shop([row for row in people(3, 3_000) if row.arm != HOLDOUT or row.seq % 2])
    said = equipoise("effect")
    assert said.code == 1
    assert "do not believe it" in said.out


def test_a_play_without_a_goal_is_named_with_those_that_have_one(equipoise, tried_shop):
    tried_shop([])
    said = equipoise("effect", "thanks")
    assert said.code == 1
    assert "needs a play with a goal; there are win-back" in said.err


def test_where_no_play_has_a_goal_it_says_so(equipoise, lived_in):
    said = equipoise("effect")
    assert said.code == 0
    assert "No play has a goal yet" in said.err
