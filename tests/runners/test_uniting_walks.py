"""Hypotheses in any order over splits and erasures: who was said to be two stays two, and all replays."""

from itertools import product

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from equipoise.testing.example_changes import observe
from house import house, track
from runners.uniting import arrive, pair, person_of, state_of, user

USERS = ("ana", "anna", "ann", "hannah", "joan")
HELD = {"cluster_loose", "cluster_bridge", "cluster_too_large"}
BARRED = {"unlike", "cannot_link"}
PAIRS = st.tuples(st.sampled_from(USERS), st.sampled_from(USERS)).filter(
    lambda two: two[0] != two[1]
)


class Recorded:
    """An intake that remembers every row, also those that are wiped."""

    def __init__(self, intake):
        self._intake = intake
        self.rows = []

    def __getattr__(self, name):
        return getattr(self._intake, name)

    def append(self, rows):
        self.rows += rows
        return self._intake.append(rows)


class Walks(RuleBasedStateMachine):
    """Five people; a twin knows who is one with whom, and of whom it was said that they are two."""

    def __init__(self):
        super().__init__()
        self.engine = house()
        self.engine.intake = Recorded(self.engine.intake)
        self.group = {name: frozenset((name,)) for name in USERS}
        self.two = set()
        self.refused = {}
        self.profiles = {}
        self.n = 0
        arrive(self.engine, *USERS)

    def teardown(self):
        again = house()
        again.intake.append(self.engine.intake.rows)
        again.catch_up()
        mine, theirs = observe(self.engine.store, 1), observe(again.store, 1)
        everywhere = range(self.engine.store.position().seq + 1)
        for store in (self.engine.store, again.store):
            assert store.hypotheses_of(everywhere) == self.engine.store.hypotheses_of(everywhere)
            assert store.states(everywhere) == self.engine.store.states(everywhere)
            assert store.log(everywhere) == self.engine.store.log(everywhere)
            assert store.receipts(everywhere) == self.engine.store.receipts(everywhere)
            assert store.joins(everywhere) == self.engine.store.joins(everywhere)
        assert (mine["counts"], mine["position"].seq) == (theirs["counts"], theirs["position"].seq)
        again.close()
        self.engine.close()

    def parted(self, mine, theirs):
        said = self.two | self.refused.keys()
        return any(frozenset(two) in said for two in product(mine, theirs))

    def waiting(self):
        found = self.engine.store.hypotheses_in("open", 99)
        return found + self.engine.store.hypotheses_in("later", 99)

    def names(self, kept):
        atoms = {
            self.engine.store.atoms_of([user(name)])[user(name)].id: name for name in self.group
        }
        return atoms[kept.left], atoms[kept.right]

    @rule(two=PAIRS, score=st.sampled_from((0.8, 0.96, 0.99)))
    def found(self, two, score):
        if not {*two} <= self.group.keys() or self.group[two[0]] == self.group[two[1]]:
            return
        before = len(self.engine.store.hypotheses_of(range(10**4)))
        self.engine.suppose([pair(self.engine, *two, score)])
        after = len(self.engine.store.hypotheses_of(range(10**4)))
        if self.parted(self.group[two[0]], self.group[two[1]]):
            assert after == before

    @rule(data=st.data(), verb=st.sampled_from(("confirm", "refuse", "later")))
    def answered(self, data, verb):
        waiting = self.waiting()
        if not waiting:
            return
        kept = data.draw(st.sampled_from(waiting))
        mine, theirs = (self.group[name] for name in self.names(kept))
        reply = self.engine.answer_join(kept.id, verb, "zoé")
        if mine == theirs:
            assert reply["reason"] == "joined"
        elif verb == "confirm" and self.parted(mine, theirs):
            assert reply["reason"] in BARRED
        elif verb == "confirm" and not reply["ok"]:
            assert reply["reason"] in HELD
        elif verb == "confirm":
            for name in mine | theirs:
                self.group[name] = mine | theirs
        elif verb == "refuse":
            for two in product(mine, theirs):
                self.refused.setdefault(frozenset(two), set()).add(kept.seq)

    @rule(data=st.data())
    def reopened(self, data):
        store = self.engine.store
        every = store.hypotheses_of(range(store.position().seq + 1))
        if not every:
            return
        kept = data.draw(st.sampled_from(every))
        reply = self.engine.answer_join(kept.id, "reopen", "zoé")
        if kept.state != "refused":
            assert reply["reason"] == "not_refused"
        elif kept.how == "split":
            assert reply["reason"] == "cannot_link"
        else:
            assert reply["state"] == "open"
            for two in [two for two, by in self.refused.items() if kept.seq in by]:
                self.refused[two].discard(kept.seq)
                if not self.refused[two]:
                    del self.refused[two]

    @rule(name=st.sampled_from(USERS), whole=st.booleans())
    def is_split(self, name, whole):
        if name not in self.group or len(self.group[name]) < 2:
            return
        atom = self.engine.store.atoms_of([user(name)])[user(name)]
        state = next(a for a in state_of(self.engine, name).atoms if a.id == atom.id)
        wish = {"atoms": [atom.id]} if whole else {"atoms": [], "handles": state.handles}
        assert self.engine.split(atom.person, wish.pop("atoms"), "max", **wish)["ok"]
        rest = self.group[name] - {name}
        self.two |= {frozenset((name, other)) for other in rest}
        self.group |= dict.fromkeys(rest, rest) | {name: frozenset((name,))}

    @rule(name=st.sampled_from(USERS))
    def does_something(self, name):
        if name in self.group:
            self.n += 1
            self.engine.take([track(name, "Product Viewed", self.n)])

    @rule(name=st.sampled_from(USERS))
    def is_erased(self, name):
        if len(self.group) < 3 or name not in self.group:
            return
        gone = {atom.id for atom in state_of(self.engine, name).atoms}
        ended = {one.seq for one in self.engine.store.hypotheses_of(gone)}
        assert self.engine.request("erasure", f"user_id:{name}", at_once=True)["ok"]
        self.refused = {two: by - ended for two, by in self.refused.items()}
        for other in self.group[name]:
            del self.group[other]
        assert self.engine.store.hypotheses_of(gone) == []
        for other in self.group:
            for atom in state_of(self.engine, other).atoms:
                assert not gone & {*atom.apart, *atom.unlike}
                assert not ended & {abs(mark) for mark in atom.refusals}

    @invariant()
    def people_are_as_the_twin_says(self):
        found = {}
        for name in self.group:
            found.setdefault(person_of(self.engine, name), set()).add(name)
        assert {frozenset(names) for names in found.values()} == set(self.group.values())
        assert self.engine.store.counts().get("people") == len(found)

    @invariant()
    def they_know_of_each_refusal_that_stands_and_of_no_other(self):
        atoms = {}
        for name in self.group:
            for atom in state_of(self.engine, name).atoms:
                atoms[atom.id] = atom
        names = {
            self.engine.store.atoms_of([user(name)])[user(name)].id: name for name in self.group
        }
        found = {
            frozenset((names[atom.id], names[other]))
            for atom in atoms.values()
            for other in atom.unlike
        }
        assert found == {two for two in self.refused if two <= self.group.keys()}

    @invariant()
    def nobody_is_one_who_was_said_to_be_two(self):
        for names in self.group.values():
            assert not any(two <= names for two in self.two | self.refused.keys())


TestWalks = Walks.TestCase
TestWalks.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
