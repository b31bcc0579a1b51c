"""Whatever bytes reach a door: keys, bodies, archives, images and negotiations are read or refused."""

import gzip
import zlib
from contextlib import suppress

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from doors.test_negotiating import AT, Room
from equipoise.doors import keys
from equipoise.doors.answers import Refusal
from equipoise.doors.bodies import NotGzip, TooLarge, inflated
from equipoise.doors.browser import item_of_pixel
from equipoise.doors.requests import decide_row, page_row
from equipoise.nouns.events import Source

SERVER = Source("till")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
words = st.text(max_size=40)


@given(st.binary(max_size=120), st.binary(max_size=120))
@example(b"Basic " + b"=" * 9, b"{")
@example(b"Basic /w==", b'{"writeKey":1}')
def test_a_key_is_a_text_or_none_wherever_it_stands(header, body):
    found = [
        keys.key_in_header(header),
        keys.bearer_token(header),
        keys.key_in_body(body),
        keys.key_in_query(keys.query_of(body)),
    ]
    assert all(isinstance(key, str) for key in found)


@given(st.binary(max_size=300), st.integers(0, 60), st.integers(1, 2000))
def test_an_archive_never_gives_more_than_it_may(blob, cut, most):
    whole = gzip.compress(blob) + gzip.compress(b"0" * 5000)
    for body in (blob, whole, whole[: len(whole) - cut], b"\x1f\x8b" + blob, zlib.compress(blob)):
        with suppress(TooLarge, NotGzip):
            plain = inflated(body, most)
            assert plain is body or len(plain) <= most


@given(st.dictionaries(st.sampled_from(["data", "a.b", "a", "a.b.c.d.e.f", "writeKey", ""]), words))
def test_an_image_carries_an_item_or_bytes_that_are_refused_later(query):
    assert isinstance(item_of_pixel(query, "track", "agent"), bytes)


bodies = st.binary(max_size=200) | st.dictionaries(
    st.sampled_from(["moment", "userId", "anonymousId", "facts", "channel", "email"]), json_values
).map(msgspec.json.encode)


@given(bodies)
@example(b'{"moment":"m","userId":1e999}')
@example(b'{"moment":"m","userId":"\\ud800"}')
@example(b'{"a":' * 3000)
def test_a_request_to_decide_is_a_row_or_refused(body):
    with suppress(Refusal):
        assert decide_row(body, SERVER)


@given(st.dictionaries(st.sampled_from(["anonymousId", "userId"]), words))
def test_a_request_for_a_page_is_a_row_or_refused(query):
    with suppress(Refusal):
        assert page_row(query, SERVER)


@pytest.fixture(scope="module")
def room():
    return Room(**{"terms.accepts": "SD-BASE-A", "terms.counter": "SD-BASE-A-DP"})


def turns(name):
    """What an agent may send as `name`: good now and then, mostly not."""
    fitting = {
        "agreement": st.sampled_from(["SD-BASE", "SD-BASE-A", "PDC-AI", "TPR"]),
        "anonymousId": st.sampled_from(["a1", "a2"]),
        "nonce": st.sampled_from(["", "n"]),
        "valid_until": st.sampled_from(["2027-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "-1"]),
        "first_party": st.fixed_dictionaries({"pseudonym": words, "jwk": json_values}),
        "tcf": st.sampled_from(["", "C", "CO" * 20]),
        "adpc": words,
    }
    return fitting.get(name, json_values) | json_values


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize(
    "path", ["", "/n_16/accept-counter", "/n_16/refuse", "/n_16/end", "signals"]
)
def test_a_negotiation_and_a_signal_meet_an_answer_that_says_why(room, path, data):
    names = ["agreement", "anonymousId", "userId", "email", "nonce", "sig", "method", "language"]
    names += ["valid_until", "first_party", "gpc", "adpc", "tcf", "locale"]
    body = data.draw(
        st.binary(max_size=120)
        | st.lists(st.sampled_from(names), unique=True)
        .flatmap(lambda chosen: st.fixed_dictionaries({name: turns(name) for name in chosen}))
        .map(msgspec.json.encode)
    )
    at = "/v1/terms/signals" if path == "signals" else f"{AT}{path}"
    answer = room.client.post(at, content=body)
    assert answer.status_code < 500
    assert answer.status_code < 300 or answer.json()["message"]


@given(st.text(max_size=30).filter(lambda text: "?" not in text and "#" not in text), words)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_finds_a_negotiation_by_a_made_up_name(room, name, who):
    answer = room.client.get(f"{AT}/x", params={"anonymousId": who, "writeKey": name})
    assert answer.status_code in (400, 401, 404)
