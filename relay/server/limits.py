"""Connection limits: per address, before hello, per second, in all; and trusted proxies."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
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

    def client(self, host: str, forwarded: Sequence[str]) -> str:
        """Return the client's address behind *host*, given its ``X-Forwarded-For`` in order.

        It is the right-most address that is no trusted proxy: any client can forge what stands
        left of it. It is *host* itself where there is none, or where no address stands.
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
    """Return the address *host*, an IPv4-mapped IPv6 address as IPv4; None if it is none."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


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
    """Reason to refuse a connection. ``briefly``: too many are refused to close each with care."""

    code: CloseCode
    reason: str
    briefly: bool = False


FROM_ADDRESS = Refusal(CloseCode.TOO_MANY_CONNECTIONS, "too many connections from this address")
OUT_OF_CONNECTIONS = Refusal(CloseCode.OVERLOADED, "out of connections")
TOO_FAST = Refusal(CloseCode.OVERLOADED, "too many connections at once")


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
            self._refuse(slot, OUT_OF_CONNECTIONS)
        elif (refusal := self._limit_reached(slot.address)) is not None:
            self._refuse(slot, refusal)
        else:
            self._count(slot, 1)
        return slot

    def admit(self, slot: Slot, forwarded: Sequence[str], now: float) -> Refusal | None:
        """Let the connection in whose handshake has these ``X-Forwarded-For``, or say why not."""
        if slot.refusal is not None:
            return slot.refusal
        self._count(slot, -1)
        if slot.address is None:
            slot.address = counted_as(self._proxies.client(slot.host, forwarded))
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
            if self._by_address[address] >= limits.per_address or (
                most and self._unauthenticated_by_address[address] >= most
            ):
                return FROM_ADDRESS
        reached = 0 < limits.unauthenticated <= self._unauthenticated
        return OUT_OF_CONNECTIONS if reached else None

    def _refuse(self, slot: Slot, refusal: Refusal) -> Refusal:
        briefly = self._refused >= MAX_REFUSED
        slot.refusal = Refusal(refusal.code, refusal.reason, briefly)
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
