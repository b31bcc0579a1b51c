"""The way into the portal: one link, once, in one browser; and nobody learns who is known."""

import pytest

from equipoise.nouns.events import Handle
from equipoise.show.portal.links import LINK_S, TRIES, Links
from equipoise.show.portal.visits import AGE_S, FRESH_S, IDLE_S, Visits, same
from show.guests import Portal, form_of, say
from show.visiting import FakeTime, lively

ANA = Handle("email", "ana@example.org")


@pytest.fixture
def portal() -> Portal:
    return Portal(lively())


def test_a_link_is_good_once_in_the_browser_that_asked_for_ten_minutes() -> None:
    time = FakeTime()
    links = Links(time.seconds)
    token, _ = links.issue(ANA, "here")
    assert links.redeem(token, "elsewhere") is None
    assert links.redeem(token, "") is None
    assert links.redeem(token, "here") == ANA
    assert links.redeem(token, "here") is None
    token, code = links.issue(ANA, "here")
    time.now_s += LINK_S + 1
    assert links.redeem(token, "here") is None
    assert links.redeem_code(code, "here") is None


def test_a_code_is_good_in_its_browser_and_for_five_tries() -> None:
    links = Links(FakeTime().seconds)
    _, code = links.issue(ANA, "here")
    assert links.redeem_code(code, "elsewhere") is None
    wrong = f"{(int(code) + 1) % 10**8:08}"
    assert [links.redeem_code(wrong, "here") for _ in range(TRIES - 1)] == [None] * (TRIES - 1)
    assert links.redeem_code(code, "here") == ANA
    _, code = links.issue(ANA, "here")
    assert [links.redeem_code(wrong, "here") for _ in range(TRIES)] == [None] * TRIES
    assert links.redeem_code(code, "here") is None


def test_what_is_kept_of_a_link_and_a_visit_holds_none_of_its_secrets() -> None:
    time = FakeTime()
    links, visits = Links(time.seconds), Visits(time.seconds)
    token, code = links.issue(ANA, "a-nonce-of-a-browser")
    cookie = visits.begin(ANA)
    kept = repr([(n, vars_of(link)) for n, link in links._links.items()]) + repr(visits._visits)
    for secret in (token, code, "a-nonce-of-a-browser", cookie):
        assert secret not in kept


def vars_of(link: object) -> list[object]:
    return [getattr(link, name) for name in link.__struct_fields__]  # type: ignore[attr-defined]


def test_a_visit_ends_by_silence_by_age_and_when_it_is_ended() -> None:
    time = FakeTime()
    visits = Visits(time.seconds)
    cookie = visits.begin(ANA)
    visit = visits.of(cookie)
    assert visit is not None
    assert visits.fresh(visit)
    time.now_s += FRESH_S + 1
    assert not visits.fresh(visit)
    assert visits.of(cookie) is visit
    time.now_s += IDLE_S + 1
    assert visits.of(cookie) is None
    cookie = visits.begin(ANA)
    for _ in range(int(AGE_S / IDLE_S) + 1):
        time.now_s += IDLE_S - 1
        visits.of(cookie)
    assert visits.of(cookie) is None
    cookie = visits.begin(ANA)
    assert visits.end(ANA) == 1
    assert visits.of(cookie) is None
    assert not same("", "")


def test_looking_at_a_link_spends_nothing(portal: Portal) -> None:
    client = portal.browser()
    portal.ask(client)
    path = f"/me/enter/{portal.post.token}"
    for method in ("GET", "HEAD", "GET"):
        assert client.request(method, path).status_code == 200
    scanner = portal.browser()
    assert "asked for in another browser" in scanner.get(path).text
    form = form_of(scanner.get(path).text)
    assert scanner.post(path, data={"form": form}).status_code == 403
    answer = client.post(path, data={"form": form_of(client.get(path).text)})
    assert answer.headers["location"] == "/me"
    assert client.get("/me").status_code == 200
    client.get("/me/enter")
    again = client.post(path, data={"form": form_of(client.get(path).text)})
    assert again.status_code == 403


def test_an_unknown_address_gets_the_same_reply_and_no_letter(portal: Portal) -> None:
    known, unknown = portal.browser(), portal.browser()
    replies = [
        portal.ask(known, "ana@example.org"),
        portal.ask(unknown, "xyz@example.org"),
        portal.ask(portal.browser(), "no address"),
    ]
    assert [letter.to for letter in portal.post.letters] == ["ana@example.org"]
    texts = [reply.text for reply in replies]
    for place, address in enumerate(("ana@example.org", "xyz@example.org", "no address")):
        token = form_of(texts[place])
        texts[place] = texts[place].replace(address, "").replace(token, "")
    assert texts[0] == texts[1] == texts[2]
    assert {reply.status_code for reply in replies} == {200}
    assert {frozenset(reply.headers) for reply in replies} == {frozenset(replies[0].headers)}


def test_who_asks_too_often_waits_and_a_mailbox_is_not_flooded(portal: Portal) -> None:
    answers = [portal.ask(portal.browser()) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) <= 61
    assert len(portal.post.letters) == 3
    portal.time.now_s += 61
    assert portal.ask(portal.browser()).status_code == 200


def test_a_code_lets_in_where_the_mail_was_read_elsewhere(portal: Portal) -> None:
    client = portal.browser()
    form = form_of(portal.ask(client).text)
    wrong = client.post("/me/code", data={"form": form, "code": "00000000"})
    assert wrong.status_code == 403
    code = portal.post.code
    answer = client.post("/me/code", data={"form": form, "code": f"{code[:4]} {code[4:]}"})
    assert answer.headers["location"] == "/me"


@pytest.mark.parametrize("path", ["/me", "/me/terms", "/me/leave", "/me/decisions/97", "/me/log"])
def test_without_a_visit_every_page_leads_to_the_way_in(portal: Portal, path: str) -> None:
    answer = portal.browser().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/me/enter?next=")


def test_a_form_of_another_site_or_another_visit_is_refused(portal: Portal) -> None:
    ana = portal.enter()
    form = form_of(ana.get("/me/terms").text)
    data = {"form": form, "purpose": "marketing", "channel": "*", "answer": "withdraw"}
    cross = ana.post("/me/terms", data=data, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403
    assert ana.post("/me/terms", data=data | {"form": "0" * 64}).status_code == 403
    assert ana.post("/me/terms", data=data | {"form": ""}).status_code == 403
    bo = portal.enter("bo@example.org")
    assert bo.post("/me/terms", data=data).status_code == 403
    assert ana.post("/me/terms", data=data).status_code == 303


def test_every_answer_has_its_headers_and_its_cookies_are_bound(portal: Portal) -> None:
    client = portal.enter()
    for path in ("/me", "/me/enter", "/me/nowhere", "/me/terms"):
        headers = client.get(path).headers
        assert "script-src" not in headers["content-security-policy"]
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
    secure = Portal(lively())
    browser = secure.browser()
    browser.base_url = "https://testserver"
    answer = browser.get("/me/enter")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-ml=")
    for word in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert word in cookie
    assert "strict-transport-security" in answer.headers


def test_after_entering_one_goes_on_to_a_page_of_the_portal_and_nowhere_else(
    portal: Portal,
) -> None:
    client = portal.browser()
    for asked, onward in (("/me/log", "/me/log"), ("//evil.example", "/me"), ("/people", "/me")):
        portal.time.now_s += 600
        form = form_of(portal.ask(client).text)
        data = {"form": form, "code": portal.post.code, "next": asked}
        assert client.post("/me/code", data=data).headers["location"] == onward


def test_signing_out_ends_the_visit_in_every_browser(portal: Portal) -> None:
    one, other = portal.enter(), portal.enter()
    assert say(one, "/me/out", "/me").headers["location"].startswith("/me/enter")
    assert other.get("/me").status_code == 303


def test_other_paths_go_on_to_the_house(portal: Portal) -> None:
    assert portal.browser().get("/metrics").text == "elsewhere"
    assert portal.browser().get("/meadow").text == "elsewhere"


def test_a_house_without_mail_says_so() -> None:
    portal = Portal(lively(), post=None)
    client = portal.browser()
    assert "cannot send mail" in client.get("/me/enter?lang=en").text
    assert portal.ask(client).status_code == 200
