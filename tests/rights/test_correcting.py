"""What a correction changes in a record: the wrong value goes, everything else stays."""

from equipoise.nouns.events import Event, Handle
from equipoise.rights.correcting import corrected, correction, struck

SAID = Event(
    id="e1",
    kind="identify",
    channel="web",
    source="site",
    at_ms=1,
    received_ms=1,
    handles=(Handle("user_id", "ana"),),
    facts={"city": "Nantes", "address": {"street": "Rue A", "zip": "1"}, "age": 40},
)


def test_only_the_corrected_field_is_taken_out():
    right = corrected(SAID, ["traits.city"])
    assert right.facts == {"address": SAID.facts["address"], "age": 40}
    assert corrected(SAID, ["traits.shoe"]) is None


def test_a_value_inside_a_record_is_taken_out_alone():
    assert corrected(SAID, ["traits.address.street"]).facts["address"] == {"zip": "1"}
    assert SAID.facts["address"]["street"] == "Rue A"


def test_other_kinds_of_events_state_no_traits():
    from msgspec.structs import replace

    assert corrected(replace(SAID, kind="page"), ["traits.city"]) is None


def test_the_right_value_is_stated_by_the_person():
    event = correction({"traits.city": "Sète"}, SAID.handles, 16, 9)
    assert (event.facts, event.provenance, event.history) == ({"city": "Sète"}, "stated", True)


def test_what_stands_in_the_place_of_a_struck_event_says_nothing_of_it():
    assert struck().kind == "correction"
    assert struck().text == ""
