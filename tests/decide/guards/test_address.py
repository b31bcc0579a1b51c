"""Address: nothing is sent to where nobody can be reached."""

import pytest
from msgspec.structs import replace

from equipoise.decide.guards.address import address
from equipoise.nouns.decisions import ALLOWED, Answer
from equipoise.testing.standing import EMAIL, FakeStanding, ask


@pytest.mark.parametrize(
    ("channel", "field"), [("email", "has.email"), ("sms", "has.phone"), ("phone", "has.phone")]
)
def test_a_channel_needs_the_address_it_goes_to(channel, field):
    option = replace(EMAIL, channel=channel)
    assert address(ask(FakeStanding(fields={field: True}), option=option)) is ALLOWED
    for fields in ({}, {field: False}, {field: None}):
        verdict = address(ask(FakeStanding(fields=fields), option=option))
        assert (verdict.answer, verdict.reason) == (Answer.REFUSE, "no_address")
        assert verdict.detail == {"channel": channel}


@pytest.mark.parametrize("channel", ["page", "webhook", "staff", "push"])
def test_other_channels_need_no_address_of_ours(channel):
    option = replace(EMAIL, channel=channel)
    assert address(ask(FakeStanding(fields={}), option=option)) is ALLOWED
