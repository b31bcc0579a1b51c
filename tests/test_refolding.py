"""A log folded again is the state that it led to, whatever was agreed, asked and restricted on the way."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.nouns.agreements import Negotiate
from equipoise.nouns.events import Handle
from equipoise.nouns.records import DecideRequest, PageRequest
from equipoise.nouns.state import AtomState, PersonState
from equipoise.refolding import Refolding, arrivals, guessed_trust, timed
from equipoise.runners.forgetting import logged
from house import DAY_MS, HERO, THANKS, granted, house, receipts, track, welcome

ANA = Handle("user_id", "ana")
WHOM = "user_id:ana"
VERBS = ("view", "buy", "restrict", "lift", "agree", "widen", "offer", "accept", "end")
VERBS += ("contest", "answer", "object", "allow", "limit", "wait", "gpc", "gpc_page")


def state_of(engine):
    (atom,) = engine.store.atoms_of([ANA]).values()
    return msgspec.msgpack.decode(engine.store.states([atom.person])[atom.person], type=PersonState)


def refolded(engine, state):
    """The same person, from nothing but the log."""
    (atom,) = state.atoms
    fresh = AtomState(atom.id, list(atom.handles), atom.joined_seq, atom.known)
    rows = sorted(logged(engine.store, atom.event_seq), key=lambda row: row.seq)
    told = {receipt["seq"]: receipt for receipt in receipts(engine, 9999)}
    refolding = Refolding(
        engine.walker.engine,
        lambda seq: f"{told[seq]['play']}|{told[seq]['chosen']}",
        arrivals(engine.store.receipts(timed(rows))),
    )
    for row in rows:
        refolding.row(PersonState([fresh]), fresh, row)
    return fresh


def does(engine, verb, n):
    talk = {"handles": (ANA,), "nonce": f"n{n}"}
    match verb:
        case "view" | "buy":
            kind = "Product Viewed" if verb == "view" else "Order Completed"
            engine.take([track("ana", kind, n, total=n)])
        case "restrict" | "lift":
            engine.request("restriction", WHOM, lift=verb == "lift")
        case "agree" | "widen" | "offer":
            name = {"agree": "SD-BASE", "widen": "SD-BASE-ATP-DP", "offer": "SD-BASE-ATP-S3P"}[verb]
            engine.ask("agreement", Negotiate(does="proffer", agreement=name, **talk))
        case "accept":
            for name in [*state_of(engine).atoms[0].terms.talks][-1:]:
                engine.ask("agreement", Negotiate(does="accept", id=name, **talk))
        case "end":
            for name in [*state_of(engine).atoms[0].terms.talks][-1:]:
                engine.ask("agreement", Negotiate(does="end", id=name, **talk))
        case "gpc":
            asked = DecideRequest(moment="home-hero", handles=(ANA,), facts={}, gpc=True)
            engine.ask("decide", asked)
        case "gpc_page":
            engine.ask("page", PageRequest(handles=(ANA,), gpc=True))
        case _:
            asks(engine, verb, n)


def asks(engine, verb, n):
    match verb:
        case "contest":
            made = [one for one in receipts(engine) if one["type"] == "decision"]
            if made:
                engine.request("contest", WHOM, decision=made[-1]["seq"])
        case "answer":
            for request in engine.store.requests_owed(1):
                outcome = "changed" if n % 2 else "upheld"
                engine.answer(request.id, "fulfil", "zoé", outcome=outcome)
        case "object":
            engine.request("objection", WHOM, purpose="personalisation")
        case "allow":
            engine.take([granted("ana", n, "personalisation")])
        case "limit":
            engine.take([track("ana", "terms.budget", n, per_week=n)])
        case "wait":
            engine.clock._now_ms += 20 * DAY_MS
            engine.tick()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(VERBS), max_size=14))
def test_the_log_alone_leads_to_the_same_profile_terms_and_rights(verbs):
    counter = {"terms.accepts": "SD-BASE SD-BASE-ATP-DP", "terms.counter": "SD-BASE-AT"}
    engine = house(**{"basis.default": "interest", **counter})
    engine.add_play(THANKS)
    engine.add_play(HERO)
    engine.take(welcome("ana"))
    for n, verb in enumerate(verbs, 1):
        does(engine, verb, n)
    state = state_of(engine)
    again, (atom,) = refolded(engine, state), state.atoms
    assert again.profile == atom.profile
    assert again.terms == atom.terms
    assert again.rights == atom.rights
    engine.close()


def test_a_refusal_that_names_an_outcome_holds_nothing_back():
    engine = house(**{"basis.default": "interest"})
    engine.add_play(THANKS)
    engine.take(welcome("ana"))
    does(engine, "buy", 1)
    does(engine, "contest", 2)
    (request,) = engine.store.requests_owed(9)
    assert refolded(engine, state_of(engine)).rights.contested
    engine.answer(request.id, "refuse", "zoé", reason="so", outcome="changed")
    assert state_of(engine).atoms[0].rights.contested == {}
    assert refolded(engine, state_of(engine)).rights.contested == {}


def test_a_browser_names_nothing_but_its_own_id():
    assert guessed_trust([Handle("anonymous_id", "a")]) == "public"
    assert guessed_trust([Handle("anonymous_id", "a"), ANA]) == "server"


def test_a_correction_folds_no_more_than_the_agreement_of_then_allowed():
    engine = house(**{"basis.default": "interest"})
    engine.take(welcome("ana"))
    does(engine, "view", 1)
    does(engine, "agree", 2)
    does(engine, "view", 3)
    before = state_of(engine).atoms[0].profile.tallies["Product Viewed"].n
    told = engine.request(
        "correction", WHOM, values={"traits.email": "a@example.org"}, at_once=True
    )
    assert told["ok"], told
    assert before == 1
    assert state_of(engine).atoms[0].profile.tallies["Product Viewed"].n == before
