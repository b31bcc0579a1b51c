"""A search for people who may be one, in a process of its own that reads the store beside the engine.

`python -m equipoise.compose.searching NOW_MS` takes the settings as JSON on its standard input, and gives
what it found as MessagePack on its standard output; it writes nothing.
"""

import contextlib
import os
import sys
from functools import partial

import msgspec

from equipoise.compose.apart import EndedBadly, apart
from equipoise.compose.hypotheses import answers_of, hypotheses_in
from equipoise.compose.library import rules_of
from equipoise.nouns.hypotheses import Hypothesis
from equipoise.ports import Clock, Desk, Store
from equipoise.recognise.likeness import NoLikeness, Search
from equipoise.recognise.proposing import RuleUnread, read_rule
from equipoise.runners.searcher import NotSearched, Searcher
from equipoise.settings import Settings, SettingsError
from equipoise.stores import open_store

NICE = 10
"""How much less urgent than the engine a search is, as `nice` has it."""


class Found(msgspec.Struct, frozen=True, tag="found"):
    """The pairs that were found."""

    pairs: list[Hypothesis]


class Unfit(msgspec.Struct, frozen=True, tag="unfit"):
    """Why these people cannot be compared here, as a sentence."""

    why: str


def searcher_of(settings: Settings, store: Store, desk: Desk, clock: Clock) -> Searcher:
    """Who searches this house: in a process of its own, save where one process holds the store.

    Raises `SettingsError` where the rule cannot be read.
    """
    try:
        rule = read_rule(settings.text("joins.rule"))
    except RuleUnread as error:
        raise SettingsError(f"setting {error}. `equipoise settings` lists all.") from None

    async def look() -> list[Hypothesis]:
        now_ms = clock.now_ms()
        if settings.text("store").startswith("memory:"):
            return pairs_of(search_store(settings, store, now_ms))
        return await search_apart(settings, now_ms)

    return Searcher(look, desk, clock, partial(answers_of, store, rule))


async def search_apart(settings: Settings, now_ms: int) -> list[Hypothesis]:
    """The pairs that another process finds; it is ended where nobody waits any more.

    Raises `NotSearched` where people cannot be compared, and where the process ended with an error, which it
    told on standard error.
    """
    try:
        told = await apart(
            "equipoise.compose.searching", msgspec.json.encode(settings.values), str(now_ms)
        )
    except EndedBadly as error:
        raise NotSearched(f"the searching process {error}; the server's own log has why") from None
    return pairs_of(msgspec.msgpack.decode(told, type=Found | Unfit))


def pairs_of(told: Found | Unfit) -> list[Hypothesis]:
    """What was found; raises `NotSearched` with the sentence where people cannot be compared."""
    if isinstance(told, Unfit):
        raise NotSearched(told.why)
    return told.pairs


def search_store(settings: Settings, store: Store, now_ms: int) -> Found | Unfit:
    """Look for people who may be one in a store, with the least probability that is kept by default."""
    try:
        return Found(hypotheses_in(store, rules_of(settings), now_ms, Search(least=0.5)))
    except NoLikeness as error:
        return Unfit(str(error))
    except ImportError as error:
        return Unfit(f"joins need the extra: pip install 'equipoise[joins]' ({error})")


def main(now_ms: int) -> None:
    """Search the store of the settings on standard input."""
    settings = Settings(msgspec.json.decode(sys.stdin.buffer.read()))
    store, intake = open_store(settings.text("store"), "reader")
    try:
        # A library that prints must not print into the answer.
        with contextlib.redirect_stdout(sys.stderr):
            told = search_store(settings, store, now_ms)
    finally:
        store.close()
        intake.close()
    sys.stdout.buffer.write(msgspec.msgpack.encode(told))


if __name__ == "__main__":
    os.nice(NICE)
    main(int(sys.argv[1]))
