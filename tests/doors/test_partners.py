"""A partner reads over HTTP with a token: answers, duties, proofs, notices, and no word of who is here."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from equipoise.account.note import NoteSigner
from equipoise.account.publishing import Publisher
from equipoise.compose.shares import Counting, new_token, partner_door
from equipoise.doors.pacing import Pace
from equipoise.doors.partners import partners_app
from equipoise.nouns.shares import EndShare, RenewToken, StopSharing
from equipoise.runners.inline import InlineDesk
from equipoise.settings import read_settings
from equipoise.testing.fakes import FakeClock
from house import DAY_MS, NOON_MS, granted, house, identify
from partners import ANA, ask, grant, newest

AT = "/v1/shares"


class Room:
    """A house behind the door for partners, and a partner with a token in front of it."""

    def __init__(self, pace=None, **given):
        self.clock = FakeClock(NOON_MS)
        self.engine = house(clock=self.clock)
        self.engine.take([identify("ana", age=34, city="Nice"), granted("ana", purpose="partner")])
        self.token, kept = new_token()
        self.share = int(ask(self.engine, grant(token=kept, **given))["share"][2:])
        values = read_settings(environ={}, given={"seed": "test", "sharing.per_s": 0.0})
        store = self.engine.store
        key = NoteSigner(values.text("origin"), bytes(32)).key
        door = partner_door(
            values, store, Publisher(store, key), InlineDesk(self.engine, self.clock),
            Counting(values, store, self.clock, apart=False),
        )  # fmt: skip
        self.client = TestClient(
            partners_app(door if pace is None else paced(door, pace), Starlette())
        )

    def headers(self, token=None):
        return {"authorization": f"Bearer {token or self.token}"}

    def read(self, *asked, token=None, **said):
        body = {"purpose": "partner", "asked": asked or ("adult",)} | (said or {"userId": "ana"})
        return self.client.post(f"{AT}/reads", json=body, headers=self.headers(token))

    def get(self, path=""):
        return self.client.get(f"{AT}{path}", headers=self.headers())


def paced(door, pace):
    import msgspec

    return msgspec.structs.replace(door, pace=pace)


@pytest.fixture
def room():
    return Room()


def test_an_answer_comes_with_its_duties_in_the_body_and_in_headers_and_its_receipt(room):
    answer = room.read("adult", "age")
    assert answer.status_code == 200
    told = answer.json()
    assert told["answers"] == {"adult": True, "age": {"from": 30.0, "below": 65.0}}
    assert told["duties"]["delete_by"] == "2026-04-09"
    assert answer.headers["equipoise-duties"] == (
        'no-onward, no-profiling, delete-days=30, delete-by="2026-04-09"'
    )
    assert 'rel="terms-of-service"' in answer.headers["link"]
    assert answer.headers["equipoise-receipt"] == told["receipt"] == newest(room.engine)["id"]
    assert answer.headers["cache-control"] == "no-store"
    assert "fields" not in told


def test_the_proof_of_a_receipt_shows_its_leaf_and_nothing_of_its_body(room):
    told = room.read().json()
    proof = room.client.get(told["proof"], headers=room.headers()).json()
    assert proof["receipt"] == told["receipt"]
    assert set(proof) == {"receipt", "leaf", "proof", "key"}
    other = Room()
    other.read()
    for receipt in ("v_3", "v_x", "v_99999999999999999", "d_17"):
        assert room.get(f"/receipts/{receipt}").status_code == 404


def test_the_receipt_is_there_before_the_answer_is(room):
    seen = []
    hand_in = room.engine.hand_in

    def watched(row):
        told = hand_in(row)
        seen.append(newest(room.engine)["id"])
        return told

    room.engine.hand_in = watched
    told = room.read().json()
    assert seen == [told["receipt"]]


def same(one, other):
    """Whether two answers cannot be told apart but by the number of their receipt, and its digits."""
    of_number = ("equipoise-receipt", "content-length")

    def without(answer):
        told = answer.json()
        number = told.pop("receipt")
        assert told.pop("proof").endswith(number)
        headers = {k: v for k, v in answer.headers.items() if k not in of_number}
        return answer.status_code, told, headers

    return without(one) == without(other)


def test_somebody_refused_and_nobody_are_answered_alike(room):
    nobody = room.read(userId="not-here")
    ask(room.engine, StopSharing(handles=(ANA,)))
    refused = room.read()
    assert refused.status_code == 403
    assert refused.json()["code"] == "not_shared"
    assert same(nobody, refused)
    for receipt in (nobody.json()["receipt"], refused.json()["receipt"]):
        assert room.get(f"/receipts/{receipt}").status_code == 200


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(handle=st.dictionaries(
    st.sampled_from(["userId", "anonymousId", "email", "phone", "card", "device"]),
    st.text(max_size=30), min_size=1, max_size=3,
))  # fmt: skip
def test_whatever_handle_is_tried_nobody_is_answered_as_a_refused_one(shared_room, handle):
    refused, room = shared_room
    answer = room.read(**handle)
    if any(text.strip() for text in handle.values()):
        assert same(answer, refused)
    else:
        assert answer.json()["code"] == "share_not_granted"


@pytest.fixture(scope="module")
def shared_room():
    room = Room()
    ask(room.engine, StopSharing(handles=(ANA,)))
    return room.read(), room


@pytest.mark.parametrize(
    "token", ["", "eqs_live_aaaaaaaa_wrong", "eqk_live_a_b", "eqs", "x" * 5000, "eqs_live__"]
)
def test_a_token_that_is_not_one_reads_nothing(room, token):
    answer = room.client.post(
        f"{AT}/reads", json={}, headers={"authorization": f"Bearer {token}"} if token else {}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "unknown_token")
    assert room.engine.store.share_reads([room.share], 9) == []


def test_the_id_of_a_token_without_its_secret_reads_nothing(room):
    env_and_id = "_".join(room.token.split("_")[:3])
    assert room.read(token=f"{env_and_id}_guess").status_code == 401


def test_a_second_token_takes_the_place_of_the_first(room):
    text, kept = new_token()
    end_ms = NOON_MS + DAY_MS
    assert ask(room.engine, RenewToken(share=room.share, token=kept, until_ms=end_ms, by="zoë"))[
        "ok"
    ]
    assert room.read(token=text).status_code == room.read().status_code == 200
    asyncio.run(room.clock.advance(2 * DAY_MS))
    assert room.read().json()["code"] == "share_token_over"
    assert room.read(token=text).status_code == 200


def test_another_purpose_or_question_is_refused_and_said_so(room):
    assert room.read(userId="ana", purpose="ads").json()["code"] == "share_other_purpose"
    told = room.read("income").json()
    assert told["code"] == "share_not_granted"
    assert told["message"]


def test_an_ended_share_still_tells_what_is_owed(room):
    room.read()
    room.engine.request("erasure", "user_id:ana", at_once=True)
    ask(room.engine, EndShare(share=room.share, by="zoë"))
    assert room.read().json()["code"] == "share_over"
    assert room.get().json()["alive"] is False
    (notice,) = room.get("/notices").json()["notices"]
    assert (notice["demand"], len(notice["receipts"])) == ("delete", 1)
    assert set(notice) == {"notice", "demand", "receipts", "at_ms", "acknowledged_ms"}
    path = f"{AT}/notices/{notice['notice']}/ack"
    told = room.client.post(path, headers=room.headers())
    assert told.json() == {"notice": notice["notice"], "acknowledged_ms": NOON_MS}
    (after,) = room.get("/notices").json()["notices"]
    assert (after["receipts"], after["acknowledged_ms"]) == ([], NOON_MS)
    assert room.client.post(f"{AT}/notices/m_1_1/ack", headers=room.headers()).status_code == 404


def test_a_partner_sees_what_it_may_ask_and_what_it_owes(room):
    told = room.get().json()
    assert (told["recipient"], told["purpose"], told["mode"]) == ("Crèche", "partner", "answers")
    assert [one["name"] for one in told["may_ask"]] == ["adult", "age", "adults"]
    assert told["may_ask"][2]["text"] == "count 20 traits.age >= 18"
    assert told["duties"]["no_onward"] is True


def test_people_are_counted_as_far_as_their_terms_allow_it_and_once_a_day(room):
    people = [identify(f"u{n}", age=40) for n in range(30)]
    room.engine.take([*people, *(granted(f"u{n}", purpose="partner") for n in range(22))])
    body = {"purpose": "partner", "asked": ["adults"]}
    told = room.client.post(f"{AT}/reads", json=body, headers=room.headers()).json()
    assert told["answers"] == {
        "adults": {"at_least": 20, "holds": True, "band": {"from": 20, "below": 50}}
    }
    room.engine.take([granted(f"u{n}", purpose="partner") for n in range(22, 30)])
    (share,) = room.engine.store.shares()
    assert share.counted["adults"].n == 23
    room.client.post(f"{AT}/reads", json=body, headers=room.headers())
    (share,) = room.engine.store.shares()
    assert share.counted["adults"].n == 23
    asyncio.run(room.clock.advance(DAY_MS))
    room.client.post(f"{AT}/reads", json=body, headers=room.headers())
    (share,) = room.engine.store.shares()
    assert share.counted["adults"].n == 31


def test_one_token_that_asks_too_fast_is_told_to_come_back():
    room = Room(pace=Pace(0.001, 2))
    assert [room.read().status_code for _ in range(3)] == [200, 200, 429]
    assert int(room.read().headers["retry-after"]) > 1


def test_what_is_not_a_read_is_told_what_was_needed(room):
    send = room.client.post
    assert send(f"{AT}/reads", content=b"{", headers=room.headers()).json()["code"] == "bad_json"
    body = {"purpose": "partner", "asked": []}
    assert send(f"{AT}/reads", json=body, headers=room.headers()).status_code == 400
    mistyped = {"purpose": "partner", "asked": ["adult"], "user_id": "ana"}
    told = send(f"{AT}/reads", json=mistyped, headers=room.headers())
    assert (told.status_code, told.json()["code"]) == (400, "bad_json")
    assert "user_id" in told.json()["message"]
    large = {"purpose": "partner", "asked": ["a"], "email": "x" * 20_000}
    assert send(f"{AT}/reads", json=large, headers=room.headers()).status_code == 413
    assert room.get("/nothing").status_code == 404
    assert room.get("/reads").headers["allow"] == "POST"
    assert send(f"{AT}/notices", headers=room.headers()).headers["allow"] == "GET"
    assert send(f"{AT}/receipts/v_1", headers=room.headers()).status_code == 405
    assert room.client.get("/v1/sharesx").status_code == 404
