"""Which addresses a webhook may reach: public ones, checked and then pinned for the connection.

A name is resolved once; every address it gives is checked, and the connection goes to exactly those.
So a name that answers differently the second time (DNS rebinding) gains nothing. Odd spellings of
addresses (`0x7f000001`, `2130706433`, `127.1`) are resolved like names, and checked like them.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult

Lookup = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host and port, as the system's resolver gives them; handed in for tests."""

NOT_PUBLIC = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays: they lead into another network
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved
        "2001::/23",  # protocol assignments, Teredo among them: IPv4 inside IPv6
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: IPv4 inside IPv6
        "3fff::/20",  # documentation
    )
)
"""Networks refused whatever `ipaddress.is_global` says of them; it changes with Python's version."""

PUBLIC_IPV6 = ip_network("2000::/3")
"""The one part of IPv6 that is handed out for public use; NAT64 (`64:ff9b::/96`) lies outside it."""


class NotReachable(OSError):
    """The address is one that webhooks must not reach; it will not be tried again."""


def refusal(address: str) -> str:
    """Why an address is refused, or empty where it is public; an unreadable one is refused."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address!r} is no address"
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    known = any(ip.version == network.version and ip in network for network in NOT_PUBLIC)
    if known or not ip.is_global or (ip.version == 6 and ip not in PUBLIC_IPV6):
        return f"{address} is not a public address"
    return ""


def check(host: str, addresses: Iterable[str]) -> list[str]:
    """The addresses, if every one is public; raises `NotReachable` if one is not or there is none."""
    found = list(addresses)
    if not found:
        raise NotReachable(f"{host} has no address")
    for address in found:
        if reason := refusal(address):
            raise NotReachable(f"{host} must not be reached: {reason}")
    return found


async def look_up(host: str, port: int) -> list[str]:
    """The addresses that the operating system gives for a host; raises `socket.gaierror`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PinnedResolver(AbstractResolver):
    """Resolves each host once for a connection and gives back only addresses that were checked.

    Hosts in `allowed` may have any address: the operator named them.
    """

    def __init__(self, allowed: frozenset[str] = frozenset(), lookup: Lookup = look_up) -> None:
        self._allowed = allowed
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The checked addresses of a host; raises `NotReachable`, or `OSError` if there are none."""
        found = await self._lookup(host, port)
        if host not in self._allowed:
            check(host, found)
        pinned = [(address, _family(address)) for address in found]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=its_family,
                proto=0,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address, its_family in pinned
            if family in (socket.AF_UNSPEC, its_family)
        ]

    async def close(self) -> None:
        """Nothing is held open."""


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
