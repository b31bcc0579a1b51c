"""Whatever officers, partners and people do, in any order: a read is granted only where nobody says no."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from equipoise.nouns.events import Handle
from equipoise.nouns.shares import (
    EVERYBODY,
    EndShare,
    OpenShare,
    ReadShare,
    ShareToken,
    StopSharing,
)
from house import granted, house, identify, receipts, track
from partners import QUESTIONS, ask

USERS = ("ana", "bob")
RECIPIENTS = ("Port", "City")
MOST_SHARES = 4


class Walks(RuleBasedStateMachine):
    """Two people and two partners; a twin in plain sets knows who may be told what."""

    def __init__(self):
        super().__init__()
        self.engine = house()
        self.n = 0
        self.shares = {}
        self.yes, self.no, self.still, self.gone = set(), set(), set(), set()
        self.granted, self.given = 0, {}
        for user in USERS:
            self.engine.take([identify(user, age=40)])
            self.says(user, allows=True)
        for recipient in RECIPIENTS:
            self.opens_for(recipient)

    def teardown(self):
        self.engine.close()

    def mine(self, user):
        return (Handle("user_id", user),)

    @rule(recipient=st.sampled_from(RECIPIENTS))
    def opens(self, recipient):
        if len(self.shares) < MOST_SHARES:
            self.opens_for(recipient)

    def opens_for(self, recipient):
        self.n += 1
        token = ShareToken(f"t{self.n}", "0" * 64)
        wish = OpenShare(
            recipient=recipient, purpose="partner", token=token, by="zoe", questions=QUESTIONS
        )
        share = int(ask(self.engine, wish)["share"][2:])
        self.shares[share] = (recipient, token.id, True)

    @rule(data=st.data())
    def ends(self, data):
        if self.shares:
            share = data.draw(st.sampled_from(sorted(self.shares)))
            recipient, token, alive = self.shares[share]
            assert ask(self.engine, EndShare(share=share, by="zoe"))["ok"] is alive
            self.shares[share] = (recipient, token, False)

    @rule(user=st.sampled_from(USERS), allows=st.booleans())
    def speaks(self, user, allows):
        self.says(user, allows)

    def says(self, user, allows):
        self.n += 1
        # Of two answers at one time the no counts, so each has a time of its own.
        asyncio.run(self.engine.clock.advance(1000))
        if allows:
            self.engine.take([granted(user, self.n, purpose="partner")])
        else:
            self.engine.take(
                [track(user, "terms.withdrawn", self.n, purpose="partner", channel="*")]
            )
        if user not in self.gone:
            (self.yes.add if allows else self.yes.discard)(user)
        elif allows:
            # Whoever comes back after an erasure is somebody new, about whom nothing is known.
            self.gone.discard(user)
            self.yes.add(user)
        else:
            self.gone.discard(user)

    @rule(
        user=st.sampled_from(USERS),
        whom=st.sampled_from((*RECIPIENTS, EVERYBODY)),
        lift=st.booleans(),
    )
    def stops(self, user, whom, lift):
        told = ask(self.engine, StopSharing(recipient=whom, lift=lift, handles=self.mine(user)))
        if user in self.gone:
            assert not told["ok"]
            return
        assert told["changed"] is (((user, whom) in self.no) is lift)
        (self.no.discard if lift else self.no.add)((user, whom))

    @rule(user=st.sampled_from(USERS), lift=st.booleans())
    def restricts(self, user, lift):
        told = self.engine.request("restriction", f"user_id:{user}", lift=lift)
        if user in self.gone:
            assert not told["ok"]
            return
        assert told["ok"] is ((user in self.still) is lift)
        (self.still.discard if lift else self.still.add)(user)

    @rule(user=st.sampled_from(USERS))
    def is_erased(self, user):
        told = self.engine.request("erasure", f"user_id:{user}", at_once=True)
        assert told["ok"] is (user not in self.gone)
        if told["ok"]:
            recipients = {self.shares[share][0] for share in self.given.pop(user, set())}
            assert set(told["recipients"]) == recipients
        self.gone.add(user)
        self.yes.discard(user)
        self.still.discard(user)
        self.no = {(whose, whom) for whose, whom in self.no if whose != user}

    @invariant()
    def each_read_is_granted_where_nobody_says_no_and_nowhere_else(self):
        for share, (recipient, token, alive) in self.shares.items():
            for user in USERS:
                said = ReadShare(
                    share=share,
                    token=token,
                    purpose="partner",
                    asked=("adult",),
                    handles=self.mine(user),
                )
                refused = {(user, recipient), (user, EVERYBODY)} & self.no
                may = alive and user in self.yes and user not in self.still and not refused
                told = ask(self.engine, said)
                assert (told["outcome"] == "granted") is may, told
                if may:
                    self.granted += 1
                    self.given.setdefault(user, set()).add(share)

    @invariant()
    def every_read_has_its_receipt_and_no_refused_one_holds_an_answer(self):
        told = {body["id"]: body for body in receipts(self.engine) if body["type"] == "share"}
        reads = self.engine.store.share_reads(list(self.shares), 10_000)
        assert {read.receipt for read in reads} == set(told)
        assert all("answer" not in body for body in told.values() if body["outcome"] == "refused")
        assert sum(share.granted for share in self.engine.store.shares()) == self.granted
        owed = {
            one.share for share in self.shares for one in self.engine.store.share_notices(share)
        }
        assert owed <= set(self.shares)


Walks.TestCase.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
TestWhateverHappensNobodyIsSharedAgainstTheirWord = Walks.TestCase
