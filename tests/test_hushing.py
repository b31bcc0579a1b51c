"""The first silence of a kind on a day has a receipt; the others are counted in one more."""

from equipoise.hushing import HUSH, close_days, hush
from equipoise.nouns.decisions import Decision, Moment
from equipoise.nouns.sheet import PLACES, Here, Sheet
from equipoise.nouns.state import AtomState, PersonState
from house import DAY_MS, NOON_MS


def silence(seq, reason="quiet_hours", at_ms=NOON_MS):
    moment = Moment(id=f"{seq}.p", kind="k", event="", channel="", at_ms=at_ms, opened_ms=at_ms)
    return Decision(
        seq=seq, person=1, atom=1, play="p", version="v", purpose="marketing", moment=moment,
        weighed=(), chosen="silence", outcome="silence", reason=reason, chooser="", draw=0.0, at_ms=at_ms,
    )  # fmt: skip


def test_only_the_first_of_a_day_asks_for_a_receipt_and_one_timer_closes_the_day():
    state, sheet = PersonState([AtomState(1)]), Sheet()
    (atom,) = state.atoms
    here = Here(PLACES, NOON_MS, sheet)
    assert [hush(state, atom, silence(n), here) for n in range(4)] == [True, False, False, False]
    assert hush(state, atom, silence(9, "other"), here)
    assert [timer.key for timer in sheet.timers_set] == [HUSH]
    close_days(state, atom, Here(2 * PLACES, NOON_MS + DAY_MS, sheet))
    assert atom.hushes == {}
    assert [b'"n":4' in draft.body for draft in sheet.drafts] == [True]
    assert sheet.counts["silences"] == 5


def test_what_one_record_has_no_numbers_for_waits_for_the_next_ring():
    state, sheet = PersonState([AtomState(1)]), Sheet()
    (atom,) = state.atoms
    for n in range(PLACES + 4):
        for seq in (1, 2):
            hush(state, atom, silence(seq, f"reason_{n}"), Here(PLACES, NOON_MS, sheet))
    sheet.timers_set.clear()
    close_days(state, atom, Here(2 * PLACES, NOON_MS + DAY_MS, sheet))
    assert len(sheet.drafts) == PLACES - 1
    assert [timer.due_ms for timer in sheet.timers_set] == [NOON_MS + DAY_MS + 1]
    close_days(state, atom, Here(3 * PLACES, NOON_MS + DAY_MS + 1, sheet))
    assert atom.hushes == {}
