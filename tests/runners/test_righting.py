"""Requests through the whole step, in any order, over joins and splits: nothing is lost and nothing stays."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from equipoise.nouns.agreements import ACCEPTED, PROFILING, UNCAPPED, Negotiate
from equipoise.nouns.events import Handle
from equipoise.nouns.state import AtomState, PersonState
from equipoise.refolding import Refolding, arrivals, timed
from equipoise.remember.agreements import cap
from equipoise.runners.forgetting import logged
from house import DAY_MS, HERO, THANKS, house, identify, receipts, track, welcome

USERS = ("ana", "bob", "zoe")
DEVICES = ("d1", "d2")


class Walks(RuleBasedStateMachine):
    """Three people and two devices; a twin in plain dictionaries knows what each request is."""

    def __init__(self):
        super().__init__()
        self.engine = house(**{"basis.default": "interest"})
        self.engine.add_play(THANKS)
        self.engine.add_play(HERO)
        self.n = 0
        self.asked = {}
        self.changed = set()
        for user in USERS:
            self.engine.take(welcome(user))

    def teardown(self):
        self.fold_again()
        self.engine.close()

    def fold_again(self):
        """The log of everybody who was never joined leads to the state that is kept of them."""
        store = self.engine.store
        told = {one["seq"]: one for one in receipts(self.engine, 99_999)}
        for person in store.people_after(0, 99):
            atom, *more = self.state(person).atoms
            if more or atom.apart or atom.joined_seq:
                continue
            rows = sorted(logged(store, atom.event_seq), key=lambda row: row.seq)
            fresh = AtomState(atom.id, list(atom.handles), 0, atom.known)
            refolding = Refolding(
                self.engine.walker.engine,
                lambda seq: f"{told[seq]['play']}|{told[seq]['chosen']}",
                arrivals(store.receipts(timed(rows))),
            )
            for row in rows:
                refolding.row(PersonState([fresh]), fresh, row)
            assert fresh.profile == atom.profile
            assert fresh.terms == atom.terms
            assert fresh.rights == atom.rights

    def person(self, user):
        atom = self.engine.store.atoms_of([Handle("user_id", user)]).get(Handle("user_id", user))
        return None if atom is None else atom

    def state(self, person):
        blob = self.engine.store.states([person])[person]
        return msgspec.msgpack.decode(blob, type=PersonState)

    @rule(user=st.sampled_from(USERS))
    def buys(self, user):
        self.n += 1
        self.engine.take([track(user, "Order Completed", self.n, total=self.n)])

    @rule(user=st.sampled_from(USERS), device=st.sampled_from(DEVICES))
    def signs_in_on(self, user, device):
        self.n += 1
        call = identify(user, f"{user}-{device}") | {"messageId": f"i{self.n}"}
        self.engine.take([{"type": "page", "anonymousId": f"{user}-{device}",
                           "messageId": f"p{self.n}"}, call])  # fmt: skip

    @rule(user=st.sampled_from(USERS))
    def is_split(self, user):
        atom = self.person(user)
        if atom is None or len(self.state(atom.person).atoms) < 2:
            return
        assert self.engine.split(atom.person, [atom.id], "zoé")["ok"]

    @rule(
        user=st.sampled_from(USERS),
        kind=st.sampled_from(["access", "restriction", "objection", "portability", "contest"]),
    )
    def asks(self, user, kind):
        atom = self.person(user)
        if atom is None:
            return
        mine = {member.id for member in self.state(atom.person).atoms}
        decisions = [
            r["seq"] for r in receipts(self.engine) if r["type"] == "decision" and r["atom"] in mine
        ]
        about = {"decision": decisions[-1] if decisions else 3} if kind == "contest" else {}
        told = self.engine.request(kind, f"user_id:{user}", **about)
        held = any(member.rights.restricted for member in self.state(atom.person).atoms)
        if kind == "contest" and not decisions:
            assert not told["ok"]
        elif kind == "restriction":
            assert held
        else:
            assert told["ok"], told
        if told["ok"]:
            self.asked[told["request"]] = told["status"]

    @precondition(lambda self: self.asked)
    @rule(
        data=st.data(),
        verb=st.sampled_from(["begin", "fulfil", "refuse", "withdraw"]),
        outcome=st.sampled_from(["upheld", "changed"]),
    )
    def answers(self, data, verb, outcome):
        name = data.draw(st.sampled_from(sorted(self.asked)))
        told = self.engine.answer(name, verb, "zoé", reason="so", outcome=outcome)
        if told["ok"]:
            self.asked[name] = told["status"]
            if told["outcome"] == "changed":
                self.changed.add(name)

    @rule(user=st.sampled_from(USERS))
    def lifts_the_restriction(self, user):
        atom = self.person(user)
        held = atom is not None and self.restricted(atom.person)
        told = self.engine.request("restriction", f"user_id:{user}", lift=True)
        assert told["ok"] == bool(held)
        if told["ok"]:
            self.asked[told["request"]] = told["status"]

    @rule(user=st.sampled_from(USERS))
    def corrects(self, user):
        self.n += 1
        values = {"traits.city": f"city{self.n}"}
        told = self.engine.request("correction", f"user_id:{user}", values=values, at_once=True)
        if told["ok"]:
            self.asked[told["request"]] = told["status"]

    @rule(user=st.sampled_from(USERS), name=st.sampled_from(["SD-BASE", "SD-BASE-ATP"]))
    def agrees(self, user, name):
        self.n += 1
        said = Negotiate(
            does="proffer",
            handles=(Handle("user_id", user),),
            agreement=name,
            nonce=f"n{self.n}",
        )
        assert msgspec.json.decode(self.engine.ask("agreement", said))["status"] == ACCEPTED

    @rule(user=st.sampled_from(USERS))
    def looks_at_the_page(self, user):
        """What is asked for next is silent for whom it must be, whatever came before."""
        atom = self.person(user)
        told = self.engine.decide(f"user_id:{user}", "home-hero")
        if atom is None:
            return
        atoms = self.state(atom.person).atoms
        now_ms = self.engine.clock.now_ms()
        if self.restricted(atom.person):
            assert told.reason == "restricted"
        if not cap(atoms, now_ms, UNCAPPED) & PROFILING:
            assert (told.outcome, told.option) == ("silence", "silence")
        contested = {key for member in atoms for key in member.rights.contested}
        assert f"hero|{told.option}" not in contested

    def restricted(self, person):
        return [a.rights.restricted for a in self.state(person).atoms if a.rights.restricted]

    @rule(days=st.integers(1, 40))
    def waits(self, days):
        self.engine.clock._now_ms += days * DAY_MS
        self.engine.tick()
        for owed in self.engine.store.requests_owed(99):
            late = owed.due_ms <= self.engine.clock.now_ms()
            assert (owed.status == "expired") == late
            self.asked[owed.id] = owed.status

    @rule(user=st.sampled_from(USERS))
    def is_erased(self, user):
        atom = self.person(user)
        if atom is None:
            return
        atoms = {member.id for member in self.state(atom.person).atoms}
        mine = {request.id for request in self.engine.store.requests_of(atoms)}
        told = self.engine.request("erasure", f"user_id:{user}", at_once=True)
        assert told["report"]["deleted"]["state"] == 1
        for name in mine:
            self.asked.pop(name, None)
        assert self.person(user) is None
        assert self.engine.store.atoms(atoms) == {}
        assert self.engine.store.requests_of(atoms) == []
        assert not [row for row in self.engine.store.recent(9999) if row.atom in atoms]
        assert not [row for row in self.engine.store.newest_receipts(9999) if row.atom in atoms]
        assert not [
            timer for timer in self.engine.store.timers(10**15, 9999) if timer.atom in atoms
        ]

    @invariant()
    def the_store_knows_what_the_twin_knows(self):
        numbers = [int(name[2:]) for name in self.asked]
        found = self.engine.store.requests(numbers)
        assert {request.id: request.status for request in found.values()} == self.asked

    @invariant()
    def every_request_leads_to_somebody_who_is_here(self):
        for request in self.engine.store.newest_requests(999):
            assert (request.atom in self.engine.store.atoms([request.atom])) == bool(request.atom)

    @invariant()
    def what_is_held_back_belongs_to_a_request_that_holds(self):
        for person in self.engine.store.people_after(0, 99):
            for atom in self.state(person).atoms:
                if atom.rights.restricted:
                    assert self.asked[f"r_{atom.rights.restricted}"] == "fulfilled"
                for seq in atom.rights.contested.values():
                    held = self.asked[f"r_{seq}"] in ("open", "in_progress", "expired")
                    assert held or f"r_{seq}" in self.changed

    @invariant()
    def nobody_names_an_atom_that_is_gone(self):
        for person in self.engine.store.people_after(0, 99):
            for atom in self.state(person).atoms:
                assert set(atom.apart) <= set(self.engine.store.atoms(atom.apart))


TestWalks = Walks.TestCase
TestWalks.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_handles_of_two_people_are_refused_and_a_stranger_is_nobody():
    engine = house()
    engine.take([*welcome("ana"), *welcome("bob")])
    both = {"user_id": "ana", "email": "bob@example.org"}
    assert "more than one person" in engine.request("access", both)["reason"]
    assert "nobody here" in engine.request("access", "user_id:eve")["reason"]
    assert (
        "nothing is restricted" in engine.request("restriction", "user_id:ana", lift=True)["reason"]
    )
    assert "no such request" in engine.answer("r_7", "fulfil", "zoe")["reason"]


def test_an_erasure_asked_first_and_answered_later_leaves_its_request_without_a_name():
    engine = house()
    engine.take(welcome("ana"))
    asked = engine.request("erasure", "user_id:ana", text="please")
    assert asked["status"] == "open"
    done = engine.answer(asked["request"], "fulfil", "zoe")
    assert done["erased"]
    assert engine.intake.read(0, 10**6) == [], "the raw rows that are kept for a look go as well"
    (kept,) = engine.store.newest_requests(9)
    assert (kept.atom, kept.text, kept.status) == (0, "", "fulfilled")
    assert receipts(engine)[-1] == {
        "type": "erasure", "v": 1, "id": f"e_{receipts(engine)[-1]['seq']}",
        "seq": receipts(engine)[-1]["seq"], "at_ms": engine.clock.now_ms(),
        "request": asked["request"], "asked_ms": engine.clock.now_ms(), "proof": "handle",
    }  # fmt: skip
    assert "erased" in engine.answer(asked["request"], "fulfil", "zoe")["reason"]
