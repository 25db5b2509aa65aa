"""How often a request is pushed: at most once a second, the last state always. Pure.

Seconds of a steady clock come in as arguments.
"""

from relay.desk.record import Record
from relay.value import Value

PUSH_EVERY = 1.0
"""Seconds between two pushes of one request for what only messages change (protocol, section 5)."""


class Waiting(Value, frozen=True):
    """A request that has changed since its last push; ``seen``: in what its customer sees too."""

    record: Record
    seen: bool


class Pace:
    """Which requests have been pushed within the last second, and which wait for its end."""

    def __init__(self) -> None:
        """Nothing has been pushed."""
        self._pushed_at: dict[int, float] = {}
        self._waiting: dict[int, Waiting] = {}

    def wait(self, record: Record, now: float, *, seen: bool) -> bool:
        """Return whether *record* has to wait; then :meth:`due` returns it in its time."""
        number = record.request.id
        if now - self._pushed_at.get(number, now - PUSH_EVERY) >= PUSH_EVERY:
            return False
        self._waiting[number] = Waiting(record, seen or self._seen(number))
        return True

    def pushed(self, number: int, now: float) -> bool:
        """Begin a new second; return whether what waited has changed what the customer sees."""
        seen = self._seen(number)
        self._waiting.pop(number, None)
        self._pushed_at[number] = now
        return seen

    def forget(self, number: int) -> None:
        """Push nothing more of request *number*, which is gone."""
        self._waiting.pop(number, None)
        self._pushed_at.pop(number, None)

    def due(self, now: float) -> list[Waiting]:
        """Return, and forget, the requests whose second is over."""
        over = [number for number, at in self._pushed_at.items() if now - at >= PUSH_EVERY]
        for number in over:
            del self._pushed_at[number]
        return [self._waiting.pop(number) for number in over if number in self._waiting]

    def _seen(self, number: int) -> bool:
        waiting = self._waiting.get(number)
        return waiting is not None and waiting.seen
