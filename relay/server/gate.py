"""How many may come: per address, without a ``hello``, in a second, at all. Counts, no sockets.

Who is refused is told so in a WebSocket, where a browser sees the code, as long as few are. It
never looks at who somebody is: a connection that has said ``hello`` is only counted differently.
"""

from collections import Counter
from dataclasses import dataclass

from relay.errors import CloseCode
from relay.session.bucket import Bucket

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
        self._rate = Bucket(caps.per_second, caps.burst, now)
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
        refusal = self._no_room(address) or (TOO_FAST if self._rate.wait(now) else None)
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
