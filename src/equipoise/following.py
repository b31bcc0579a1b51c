"""What follows from a decision later: its outcome is awaited, credited, and told as a lesson."""

import msgspec

from equipoise.nouns.changes import Timer
from equipoise.nouns.decisions import Decision
from equipoise.nouns.events import Event
from equipoise.nouns.lessons import Lesson, LessonRow, Tried, Window
from equipoise.nouns.plays import Play
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, PersonState
from equipoise.ports import Standing
from equipoise.remember import outcomes
from equipoise.remember.terms import is_denial

WINDOWS = "windows:"
"""The key of the timer that matures an atom's windows."""

_pack = msgspec.msgpack.Encoder().encode


def await_outcome(
    state: PersonState, decision: Decision, play: Play, standing: Standing, here: Here
) -> None:
    """Open the window of a decision and the person's trial, and set the timer that ends them."""
    if play.goal is None:
        return
    atom = next(atom for atom in state.atoms if atom.id == decision.atom)
    before_ms = outcomes.next_due_ms(atom)
    if outcomes.open_window(atom, decision, play) is None:
        here.sheet.count("windows_not_opened")
    spent = standing.get("spend.decayed_90d")
    outcomes.begin_trial(state, decision, play, spent if isinstance(spent, float) else 0.0)
    _wake(atom, before_ms, here)


def _wake(atom: AtomState, before_ms: int | None, here: Here) -> None:
    due_ms = outcomes.next_due_ms(atom)
    if due_ms is not None and (before_ms is None or due_ms < before_ms):
        here.sheet.timers_set.append(Timer(due_ms, atom.id, WINDOWS))


def credit(state: PersonState, event: Event, here: Here) -> None:
    """Count an event in every window it falls in; a matured decision gets a revised lesson."""
    touched = outcomes.fold_outcome(state, event)
    if is_denial(event.kind):
        touched += outcomes.fold_leaving(state, event)
    if touched:
        here.sheet.count("outcomes")
    for atom, window in touched:
        if not window.lesson:
            continue
        if here.full():
            here.sheet.count("lessons_not_revised")
            continue
        _teach(state, atom, window, here)
        here.sheet.count("lessons_revised")


def mature(state: PersonState, atom: AtomState, here: Here) -> None:
    """Tell every window, early goal and trial whose time is over, as far as the record has numbers."""
    outcomes.prune(atom, here.now_ms)
    for window in outcomes.due(atom, here.now_ms):
        if here.full():
            break
        _teach(state, atom, window, here)
        here.sheet.count("lessons")
    for window in outcomes.soon_due(atom, here.now_ms):
        if here.full():
            break
        lesson = outcomes.foretell(window, here.number(), (state.person, atom.id), here.now_ms)
        _keep(lesson, "early", 0, here)
    for trial in list(outcomes.trials_over(atom, here.now_ms)):
        if here.full():
            break
        tried = outcomes.tell(trial, here.number(), (state.person, atom.id), here.now_ms)
        _keep(tried, "tried", 0, here)
    due_ms = outcomes.next_due_ms(atom)
    if due_ms is not None:
        later_ms = max(due_ms, here.now_ms + 1)
        here.sheet.timers_set.append(Timer(later_ms, atom.id, WINDOWS))


def _teach(state: PersonState, atom: AtomState, window: Window, here: Here) -> None:
    lesson = outcomes.mature(window, here.number(), (state.person, atom.id), here.now_ms)
    _keep(lesson, "lesson", lesson.decision, here)


def _keep(noun: Lesson | Tried, kind: str, decision: int, here: Here) -> None:
    row = LessonRow(noun.seq, noun.atom, kind, noun.play, decision, _pack(noun))  # type: ignore[arg-type]
    here.sheet.lessons.append(row)
