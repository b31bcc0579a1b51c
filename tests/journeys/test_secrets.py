"""Nothing secret is ever in the log of a house, however much it says and whatever goes wrong."""

import base64
import json
import os
import signal
from contextlib import closing
from urllib.parse import urlencode

import pytest

from equipoise.stores.keyring import new_keyring, write_keyring
from house import HERO, THANKS, track, welcome
from journeys.served import KEY, served, until

PASSWORD = "smtp-password-4711"
WEBHOOK = "whsec_" + base64.b64encode(b"webhook-secret-of-32-bytes-0815!").decode()
PERSON = "ana-7261"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """All that a house said which was treated well and badly, and all that it must not have said."""
    folder = tmp_path_factory.mktemp("secrets")
    keyring = new_keyring()
    given = {
        "server key": keyring.add_source("till", "server"),
        "public key": keyring.add_source("site", "public"),
        "operator's token": keyring.add_operator("olga"),
        "key for one run": KEY,
        "smtp password": PASSWORD,
        "webhook secret": WEBHOOK,
        "webhook secret, bare": WEBHOOK.removeprefix("whsec_"),
        "wrong key": "eqk_live_aaaaaaaa_" + "w" * 43,
        "wrong token": "eqo_" + "x" * 43,
        "person": PERSON,
        "address": f"{PERSON}@example.org",
    }
    for name in ("ledger", "seed", "digests", "backups"):
        secret = getattr(keyring, name)
        given[name] = base64.b64encode(secret).decode()
        given[f"{name}, hex"] = secret.hex()
    for key in (*keyring.sources, *keyring.operators):
        given[f"digest of {key.name}"] = key.sha256
    write_keyring(folder / "shop.keys", keyring)
    settings = {
        "log__level": "debug",
        "smtp__url": f"smtp://shop:{PASSWORD}@127.0.0.1:9",
        "webhook__url": "https://receiver.invalid/hook",
        "webhook__secret": WEBHOOK,
        "send__backoff_s": 0.1,
        "send__timeout_s": 1,
        "quiet__from": "00:00",
        "quiet__to": "00:00",
    }
    with served(folder, THANKS, HERO, **settings) as house:
        given |= mistreated(house, given)
        house.stop()
        return house.said, given


def mistreated(house, given):
    """Do what is right and what is wrong with every secret; gives what came to be on the way."""
    until(lambda: house.said.count("entered the log") == 2, "the plays")
    house.post("/v1/batch", {"batch": [*welcome(PERSON), track(PERSON, "Order Completed", 1)]})
    house.decide("home-hero", PERSON)
    house.walked()
    with closing(house.connect()) as line:
        for name in ("server key", "public key", "wrong key", "operator's token"):
            secret = given[name]
            basic = base64.b64encode(f"{secret}:".encode()).decode()
            for path, headers, body in (
                ("/v1/track", {"authorization": f"Basic {basic}"}, '{"event": '),
                ("/v1/decide", {"authorization": f"Bearer {secret}"}, "{}"),
                (f"/v1/page?userId={PERSON}&writeKey={secret}", {}, None),
                ("/v1/batch", {}, json.dumps({"writeKey": secret, "batch": [1]})),
                (
                    f"/nowhere?{urlencode({'token': secret})}",
                    {"cookie": f"equipoise={secret}"},
                    None,
                ),
            ):
                asked(line, "GET" if body is None else "POST", path, body, headers)
        origin = {"origin": f"http://{house.host}:{house.port}"}
        form = {**origin, "content-type": "application/x-www-form-urlencoded"}
        for name in ("wrong token", "operator's token"):
            body = urlencode({"token": given[name]})
            _, headers = asked(line, "POST", "/login", body, form)
        cookie = headers["set-cookie"].partition(";")[0]
        page, _ = asked(line, "GET", "/sessions", None, {"cookie": cookie})
        asked(line, "GET", "/people", None, {"cookie": cookie})
        asked(line, "POST", "/logout", "x=1", {**form, "cookie": cookie})
        token = page.partition('name="form-token" value="')[2].partition('"')[0]
    until(lambda: house.counts().get("delivery:ready"), "a mail that could not be sent")
    os.kill(house.step(), signal.SIGKILL)
    until(lambda: "starting it again" in house.said, "another step process")
    (house.folder / "shop.keys").chmod(0o644)
    os.utime(house.folder / "shop.keys")
    until(lambda: house.ask("GET", "/sourceConfig") and "last keys stay" in house.said, "a warning")
    house.play(f"name: {PERSON}", "broken")
    until(lambda: "has mistakes" in house.said, "a play that cannot be read")
    assert len(token) == 43
    return {"session": cookie.partition("=")[2], "form token": token}


def asked(line, method, path, body, headers):
    line.request(method, path, body, headers)
    answer = line.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return answer.read().decode("utf-8", "replace"), headers


def test_no_secret_and_nobody_is_in_the_log(told):
    said, given = told
    assert {name for name, secret in given.items() if secret in said} == set()


def test_the_house_did_speak_and_was_given_secrets(told):
    said, given = told
    assert "Equipoise answers at" in said
    assert len(given) > 20
    assert all(len(secret) > 7 for secret in given.values())
