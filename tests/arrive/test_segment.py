"""The tracking wire, item by item: what each call means, whose it is, where and when it happened."""

import json
from typing import Any

import pytest

from equipoise.arrive.segment import Call, Envelope, Limits, check, parse, wrap
from equipoise.nouns.events import Event, Handle, IntakeRow, Refused, Source

RECEIVED_MS = 1_764_000_000_000
SENT = "2025-11-24T16:00:00.000Z"


def row(
    body: bytes, call: Call = "batch", source: Source | None = None, **envelope: Any
) -> IntakeRow:
    wrapped = wrap(Envelope(call, body, **envelope))
    return IntakeRow(7, "segment", source or Source("till"), RECEIVED_MS, wrapped)


def parsed(*items: Any, source: Source | None = None, **beside: Any) -> list[Event | Refused]:
    return parse(row(json.dumps({"batch": items, **beside}).encode(), source=source))


def event(item: dict[str, Any], source: Source | None = None, **beside: Any) -> Event:
    (found,) = parsed(
        {"type": "track", "event": "E", "userId": "u"} | item, source=source, **beside
    )
    assert isinstance(found, Event), found
    return found


def test_a_track_call_is_its_event_with_its_properties() -> None:
    found = event(
        {"event": " Order Completed ", "properties": {"total": 9.5, "items": [1, {"a": None}]}}
    )
    assert (found.kind, found.provenance) == ("Order Completed", "observed")
    assert found.facts == {"total": 9.5, "items": [1, {"a": None}]}


def test_an_identify_call_states_traits_from_both_places_and_the_root_wins() -> None:
    found = event(
        {
            "type": "identify",
            "traits": {"city": "Sète"},
            "context": {"traits": {"city": "Nîmes", "age": 7}},
        }
    )
    assert (found.kind, found.provenance) == ("identify", "stated")
    assert found.facts == {"city": "Sète", "age": 7}


@pytest.mark.parametrize("kind", ["aim.declared", "felt", "terms.granted", "intent.declared"])
def test_what_people_say_of_themselves_is_stated_whoever_passes_it_on(kind: str) -> None:
    assert event({"event": kind}).provenance == "stated"


@pytest.mark.parametrize("call", ["page", "screen"])
def test_a_page_keeps_its_name_and_category_among_its_properties(call: str) -> None:
    found = event({"type": call, "name": "Home", "category": None, "properties": {"path": "/"}})
    assert (found.kind, found.facts) == (call, {"path": "/", "name": "Home"})


def test_a_group_call_tells_of_the_group_and_not_of_the_person() -> None:
    found = event(
        {"type": "group", "groupId": 12, "traits": {"email": "info@firm.fr", "staff": 40}}
    )
    assert found.facts == {"email": "info@firm.fr", "staff": 40, "groupId": "12"}
    assert found.handles == (Handle("user_id", "u"),)


@pytest.mark.parametrize(
    ("item", "handles"),
    [
        (
            {"userId": "new", "previousId": "0b1c9b2e-7d3a-4b6e-9a51-3f0c2d4e5f60"},
            {("user_id", "new"), ("anonymous_id", "0b1c9b2e-7d3a-4b6e-9a51-3f0c2d4e5f60")},
        ),
        (
            {"userId": "new", "anonymousId": "a9", "previousId": "a9"},
            {("user_id", "new"), ("anonymous_id", "a9")},
        ),
        ({"userId": "new", "previousId": "old"}, {("user_id", "new"), ("user_id", "old")}),
        ({"userId": None, "previousId": "old"}, {("user_id", "old")}),
    ],
)
def test_an_alias_names_the_former_id(item: dict[str, Any], handles: set[tuple[str, str]]) -> None:
    assert set(event({"type": "alias"} | item).handles) == handles


def test_handles_are_found_wherever_the_wire_has_them() -> None:
    found = event(
        {
            "type": "identify",
            "anonymousId": "a",
            "userId": 5.0,
            "traits": {"email": "Ana@Example.org", "phone": 612345678, "card": "C1"},
            "context": {"traits": {"email": "b@x.fr", "loyalty_card": 77}, "device": {"id": "d"}},
        }
    )
    assert set(found.handles) == {
        ("anonymous_id", "a"),
        ("user_id", "5"),
        ("email", "Ana@Example.org"),
        ("email", "b@x.fr"),
        ("phone", "612345678"),
        ("card", "C1"),
        ("card", "77"),
        ("device", "d"),
    }


def test_a_card_counts_only_where_a_server_key_says_it() -> None:
    item = {"anonymousId": "a", "properties": {"loyalty_card": "C1"}}
    assert ("card", "C1") in event(item).handles
    assert ("card", "C1") not in event(item, source=Source("site", "public")).handles


def test_the_batch_context_lies_under_each_item_s_own() -> None:
    shared = {"locale": "fr-FR", "timezone": "Europe/Paris", "library": {"name": "analytics-swift"}}
    found = event({"context": {"locale": "en-GB", "timezone": None}}, context=shared)
    assert found.context == {"locale": "en-GB", "timezone": "Europe/Paris"}
    assert found.channel == "app"
    assert event({}, context=shared).context["locale"] == "fr-FR"


def test_a_few_strings_of_the_context_are_kept_and_the_address_is_not() -> None:
    context = {
        "timezone": "Europe/Paris",
        "locale": "fr-FR",
        "page": {"path": "/p", "url": "https://shop.example/p?q=secret"},
        "userAgent": "U" * 600,
        "groupId": 4,
        "gpc": True,
        "ip": "203.0.113.9",
    }
    assert event({"context": context}).context == {
        "timezone": "Europe/Paris",
        "locale": "fr-FR",
        "page": "/p",
        "user_agent": "U" * 512,
        "group": "4",
        "gpc": "1",
    }


@pytest.mark.parametrize(
    ("item", "channel"),
    [
        ({"properties": {"channel": "POS"}, "channel": "server"}, "shop"),
        ({"properties": {"channel": "organic"}, "context": {"channel": "mobile"}}, "app"),
        ({"channel": "sources"}, "server"),
        ({"context": {"library": {"name": "@segment/analytics-next"}}}, "web"),
        ({"context": {"library": {"name": "analytics-android"}}}, "app"),
        ({"context": {"library": {"name": "analytics-python"}}}, "server"),
        ({"type": "screen"}, "app"),
        ({"type": "page"}, "web"),
        ({"properties": {"channel": ["web"]}}, "server"),
        ({}, "server"),
    ],
)
def test_the_channel_is_the_most_telling_of_what_is_said(
    item: dict[str, Any], channel: str
) -> None:
    assert event(item).channel == channel


def test_what_a_public_key_sends_happened_on_the_web_unless_it_says_otherwise() -> None:
    assert event({"anonymousId": "a"}, source=Source("site", "public")).channel == "web"


def test_an_item_without_an_id_gets_one_that_every_reading_of_the_row_repeats() -> None:
    first, second = parsed(*[{"type": "track", "event": "E", "userId": "u"}] * 2)
    again = parsed(*[{"type": "track", "event": "E", "userId": "u"}] * 2)
    assert (first, second) == tuple(again)
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.id != second.id
    assert (
        str(RECEIVED_MS) in first.id
    )  # so that a new intake log, which counts from 1, repeats none


def test_rudder_s_traits_lie_in_the_context_alone() -> None:
    found = event(
        {"type": "identify", "context": {"traits": {"email": "a@b.fr"}}, "channel": "server"}
    )
    assert found.facts == {"email": "a@b.fr"}
    assert ("email", "a@b.fr") in found.handles


def test_a_public_key_without_an_anonymous_id_is_refused_and_its_grant_is_kept_with_one() -> None:
    site = Source("site", "public")
    bare, grant = parsed(
        {"type": "track", "event": "E", "userId": "u", "messageId": "m"},
        {"type": "track", "event": "terms.granted", "anonymousId": "a", "userId": "u"},
        source=site,
    )
    assert isinstance(bare, Refused)
    assert (bare.code, bare.id, bare.source) == ("public_key_needs_anonymous_id", "m", "site")
    assert isinstance(grant, Event)
    assert (grant.kind, grant.trust) == ("terms.granted", "public")


@pytest.mark.parametrize(
    ("odd", "facts"),
    [
        ([], {}),
        ("", {}),
        ("text", {"value": "text"}),
        ({"n": 2**63}, {"n": str(2**63)}),
        ({"n": 2**63 - 1}, {"n": 2**63 - 1}),
        (
            {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}},
            {"a": {"b": {"c": {"d": {"e": {"f": '{"g": 1}'}}}}}},
        ),
    ],
)
def test_odd_properties_are_kept_as_far_as_they_can_be(odd: Any, facts: dict[str, Any]) -> None:
    assert event({"properties": odd}).facts == facts


def test_a_number_beyond_all_floats_is_kept_as_its_digits() -> None:
    body = b'{"batch":[{"type":"track","event":"E","userId":"u","properties":{"n":1e999}}]}'
    (found,) = parse(row(body))
    assert isinstance(found, Event)
    assert found.facts == {"n": "1e999"}


def test_half_an_emoji_is_replaced_and_the_rest_of_its_batch_is_taken() -> None:
    cut, whole, escaped = "cut \ud83d", "whole \U0001f600", "\\ud83d"
    found = [event({"properties": {"text": text}}) for text in (cut, whole, escaped)]
    assert [e.facts["text"] for e in found] == ["cut \ufffd", whole, escaped]


def test_one_odd_item_does_not_spoil_its_batch() -> None:
    good = {"type": "track", "event": "E", "userId": "u"}
    found = parsed(good, good | {"context": "odd", "timestamp": ["x"], "userId": True}, 7, good)
    assert [type(item) for item in found] == [Event, Event, Refused, Event]
    assert isinstance(found[1], Event)
    assert found[1].handles == (Handle("user_id", "true"),)
    assert found[1].at_ms == RECEIVED_MS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"z\x00\x00\x00\x00\x00{}",
        wrap(Envelope("batch", b"[")),
        wrap(Envelope("track", b"7")),
    ],
)
def test_a_row_that_cannot_be_read_is_one_refused_item(body: bytes) -> None:
    (found,) = parse(IntakeRow(1, "segment", Source("s"), RECEIVED_MS, body))
    assert isinstance(found, Refused)
    assert (found.code, found.item) == ("bad_json", body)


def test_bare_json_is_a_batch_that_a_library_call_wrote() -> None:
    body = json.dumps({"batch": [{"type": "track", "event": "E", "userId": "u"}]}).encode()
    assert [type(item) for item in parse(IntakeRow(1, "segment", Source("s"), 1, body))] == [Event]


def test_history_is_marked_on_every_event() -> None:
    assert event({}, source=Source("old", history=True)).history


def test_all_four_times_are_kept() -> None:
    found = event({"timestamp": "2025-11-24T15:59:00.500Z"}, sentAt=SENT)
    assert (found.sent_ms, found.original_ms) == (1_764_000_000_000, 1_763_999_940_500)
    assert (found.received_ms, found.at_ms) == (RECEIVED_MS, RECEIVED_MS - 59_500)


def test_an_item_s_own_sent_at_counts_more_than_the_batch_s() -> None:
    found = event(
        {"originalTimestamp": "2025-11-24T15:00:00Z", "sentAt": "2025-11-24T15:00:10Z"},
        sentAt=SENT,
        timestamp=SENT,
    )
    assert found.at_ms == RECEIVED_MS - 10_000


@pytest.mark.parametrize("where", ["properties", "traits"])
def test_an_event_may_have_ten_thousand_properties_and_not_one_more(where: str) -> None:
    codes = []
    for n in (10_000, 10_001):
        item = {"type": "track", "event": "E", "userId": "u", where: {str(i): i for i in range(n)}}
        body = json.dumps({"batch": [item]}).encode()
        source, limits = Source("rudder_back"), Limits()
        checked = check(Envelope("batch", body), source, limits)
        codes.append([rejected.code for rejected in checked.rejected])
        (found,) = parse(IntakeRow(1, "segment", source, RECEIVED_MS, wrap(checked.envelope)))
        assert isinstance(found, Refused) == bool(codes[-1])
    assert codes == [[], ["too_many_properties"]]
