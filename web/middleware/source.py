"""Where a request comes from: the client's address, as far as it can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

UNKNOWN = "unknown"


def source_of(peer: str | None, forwarded_for: str | None, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """This will give the client's address, an IPv6 one cut to its /64: one household has that many.

    `X-Forwarded-For` is believed from right to left for as long as it was written by a trusted proxy.
    """
    address = _parsed(peer)
    if address is None:
        return UNKNOWN
    hops = [hop.strip() for hop in (forwarded_for or "").split(",")] if forwarded_for else []
    while hops and any(address in network for network in trusted if network.version == address.version):
        hop = _parsed(hops.pop())
        if hop is None:
            break
        address = hop
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


def _parsed(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address((text or "").strip("[]"))
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
