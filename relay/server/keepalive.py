"""Who is connected: keepalive by one timer, and the end of them all."""

import asyncio
from collections import Counter
from typing import Protocol

from relay.errors import CloseCode
from relay.server.connection_log import Party

KEEPALIVE_INTERVAL = 20
"""Seconds between two pings; one that is not answered until the next ends the connection."""

AT_ONCE = 8
"""Pings in one turn of the loop; the turns are spread over the second. With 15,000 connected 750
are due in it, and as many answers come: they would hold up everybody else for a while."""
SPREAD = 0.9
"""Seconds from the first ping of a second to its last."""


class Member(Protocol):
    """A connection, as the crowd sees it."""

    def standing(self) -> tuple[Party, int]:
        """Return whose it is, and how many bytes its client has not read yet."""

    def keep_alive(self) -> None:
        """Ping, or end the connection if nothing has come since the last ping."""

    def hang_up(self, code: CloseCode, reason: str) -> None:
        """End the connection after what was offered to it."""

    def abort(self) -> None:
        """End the connection now."""


class Crowd:
    """All connections of a relay."""

    def __init__(self) -> None:
        """Nobody is connected."""
        self.taking = True
        """Whether frames are taken; at the end they are not, so that all taken are answered."""
        # One slot a second: a wheel of dictionaries instead of a timer for each connection.
        self._wheel: list[dict[Member, None]] = [{} for _ in range(KEEPALIVE_INTERVAL)]
        self._slots: dict[Member, int] = {}
        self._hand = 0
        self._empty = asyncio.Event()
        self._empty.set()

    def __len__(self) -> int:
        return len(self._slots)

    def standing(self) -> tuple[Counter[Party], int]:
        """Return how many there are of each party, and what all have not read yet, in bytes."""
        each = [member.standing() for member in self._slots]
        return Counter(party for party, _ in each), sum(waiting for _, waiting in each)

    def add(self, member: Member) -> None:
        """Count *member* in."""
        slot = (self._hand + len(self._slots)) % KEEPALIVE_INTERVAL
        self._slots[member] = slot
        self._wheel[slot][member] = None
        self._empty.clear()

    def remove(self, member: Member) -> None:
        """Count *member* out."""
        slot = self._slots.pop(member, None)
        if slot is not None:
            del self._wheel[slot][member]
        if not self._slots:
            self._empty.set()

    def second(self) -> None:
        """Let a second pass: a twentieth of the connections is pinged."""
        self._hand = (self._hand + 1) % KEEPALIVE_INTERVAL
        if due := tuple(self._wheel[self._hand]):
            self._keep_alive(due, SPREAD * AT_ONCE / len(due))

    def _keep_alive(self, due: tuple[Member, ...], pause: float) -> None:
        for member in due[:AT_ONCE]:
            member.keep_alive()
        if rest := due[AT_ONCE:]:
            asyncio.get_running_loop().call_later(pause, self._keep_alive, rest, pause)

    async def dismiss(self, patience: float) -> None:
        """End all connections (1012); who is still there after *patience* seconds is cut off."""
        for member in tuple(self._slots):
            member.hang_up(CloseCode.RESTART, "the relay restarts")
        try:
            async with asyncio.timeout(patience):
                await self._empty.wait()
        except TimeoutError:
            for member in tuple(self._slots):
                member.abort()
            await self._empty.wait()
