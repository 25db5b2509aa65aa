"""When to tell an agent who looks elsewhere, and in what words. Pure; instants are any clock's.

Customers' names and words are told only where an agent has set so: others may see a screen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk_tui.model.objects import Request
from helpdesk_tui.model.seat import Seat

PAUSE = 5.0
"""Seconds between two notifications, at least."""


@dataclass(frozen=True, slots=True)
class Need:
    """A request that needs this agent, as it was when it was told of."""

    number: int
    seq: int


class Telling:
    """Tells of what is new, and again every *remind* seconds (0: never) while nobody claims."""

    def __init__(self, *, remind: float, words: bool) -> None:
        self._remind, self._words = remind, words
        self._told: frozenset[Need] = frozenset()
        self._told_at: float | None = None

    def look(self, seat: Seat, now: float, *, focused: bool) -> str:
        """Return what to tell now, or nothing; an agent who looks is told nothing."""
        needing = {Need(request.id, request.seq): request for request in _needing(seat)}
        if focused:
            self._told, self._told_at = frozenset(needing), now
            return ""
        if self._told_at is not None and now - self._told_at < PAUSE:
            return ""
        new = [request for need, request in needing.items() if need not in self._told]
        unclaimed = [request for request in needing.values() if request.holder is None]
        waited = self._told_at is not None and 0 < self._remind <= now - self._told_at
        if not new and not (waited and unclaimed):
            return ""
        self._told, self._told_at = frozenset(needing), now
        return self._sentence(new or unclaimed, again=not new)

    def _sentence(self, requests: list[Request], *, again: bool) -> str:
        still = " still" if again else ""
        if len(requests) > 1:
            return f"{len(requests)} requests{still} need you"
        [request] = requests
        if not self._words:
            return f"#{request.id}{still} needs you"
        said = request.last.text if request.last else ""
        return f"#{request.id} {request.customer.name}: {said}".removesuffix(": ")


def _needing(seat: Seat) -> Iterable[Request]:
    me = seat.desk.me
    for request in seat.desk.requests.values():
        mine = request.holder and me and request.holder.id == me.id
        by_customer = request.last is None or request.last.by == "customer"
        if not request.closed and (request.holder is None or (mine and by_customer)):
            yield request
