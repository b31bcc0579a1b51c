"""A search in a process of its own finds what a search here finds, and writes nothing."""

import asyncio

import pytest

from compose.test_hypotheses import everybody
from equipoise.compose.searching import (
    Found,
    Unfit,
    pairs_of,
    search_apart,
    search_store,
    searcher_of,
)
from equipoise.runners.inline import InlineDesk
from equipoise.runners.searcher import NotSearched
from equipoise.settings import SettingsError, read_settings
from equipoise.testing.fakes import FakeClock
from house import NOON_MS, house

pytest.importorskip("splink")


@pytest.fixture
def shop(tmp_path):
    """The settings of a store in which somebody came back misspelt."""
    place = str(tmp_path / "shop.db")
    with house(place, clock=FakeClock(NOON_MS)) as engine:
        engine.take(everybody())
        here = search_store(
            read_settings(environ={}, given={"seed": "test"}), engine.store, NOON_MS
        )
    given = {"seed": "test", "store": f"sqlite:{place}"}
    return read_settings(environ={}, given=given), here


def test_another_process_finds_the_same(shop):
    settings, here = shop
    assert isinstance(here, Found)
    assert here.pairs
    assert asyncio.run(search_apart(settings, NOON_MS)) == here.pairs
    assert asyncio.run(search_apart(settings, NOON_MS)) == here.pairs


def test_a_store_that_is_not_there_is_told(tmp_path):
    lost = read_settings(environ={}, given={"store": f"sqlite:{tmp_path}/nowhere.db"})
    with pytest.raises(NotSearched, match="ended with code"):
        asyncio.run(search_apart(lost, NOON_MS))


def test_people_who_cannot_be_compared_are_told_with_a_sentence():
    with house() as engine:
        told = search_store(read_settings(environ={}, given={}), engine.store, NOON_MS)
    assert isinstance(told, Unfit)
    with pytest.raises(NotSearched, match=told.why[:20]):
        pairs_of(told)


def test_what_is_found_waits_on_the_page_or_is_confirmed_by_the_rule():
    for rule, state in (("", "open"), ("0.9 birth_date", "confirmed")):
        with house() as engine:
            engine.take(everybody())
            settings = read_settings(
                environ={}, given={"seed": "test", "store": "memory:", "joins.rule": rule}
            )
            desk = InlineDesk(engine, engine.clock)
            looking = searcher_of(settings, engine.store, desk, engine.clock)
            done = asyncio.run(looking.search())
            assert done.why == ""
            assert done.pairs >= 1
            assert done.joined == (state == "confirmed")
            if state == "open":
                assert len(engine.store.hypotheses_in("open", 9)) == done.pairs
            else:
                assert len(engine.store.hypotheses_answered("confirmed", 9)) == 1


def test_a_rule_that_cannot_be_read_keeps_the_house_from_starting():
    with house() as engine:
        wrong = read_settings(environ={}, given={"joins.rule": "often"})
        with pytest.raises(SettingsError, match=r"joins\.rule 'often': needs a probability"):
            searcher_of(wrong, engine.store, InlineDesk(engine, engine.clock), engine.clock)
