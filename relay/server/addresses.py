"""Whose connection it is: what counts as one address, and which proxy's word counts. Pure.

Believes nobody who is not named: without trusted proxies a header changes nothing.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@lru_cache(maxsize=1024)
def counted_as(host: str) -> str:
    """Return what *host* counts as: an IPv4 address, or the /64 that one line has of IPv6."""
    address = _address(host)
    if address is None:
        return host
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


class Proxies:
    """The proxies whose ``X-Forwarded-For`` is believed."""

    def __init__(self, networks: Sequence[str]) -> None:
        """Believe those in *networks* (CIDR) alone."""
        self._networks: list[Network] = [ip_network(network) for network in networks]

    def believes(self, host: str) -> bool:
        """Whether *host* is a trusted proxy."""
        if not self._networks:
            return False
        address = _address(host)
        return address is not None and self._trusts(address)

    def client(self, host: str, forwarded: Sequence[str]) -> str:
        """Return who is behind *host*, given its ``X-Forwarded-For`` headers in their order.

        It is the right-most address that is no trusted proxy: what stands left of it, anybody may
        have written. It is *host* itself where there is none, or something else stands before it.
        """
        if not self.believes(host):
            return host
        for hop in reversed(",".join(forwarded).split(",")):
            address = _address(hop.strip())
            if address is None:
                return host
            if not self._trusts(address):
                return str(address)
        return host

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _address(host: str) -> Address | None:
    """Return the address *host*, an IPv4 address that IPv6 carries as what it is."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
