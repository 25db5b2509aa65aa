"""Connection limits: per address, unauthenticated, per second, in all; and trusted proxies."""

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


MOST_REFUSED = 256
"""Connections that may be told at once why they are refused; others get HTTP 503."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How many may come; 0 is no limit. Strangers are connections that have not said hello.

    ``connections`` is what the process can hold; beyond it by :data:`MOST_REFUSED` no more than a
    reset is affordable.
    """

    connections: int
    per_address: int
    strangers: int
    strangers_per_address: int
    per_second: float
    burst: int


NO_CAPS = Caps(0, 0, 0, 0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a connection may not stay. ``briefly``: there are too many to be told with care."""

    code: CloseCode
    reason: str
    briefly: bool = False


FROM_ADDRESS = Refusal(CloseCode.TOO_MANY_CONNECTIONS, "too many connections from this address")
OUT_OF_CONNECTIONS = Refusal(CloseCode.OVERLOADED, "out of connections")
TOO_FAST = Refusal(CloseCode.OVERLOADED, "too many connections at once")


@dataclass(eq=False, slots=True)
class Guest:
    """One connection as it counts; ``address`` is None while only its proxy's is known."""

    address: str | None
    stranger: bool = True
    refusal: Refusal | None = None


class Gate:
    """Counts who comes and goes."""

    def __init__(self, caps: Caps, now: float) -> None:
        """Let in as many as *caps* say, from *now* on (seconds of a steady clock)."""
        self._caps = caps
        self._rate = TokenBucket(caps.per_second, caps.burst, now)
        self._from: Counter[str] = Counter()
        self._strangers_from: Counter[str] = Counter()
        self._strangers = self._staying = self._refused = 0

    def arrive(self, address: str | None) -> Guest | None:
        """Count a connection from *address* at its first byte; None: it cannot be afforded."""
        most = self._caps.connections
        here = self._staying + self._refused
        if most and here >= most + MOST_REFUSED:
            return None
        guest = Guest(address)
        if most and here >= most:
            self._refuse(guest, OUT_OF_CONNECTIONS)
        elif (refusal := self._no_room(address)) is not None:
            self._refuse(guest, refusal)
        else:
            self._count(guest, 1)
        return guest

    def come_in(self, guest: Guest, address: str | None, now: float) -> Refusal | None:
        """Count *guest*, whose handshake is done, as from *address*; or say why not."""
        if guest.refusal is not None:
            return guest.refusal
        self._count(guest, -1)
        guest.address = address
        refusal = self._no_room(address) or (TOO_FAST if self._rate.acquire(now) else None)
        if refusal is not None:
            return self._refuse(guest, refusal)
        self._count(guest, 1)
        return None

    def know(self, guest: Guest) -> None:
        """Count *guest* as no stranger any more."""
        self._count(guest, -1)
        guest.stranger = False
        self._count(guest, 1)

    def leave(self, guest: Guest) -> None:
        """Count *guest* out."""
        if guest.refusal is not None:
            self._refused -= 1
        else:
            self._count(guest, -1)

    def _no_room(self, address: str | None) -> Refusal | None:
        caps = self._caps
        if address is not None and caps.per_address:
            strange = caps.strangers_per_address
            if self._from[address] >= caps.per_address or (
                strange and self._strangers_from[address] >= strange
            ):
                return FROM_ADDRESS
        return OUT_OF_CONNECTIONS if 0 < caps.strangers <= self._strangers else None

    def _refuse(self, guest: Guest, refusal: Refusal) -> Refusal:
        briefly = self._refused >= MOST_REFUSED
        guest.refusal = Refusal(refusal.code, refusal.reason, briefly)
        self._refused += 1
        return guest.refusal

    def _count(self, guest: Guest, number: int) -> None:
        self._staying += number
        self._strangers += number * guest.stranger
        if guest.address is not None:
            _add(self._from, guest.address, number)
            _add(self._strangers_from, guest.address, number * guest.stranger)


def _add(counter: Counter[str], address: str, number: int) -> None:
    counter[address] += number
    if not counter[address]:
        del counter[address]


class Arrival:
    """A connection as the gate counts it."""

    __slots__ = ("_gate", "_guest", "_proxies", "host")

    def __init__(self, gate: Gate, proxies: Proxies, host: str) -> None:
        """Count a connection from *host*, which is empty where there are no addresses."""
        self._gate = gate
        self._proxies = proxies
        self.host = host
        address = None if proxies.believes(host) else counted_as(host)
        self._guest: Guest | None = gate.arrive(address)

    @property
    def affordable(self) -> bool:
        """Whether there is room even for telling why there is none."""
        return self._guest is not None

    @property
    def refused(self) -> bool:
        """Whether it may not stay, whatever it asks."""
        return self._guest is not None and self._guest.refusal is not None

    def come_in(self, forwarded: Sequence[str], now: float) -> Refusal | None:
        """Return why this client, whose handshake has these ``X-Forwarded-For``, may not stay."""
        if self._guest is None:
            return None
        address = self._guest.address
        if address is None:
            address = counted_as(self._proxies.client(self.host, forwarded))
        return self._gate.come_in(self._guest, address, now)

    def know(self) -> None:
        """Count it as one that has said who it is."""
        if self._guest is not None:
            self._gate.know(self._guest)

    def leave(self) -> None:
        """Count it out."""
        if self._guest is not None:
            self._gate.leave(self._guest)
