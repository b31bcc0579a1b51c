"""Silence and its receipts: the first of its kind on a day gets one, the others are counted in one more."""

from equipoise.account import receipts
from equipoise.canon import canonical
from equipoise.nouns.changes import Timer
from equipoise.nouns.decisions import Decision
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, Hush, PersonState

DAY_MS = 86_400_000

HUSH = "hush:"
"""The key of the timer that closes an atom's days of silences."""


def hush(state: PersonState, atom: AtomState, decision: Decision, here: Here) -> bool:
    """Count a silence; True where it is the first of its play and reason today and needs a receipt."""
    here.sheet.count("silences")
    here.sheet.count(f"silence:{decision.reason}")
    key = f"{decision.play}|{decision.reason}"
    day = here.now_ms // DAY_MS
    open_ = atom.hushes.get(key)
    if open_ is not None and (open_.day == day or not _close(state, atom, key, here)):
        open_.n += 1
        open_.last_ms = here.now_ms
        if open_.n == 2:
            here.sheet.timers_set.append(Timer((day + 1) * DAY_MS, atom.id, HUSH))
        here.sheet.decisions.append(decision)
        return False
    atom.hushes[key] = Hush(day, here.now_ms, here.now_ms, 1, decision.seq)
    return True


def close_days(state: PersonState, atom: AtomState, here: Here) -> None:
    """Give every day that is over its receipt; what one record has no numbers for waits for another."""
    day = here.now_ms // DAY_MS
    over = sorted(key for key, open_ in atom.hushes.items() if open_.day < day)
    if not all(_close(state, atom, key, here) for key in over):
        here.sheet.timers_set.append(Timer(here.now_ms + 1, atom.id, HUSH))


def _close(state: PersonState, atom: AtomState, key: str, here: Here) -> bool:
    """Give a day of the same silence its receipt and end it; False where no number is left.

    Its count then goes on until the timer that was set for it rings.
    """
    open_ = atom.hushes[key]
    if open_.n > 1:
        if here.full():
            return False
        seq = here.number()
        body = receipts.silences_receipt(key, open_, seq, state.person, atom.id)
        here.receipt(atom, seq, canonical(body))
    del atom.hushes[key]
    return True
