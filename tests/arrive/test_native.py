"""Events that are events already: what is trusted is the row they came in."""

from equipoise.arrive import native
from equipoise.nouns.events import Event, Handle, IntakeRow, Refused, Source

NOW_MS = 1_764_000_000_000


def made(**told: object) -> Event:
    return Event(
        **{
            "id": "e1",
            "kind": "visit",
            "channel": "shop",
            "source": "whoever",
            "at_ms": 5,
            "received_ms": 6,
            "handles": (Handle("email", "a@b.fr"),),
            "facts": {"n": 1},
        }
        | told  # type: ignore[arg-type]  # fields of Event
    )


def parsed(*events: Event, source: Source) -> list[Event | Refused]:
    return native.parse(IntakeRow(3, "events", source, NOW_MS, native.pack(list(events))))


def test_an_event_comes_out_as_it_went_in_save_what_the_row_knows_better() -> None:
    (event,) = parsed(made(trust="server"), source=Source("kiosk", "public"))
    assert isinstance(event, Event)
    assert (event.source, event.trust, event.received_ms) == ("kiosk", "public", NOW_MS)
    assert (event.id, event.at_ms, event.facts, event.handles) == (
        "e1",
        5,
        {"n": 1},
        made().handles,
    )


def test_nothing_happens_later_than_it_arrives_or_before_1970() -> None:
    late, early = parsed(made(at_ms=NOW_MS + 1), made(at_ms=-1), source=Source("s"))
    assert isinstance(late, Event)
    assert isinstance(early, Event)
    assert (late.at_ms, early.at_ms) == (NOW_MS, 0)


def test_history_is_history_by_the_event_or_by_its_source() -> None:
    told = [
        parsed(made(history=own), source=Source("s", history=whole))[0]
        for own, whole in ((False, False), (True, False), (False, True))
    ]
    assert [isinstance(e, Event) and e.history for e in told] == [False, True, True]


def test_an_event_without_an_id_gets_the_same_one_every_time() -> None:
    first, second = parsed(made(id=""), made(id=""), source=Source("s"))
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.id != second.id
    assert parsed(made(id=""), source=Source("s"))[0] == first


def test_a_body_of_another_shape_is_one_refused_item() -> None:
    (refused,) = native.parse(IntakeRow(3, "events", Source("s"), NOW_MS, b"{}"))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.item) == ("bad_events", b"{}")
