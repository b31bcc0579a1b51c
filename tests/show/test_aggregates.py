"""The officer's page of figures about many people: who may ask, what is left, what left, and an end."""

import re
from functools import partial

import msgspec
import pytest
from starlette.testclient import TestClient

from equipoise.compose import Engine
from equipoise.compose.serving import spendings_at
from equipoise.nouns.aggregates import AskAggregate, Cell, KeepRelease, Question
from equipoise.settings import read_settings
from house import DAY_MS, NOON_MS
from show.visiting import ORIGIN, TOKEN, lively, visit

FORM = {
    "recipient": "Ville de Sète",
    "purpose": "analytics",
    "fields": "traits.city, orders.mean",
    "epsilon": "0,5",
    "until": "2027-01-31",
}
MEAN = Question(
    recipient="Ville de Sète", purpose="analytics", measure="mean", day=NOON_MS // DAY_MS - 1,
    epsilon=200_000, field="orders.mean", upper=200.0, group="traits.city", keys=("Sète",),
)  # fmt: skip


@pytest.fixture
def engine() -> Engine:
    return lively()


@pytest.fixture
def client(engine: Engine) -> TestClient:
    spendings = partial(spendings_at, read_settings(environ={}), engine.store)
    client = visit(engine, open_console=False, spendings=spendings)
    client.post("/login", data={"token": TOKEN}, headers=ORIGIN)
    return client


def post(client: TestClient, place: str, **form: str):
    return client.post(f"/aggregates/{place}", data=form, headers=ORIGIN)


def test_a_recipient_is_let_ask_about_named_fields_with_a_budget_of_its_own(engine, client) -> None:
    assert "Nobody may ask for figures." in client.get("/aggregates").text
    post(client, "allow", **FORM)
    page = client.get("/aggregates").text
    (grant,) = engine.store.aggregate_grants()
    assert (grant.recipient, grant.by, grant.epsilon) == ("Ville de Sète", "olga", 500_000)
    assert grant.fields == ("orders.mean", "traits.city")
    assert grant.until_ms == 1_801_440_000_000
    assert "answers in 2026: 0, epsilon 0 of 0.5" in page
    french = re.sub(r"\s", " ", client.get("/aggregates?lang=fr").text)
    assert "réponses en 2026 : 0, epsilon 0 sur 0,5" in french
    assert "/aggregates" in client.get("/shares").text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"epsilon": "much"}, "needs a number"),
        ({"epsilon": "-1"}, "needs a number"),
        ({"epsilon": "nan"}, "needs a number"),
        ({"until": "soon"}, "needs a day"),
        ({"purpose": " "}, "a purpose are needed"),
    ],
)
def test_what_cannot_be_taken_says_so_and_stays_typed(engine, client, change, told) -> None:
    page = post(client, "allow", **(FORM | change)).text
    assert told in page
    assert 'value="Ville de Sète"' in page
    assert engine.store.aggregate_grants() == []


def test_an_answer_that_left_is_listed_with_its_receipt_and_not_its_figures(engine, client) -> None:
    post(client, "allow", **FORM)
    asked = AskAggregate(question=MEAN, fields=("orders.mean", "traits.city"), by="city")
    paid = msgspec.json.decode(engine.ask("aggregate", asked))["release"]
    assert "paid for, not told" in client.get("/aggregates").text
    cells = (Cell("Sète", 7_713, 77.13),)
    engine.ask("aggregate", KeepRelease(spent=paid["seq"], cells=cells))
    page = client.get("/aggregates").text
    (release,) = engine.store.releases()
    assert f'<a href="/decisions/{release.receipt}">{release.id}</a>' in page
    assert "mean of <code>orders.mean</code> from 0 to 200" in page
    assert "answers in 2026: 1, epsilon 0.2 of 0.5" in page
    receipt = client.get(f"/decisions/{release.receipt}")
    assert receipt.status_code == 200
    assert "Figures about many people left with noise." in client.get("/ledger").text
    assert "7713" not in page + receipt.text
    assert "77.13" not in page + receipt.text


def test_an_end_is_an_end(engine, client) -> None:
    post(client, "allow", **FORM)
    post(client, "end", recipient="Ville de Sète")
    page = client.get("/aggregates").text
    assert engine.store.aggregate_grants()[0].ended_by == "olga"
    assert "ended by olga" in page
    assert "may not ask for figures" in post(client, "end", recipient="Ville de Sète").text
