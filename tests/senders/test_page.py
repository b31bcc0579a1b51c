"""The page fetches: nothing is ever pushed to it."""

import asyncio

import pytest

from equipoise.ports import GaveUp
from equipoise.senders.page import make
from equipoise.testing.exams_sender import example_action


def test_pushing_onto_a_page_is_given_up_with_the_reason():
    with pytest.raises(GaveUp, match="waits for its page to ask"):
        asyncio.run(make({}).send(example_action(1, "page")))


def test_closing_a_page_twice_is_allowed():
    page = make({})
    asyncio.run(page.close())
    asyncio.run(page.close())
