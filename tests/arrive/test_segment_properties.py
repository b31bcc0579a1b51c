"""Whatever JSON comes: parsing never raises, loses no item, and agrees with the door."""

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.arrive.segment import (
    REFUSALS,
    BadBody,
    Call,
    Envelope,
    Limits,
    Rejected,
    check,
    parse,
    wrap,
)
from equipoise.nouns.events import Event, IntakeRow, Refused, Source

LIMITS = Limits(event_bytes=400, request_bytes=20_000, batch_events=20)

scalar = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["", " ", "\ud800", "x" * 101, "2025-11-24T16:00:00Z", "track"])
)
value = st.recursive(
    scalar,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)
typed = st.sampled_from(
    ["track", "Track", "identify", "page", "screen", "group", "alias", "merge", "sing", None, 7]
)
likely = st.fixed_dictionaries(
    {},
    optional={
        "type": typed,
        "userId": scalar,
        "anonymousId": scalar,
        "messageId": scalar,
        "event": scalar,
        "timestamp": scalar,
        "originalTimestamp": scalar,
        "sentAt": scalar,
        "groupId": scalar,
        "previousId": scalar,
        "name": value,
        "properties": value,
        "traits": value,
        "context": value
        | st.fixed_dictionaries(
            {}, optional={"traits": value, "device": value, "page": value, "channel": value}
        ),
        "mergeProperties": st.lists(
            st.fixed_dictionaries({"type": scalar, "value": scalar}) | value, max_size=2
        ),
        "integrations": value,
    },
)
item = likely | value
sources = st.sampled_from([Source("site", "public"), Source("till"), Source("rudder_x")])
calls = st.sampled_from(["batch", "batch", "track", "identify", "alias", "merge"])


def answered(
    envelope: Envelope, source: Source
) -> tuple[int, list[Rejected], list[Event | Refused]]:
    """What the door says of a body, and what the step makes of the row that the door kept."""
    checked = check(envelope, source, LIMITS)
    row = IntakeRow(3, "segment", source, 1_764_000_000_000, wrap(checked.envelope))
    return checked.count, list(checked.rejected), parse(row)


@settings(deadline=None, max_examples=150)
@given(st.lists(item, max_size=6), sources, calls, value)
def test_the_door_and_the_step_agree_on_every_item(
    items: list[Any], source: Source, call: Call, context: Any
) -> None:
    whole = {"batch": items, "context": context, "sentAt": "2025-11-24T16:00:00Z"}
    if call != "batch":
        whole = items[0] if items and isinstance(items[0], dict) else {}
    body = json.dumps(whole).encode()
    count, rejected, parsed = answered(Envelope(call, body), source)
    assert count == len(parsed)
    refused = [p for p in parsed if isinstance(p, Refused)]
    assert [(r.message_id, r.code) for r in rejected] == [(r.id, r.code) for r in refused]
    assert {r.code for r in refused} <= REFUSALS.keys()
    for event in parsed:
        if isinstance(event, Event):
            packed = msgspec.msgpack.encode(event)
            assert msgspec.msgpack.decode(packed, type=Event) == event
            assert event.kind
            assert event.id


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60) | value.map(lambda v: json.dumps(v).encode()), sources, calls)
def test_whatever_the_bytes_parsing_never_raises(body: bytes, source: Source, call: Call) -> None:
    row = IntakeRow(3, "segment", source, 1_764_000_000_000, wrap(Envelope(call, body)))
    assert all(isinstance(p, Event | Refused) for p in parse(row))
    try:
        check(Envelope(call, body), source, LIMITS)
    except BadBody as bad:
        code = bad.code
    else:
        code = "bad_json"
    assert code == "bad_json"


@settings(deadline=None, max_examples=60)
@given(st.lists(item, min_size=1, max_size=4))
def test_a_good_item_comes_out_the_same_beside_whatever_odd_ones(items: list[Any]) -> None:
    good = {"type": "track", "event": "E", "userId": "u", "messageId": "m", "properties": {"n": 1}}
    body = json.dumps({"batch": [*items, good]}).encode()
    alone = json.dumps({"batch": [good]}).encode()
    rows = [
        IntakeRow(3, "segment", Source("till"), 9, wrap(Envelope("batch", b)))
        for b in (body, alone)
    ]
    assert parse(rows[0])[-1] == parse(rows[1])[-1]


def test_nesting_without_end_is_refused_and_breaks_nothing() -> None:
    deep = b'{"batch":[{"type":"track","event":"E","userId":"u","properties":' + b"[" * 9000
    row = IntakeRow(
        3, "segment", Source("till"), 9, wrap(Envelope("batch", deep + b"]" * 9000 + b"}]}"))
    )
    assert [type(p) for p in parse(row)] == [Refused]
