"""Requests through the whole step, in any order, over joins and splits: nothing is lost and nothing stays."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from equipoise.nouns.events import Handle
from equipoise.nouns.state import PersonState
from house import DAY_MS, THANKS, house, identify, receipts, track, welcome

USERS = ("ana", "bob", "zoe")
DEVICES = ("d1", "d2")


class Walks(RuleBasedStateMachine):
    """Three people and two devices; a twin in plain dictionaries knows what each request is."""

    def __init__(self):
        super().__init__()
        self.engine = house(**{"basis.default": "interest"})
        self.engine.add_play(THANKS)
        self.n = 0
        self.asked = {}
        for user in USERS:
            self.engine.take(welcome(user))

    def teardown(self):
        self.engine.close()

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
    @rule(data=st.data(), verb=st.sampled_from(["begin", "fulfil", "refuse", "withdraw"]))
    def answers(self, data, verb):
        name = data.draw(st.sampled_from(sorted(self.asked)))
        told = self.engine.answer(name, verb, "zoé", reason="so", outcome="upheld")
        if told["ok"]:
            self.asked[name] = told["status"]

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
                    assert self.asked[f"r_{seq}"] in ("open", "in_progress", "expired")

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
