"""Who is writing, and for how long that holds. Pure: seconds of a steady clock are arguments."""

from dataclasses import dataclass

from relay.hub import Peer

TELL_EVERY = 2.0
"""Seconds between two tellings that somebody still writes (protocol, section 4)."""
HOLDS_FOR = 6.0
"""Seconds after which somebody who says nothing more of it writes no more."""


@dataclass(slots=True)
class _Writing:
    told_at: float
    until: float


class TypingBoard:
    """Which connection writes in which request."""

    def __init__(self) -> None:
        """Nobody writes."""
        self._writing: dict[tuple[int, Peer], _Writing] = {}

    def set(self, number: int, peer: Peer, now: float, *, on: bool) -> bool:
        """Note that *peer* writes in request *number*, or not; return whether to tell of it."""
        known = self._writing.get((number, peer))
        if not on:
            return self._writing.pop((number, peer), None) is not None
        if known is None:
            self._writing[number, peer] = _Writing(now, now + HOLDS_FOR)
            return True
        known.until = now + HOLDS_FOR
        if now - known.told_at < TELL_EVERY:
            return False
        known.told_at = now
        return True

    def forgotten(self, now: float) -> list[tuple[int, Peer]]:
        """Return, and forget, who has said nothing more of it for too long."""
        return self._forget([key for key, known in self._writing.items() if known.until <= now])

    def of_request(self, number: int) -> list[tuple[int, Peer]]:
        """Return, and forget, who writes in request *number*."""
        return self._forget([key for key in self._writing if key[0] == number])

    def of_peer(self, peer: Peer) -> list[tuple[int, Peer]]:
        """Return, and forget, where *peer* writes."""
        return self._forget([key for key in self._writing if key[1] is peer])

    def _forget(self, keys: list[tuple[int, Peer]]) -> list[tuple[int, Peer]]:
        for key in keys:
            del self._writing[key]
        return keys
