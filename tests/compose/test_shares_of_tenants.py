"""A partner of one tenant is a stranger to the next, and reads nothing there."""

import pytest

from compose.neighbours import SHARED, House, browser
from equipoise.compose.shares import new_token
from house import granted
from partners import ask, grant


@pytest.fixture
def houses(tmp_path):
    both = [House(tmp_path, "amber").live(), House(tmp_path, "birch").live()]
    yield both
    for house in both:
        house.close()


def test_a_token_of_one_tenant_is_unknown_to_the_next(houses):
    tokens = []
    for house in houses:
        text, kept = new_token()
        house.engine.take([granted(house.user, 7, purpose="partner")])
        assert ask(house.engine, grant(token=kept))["ok"]
        tokens.append(text)
    amber, birch = houses
    before = birch.digest()
    for host, token, whom, status in (
        (amber.host, tokens[0], amber.user, 200),
        (amber.host, tokens[0], birch.user, 403),
        (amber.host, tokens[1], birch.user, 401),
        (birch.host, tokens[0], birch.user, 401),
        (SHARED, tokens[0], amber.user, 421),
    ):
        body = {"purpose": "partner", "asked": ["adult"], "userId": whom}
        headers = {"authorization": f"Bearer {token}"}
        client = browser(houses, host)
        assert client.post("/v1/shares/reads", json=body, headers=headers).status_code == status
        for path in ("", "/notices", "/receipts/v_1"):
            answer = client.get(f"/v1/shares{path}", headers=headers)
            assert birch.user not in answer.text
            assert (answer.status_code in (401, 421)) is (status in (401, 421))
    assert birch.digest() == before
