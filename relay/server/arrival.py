"""One connection at the gate: from its first byte to its last it counts for somebody's address.

Knows which address that is: the socket's, or what a trusted proxy says once the handshake is there.
"""

from collections.abc import Sequence

from relay.server.addresses import Proxies, counted_as
from relay.server.gate import Gate, Guest, Refusal


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
