"""Only a proxy that is believed says who asks, and only the last stranger in its chain counts."""

import asyncio

import pytest

from equipoise.doors.forwarding import forwarded

PROXIES = {"10.0.0.1", "10.0.0.2"}


def client_of(peer, *chains, proxies=PROXIES):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", chain.encode()) for chain in chains]
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    asyncio.run(forwarded(app, proxies)(scope, None, None))
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "chains", "who"),
    [
        ("10.0.0.1", ("203.0.113.5",), "203.0.113.5"),
        ("10.0.0.1", ("1.1.1.1, 203.0.113.5, 10.0.0.2",), "203.0.113.5"),
        ("10.0.0.1", ("1.1.1.1", "203.0.113.5"), "203.0.113.5"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", (" , ",), "10.0.0.1"),
        ("203.0.113.9", ("1.1.1.1",), "203.0.113.9"),
    ],
)
def test_the_last_address_that_nobody_vouches_for_is_who_asks(peer, chains, who):
    assert client_of(peer, *chains) == who


def test_without_proxies_nothing_is_believed():
    assert client_of("10.0.0.1", "203.0.113.5", proxies=()) == "10.0.0.1"
