"""Connection limits: per address, before hello, per second, in all; and trusted proxies."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from relay.errors import CloseCode
from relay.session.rate_limit import TokenBucket

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@lru_cache(maxsize=1024)
def counted_as(host: str) -> str:
    """Return the address that *host* is limited by: an IPv4 address, or the /64 network of IPv6."""
    address = _address(host)
    if address is None:
        return host
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> 64 << 64))
    return str(address)


class ForwardedFault(StrEnum):
    """Reason why a client's address is not known, so that it counts for its proxy's."""

    UNKNOWN = "unknown"
    """The proxy says so."""
    OBFUSCATED = "obfuscated"
    """The proxy hides it, as RFC 7239 has it: a name that begins with an underscore."""
    INVALID = "invalid"
    """What stands in X-Forwarded-For is no address."""
    OTHER_HEADER = "other_header"
    """The proxy sends Forwarded alone, which any client could send through other proxies."""
    UNTRUSTED = "untrusted"
    """A proxy in a private network is none of the trusted ones."""


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The headers of one handshake in which proxies write addresses, each in order."""

    x_forwarded_for: Sequence[str] = ()
    forwarded: Sequence[str] = ()


class Proxies:
    """The trusted proxies, whose ``X-Forwarded-For`` is believed."""

    def __init__(self, networks: Sequence[str]) -> None:
        """Believe those in *networks* (CIDR) alone."""
        self._networks: list[Network] = [ip_network(network) for network in networks]

    def believes(self, host: str) -> bool:
        """Return whether *host* is a trusted proxy."""
        if not self._networks:
            return False
        address = _address(host)
        return address is not None and self._trusts(address)

    def client(self, host: str, headers: Forwarded) -> tuple[str, ForwardedFault | None]:
        """Return the client's address behind *host*, and why it is only that of the proxy.

        It is the right-most address in ``X-Forwarded-For`` that is no trusted proxy, or the first
        one if all are: any client can forge what stands left of it. It is *host* itself where there
        is none, or where something else stands.
        """
        hops = [hop.strip(' \t"') for hop in ",".join(headers.x_forwarded_for).split(",")]
        if not self.believes(host):
            # Anybody may send the header, but from a private address it is a proxy that does.
            peer = _address(host) if hops != [""] else None
            untrusted = peer is not None and peer.is_private and _hop(hops[-1]) is not None
            return host, ForwardedFault.UNTRUSTED if untrusted else None
        if hops == [""]:
            return host, ForwardedFault.OTHER_HEADER if any(headers.forwarded) else None
        for hop in reversed(hops):
            address = _hop(hop)
            if address is None:
                return host, _fault(hop)
            if not self._trusts(address):
                break
        return str(address), None

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def _address(host: str) -> Address | None:
    """Return the address *host*, an IPv4-mapped IPv6 address as IPv4; None if it is none."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


_WITH_PORT = re.compile(r"(?:\[([^\[\]]+)\]|([0-9.]+))(?::[0-9_a-zA-Z]*)?")
"""Address with a port, or in brackets; an IPv6 address without brackets has no port."""


def _hop(text: str) -> Address | None:
    """Return the address in one element of ``X-Forwarded-For``, in any form that proxies send."""
    found = _WITH_PORT.fullmatch(text)
    return _address((found[1] or found[2]) if found else text)


def _fault(hop: str) -> ForwardedFault:
    if hop.lower() == "unknown":
        return ForwardedFault.UNKNOWN
    return ForwardedFault.OBFUSCATED if hop.startswith("_") else ForwardedFault.INVALID


MAX_REFUSED = 256
"""Connections that may be told at once why they are refused; others get HTTP 503."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits on the number of connections; 0 is none. Unauthenticated ones have sent no hello.

    ``connections`` is what the process can hold; beyond it by :data:`MAX_REFUSED` no more than a
    reset is affordable.
    """

    connections: int
    per_address: int
    unauthenticated: int
    unauthenticated_per_address: int
    per_second: float
    burst: int


UNLIMITED = ConnectionLimits(0, 0, 0, 0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Reason to refuse a connection, and the setting that does.

    ``briefly``: too many are refused to close each with care.
    """

    code: CloseCode
    reason: str
    setting: str
    briefly: bool = False


FULL_ADDRESS = "too many connections from this address"
FROM_ADDRESS = Refusal(CloseCode.TOO_MANY_CONNECTIONS, FULL_ADDRESS, "connections_per_address")
UNAUTHENTICATED_FROM_ADDRESS = Refusal(
    CloseCode.TOO_MANY_CONNECTIONS, FULL_ADDRESS, "unauthenticated_per_address"
)
OUT_OF_FILES = Refusal(CloseCode.OVERLOADED, "out of connections", "open_files")
OUT_OF_CONNECTIONS = Refusal(
    CloseCode.OVERLOADED, "out of connections", "unauthenticated_connections"
)
TOO_FAST = Refusal(CloseCode.OVERLOADED, "too many connections at once", "connections_per_second")


@dataclass(eq=False, slots=True)
class Slot:
    """One connection as the limiter counts it.

    ``host`` is its peer's address, empty where there are none; ``address`` the one it counts for,
    None while only its proxy's is known. A slot with a ``refusal`` counts among the refused alone.
    """

    host: str
    address: str | None
    authenticated: bool = False
    refusal: Refusal | None = None
    fault: ForwardedFault | None = None
    """Reason why ``address`` is that of a proxy."""


class ConnectionLimiter:
    """Counts the open connections of one listener, and refuses those beyond its limits."""

    def __init__(self, limits: ConnectionLimits, proxies: Proxies, now: float) -> None:
        """Apply *limits* from *now* on (seconds of a steady clock), behind *proxies*."""
        self._limits = limits
        self._proxies = proxies
        self._rate = TokenBucket(limits.per_second, limits.burst, now)
        self._by_address: Counter[str] = Counter()
        self._unauthenticated_by_address: Counter[str] = Counter()
        self._unauthenticated = self._accepted = self._refused = 0

    def acquire(self, host: str) -> Slot | None:
        """Count a new connection from *host*; None: there is no room even for a refusal."""
        most = self._limits.connections
        open_ = self._accepted + self._refused
        if most and open_ >= most + MAX_REFUSED:
            return None
        slot = Slot(host, None if self._proxies.believes(host) else counted_as(host))
        if most and open_ >= most:
            self._refuse(slot, OUT_OF_FILES)
        elif (refusal := self._limit_reached(slot.address)) is not None:
            self._refuse(slot, refusal)
        else:
            self._count(slot, 1)
        return slot

    def admit(self, slot: Slot, headers: Forwarded, now: float) -> Refusal | None:
        """Let the connection in whose handshake has these *headers*, or say why not."""
        if slot.refusal is not None:
            return slot.refusal
        self._count(slot, -1)
        client, slot.fault = self._proxies.client(slot.host, headers)
        if slot.address is None:
            slot.address = counted_as(client)
        refusal = self._limit_reached(slot.address)
        if refusal is None and self._rate.acquire(now):
            refusal = TOO_FAST
        if refusal is not None:
            return self._refuse(slot, refusal)
        self._count(slot, 1)
        return None

    def authenticate(self, slot: Slot) -> None:
        """Count the connection as authenticated from here on."""
        self._count(slot, -1)
        slot.authenticated = True
        self._count(slot, 1)

    def release(self, slot: Slot) -> None:
        """Count the connection, which is gone, no more."""
        if slot.refusal is not None:
            self._refused -= 1
        else:
            self._count(slot, -1)

    def _limit_reached(self, address: str | None) -> Refusal | None:
        limits = self._limits
        if address is not None and limits.per_address:
            most = limits.unauthenticated_per_address
            if self._by_address[address] >= limits.per_address:
                return FROM_ADDRESS
            if most and self._unauthenticated_by_address[address] >= most:
                return UNAUTHENTICATED_FROM_ADDRESS
        reached = 0 < limits.unauthenticated <= self._unauthenticated
        return OUT_OF_CONNECTIONS if reached else None

    def _refuse(self, slot: Slot, refusal: Refusal) -> Refusal:
        briefly = self._refused >= MAX_REFUSED
        slot.refusal = replace(refusal, briefly=briefly)
        self._refused += 1
        return slot.refusal

    def _count(self, slot: Slot, number: int) -> None:
        unauthenticated = 0 if slot.authenticated else number
        self._accepted += number
        self._unauthenticated += unauthenticated
        if slot.address is not None:
            _add(self._by_address, slot.address, number)
            _add(self._unauthenticated_by_address, slot.address, unauthenticated)


def _add(counter: Counter[str], address: str, number: int) -> None:
    counter[address] += number
    if not counter[address]:
        del counter[address]
