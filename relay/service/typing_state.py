"""Who is writing, and for how long that holds. Pure: seconds of a steady clock are arguments."""

from dataclasses import dataclass

from relay.hub import Peer

TELL_EVERY = 2.0
"""Seconds between two tellings that somebody still writes (protocol, section 4)."""
HOLDS_FOR = 6.0
"""Seconds after which somebody who says nothing more of it writes no more."""


@dataclass(slots=True)
class _Writing:
    """``until`` is None for somebody who has stopped; ``told``: the others think they write."""

    until: float | None = None
    told: bool = False
    told_at: float = -TELL_EVERY


@dataclass(frozen=True, slots=True)
class Turn:
    """What time has done: who has stopped, and who has begun too soon after the last telling."""

    stopped: list[tuple[int, Peer]]
    begun: list[tuple[int, Peer]]


class TypingState:
    """Which connection writes in which request."""

    def __init__(self) -> None:
        """Nobody writes."""
        self._writing: dict[tuple[int, Peer], _Writing] = {}

    def set(self, number: int, peer: Peer, now: float, *, on: bool) -> bool:
        """Note that *peer* writes in request *number*, or not; return whether to tell of it."""
        known = self._writing.get((number, peer))
        if not on:
            if known is None:
                return False
            was_told, known.told, known.until = known.told, False, None
            return was_told
        if known is None:
            known = self._writing[number, peer] = _Writing()
        known.until = now + HOLDS_FOR
        return _tell(known, now)

    def turn(self, now: float) -> Turn:
        """Return whom time has stopped, and whose beginning may be told now."""
        stopped, begun = [], []
        for key, known in tuple(self._writing.items()):
            if known.until is not None and known.until <= now:
                known.until = None
                if known.told:
                    known.told = False
                    stopped.append(key)
            elif known.until is not None and not known.told and _tell(known, now):
                begun.append(key)
            if known.until is None and now - known.told_at >= TELL_EVERY:
                del self._writing[key]
        return Turn(stopped, begun)

    def of_request(self, number: int) -> list[tuple[int, Peer]]:
        """Return, and forget, who is known to write in request *number*."""
        return self._forget([key for key in self._writing if key[0] == number])

    def of_peer(self, peer: Peer) -> list[tuple[int, Peer]]:
        """Return, and forget, where *peer* is known to write."""
        return self._forget([key for key in self._writing if key[1] is peer])

    def _forget(self, keys: list[tuple[int, Peer]]) -> list[tuple[int, Peer]]:
        return [key for key in keys if self._writing.pop(key).told]


def _tell(known: _Writing, now: float) -> bool:
    if now - known.told_at < TELL_EVERY:
        return False
    known.told, known.told_at = True, now
    return True
