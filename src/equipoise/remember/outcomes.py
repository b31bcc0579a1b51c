"""What decisions led to: windows that wait for an outcome, and the trial that each person takes part in.

Two things are kept apart. What happened in the window of a decision, whoever caused it, is what is learnt
from: every option is watched for the same time, so that a mail after which nothing is decided for a week
is not taken for better than a silence after which something is decided the next day. What is *credited*
is for the books: each outcome to one decision, the last for its goal, silence and holdout included.
"""

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import NamedTuple

from equipoise.nouns.decisions import Decision
from equipoise.nouns.events import Event
from equipoise.nouns.lessons import ENGINE, HOLDOUT, Lesson, Trial, Tried, Window
from equipoise.nouns.plays import Play
from equipoise.nouns.state import AtomState, PersonState
from equipoise.remember.purchases import worth

DAY_MS = 86_400_000

LATE_MS = 30 * DAY_MS
"""How long after its window a decision may still be corrected, by what is told late or given back."""

MOST_WINDOWS = 64
"""Open windows of one atom; a decision beyond it has none, and nothing is learnt from it."""

MOST_ORDERS = 32
"""Orders of one decision whose value can be taken back by name."""

GIVEN_BACK = frozenset(("Order Refunded", "Order Cancelled"))
"""Kinds that take back the value of an order, named by its `order_id`."""


class Touched(NamedTuple):
    """A window that changed, in the atom that holds it."""

    atom: AtomState
    window: Window


def open_window(atom: AtomState, decision: Decision, play: Play) -> Window | None:
    """Await the outcome of a decision; None for a play without a goal, and where too many are awaited.

    None of those that are awaited is cut short for it: which decision is left out depends on what was
    before it and not on what comes of it.
    """
    goal = play.goal
    if goal is None or sum(not one.lesson for one in atom.windows) >= MOST_WINDOWS:
        return None
    chosen = next((one for one in decision.weighed if one.option == decision.chosen), None)
    window = Window(
        decision=decision.seq,
        play=play.name,
        version=play.version,
        purpose=play.purpose,
        option=decision.chosen,
        arm=HOLDOUT if decision.holdout else decision.arm or ENGINE,
        decided_ms=decision.at_ms,
        until_ms=decision.at_ms + _length_ms(goal.window_days),
        goal=goal.event,
        worth=goal.value,
        currency=goal.currency,
        propensity=chosen.propensity if chosen is not None else 1.0,
        model=decision.model,
        inputs=decision.inputs,
        early=goal.early,
        early_ms=decision.at_ms + _length_ms(goal.early_days) if goal.early else 0,
    )
    atom.windows.append(window)
    return window


def begin_trial(state: PersonState, decision: Decision, play: Play, before: float) -> Trial | None:
    """The person's part in the play's comparison, where it begins now; one for each person and play."""
    goal = play.goal
    if goal is None or any(t.play == play.name for atom in state.atoms for t in atom.trials):
        return None
    atom = next(atom for atom in state.atoms if atom.id == decision.atom)
    trial = Trial(
        play=play.name,
        arm=HOLDOUT if decision.holdout else decision.arm or ENGINE,
        begun_ms=decision.at_ms,
        until_ms=decision.at_ms + _length_ms(goal.window_days),
        goal=goal.event,
        worth=goal.value,
        currency=goal.currency,
        before=before,
        version=play.version,
    )
    atom.trials.append(trial)
    return trial


def _length_ms(days: float) -> int:
    return round(days * DAY_MS)


def fold_outcome(state: PersonState, event: Event) -> list[Touched]:
    """Credit an event to windows and trials, in place; the windows that changed, matured ones too.

    Nothing is awaited of most people, and then nothing is looked at.
    """
    if not any(atom.windows or atom.trials for atom in state.atoms):
        return []
    kind = event.kind
    if kind in GIVEN_BACK:
        return _give_back(state, event)
    for atom in state.atoms:
        for trial in atom.trials:
            if trial.goal == kind and trial.begun_ms <= event.at_ms <= trial.until_ms:
                _count(trial, event)
    touched = []
    for one in _windows(state):
        window = one.window
        if window.decided_ms > event.at_ms:
            continue
        if window.goal == kind and event.at_ms <= window.until_ms:
            _count(window, event)
            touched.append(one)
        if window.early == kind and event.at_ms <= window.early_ms:
            window.early_n += 1
            touched += [one] if one not in touched else []
    reached = [one.window for one in touched if one.window.goal == kind]
    if reached:
        _credit(max(reached, key=lambda window: (window.decided_ms, window.decision)), event)
    return touched


def fold_leaving(state: PersonState, event: Event) -> list[Touched]:
    """Note that the person opted out of a purpose (facts `purpose`, `*` or none for all of them)."""
    purpose = event.facts.get("purpose", event.facts.get("topic", "*"))
    if event.kind == "Email Marked as Spam":
        purpose = "*"
    at_ms = event.at_ms
    for atom in state.atoms:
        for trial in atom.trials:
            if not trial.over and trial.begun_ms <= at_ms <= trial.until_ms:
                trial.left_ms = trial.left_ms or at_ms
    touched = []
    for one in _windows(state):
        window = one.window
        spoken_of = purpose in ("*", window.purpose) and not window.left_ms
        if spoken_of and window.decided_ms <= at_ms <= window.until_ms:
            window.left_ms = at_ms
            touched.append(one)
    return touched


def _windows(state: PersonState) -> Iterator[Touched]:
    return (Touched(atom, window) for atom in state.atoms for window in atom.windows)


def _value(event: Event, worth_: float | str, currency: str) -> float:
    """What one event is worth in the play's currency; 0 where it is told in another."""
    if not isinstance(worth_, str):
        return float(worth_)
    told = event.facts.get("currency")
    if isinstance(told, str) and told and told.upper() != currency:
        return 0.0
    amount = event.facts.get(worth_)
    if isinstance(amount, str):
        try:
            amount = float(amount)
        except ValueError:
            return 0.0
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not isfinite(amount):
        return 0.0
    return float(amount)


def _count(to: Window | Trial, event: Event) -> None:
    value = _value(event, to.worth, to.currency)
    to.n += 1
    to.total += value
    order = event.facts.get("order_id")
    if isinstance(order, str | int) and len(to.orders) < MOST_ORDERS:
        to.orders[str(order)] = value


def _credit(window: Window, event: Event) -> None:
    window.mine += 1
    window.credited += _value(event, window.worth, window.currency)
    order = event.facts.get("order_id")
    if isinstance(order, str | int) and str(order) in window.orders:
        window.own.append(str(order))


def _give_back(state: PersonState, event: Event) -> list[Touched]:
    """Take the value of an order back wherever it was counted: what the event says, else all of it."""
    order = str(event.facts.get("order_id", ""))
    told = worth(event.facts) if event.kind == "Order Refunded" else 0.0
    touched = []
    for atom in state.atoms:
        for trial in atom.trials:
            if not trial.over:
                _take_back(trial, order, told)
        touched += [
            Touched(atom, window) for window in atom.windows if _take_back(window, order, told)
        ]
    return touched


def _take_back(of: Window | Trial, order: str, told: float) -> bool:
    credited = of.orders.get(order)
    if credited is None:
        return False
    back = min(told or credited, credited)
    whole = credited - back <= 0.0
    of.total -= back
    of.n -= whole
    of.orders[order] = credited - back
    if whole:
        del of.orders[order]
    if isinstance(of, Window) and order in of.own:
        of.credited -= back
        of.mine -= whole
    return True


def due(atom: AtomState, now_ms: int) -> list[Window]:
    """The open windows that are over, oldest first."""
    return [window for window in atom.windows if not window.lesson and window.until_ms < now_ms]


def soon_due(atom: AtomState, now_ms: int) -> list[Window]:
    """The open windows whose early goal has had its time, oldest first."""
    return [window for window in atom.windows if _tells_soon(window) and window.early_ms < now_ms]


def _tells_soon(window: Window) -> bool:
    return bool(window.early) and not window.soon and not window.lesson


def next_due_ms(atom: AtomState) -> int | None:
    """When the next window, early goal or trial of an atom is over; None where nothing is awaited."""
    ends = [window.until_ms for window in atom.windows if not window.lesson]
    ends += [window.early_ms for window in atom.windows if _tells_soon(window)]
    ends += [trial.until_ms for trial in atom.trials if not trial.over]
    return min(ends) + 1 if ends else None


def foretell(window: Window, seq: int, whose: Sequence[int], now_ms: int) -> Lesson:
    """What the early goal has told of a decision whose window is still open, numbered `seq`."""
    window.soon = seq
    return _lesson(window, seq, whose, now_ms)


def mature(window: Window, seq: int, whose: Sequence[int], now_ms: int) -> Lesson:
    """The lesson of a window, numbered `seq`, of (person, atom); a former one is revised."""
    lesson = _lesson(window, seq, whose, now_ms)
    window.lesson = seq
    window.inputs = {}
    return lesson


def _lesson(window: Window, seq: int, whose: Sequence[int], now_ms: int) -> Lesson:
    return Lesson(
        seq=seq,
        decision=window.decision,
        person=whose[0],
        atom=whose[1],
        play=window.play,
        version=window.version,
        option=window.option,
        arm=window.arm,
        propensity=window.propensity,
        model=window.model,
        inputs=window.inputs,
        decided_ms=window.decided_ms,
        matured_ms=now_ms,
        n=window.n,
        value=window.total,
        mine=window.mine,
        credited=window.credited,
        early=window.early_n,
        left=bool(window.left_ms),
        revises=window.lesson,
    )


def trials_over(atom: AtomState, now_ms: int) -> Iterator[Trial]:
    """The trials whose time is over and that were not told yet."""
    return (trial for trial in atom.trials if not trial.over and trial.until_ms < now_ms)


def tell(trial: Trial, seq: int, whose: Sequence[int], now_ms: int) -> Tried:
    """What a trial came to, numbered `seq`, of (person, atom); it stays, so that there is no second."""
    trial.over = True
    return Tried(
        seq=seq,
        person=whose[0],
        atom=whose[1],
        play=trial.play,
        arm=trial.arm,
        begun_ms=trial.begun_ms,
        over_ms=now_ms,
        before=trial.before,
        n=trial.n,
        value=trial.total,
        left=bool(trial.left_ms),
        version=trial.version,
    )


def prune(atom: AtomState, now_ms: int) -> None:
    """Forget matured windows that nothing can correct any more."""
    if any(window.lesson and window.until_ms + LATE_MS < now_ms for window in atom.windows):
        atom.windows = [
            window
            for window in atom.windows
            if not window.lesson or window.until_ms + LATE_MS >= now_ms
        ]
