"""The receipts of shares hold what was asked and said, and can be written canonically."""

import json

from equipoise.account.shares import Given, duties_of, said, share_receipt, stop_receipt
from equipoise.canon import canonical
from equipoise.nouns.shares import Duties, StopSharing
from equipoise.testing.example_changes import example_read, example_share


def test_a_granted_read_says_what_was_given_and_a_refused_one_only_what_was_asked():
    share = example_share(16)
    given = Given(answers={"adult": True}, basis={"legal": "consent"})
    granted = share_receipt(example_read(33, 16, 7), share, given, 7, "partner")
    told = json.loads(canonical(granted))
    assert told["answer"] == {"adult": "yes"}
    assert told["questions"] == {"adult": "traits.age >= 18"}
    assert (told["id"], told["share"], told["volume"]) == ("v_33", "s_16", 1)
    assert "stated" not in told
    refused = share_receipt(example_read(34, 16, 0), share, Given(), 0, "ads")
    told = json.loads(canonical(refused))
    assert not {"answer", "fields", "provenance"} & told.keys()
    assert (told["person"], told["volume"], told["stated"]) == (0, 0, "ads")


def test_fields_are_written_so_that_they_read_back_with_how_they_came_to_be_known():
    given = Given(fields={"traits.age": 34.5}, provenance={"traits.age": "stated"})
    body = share_receipt(example_read(33, 16, 7), example_share(16), given, 7, "partner")
    assert body["fields"] == {"traits.age": "34.5"}
    assert body["provenance"] == {"traits.age": "stated"}
    canonical(body)


def test_a_no_and_its_lifting_are_told_apart():
    told = [stop_receipt(StopSharing(lift=lift), 33, 1, 1, 5) for lift in (False, True)]
    assert [body["outcome"] for body in told] == ["stopped", "lifted"]


def test_duties_that_are_not_set_are_left_out():
    assert duties_of(Duties(delete_days=0)) == {"no_onward": True, "no_profiling": True}
    assert duties_of(Duties(delete_by="2027-01-31"))["delete_by"] == "2027-01-31"


def test_a_count_that_is_too_small_is_told_as_no():
    assert said({"at_least": 20, "holds": False, "band": None}) == "no"
    assert said({"at_least": 20, "holds": True, "band": {"from": 20, "below": 50}}) == "20..50"
