"""Typing state of actors, with expiry. Pure: seconds of a steady clock are arguments."""

from dataclasses import dataclass

from relay.desk.actors import Actor

PUSH_INTERVAL = 2.0
"""Seconds between two pushes that an actor still types (docs/protocol.md)."""
EXPIRES_AFTER = 6.0
"""Seconds after which an actor who does not repeat it has stopped typing."""


@dataclass(slots=True)
class _Writing:
    """``until`` is None for an actor who has stopped; ``pushed``: others show it."""

    until: float | None = None
    pushed: bool = False
    pushed_at: float = -PUSH_INTERVAL


@dataclass(frozen=True, slots=True)
class Expired:
    """Changes by time: actors who have stopped, and those whose start had to wait for its push."""

    stopped: list[tuple[int, Actor]]
    begun: list[tuple[int, Actor]]


class TypingState:
    """Table of the actors who type, by request."""

    def __init__(self) -> None:
        """Start empty."""
        self._writing: dict[tuple[int, Actor], _Writing] = {}

    def set(self, number: int, actor: Actor, now: float, *, on: bool) -> bool:
        """Set whether *actor* types in request *number*; return whether to push it."""
        entry = self._writing.get((number, actor))
        if not on:
            if entry is None:
                return False
            was_pushed, entry.pushed, entry.until = entry.pushed, False, None
            return was_pushed
        if entry is None:
            entry = self._writing[number, actor] = _Writing()
        entry.until = now + EXPIRES_AFTER
        return _may_push(entry, now)

    def expire(self, now: float) -> Expired:
        """Return the actors who have stopped, and those whose start may be pushed now."""
        stopped, begun = [], []
        for key, entry in tuple(self._writing.items()):
            if entry.until is not None and entry.until <= now:
                entry.until = None
                if entry.pushed:
                    entry.pushed = False
                    stopped.append(key)
            elif entry.until is not None and not entry.pushed and _may_push(entry, now):
                begun.append(key)
            if entry.until is None and now - entry.pushed_at >= PUSH_INTERVAL:
                del self._writing[key]
        return Expired(stopped, begun)

    def remove_request(self, number: int) -> list[tuple[int, Actor]]:
        """Remove request *number*; return the actors shown to type in it."""
        return self._remove([key for key in self._writing if key[0] == number])

    def remove_actor(self, actor: Actor) -> list[tuple[int, Actor]]:
        """Remove *actor*; return where they are shown to type."""
        return self._remove([key for key in self._writing if key[1] is actor])

    def _remove(self, keys: list[tuple[int, Actor]]) -> list[tuple[int, Actor]]:
        return [key for key in keys if self._writing.pop(key).pushed]


def _may_push(entry: _Writing, now: float) -> bool:
    if now - entry.pushed_at < PUSH_INTERVAL:
        return False
    entry.pushed, entry.pushed_at = True, now
    return True
