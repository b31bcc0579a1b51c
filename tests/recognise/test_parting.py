"""By chosen handles: whole atoms leave with their past, single handles without it, and what bars stays."""

import pytest

from equipoise.nouns.agreements import Agreed
from equipoise.nouns.events import Handle
from equipoise.nouns.state import AtomState, PersonState, Rights, Stance, Tally, Terms
from equipoise.recognise.applying import SplitRefused
from equipoise.recognise.parting import Parting, move, parting

MAIL, PHONE, TABLET = (
    Handle("email", "ana@example.org"),
    Handle("phone", "+33612345678"),
    Handle("anonymous_id", "tablet"),
)


def person() -> PersonState:
    """Somebody with one handle in one atom and two in another, whose terms say something of each kind."""
    terms = Terms(
        stances={"ads|*": Stance(True, 1, 1, "e1"), "marketing|*": Stance(False, 2, 2, "e2")},
        per_week=2,
        set_ms=3,
        quiet=(60, 120),
        quiet_ms=4,
        agreed={"SD": Agreed("SD-BASE", 1, 1), "PDC": Agreed("PDC-AI", 1, 1)},
    )
    return PersonState(
        [
            AtomState(id=1, handles=[TABLET]),
            AtomState(
                id=2,
                handles=[MAIL, PHONE],
                known=True,
                terms=terms,
                rights=Rights(restricted=9, stopped={"Crèche": 5}),
                apart=[7],
                unlike=[8],
                refusals=[-5],
            ),
        ]
    )


def test_an_atom_leaves_whole_only_where_all_its_handles_are_chosen():
    assert parting(person(), [], [TABLET]) == Parting((1,), (), ())
    assert parting(person(), [], [MAIL, PHONE]) == Parting((2,), (), ())
    assert parting(person(), [], [TABLET, MAIL]) == Parting((1,), (MAIL,), (2,))
    assert parting(person(), [2], [MAIL]) == Parting((2,), (), ())


def test_a_handle_of_somebody_else_is_refused():
    with pytest.raises(SplitRefused, match="user_id:bob"):
        parting(person(), [], [Handle("user_id", "bob")])


def test_without_a_mixed_atom_nothing_is_moved():
    state = person()
    assert move(state, parting(state, [], [TABLET]), 9) is state


def test_a_moved_handle_keeps_what_bars_and_takes_no_consent_and_no_past():
    state = person()
    state.atoms[1].profile.tallies["order"] = Tally(n=3)
    after = move(state, parting(state, [], [MAIL]), 9)
    old, new = after.atoms[1], after.atoms[2]
    assert (old.id, old.handles, old.known) == (2, [PHONE], True)
    assert old.profile.tallies["order"].n == 3
    assert (new.id, new.handles, new.known) == (9, [MAIL], True)
    assert new.profile.tallies == {}
    assert new.terms.stances.keys() == {"marketing|*"}
    assert (new.terms.per_week, new.terms.quiet) == (2, (60, 120))
    assert new.terms.agreed.keys() == {"SD"}
    assert (new.rights.restricted, new.rights.stopped) == (0, {"Crèche": 5})
    assert (new.apart, new.unlike, new.refusals) == ([7], [8], [-5])
    assert state.atoms[1].handles == [MAIL, PHONE]


def test_an_atom_that_keeps_only_weak_handles_is_known_no_more():
    state = person()
    state.atoms[1].handles = [MAIL, TABLET]
    assert not move(state, parting(state, [], [MAIL]), 9).atoms[1].known
