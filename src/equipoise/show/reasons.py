"""Why something was not sent to a person: every play, and what became of it each time."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from equipoise.nouns.changes import PlayRow, ReceiptRow
from equipoise.nouns.plays import Play
from equipoise.nouns.state import PersonState
from equipoise.show.chains import heads_of, walk
from equipoise.show.house import House
from equipoise.show.languages import Language
from equipoise.show.stories import Teller
from equipoise.show.story import Story

RECEIPTS_MOST = 500
"""How far back the receipts of one person are read for this answer."""


class Because(msgspec.Struct):
    """One way in which a play ended for a person: how often, when last, and the sentence of the last."""

    story: Story
    n: int
    last_ms: int


class Ended(msgspec.Struct, frozen=True):
    """One play and every way in which it ended; `never` says why it was never even considered."""

    name: str
    title: str
    status: str
    because: list[Because]
    never: str


def why_not(house: House, state: PersonState, teller: Teller, language: Language) -> list[Ended]:
    """Every play, those that ended in silence for this person first."""
    atoms = frozenset(atom.id for atom in state.atoms)
    heads = {head for head in heads_of(state) if head[0] == "r"}
    rows = walk(house.store, heads, atoms, RECEIPTS_MOST).rows
    ways = _ways((row for row in rows if isinstance(row, ReceiptRow)), teller)
    _count_hushes(ways, state)
    newest = newest_versions(house.store.plays())
    names = {name: None for name, _ in ways} | dict.fromkeys(newest)
    ended = [
        _ended(house, newest.get(name), name, ways, _Asking(state, language)) for name in names
    ]
    return sorted(ended, key=lambda play: (not play.because, play.name))


def newest_versions(rows: Iterable[PlayRow]) -> dict[str, PlayRow]:
    """The newest version of each play, by name."""
    return {row.name: row for row in rows}


def _ways(rows: Iterable[ReceiptRow], teller: Teller) -> dict[tuple[str, str], Because]:
    """By play and outcome or reason; rows come newest first, so the first of a kind is the last."""
    ways: dict[tuple[str, str], Because] = {}
    for row in rows:
        story = teller.receipt(row)
        if not story.play:
            continue
        key = (story.play, _way(story.raw))
        n = int(story.raw.get("n", 2)) - 1
        known = ways.setdefault(key, Because(story, 0, story.at_ms))
        known.n += n
        if known.story.raw["type"] == "silences":
            known.story = story
    return ways


def _way(raw: Mapping[str, Any]) -> str:
    if raw["type"] not in ("decision", "silences"):
        return str(raw["type"])
    outcome = raw.get("outcome", "silence")
    return f"{outcome}:{raw['reason']}" if outcome in ("silence", "held") else str(outcome)


def _count_hushes(ways: Mapping[tuple[str, str], Because], state: PersonState) -> None:
    """Repeated silences of a day that is not over are counted, but have no receipt yet."""
    for atom in state.atoms:
        for key, hush in atom.hushes.items():
            play, _, reason = key.partition("|")
            known = ways.get((play, f"silence:{reason}"))
            if known is not None:
                known.n += hush.n - 1
                known.last_ms = max(known.last_ms, hush.last_ms)


class _Asking(msgspec.Struct, frozen=True):
    """Whom it is about, and in which language."""

    state: PersonState
    language: Language


def _ended(
    house: House,
    row: PlayRow | None,
    name: str,
    ways: Mapping[tuple[str, str], Because],
    asking: _Asking,
) -> Ended:
    mine = sorted(
        (because for (play, _), because in ways.items() if play == name),
        key=lambda because: -because.last_ms,
    )
    play = None if row is None else house.read_play(row.text)
    title = titled(play, asking.language) if play else ""
    never = "" if mine or play is None else _never(play, asking)
    return Ended(name, title, row.status if row else "", mine, never)


def titled(play: Play, language: Language) -> str:
    """The title of a play in a language, or nothing."""
    if isinstance(play.title, str):
        return play.title
    return play.title.get(language.code) or next(iter(play.title.values()), "")


def _never(play: Play, asking: _Asking) -> str:
    language, moment = asking.language, play.moment
    if play.status != "live":
        return language.text("why.not_live", {"status": language.word("status", play.status)})
    if moment.event is not None:
        n = sum(
            atom.profile.tallies[moment.event].n
            for atom in asking.state.atoms
            if moment.event in atom.profile.tallies
        )
        name = "why.no_match" if n else "why.no_event"
        return language.text(name, {"event": moment.event, "n": language.number(n)})
    if moment.decide is not None:
        return language.text("why.not_asked", {"moment": moment.decide})
    return language.text("why.not_found")
