"""A person and a house come to terms over HTTP, and both keep the same record."""

from base64 import b64decode, b64encode, urlsafe_b64encode
from datetime import date
from hashlib import sha256

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from starlette.applications import Starlette
from starlette.testclient import TestClient

from equipoise.account.note import NoteSigner
from equipoise.arrive.signals import Meaning, Notice
from equipoise.canon import canonical
from equipoise.compose.library import rules_of
from equipoise.doors.negotiating import SIGNED, terms_app
from equipoise.doors.terms_door import TermsDoor
from equipoise.doors.wellknown import Published
from equipoise.nouns.agreements import ROSTER
from equipoise.nouns.events import Source
from equipoise.runners.inline import InlineDesk
from equipoise.settings import read_settings
from equipoise.testing.fakes import FakeClock
from house import NOON_MS, THANKS, house, receipts, track, welcome

SIGNER = NoteSigner("ledger.localhost/equipoise", bytes(range(32)))
NOTICES = {"news": Notice("newsletter", {"en": "We write monthly."})}
KEYS = {"s": Source("till"), "p": Source("site", "public")}
AT = "/v1/terms/negotiations"


class Room:
    """A house behind the door for terms, and a client in front of it."""

    def __init__(self, pace=None, **given):
        self.clock = FakeClock(NOON_MS)
        self.engine = house(clock=self.clock, **given)
        door = TermsDoor(
            store=self.engine.store,
            desk=InlineDesk(self.engine, self.clock),
            clock=self.clock,
            sources=KEYS.get,
            published=Published(
                policy=rules_of(read_settings(environ={}, given=given)).policy,
                since=date(2026, 11, 22),
                notices=NOTICES,
                key=SIGNER.key.public,
                key_id=SIGNER.key.id.hex(),
            ),
            meaning=Meaning(notices=NOTICES, vendor=7, tcf={"ads": (3,)}),
            sign=SIGNER.sign_bytes,
            proof=lambda _: b'{"proof":true}',
            pace=pace,
        )
        self.client = TestClient(terms_app(door, Starlette()))

    def proffer(self, agreement, anonymous="a1", **more):
        body = {"anonymousId": anonymous, "agreement": agreement, "nonce": "n1", **more}
        return self.client.post(AT, json=body)


@pytest.fixture
def room():
    return Room()


def test_what_the_house_accepts_is_agreed_at_once(room):
    answer = room.proffer("SD-BASE")
    assert answer.status_code == 201
    told = answer.json()
    assert (told["status"], told["agreement"]) == ("AgreementAccepted", "SD-BASE")
    shown = room.client.get(f"{AT}/{told['id']}?anonymousId=a1").json()
    assert shown["status"] == "AgreementAccepted"


def test_both_sides_keep_the_same_record_to_the_byte(room):
    told = room.proffer("SD-BASE-A", language="fr").json()
    answer = room.client.get(f"{AT}/{told['id']}/record?anonymousId=a1")
    kept = receipts(room.engine)[-1]
    assert kept["type"] == "agreement"
    assert canonical(kept["record"]) in answer.content
    got = answer.json()
    assert got["record"] == kept["record"]
    assert got["sha256"] == kept["record_sha256"] == sha256(canonical(got["record"])).hexdigest()
    text = got["record"]["text"]
    assert text["text"] == ROSTER["SD-BASE-A"].fr
    assert text["sha256"] == sha256(text["text"].encode()).hexdigest()
    (ours,) = got["signatures"]
    message = SIGNED.format(digest=got["sha256"]).encode()
    Ed25519PublicKey.from_public_bytes(SIGNER.key.public).verify(b64decode(ours["sig"]), message)
    assert got["record"]["method"] == "portal_click", "nobody signed for the person, and it says so"
    assert got["receipt"] == {"proof": True}


def test_the_house_makes_one_counter_offer_which_is_accepted_or_refused():
    room = Room(**{"terms.accepts": "SD-BASE-A", "terms.counter": "SD-BASE-A-DP"})
    told = room.proffer("SD-BASE").json()
    assert told["status"] == "AgreementNegotiationCounterOfferMade"
    assert told["counter"] == "SD-BASE-A-DP"
    answer = room.client.post(f"{AT}/{told['id']}/accept-counter", json={"anonymousId": "a1"})
    assert answer.json()["status"] == "AgreementAccepted"
    again = room.client.post(f"{AT}/{told['id']}/refuse", json={"anonymousId": "a1"})
    assert (again.status_code, again.json()["code"]) == (409, "negotiation_closed")
    record = room.client.get(f"{AT}/{told['id']}/record?anonymousId=a1").json()["record"]
    assert record["agreement"]["id"] == "SD-BASE-A-DP"


def test_without_a_counter_offer_the_house_refuses():
    room = Room(**{"terms.accepts": "SD-BASE-A"})
    assert room.proffer("SD-BASE").json()["status"] == "AgreementRefused"


def test_a_repeat_with_the_same_nonce_finds_its_first_answer(room):
    first, second = room.proffer("SD-BASE").json(), room.proffer("SD-BASE").json()
    assert first == second
    assert len(receipts(room.engine)) == 1


def test_what_was_agreed_holds_at_the_next_decision(room):
    engine = room.engine
    engine.add_play(THANKS)
    engine.take(welcome("ana"))
    body = {"userId": "ana", "agreement": "SD-BASE", "nonce": "x"}
    assert room.client.post(f"{AT}?writeKey=s", json=body).status_code == 201
    engine.take([track("ana", "Order Completed", 1)])
    assert engine.store.counts()["silence:beyond_agreement"] == 1
    wide = {**body, "agreement": "SD-BASE-ATP", "nonce": "y"}
    assert room.client.post(f"{AT}?writeKey=s", json=wide).status_code == 201
    engine.take([track("ana", "Order Completed", 2)])
    assert len(engine.store.with_status("ready", 10)) == 1


def test_a_browser_narrows_for_a_known_person_and_widens_nothing(room):
    room.engine.take([{**welcome("ana")[0], "anonymousId": "a1"}, *welcome("ana")[1:]])
    assert room.proffer("SD-BASE").status_code == 201
    wider = room.proffer("SD-BASE-A", nonce="n2")
    assert (wider.status_code, wider.json()["code"]) == (403, "public_cannot_grant")


def test_an_agent_may_sign_and_a_wrong_signature_is_refused(room):
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = key.public_key().public_bytes_raw()
    told = {"agreement": "SD-BASE", "does": "proffer", "id": "", "nonce": "n1", "pseudonym": "p"}
    told |= {"valid_until": 0}
    sig = key.sign(SIGNED.format(digest=sha256(canonical(told)).hexdigest()).encode())
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": urlsafe_b64encode(public).decode().rstrip("=")}
    party = {"pseudonym": "p", "jwk": jwk}
    wrong = room.proffer("SD-BASE-A", first_party=party, sig=urlsafe_b64encode(sig).decode())
    assert (wrong.status_code, wrong.json()["code"]) == (400, "signature_wrong")
    right = room.proffer("SD-BASE", first_party=party, sig=urlsafe_b64encode(sig).decode())
    assert right.status_code == 201
    got = room.client.get(f"{AT}/{right.json()['id']}/record?anonymousId=a1").json()
    assert [one["method"] for one in got["signatures"]] == ["agent_key", "ledger_key"]
    assert got["signatures"][0]["key"] == b64encode(public).decode()
    assert got["record"]["said"] == told, "what was signed can be checked from the record alone"


def test_what_was_agreed_is_ended_and_what_was_signed_for_another_turn_ends_nothing(room):
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = urlsafe_b64encode(key.public_key().public_bytes_raw()).decode()
    party = {"pseudonym": "p", "jwk": {"kty": "OKP", "crv": "Ed25519", "x": public}}
    agreed = room.proffer("PDC-AI").json()["id"]

    def ended(does):
        told = {"agreement": "", "does": does, "id": agreed, "nonce": "", "pseudonym": "p"}
        digest = sha256(canonical(told | {"valid_until": 0})).hexdigest()
        sig = urlsafe_b64encode(key.sign(SIGNED.format(digest=digest).encode())).decode()
        body = {"anonymousId": "a1", "first_party": party, "sig": sig}
        return room.client.post(f"{AT}/{agreed}/end", json=body)

    assert (ended("refuse").status_code, ended("refuse").json()["code"]) == (400, "signature_wrong")
    assert ended("end").json()["status"] == "AgreementNegotiationTerminated"
    record = room.client.get(f"{AT}/{agreed}/record?anonymousId=a1").json()["record"]
    assert (record["status"], record["method"]) == ("AgreementNegotiationTerminated", "agent_key")
    again = ended("end")
    assert (again.status_code, again.json()["code"]) == (409, "agreement_not_in_force")
    assert receipts(room.engine)[-1]["record"] == record


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[]", 400, "bad_json"),
        (b'{"agreement":"SD-BASE"}', 400, "identity_missing"),
        (b'{"agreement":"SD-BASE","userId":"ana"}', 403, "source_not_trusted"),
        (b'{"agreement":"TPR","anonymousId":"a1"}', 400, "agreement_unknown"),
        (b'{"agreement":"SD-BASE","anonymousId":"null"}', 400, "no_identity"),
        (
            b'{"agreement":"SD-BASE","anonymousId":"a1","valid_until":"tomorrow"}',
            400,
            "agreement_malformed",
        ),
        (
            b'{"agreement":"SD-BASE","anonymousId":"a1","valid_until":"2020-01-01T00:00:00Z"}',
            400,
            "agreement_malformed",
        ),
        (b'{"agreement":"SD-BASE","anonymousId":"a1","sig":"x"}', 400, "signature_wrong"),
        (b"x" * 70_000, 413, "too_large"),
    ],
)
def test_what_cannot_be_a_proffer_is_told_why(room, body, status, code):
    answer = room.client.post(AT, content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("path", [f"{AT}/n_16", f"{AT}/n_16/record", f"{AT}/x?anonymousId=a2"])
def test_nobody_sees_the_negotiations_of_somebody_else(room, path):
    room.proffer("SD-BASE")
    assert room.client.get(path).status_code in (400, 404)
    assert room.client.get(f"{AT}/n_16?anonymousId=a1").status_code == 200
    assert room.client.get(f"{AT}/n_16?anonymousId=a1&writeKey=zz").status_code == 401


def test_signals_are_understood_and_told_back(room):
    body = {"anonymousId": "a1", "adpc": "object=direct-marketing"}
    headers = {"Sec-GPC": "1", "ADPC": "consent=news"}
    answer = room.client.post("/v1/terms/signals", json=body, headers=headers)
    kinds = [(one["kind"], one["purpose"]) for one in answer.json()["understood"]]
    assert kinds == [
        ("terms.granted", "newsletter"),
        ("terms.objected", "marketing"),
        ("terms.signal", ""),
    ]
    assert [r["kind"] for r in receipts(room.engine)] == [kind for kind, _ in kinds]
    bad = room.client.post("/v1/terms/signals", json={"anonymousId": "a1", "tcf": "C!"})
    assert (bad.status_code, bad.json()["code"]) == (400, "tc_string_malformed")


def test_every_other_path_goes_on_and_methods_are_told(room):
    assert room.client.get("/elsewhere").status_code == 404
    assert room.client.get(AT).status_code == 405
    assert room.client.post("/.well-known/gpc.json").status_code == 405
    assert room.client.get(f"{AT}/a/b/c").json()["code"] == "not_found"
    assert room.client.options(AT, headers={"origin": "https://shop.test"}).status_code == 200


def test_the_published_documents_say_what_the_house_does(room):
    told = room.client.get("/.well-known/myterms.json").json()
    assert {one["id"] for one in told["agreements"]} == set(ROSTER)
    assert {one["policy"] for one in told["agreements"]} == {"accept"}
    assert told["endpoint"] == AT
    assert room.client.get("/.well-known/gpc.json").json() == {
        "gpc": True,
        "lastUpdate": "2026-11-22",
    }
    (key,) = room.client.get("/.well-known/jwks.json").json()["keys"]
    assert key["x"] == urlsafe_b64encode(SIGNER.key.public).decode().rstrip("=")
    (asked,) = room.client.get("/adpc.json").json()["consentRequests"]
    assert asked["sha256"]["en"] == sha256(b"We write monthly.").hexdigest()
    assert msgspec.json.decode(room.client.head("/adpc.json").content or b"null") is None
