"""The exams of guards and choosers: hand one in, and it passes or an error says what it owes.

Ours take the same exams as those of others; see docs/rooms/decide.md.
"""

import re
from collections.abc import Callable, Iterator
from itertools import product
from math import fsum

from msgspec.structs import replace

from equipoise.decide.drawing import is_explored, sample
from equipoise.nouns.agreements import SERVICE, UNCAPPED
from equipoise.nouns.aims import Aim, AimKind, Balance
from equipoise.nouns.decisions import Answer, Choice, Explain, Verdict
from equipoise.nouns.plays import SILENCE, Cap, Limits, Option, Play
from equipoise.nouns.rules import Rules
from equipoise.nouns.state import Stance
from equipoise.ports import Asked, Chooser, Guard, Hand
from equipoise.testing.models import FakeModel
from equipoise.testing.standing import EMAIL, NOON_MS, PLAY, FakeStanding, ask

HOUR_MS = 3_600_000
DENIED = Stance(granted=False, at_ms=2, seq=2, event="e2")

OPTIONS = (
    EMAIL,
    Option(name="banner", channel="page"),
    Option(name="text", channel="sms", do="offer", cost=2.0, stock=1, price=2.0),
    Option(name="block", do="restrain", channel="webhook", review=True),
)
"""What is asked about: a mail, a page, a text message with a price, a restraint."""


def limited(kind: AimKind, used: int) -> Balance:
    """Somebody's own limit of 50 in a month of which so much is used, in thousandths."""
    aim = Aim(id=kind, kind=kind, at_ms=1, seq=1, until_ms=NOON_MS * 2, most=50_000)
    return Balance(aim, used, 50_000, NOON_MS - 14 * 24 * HOUR_MS, NOON_MS + 16 * 24 * HOUR_MS)


class ExamFailed(AssertionError):
    """What was handed in does not do what its port promises; the message says where."""


def situations() -> Iterator[Asked]:
    """Everything a guard is asked in its exam: people, plays, rules, hours, options and models."""
    rules = (Rules(), Rules(holdout=0.5, bases={"marketing": "interest"}, quiet=(0, 0)))
    limits = Limits(per_person=(Cap(1, 7.0),), total=1)
    plays = (PLAY, replace(PLAY, limits=limits, holdout=0.5, effect="legal"))
    models = (None, FakeModel(), FakeModel(explains=Explain.NONE))
    people = (
        FakeStanding(),
        FakeStanding(person=2, stances={}, fields={"traits.age": 15}, timezone="Not/AZone"),
        FakeStanding(person=2, restricted=True),
        FakeStanding(aims=(limited("spend_at_most", 49_000), limited("contacts_at_most", 50_000))),
        FakeStanding(person=2, aims=(limited("use_less", 60_000),)),
        FakeStanding(
            contests=frozenset({f"{PLAY.name}|{EMAIL.name}"}),
            per_week=1,
            quiet=(12 * 60, 14 * 60),
            contacts=((NOON_MS - 30 * HOUR_MS, "welcome"), (NOON_MS - 2 * HOUR_MS, "other")),
        ),
    )
    for rule, play, person, hours, option in product(rules, plays, people, (0, 11), OPTIONS):
        yield ask(
            person,
            NOON_MS + hours * HOUR_MS,
            play=play,
            rules=rule,
            option=option,
            spent={"play:welcome": 1, "stock:welcome/text": 1, "untrue:welcome/mail": 1},
            in_audience=hours == 0,
            model=models[person.person if rule.holdout else 0],
        )


def denials(asked: Asked) -> Iterator[tuple[str, Asked]]:
    """The same question with one more prohibition, and which."""
    person = asked.standing
    if not isinstance(person, FakeStanding):
        raise TypeError(f"denials need a FakeStanding to change, got {type(person).__name__}")
    denied = person.stances | {f"{asked.play.purpose}|{asked.option.channel}": DENIED}
    per_week = min(person.per_week or 0, 0)
    rules = asked.rules
    changed: dict[str, Callable[[], Asked]] = {
        "an objection": lambda: replace(asked, standing=replace(person, stances=denied)),
        "a budget of 0": lambda: replace(asked, standing=replace(person, per_week=per_week)),
        "a restriction": lambda: replace(asked, standing=replace(person, restricted=True)),
        "a contest": lambda: replace(
            asked,
            standing=replace(
                person, contests=person.contests | {f"{asked.play.name}|{asked.option.name}"}
            ),
        ),
        "a limit on spending": lambda: replace(
            asked,
            standing=replace(person, aims=(*person.aims, limited("spend_at_most", 60_000))),
        ),
        "a limit on contacts": lambda: replace(
            asked,
            standing=replace(person, aims=(*person.aims, limited("contacts_at_most", 60_000))),
        ),
        "a rest": lambda: replace(
            asked, standing=replace(person, rest=(asked.now_ms + 7 * 24 * HOUR_MS, "too_much"))
        ),
        "the narrowest agreement": lambda: replace(asked, standing=replace(person, cap=SERVICE)),
        "a signal that bars": lambda: replace(asked, standing=replace(person, barred=UNCAPPED)),
        "a full holdout": lambda: replace(asked, rules=replace(rules, holdout=1.0)),
        "no contacts a day": lambda: replace(asked, rules=replace(rules, per_day=0)),
        "leaving the audience": lambda: replace(asked, in_audience=False),
        "a need for exact reasons": lambda: replace(
            asked, rules=replace(rules, explains={}, default_explain=Explain.EXACT)
        ),
    }
    for name, change in changed.items():
        yield name, change()


def examine_guard(name: str, guard: Guard) -> set[str]:
    """Put a guard through every situation; return the reasons it gave. Raises `ExamFailed`.

    It answers with a verdict of its own name, the same each time, changes nothing it is shown, waits
    for a time to come where it holds, and is never softened by one more prohibition.
    """
    reasons = set()
    for asked in situations():
        before = repr(asked)
        verdict = guard(asked)
        _examine_verdict(name, verdict, asked)
        _owed(guard(asked) == verdict, f"guard {name} answers {asked} in two ways")
        _owed(repr(asked) == before, f"guard {name} changed what it was asked: {before}")
        for what, harder in denials(asked):
            _owed(
                guard(harder).answer >= verdict.answer,
                f"guard {name} gives way after {what}: {verdict} became {guard(harder)}",
            )
        reasons.add(verdict.reason)
    return reasons


def _examine_verdict(name: str, verdict: Verdict, asked: Asked) -> None:
    _owed(isinstance(verdict, Verdict), f"guard {name} has to return a Verdict, got {verdict!r}")
    if verdict.answer is Answer.ALLOW:
        _owed(verdict.reason == "allowed", f"guard {name} allows for a reason: {verdict.reason}")
        return
    _owed(verdict.guard in (name, ""), f"guard {name} signs as {verdict.guard!r}")
    _owed(
        verdict.reason != "allowed"
        and re.fullmatch(r"[a-z][a-z0-9_]*", verdict.reason) is not None,
        f"guard {name} needs a reason code such as quiet_hours, got {verdict.reason!r}",
    )
    if verdict.answer is Answer.HOLD:
        until_ms = verdict.until_ms
        _owed(
            until_ms is not None and until_ms > asked.now_ms,
            f"guard {name} holds until {until_ms}, which is not after {asked.now_ms}",
        )
    else:
        _owed(verdict.until_ms is None, f"guard {name} gives a time without holding")


MODELS = (
    FakeModel(worth={"mail": 0.1, "push": 0.3, "block": 0.2, "o7": 0.3, "silence": 0.05}),
    FakeModel(lessons=10**9),
    FakeModel(worth={"mail": -1e300, "push": 1e300, "o1": 1e300}, left={"text": 1.0}),
    FakeModel(worth={"mail": 0.1, "text": 3.0}, lessons=0, scale=1e-12),
)
"""What may have been learnt: plain values, ties, extreme ones, and hardly anything."""


def hands() -> Iterator[tuple[Play, tuple[Option, ...], FakeModel | None]]:
    """Every set of options a chooser gets in its exam, without a model and with each of `MODELS`.

    Silence is always among the options.
    """
    many = tuple(Option(name=f"o{n}", share=1 / 64) for n in range(49))
    shared = (replace(EMAIL, share=0.25), Option(name="push", channel="push", share=0.25))
    hard = (Option(name="block", do="restrain", share=0.5), replace(OPTIONS[2], share=0.125))
    for floor in (0.0, 0.02, 1.0):
        play = replace(PLAY, explore_floor=floor)
        for options in ((), shared, shared[:1], hard, (*shared, *hard), (EMAIL,), many):
            for at in {0, len(options)}:
                for model in (None, *MODELS):
                    yield play, (*options[:at], SILENCE, *options[at:]), model


def examine_chooser(name: str, chooser: Chooser, draws: int = 257) -> None:
    """Put a chooser through every hand at evenly spaced draws. Raises `ExamFailed`.

    The probabilities are one for each option, in [0, 1], sum to 1 to 1e-12, do not depend on the
    draw, keep the play's floor, and the choice is exactly what they say for the draw. Where the chooser
    tells what options are worth, it tells it of each, and which version of the model said so.
    """
    person = FakeStanding()
    for play, options, model in hands():
        place = f"chooser {name}, {len(options)} options, floor {play.explore_floor}"
        if model is not None:
            place += f", a model of {model.lessons} lessons"
        first = chooser(Hand(play, options, person, 0.0, model))
        _examine_distribution(place, first, play, options)
        _examine_appraisals(place, first, len(options), model)
        steps = draws if model is None else max(1, draws // 16)
        for step in range(steps):
            draw = step / steps
            choice = chooser(Hand(play, options, person, draw, model))
            _owed(choice.propensities == first.propensities, f"{place}: they change with the draw")
            _owed(
                choice.index == sample(choice.propensities, draw),
                f"{place}: draw {draw} gave option {choice.index}, the probabilities say "
                f"{sample(choice.propensities, draw)}",
            )


def _examine_distribution(
    place: str, choice: Choice, play: Play, options: tuple[Option, ...]
) -> None:
    given = choice.propensities
    _owed(len(given) == len(options), f"{place}: {len(given)} probabilities")
    _owed(all(0.0 <= p <= 1.0 for p in given), f"{place}: {given} are not all in [0, 1]")
    _owed(abs(fsum(given) - 1.0) <= 1e-12, f"{place}: they sum to {fsum(given)!r}")
    floor = play.explore_floor / len(options)
    for option, propensity in zip(options, given, strict=True):
        _owed(
            propensity >= floor - 1e-15 or not is_explored(option),
            f"{place}: {option.name} has {propensity}, under the floor of {floor}",
        )


def _examine_appraisals(place: str, choice: Choice, count: int, model: FakeModel | None) -> None:
    told = len(choice.appraisals)
    _owed(told in (0, count), f"{place}: {told} appraisals for {count} options")
    version = model.version if model is not None and told else ""
    _owed(
        choice.model == version or not told,
        f"{place}: the appraisals are of model {version!r}, the choice says {choice.model!r}",
    )
    _owed(model is not None or not (told or choice.model), f"{place}: no model, and one is named")


def _owed(kept: bool, message: str) -> None:  # noqa: FBT001 - it reads as a sentence: owed, or what is wrong
    if not kept:
        raise ExamFailed(message)
