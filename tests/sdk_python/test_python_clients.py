"""The Python client libraries of Segment and RudderStack, at their current versions, unchanged."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from journeys.clients import VIEWED, Sending
from journeys.crooked import carried, saying
from journeys.served import served

SEND = Path(__file__).with_name("send.py")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with served(tmp_path_factory.mktemp("house"), VIEWED) as house:
        yield house


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("library", ["segment", "rudder"])
def test_what_a_python_client_sends_is_stored_and_decided_once_whatever_breaks(
    house, library, packed
):
    sending = Sending(house, [sys.executable, str(SEND), library], packed=packed)
    assert sending.errors == {}
    sending.check()
    sending.check_repeats()


def test_a_batch_that_is_swallowed_on_the_way_would_be_seen(house):
    swallowed = saying("200 OK", '{"success":true}')
    faults = {"swallowed": ([carried, swallowed], carried)}
    sending = Sending(house, [sys.executable, str(SEND), "segment"], packed=False, faults=faults)
    with pytest.raises(AssertionError, match=r"swallowed: sent 51, and stored so often: .*0: "):
        sending.check()


def test_these_are_the_versions_that_were_promised():
    assert version("segment-analytics-python") == "2.4.0"
    assert version("rudder-sdk-python") == "2.1.9"
