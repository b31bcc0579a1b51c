"""The learning job, outside the step: lessons in, new versions of models out, each a row of the intake.

Nothing here changes a decision by itself: a version takes part from the row on in which it enters the log.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

import msgspec

from equipoise.learn.lifetime.people import of_tallies
from equipoise.nouns.events import IntakeRow, Source
from equipoise.nouns.lessons import Lesson, ModelRow
from equipoise.nouns.plays import Play
from equipoise.nouns.records import ModelVersion
from equipoise.nouns.state import PersonState, Tally
from equipoise.ports import Store
from equipoise.remember.gathering import Gathered

TEACHER = Source("teacher")
"""The source of versions of models."""

ORDERS = "Order Completed"
"""The kind of event whose tallies tell what a person is worth."""

BLIND = ("uniform", "fixed_shares", "eligibility_only")
"""The choosers that ask no model; every other one does."""

CHUNK = 10_000
"""How many lessons, or people, are read from the store at a time."""

ReadPlay = Callable[[str], Play]
"""Reads a play's text; raises `ValueError` for one that this release cannot read."""

_log = logging.getLogger("equipoise.teacher")
_pack = msgspec.msgpack.Encoder().encode


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What teaching found for one model: `name` is `play/NAME` or `lifetime`.

    `lessons` decisions (or people with orders) were learnt from; `version` is the SHA-256 of what they
    teach, empty where it is still too little, which `missing` then says in a sentence. `body` is the
    encoded model where the version is new, `refused` why the log did not take it.
    """

    name: str
    lessons: int
    version: str = ""
    body: bytes = b""
    missing: str = ""
    refused: str = ""

    @property
    def is_new(self) -> bool:
        """True where the version is another than the one in force."""
        return bool(self.body)


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to teach a house: how its plays are read, the time, and what is forgotten.

    `forget` (0 to below 1) is the share of what was learnt that a new version forgets.
    """

    read_play: ReadPlay
    now_ms: int
    forget: float = 0.0


def study(store: Store, course: Course) -> Iterator[Finding]:
    """Teach every live play whose choosers ask a model, then what people are worth who leave.

    Reads the store in chunks, and writes nothing. One finding for each model, in order of their names.
    """
    former = {row.name: row for row in store.models()}
    currencies = []
    for play in taught_plays(store, course.read_play):
        name = f"play/{play.name}"
        yield _study_play(store, play, former.get(name), course.forget)
        currencies += [play.goal.currency] if play.goal else []
    yield _study_people(store, former.get("lifetime"), currencies, course.now_ms)


def taught_plays(store: Store, read_play: ReadPlay) -> Iterator[Play]:
    """The live plays that have a goal and a chooser or control that asks a model, by name."""
    newest = {row.name: row for row in store.plays()}
    for _, row in sorted(newest.items()):
        if row.status != "live":
            continue
        try:
            play = read_play(row.text)
        except ValueError:
            _log.warning("a play cannot be read here and is not taught: %s", row.name)
            continue
        if play.goal is not None and {play.chooser, *play.controls} - set(BLIND):
            yield play


def _study_play(store: Store, play: Play, row: ModelRow | None, forget: float) -> Finding:
    from equipoise.learn.teaching import teach
    from equipoise.learn.value import ModelMistake, ValueModel

    name = f"play/{play.name}"
    try:
        former = ValueModel.decode(row.body) if row else None
    except ModelMistake:
        former = None  # of another release: taught anew from all lessons
    over = list(lessons_of(store, play.name))
    known = {lesson.decision for lesson in over}
    count = len(known)
    lessons = over + [one for one in early_of(store, play.name) if one.decision not in known]
    # Taught first without forgetting: where nothing came since, nothing may fade.
    taught = teach(play, lessons, former)
    if taught is None:
        return Finding(name=name, lessons=count, missing=_missing(over))
    if forget and former is not None and taught[0].version != former.version:
        taught = teach(play, lessons, former, forget=forget) or taught
    return _finding(name, count, taught[0].encode(), row)


def lessons_of(store: Store, play: str) -> Iterator[Lesson]:
    """Every lesson of a play that has inputs, and what revises one, in order of their numbers.

    Decisions of a time before the play looked at anybody have none: they tell nothing about people.
    """
    decode = msgspec.msgpack.Decoder(Lesson).decode
    after, taught = 0, set()
    while rows := store.lessons("lesson", play, after, CHUNK):
        after = rows[-1].seq
        for lesson in map(decode, (row.body for row in rows)):
            if lesson.inputs:
                taught.add(lesson.decision)
            if lesson.decision in taught:
                yield lesson


def early_of(store: Store, play: str) -> Iterator[Lesson]:
    """What the early goal has told of each decision, those among them whose window is over since."""
    decode = msgspec.msgpack.Decoder(Lesson).decode
    after = 0
    while rows := store.lessons("early", play, after, CHUNK):
        after = rows[-1].seq
        yield from (lesson for lesson in (decode(row.body) for row in rows) if lesson.inputs)


def _missing(lessons: Iterable[Lesson]) -> str:
    from equipoise.learn.teaching import LEAST_LESSONS, LEAST_RESPONSES, MANY_LESSONS

    newest = {lesson.decision: lesson for lesson in lessons}
    answered = sum(lesson.n > 0 for lesson in newest.values())
    if len(newest) < LEAST_LESSONS:
        return f"{len(newest)} lessons of at least {LEAST_LESSONS}: decisions whose window is over"
    return (
        f"{answered} answers of at least {LEAST_RESPONSES} in {len(newest)} lessons; with "
        f"{MANY_LESSONS} lessons it learns also from few"
    )


def _study_people(
    store: Store, row: ModelRow | None, currencies: list[str], now_ms: int
) -> Finding:
    from equipoise.learn.lifetime.fitting import fit, fit_value
    from equipoise.learn.lifetime.model import LifetimeModel

    people = of_tallies(orders_of(store), now_ms)
    if len(set(currencies)) != 1:
        several = ", ".join(sorted(set(currencies)))
        missing = (
            f"the goals of the plays are in several currencies ({several})"
            if several
            else "no live play learns, so nobody asks what is lost when a person leaves"
        )
        return Finding(name="lifetime", lessons=len(people), missing=missing)
    visits, worth = fit(people), fit_value(people)
    doubts = [fitted.sentence for fitted in (visits, worth) if not fitted.supported]
    if doubts:
        missing = f"{'; '.join(doubts)}. Until then everybody is worth learn.lifetime_value"
        return Finding(name="lifetime", lessons=len(people), missing=missing)
    model = LifetimeModel.of(visits, worth, people, currencies[0], now_ms)
    return _finding("lifetime", len(people), model.encode(), row)


def orders_of(store: Store) -> Iterator[Tally]:
    """The tally of the orders of each person who has any, in order of their ids."""
    decode = msgspec.msgpack.Decoder(PersonState).decode
    after = 0
    while people := store.people_after(after, CHUNK):
        after = people[-1]
        for state in map(decode, store.states(people).values()):
            tally = Gathered(state.atoms).tally(ORDERS)
            if tally is not None:
                yield tally


def _finding(name: str, lessons: int, body: bytes, row: ModelRow | None) -> Finding:
    version = sha256(body).hexdigest()
    fresh = row is None or row.version != version
    return Finding(name=name, lessons=lessons, version=version, body=body if fresh else b"")


def told(finding: Finding) -> dict[str, str | int | bool]:
    """A finding for a program to read: all of it but the model itself."""
    return {
        "model": finding.name,
        "lessons": finding.lessons,
        "version": finding.version,
        "new": finding.is_new,
        "missing": finding.missing,
        "refused": finding.refused,
    }


def row_of(finding: Finding, now_ms: int) -> IntakeRow:
    """The intake row with which a new version enters the log."""
    version = ModelVersion(name=finding.name, sha256=finding.version, body=finding.body)
    return IntakeRow(0, "model", TEACHER, now_ms, _pack(version))


def answered(finding: Finding, answer: bytes) -> Finding:
    """The finding after the step answered (JSON) to its row."""
    reply = msgspec.json.decode(answer)
    if reply["ok"]:
        return finding
    return msgspec.structs.replace(finding, body=b"", refused=str(reply["reason"]))
