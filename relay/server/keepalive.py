"""Registry of a relay's open connections: one keepalive timer for all, and closing them all."""

import asyncio
from collections import Counter
from typing import Protocol

from relay.errors import CloseCode
from relay.server.connection_log import ConnectionRole

KEEPALIVE_SECONDS = 20
"""Seconds between two pings; a client that is silent from one to the next has gone."""
LEAST_RATE = 4096
"""Bytes a second of the slowest line that is waited for: half of what a slow mobile line has."""
MAX_UNCONFIRMED = 2**20
"""Bytes that a pong may wait behind; more are never on the way to a client that still reads."""

PINGS_AT_ONCE = 8
"""Pings in one turn of the loop; the turns are spread over the second. With 15,000 connections 750
are due in it, and as many pongs come back: they would delay all other traffic."""
SPREAD_SECONDS = 0.9
"""Seconds from the first ping of a second to its last."""


class RegisteredConnection(Protocol):
    """A connection as the registry sees it."""

    @property
    def role(self) -> ConnectionRole:
        """The role of the client."""

    def backlog(self) -> int:
        """Return how many bytes wait for the client to read them."""

    def keep_alive(self) -> None:
        """Ping, or end the connection if the client has gone."""

    def close(self, code: CloseCode, reason: str) -> None:
        """End the connection after what was offered to it."""

    def abort(self) -> None:
        """End the connection now."""


class Liveness:
    """Judges whether a client is still there, by what it sends and by what it reads.

    A pong waits behind all that was written before its ping, which can take minutes on a slow line.
    Each ping says how many bytes these are, so its pong tells how many of them were read.
    """

    __slots__ = ("_confirmed", "_pinged", "_read", "_received", "_silent", "_waiting")

    def __init__(self) -> None:
        """Begin with a client that has just connected."""
        self._received = -1
        self._read = self._pinged = self._confirmed = self._silent = 0
        self._waiting = False

    def check(self, received: int, written: int, unread: int) -> bool:
        """Return whether the client is there, at the time of its next ping.

        *received* and *written* are all bytes so far; of these the client's machine has not yet
        acknowledged *unread*.
        """
        read = written - unread
        # Its machine acknowledges without the client, until nothing more fits into its buffers.
        reads = self._waiting and read > self._read
        self._silent = 0 if reads or received > self._received else self._silent + 1
        unconfirmed = min(self._pinged - self._confirmed, MAX_UNCONFIRMED)
        self._received, self._read, self._waiting = received, read, unread > 0
        self._pinged = written
        return self._silent <= unconfirmed // (LEAST_RATE * KEEPALIVE_SECONDS)

    def confirm(self, pong: bytes) -> None:
        """Note what the payload of a *pong* says: so many bytes were read."""
        if pong.isdigit() and len(pong) <= 18:
            self._confirmed = max(self._confirmed, min(int(pong), self._pinged))


class ConnectionRegistry:
    """All open connections of a relay, on its port and its control socket."""

    def __init__(self) -> None:
        """Begin without connections."""
        self.accepting_frames = True
        """True if frames are handled; not while the relay closes, so that all handled are
        answered."""
        # One slot a second: a timer wheel of dictionaries instead of a timer for each connection.
        self._wheel: list[dict[RegisteredConnection, None]] = [{} for _ in range(KEEPALIVE_SECONDS)]
        self._slots: dict[RegisteredConnection, int] = {}
        self._hand = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._slots)

    def totals(self) -> tuple[Counter[ConnectionRole], int]:
        """Return the number of connections by role, and the bytes that all clients together have
        not read yet."""
        roles = Counter(connection.role for connection in self._slots)
        return roles, sum(connection.backlog() for connection in self._slots)

    def add(self, connection: RegisteredConnection) -> None:
        """Register *connection*, and keep it alive from now on."""
        slot = (self._hand + len(self._slots)) % KEEPALIVE_SECONDS
        self._slots[connection] = slot
        self._wheel[slot][connection] = None
        self._empty.clear()

    def remove(self, connection: RegisteredConnection) -> None:
        """Remove *connection*, if it is registered."""
        slot = self._slots.pop(connection, None)
        if slot is not None:
            del self._wheel[slot][connection]
        if not self._slots:
            self._empty.set()

    def tick(self) -> None:
        """Ping the connections of the next slot, a twentieth of all; called once a second."""
        self._hand = (self._hand + 1) % KEEPALIVE_SECONDS
        if due := tuple(self._wheel[self._hand]):
            self._keep_alive(due, SPREAD_SECONDS * PINGS_AT_ONCE / len(due))

    def _keep_alive(self, due: tuple[RegisteredConnection, ...], pause: float) -> None:
        for connection in due[:PINGS_AT_ONCE]:
            connection.keep_alive()
        if rest := due[PINGS_AT_ONCE:]:
            asyncio.get_running_loop().call_later(pause, self._keep_alive, rest, pause)

    async def close_all(self, seconds: float) -> None:
        """Close all connections (1012); abort those that are still open after so many *seconds*."""
        for connection in tuple(self._slots):
            connection.close(CloseCode.RESTART, "the relay restarts")
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            for connection in tuple(self._slots):
                connection.abort()
            await self._empty.wait()
