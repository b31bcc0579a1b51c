"""Every answer of a house, whoever makes it, tells the browser what it may do, and to keep nothing."""

import re

import pytest
from starlette.testclient import TestClient

from compose.neighbours import House, basic
from equipoise.doors.routes import PATHS
from equipoise.show.app import console_app
from equipoise.show.heading import POLICY
from show.visiting import house_of

BEYOND = (
    "/unsubscribe/d_1_x",
    "/cosignatures",
    "/v1/learn",
    "/v1/nothing",
    "/me",
    "/me/enter",
    "/me/terms",
    "/nowhere",
    "/assets/console.css",
    "/assets/nothing",
    "/live",
)
KEPT = ("/assets/", "/tile/", "/checkpoint", "/vkey")
"""What is the same for everybody, and may be kept."""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("headers"), "amber").live()
    yield made
    made.close()


@pytest.fixture(scope="module")
def asked(house):
    """Every path that is known, with each method that could matter."""
    console = console_app(house_of(house.engine))._app.routes
    paths = [re.sub(r"\{[^}]+\}", "16", route.path) for route in console]
    return [(m, p) for p in [*paths, *PATHS, *BEYOND] for m in ("GET", "POST", "OPTIONS")]


@pytest.mark.parametrize("signed_in", [False, True])
def test_every_answer_has_the_headers(house, asked, signed_in):
    client = TestClient(house.app, base_url=f"https://{house.host}", follow_redirects=False)
    origin = {"origin": f"https://{house.host}"}
    if signed_in:
        client.post("/login", data={"token": house.token}, headers=origin)
    assert len(asked) > 150
    for method, path in asked:
        if (method, path) == ("GET", "/live") and signed_in:
            continue  # a stream without an end; its headers are those of the guard
        headers = {**origin, **(basic(house.server) if not signed_in else {})}
        answer = client.request(method, path, headers=headers)
        said = answer.headers
        place = f"{method} {path} ({answer.status_code})"
        policy = said["content-security-policy"]
        assert policy.startswith("default-src 'none'; "), place
        assert "unsafe" not in policy, place
        assert "frame-ancestors 'none'" in policy, place
        assert "base-uri 'none'" in policy, place
        assert said["x-content-type-options"] == "nosniff", place
        assert said["referrer-policy"] in ("same-origin", "no-referrer"), place
        assert said["cross-origin-opener-policy"] == "same-origin", place
        assert said["strict-transport-security"] == "max-age=31536000; includeSubDomains", place
        assert path.startswith(KEPT) or said["cache-control"] == "no-store", place
        assert len(said.get_list("content-security-policy")) == 1, place


def test_no_page_has_a_script_or_a_style_that_its_policy_would_not_let_in(house):
    client = TestClient(house.app, base_url=f"https://{house.host}")
    client.post("/login", data={"token": house.token}, headers={"origin": f"https://{house.host}"})
    for path in ("/", "/people", "/plays", "/sessions", "/docs", "/unsubscribe/x", "/me/enter"):
        answer = client.get(path)
        assert "text/html" in answer.headers["content-type"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=", answer.text), path
        if "<style" in answer.text:
            assert "style-src 'sha256-" in answer.headers["content-security-policy"], path


def test_the_policy_of_the_console_is_the_one_that_was_written_down():
    assert POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
        "object-src 'none'"
    )
