"""Which addresses a webhook may reach, and that what was checked is what is connected to."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.senders.webhook.addresses import (
    NotReachable,
    PinnedResolver,
    check,
    look_up,
    refusal,
)

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"]
REFUSED = {
    "this machine": "127.0.0.1",
    "this machine, far end": "127.255.255.254",
    "this machine in IPv6": "::1",
    "any address": "0.0.0.0",
    "any address in IPv6": "::",
    "this network": "0.1.2.3",
    "private 10": "10.0.0.1",
    "private 172": "172.16.0.1",
    "private 192": "192.168.1.1",
    "carrier NAT": "100.64.0.1",
    "link-local, and cloud metadata": "169.254.169.254",
    "link-local in IPv6": "fe80::1",
    "link-local with its zone": "fe80::1%eth0",
    "unique local": "fd00::1",
    "site-local": "fec0::1",
    "multicast": "224.0.0.1",
    "multicast, far end": "239.255.255.255",
    "multicast in IPv6": "ff02::1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "benchmarks": "198.18.0.1",
    "documentation": "192.0.2.1",
    "documentation in IPv6": "2001:db8::1",
    "new documentation in IPv6": "3fff::1",
    "protocol assignments": "192.0.0.8",
    "NAT64 of this machine": "64:ff9b::7f00:1",
    "NAT64 of a public address": "64:ff9b::808:808",
    "local NAT64": "64:ff9b:1::7f00:1",
    "6to4 of this machine": "2002:7f00:1::",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "mapped this machine": "::ffff:127.0.0.1",
    "mapped private": "::ffff:10.0.0.1",
    "mapped multicast": "::ffff:224.0.0.1",
    "compatible": "::127.0.0.1",
    "translated": "::ffff:0:127.0.0.1",
    "6to4 relay": "192.88.99.1",
    "hexadecimal": "0x7f000001",
    "one number": "2130706433",
    "short": "127.1",
    "octal": "0177.0.0.1",
    "nothing": "",
    "a name": "localhost",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_reached(address):
    assert refusal(address) == ""
    assert check("shop.example", [address]) == [address]


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED.keys())
def test_everything_else_is_refused_and_the_reason_names_it(address):
    assert address in refusal(address)
    with pytest.raises(NotReachable, match=r"shop\.example must not be reached"):
        check("shop.example", [address])


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_mapped_address_is_judged_as_the_address_inside_it(inner):
    mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + inner.packed)
    assert bool(refusal(str(mapped))) == bool(refusal(str(inner)))


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_ever_let_through(address):
    if not address.is_global or address.is_loopback or address.is_multicast:
        assert refusal(str(address))


def test_one_bad_address_among_good_ones_refuses_the_host():
    with pytest.raises(NotReachable, match=r"127\.0\.0\.1"):
        check("shop.example", ["93.184.216.34", "127.0.0.1"])


def test_a_host_without_addresses_is_refused():
    with pytest.raises(NotReachable, match="no address"):
        check("shop.example", [])


class Answers:
    """A resolver that gives one answer after the other, and counts how often it was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host, port):
        self.asked += 1
        return self.answers.pop(0)


def test_a_name_that_turns_to_this_machine_after_the_check_gains_nothing():
    """DNS rebinding: the address that was checked is the one handed to the connection."""
    answers = Answers(["93.184.216.34"], ["127.0.0.1"])
    resolver = PinnedResolver(lookup=answers)
    first = asyncio.run(resolver.resolve("rebind.example", 443))
    assert [entry["host"] for entry in first] == ["93.184.216.34"]
    assert first[0]["flags"] & socket.AI_NUMERICHOST, "nothing looks it up again"
    assert first[0]["hostname"] == "rebind.example", "the certificate is still the name's"
    assert answers.asked == 1
    with pytest.raises(NotReachable):
        asyncio.run(resolver.resolve("rebind.example", 443))


def test_a_host_that_the_operator_named_may_be_private():
    resolver = PinnedResolver(frozenset({"intranet"}), Answers(["10.0.0.7"], ["10.0.0.7"]))
    assert asyncio.run(resolver.resolve("intranet", 80))[0]["host"] == "10.0.0.7"
    with pytest.raises(NotReachable):
        asyncio.run(resolver.resolve("other", 80))


def test_only_addresses_of_the_family_that_is_asked_for_are_given():
    both = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]
    resolver = PinnedResolver(lookup=Answers(both, both))
    found = asyncio.run(resolver.resolve("shop.example", 443, socket.AF_INET6))
    assert [entry["host"] for entry in found] == both[1:]
    assert len(asyncio.run(resolver.resolve("shop.example", 443))) == 2


@pytest.mark.parametrize("spelling", ["0x7f000001", "2130706433", "127.1", "0177.0.0.1"])
def test_odd_spellings_that_the_system_understands_are_refused_by_what_they_mean(spelling):
    """The real resolver of this machine reads them as addresses, without asking the network."""
    resolver = PinnedResolver(lookup=look_up)
    with pytest.raises(NotReachable, match=r"127\.0\.0\.1"):
        asyncio.run(resolver.resolve(spelling, 443))
