"""A city asks a served house over HTTP: a budget, figures with noise, no for an answer, and proof."""

import asyncio
from base64 import b64encode
from contextlib import closing
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from equipoise.account.aggregates import answer_digest
from equipoise.compose import Engine
from equipoise.nouns.aggregates import AllowAggregates, Cell
from equipoise.settings import read_settings
from equipoise.stores.keyring import Grant, read_keyring, write_keyring
from journeys.served import House

pytest.importorskip("opendp")

N = 400
SPENT = 731.25
"""What everybody spent; the exact sum of all is nowhere else."""

EXACT = round(N * SPENT * 100)
FIELDS = ("traits.city", "traits.spent")


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A served house of people who came three days ago, with a key of the city and one of a stranger."""
    folder = tmp_path_factory.mktemp("city")
    house = House(folder, sharing__epsilon=1.0)
    settings = read_settings(environ={}, given={"sharing.epsilon": 1.0})
    came = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    with Engine.open(house.store_url, settings=settings) as engine:
        engine.take(
            {
                "type": "identify",
                "userId": f"u{i}",
                "messageId": f"m{i}",
                "timestamp": came,
                "traits": {"city": "Sète", "spent": SPENT},
            }
            for i in range(N)
        )
        allowed = AllowAggregates(recipient="sete", purpose="analytics", by="zoë", fields=FIELDS)
        engine.ask("aggregate", allowed)
    file = folder / "shop.keys"
    keyring = read_keyring(file)
    house.keys = {
        name: keyring.add_source(name, "server", grant=Grant(scopes=(scope,)))
        for name, scope in (("sete", "aggregate"), ("till", "events:write"), ("other", "aggregate"))
    }
    write_keyring(file, keyring)
    house.start()
    yield house
    house.stop()


def ask(house, name, **question):
    body = msgspec.json.encode({"purpose": "analytics"} | question)
    key = b64encode(f"{house.keys[name]}:".encode()).decode()
    with closing(house.connect()) as connection:
        connection.request("POST", "/v1/aggregates", body, {"authorization": f"Basic {key}"})
        answer = connection.getresponse()
        return answer.status, msgspec.json.decode(answer.read())


def test_a_city_is_told_with_noise_once_and_no_more_than_it_may(city):
    groups = {"group": "traits.city", "keys": ["Sète", "Nîmes"]}
    mean = {"measure": "mean", "field": "traits.spent", "lower": 0, "upper": 1000} | groups
    assert ask(city, "till", **groups)[1]["code"] == "scope_missing"
    assert ask(city, "other", **groups)[1]["code"] == "aggregates_not_allowed"
    status, first = ask(city, "sete", epsilon=0.2, **groups)
    assert (status, first["left"]) == (200, 0.8)
    there = {cell["key"]: cell["n"] for cell in first["cells"]}
    assert abs(there["Sète"] - N) < 200
    assert there["Nîmes"] is None
    assert ask(city, "sete", epsilon=0.2, **groups) == (200, first)
    status, second = ask(city, "sete", epsilon=0.5, **mean)
    assert (status, second["left"]) == (200, 0.3)
    assert 500 < second["cells"][1]["value"] <= 1000
    status, third = ask(city, "sete", epsilon=0.4, **groups)
    assert (status, third["code"]) == (403, "aggregate_budget")
    assert "0.3 left of 1" in third["message"]
    told = [one for one in city.receipts() if one["type"] == "aggregate"]
    assert {one["id"] for one in told} == {first["receipt"], second["receipt"]}
    with city.reading() as (store, _):
        kept = {one.id: one for one in store.releases(datetime.now(UTC).year)}
    cells = tuple(Cell(c["key"], c["n"], c["value"]) for c in first["cells"])
    digests = {one["id"]: one["answer_sha256"] for one in told}
    assert digests[first["receipt"]] == answer_digest(cells)
    assert kept[first["receipt"]].cells == cells


def test_two_who_ask_the_same_at_once_are_given_one_answer_that_is_paid_for_once(city):
    question = {"epsilon": 0.1, "where": {"field": "known", "is": True}}

    async def both():
        asked = (asyncio.to_thread(ask, city, "sete", **question) for _ in range(3))
        return await asyncio.gather(*asked)

    answers = asyncio.run(both())
    assert answers[0][1]["code"] == "aggregate_field"
    del question["where"]
    answers = asyncio.run(both())
    assert {status for status, _ in answers} == {200}
    assert answers[0] == answers[1] == answers[2]
    with city.reading() as (store, _):
        assert len([r for r in store.releases() if r.question.epsilon == 100_000]) == 1


def test_nothing_exact_is_on_disk_or_said(city):
    """The exact sum is found in no file of the house, in no form, and the log names no figure."""
    groups = {"measure": "sum", "field": "traits.spent", "lower": 0, "upper": 1000}
    status, told = ask(city, "sete", epsilon=0.1, **groups)
    assert status == 200
    city.walked()
    needles = [
        str(EXACT).encode(), f"{EXACT / 100:.1f}".encode(), msgspec.msgpack.encode(EXACT),
        msgspec.msgpack.encode(EXACT / 100),
    ]  # fmt: skip
    blobs = [path.read_bytes() for path in city.folder.rglob("*") if path.is_file()]
    with city.reading() as (store, intake):
        blobs += [row.body for row in intake.read(0, 10**7)]
        blobs += [row.body for row in store.recent(50)]
    assert [needle for needle in needles for blob in blobs if needle in blob] == []
    said = city.said
    assert [cell for cell in told["cells"] if str(cell["value"]) in said] == []
