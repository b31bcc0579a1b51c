"""From a grant to a no, over real HTTP: an officer lets a partner ask, a person sees it and ends it."""

import base64
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager

import msgspec
import pytest
from aiosmtpd.smtp import SMTP

from equipoise.account import verify_receipt
from equipoise.account.note import read_vkey
from equipoise.account.proof import check_proof, read_proof
from house import granted, identify
from journeys.looping import listening
from journeys.served import Reply, served, until
from journeys.visitor import Inbox

EMAIL = "ana@example.org"


class Web:
    """Somebody with a browser that keeps cookies and needs no script."""

    def __init__(self, house):
        self.house = house
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(), _Stays()
        ).open

    def get(self, path):
        return self._ask(path)

    def post(self, path, page, **fields):
        """Send a form with the token that stands in the forms of a page."""
        text = self.get(page).body.decode()
        token = re.search(r'name="(form(?:-token)?)" value="([0-9a-zA-Z_-]+)"', text)
        pairs = ({token[1]: token[2]} if token else {}) | fields
        return self._ask(path, urllib.parse.urlencode(pairs).encode())

    def _ask(self, path, data=None):
        headers = {"origin": self.house.url, "sec-fetch-site": "same-origin"}
        request = urllib.request.Request(f"{self.house.url}{path}", data, headers)
        try:
            with self._open(request, timeout=30) as answer:
                return Reply(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as answer:
            return Reply(answer.code, dict(answer.headers), answer.read())


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows no redirection by itself, as a test wants to see where it leads."""

    def redirect_request(self, *_):
        return None


class Partner:
    """A partner with its token."""

    def __init__(self, house, token):
        self._house = house
        self._token = token

    def ask(self, method, path, body=None):
        connection = self._house.connect()
        try:
            data = None if body is None else msgspec.json.encode(body)
            headers = {"authorization": f"Bearer {self._token}"}
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, told, answer.read())
        finally:
            connection.close()

    def read(self, *asked, **whom):
        body = {"purpose": "partner.entry", "asked": asked} | (whom or {"email": EMAIL})
        return self.ask("POST", "/v1/shares/reads", body)


@contextmanager
def neighbourhood(folder):
    """A served house with mail, in which Ana lives, and 30 others who allow their answers."""
    inbox = Inbox()
    with (
        listening(lambda loop: SMTP(inbox, loop=loop, hostname="mail.example")) as (port,),
        served(
            folder, smtp__url=f"smtp://127.0.0.1:{port}", smtp__from="shop@shop.example"
        ) as house,
    ):
        calls = [identify("ana", email=EMAIL, age=34), granted("ana", purpose="partner.entry")]
        for n in range(30):
            calls += [identify(f"u{n}", age=20 + n), granted(f"u{n}", purpose="partner.entry")]
        assert house.post("/v1/batch", {"batch": calls}).status == 200
        house.walked()
        yield house, inbox


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    with neighbourhood(tmp_path_factory.mktemp("street")) as pair:
        yield pair


@pytest.fixture(scope="module")
def officer(street):
    """An officer who has signed in to the console."""
    house, _ = street
    web = Web(house)
    login = re.search(r"eqo_[\w-]+", house.said)[0]
    answer = web.post("/login", "/login", token=login)
    assert answer.status == 303, answer.body
    return web


@pytest.fixture(scope="module")
def partner(street, officer):
    """A partner that was let ask on the console's page."""
    page = officer.post(
        "/shares/new", "/shares", recipient="Le Port", purpose="partner.entry", mode="answers",
        asked="adult: traits.age >= 18\nage: band traits.age 18 30 65\n"
        "many: count 20 traits.age >= 18",
        no_onward="1", no_profiling="1", delete_days="30",
    ).body.decode()  # fmt: skip
    token = re.search(r"eqs_live_[a-z0-9]{8}_[\w-]+", page)
    assert token, page
    return Partner(street[0], token[0])


def enter(street):
    """Ana, with the link that came in her mailbox."""
    house, inbox = street
    web, before = Web(house), len(inbox.texts)
    assert web.post("/me/enter", "/me/enter", email=EMAIL).status in (200, 303)

    def letter():
        return [text for text in inbox.texts[before:] if "/me/enter/" in text]

    link = re.search(r"/me/enter/[\w-]+", until(letter, "no letter came")[0])[0]
    assert web.post(link, link).status == 303
    return web


def newest_share_receipt(house):
    house.walked()
    return next(body for body in house.receipts() if body["type"] == "share")


def test_a_grant_is_read_proven_ended_by_the_person_and_refused(street, partner, tmp_path):
    house, _ = street
    answer = partner.read("adult", "age")
    assert answer.status == 200, answer
    told = answer.json
    assert told["answers"] == {"adult": True, "age": {"from": 30.0, "below": 65.0}}
    assert answer.headers["equipoise-duties"].startswith("no-onward, no-profiling, delete-days=30")

    # The partner proves that its receipt stands in the ledger, without seeing what is in it.
    proof = partner.ask("GET", told["proof"]).json
    leaf = base64.b64decode(proof["leaf"])
    assert check_proof(read_proof(proof["proof"]), leaf, read_vkey(proof["key"])).size >= 1

    # The person sees it, and proves the receipt with the program that anybody may have.
    ana = enter(street)
    page = ana.get("/me/shares?lang=en").body.decode()
    assert "Le Port" in page
    assert "30..65" in page
    bundle = tmp_path / "receipt.json"
    number = told["receipt"].removeprefix("v_")
    bundle.write_bytes(ana.get(f"/me/proofs/{number}.json").body)
    assert msgspec.json.decode(bundle.read_bytes())["receipt"]["answer"]["adult"] == "yes"
    done = subprocess.run(
        [sys.executable, verify_receipt.__file__, bundle, proof["key"]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("PROVEN"), done

    # One button, and the next read is refused, with a receipt that only the person can read.
    said = ana.post("/me/shares/stop", "/me/shares", recipient="Le Port", verb="stop")
    assert said.status == 303
    refused = partner.read("adult")
    assert (refused.status, refused.json["code"]) == (403, "not_shared")
    body = newest_share_receipt(house)
    assert (body["id"], body["reason"]) == (refused.json["receipt"], "share_stopped")
    page = ana.get("/me/shares?lang=fr").body.decode()
    assert "Vous avez dit que rien sur vous ne va à ce partenaire." in page
    nobody = partner.read("adult", email="stranger@example.org")
    assert (nobody.status, nobody.json.keys()) == (403, refused.json.keys())
    assert nobody.json["code"] == refused.json["code"]

    # Nobody but the person takes it back.
    ana.post("/me/shares/stop", "/me/shares", recipient="Le Port", verb="lift")
    assert partner.read("adult").status == 200


def test_people_are_counted_in_a_process_apart_and_told_as_a_band(partner):
    told = partner.ask("POST", "/v1/shares/reads", {"purpose": "partner.entry", "asked": ["many"]})
    assert told.status == 200, told
    assert told.json["answers"]["many"] == {
        "at_least": 20, "holds": True, "band": {"from": 20, "below": 50},
    }  # fmt: skip


def test_what_was_said_is_in_no_log_and_tokens_are_kept_nowhere(street, partner):
    house, _ = street
    partner.read("age")
    secret = partner._token.rpartition("_")[2]
    assert secret not in house.said
    house.walked()
    for file in house.folder.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file
    assert "30..65" not in house.said
    with house.reading() as (store, _):
        rows = [row for row in store.recent(500) if row.kind == "share"]
        assert not any(b"30..65" in row.body or EMAIL.encode() in row.body for row in rows)


def test_an_erasure_leaves_the_partner_a_notice_and_the_officer_sees_it(street, partner, officer):
    house, _ = street
    granted_before = [one for one in house.receipts() if one["type"] == "share"]
    ana = enter(street)
    leave = ana.get("/me/leave?lang=en").body.decode()
    fields = dict(re.findall(r'name="([a-z_]+)" (?:type="checkbox" )?value="([^"]*)"', leave))
    fields.pop("form", None)
    said = ana.post("/me/leave", "/me/leave", **(fields | {"sure": "1"}))
    assert said.status == 303, said
    house.walked()
    (notice,) = partner.ask("GET", "/v1/shares/notices").json["notices"]
    mine = {one["id"] for one in granted_before if one["outcome"] == "granted" and one["person"]}
    assert (notice["demand"], set(notice["receipts"])) == ("delete", mine)
    assert "Not done yet by the partner" in officer.get("/shares?lang=en").body.decode()
    assert partner.ask("POST", f"/v1/shares/notices/{notice['notice']}/ack").status == 200
    assert "Not done yet" not in officer.get("/shares?lang=en").body.decode()
    gone = partner.read("adult")
    assert (gone.status, gone.json["code"]) == (403, "not_shared")
