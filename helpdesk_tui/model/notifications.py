"""Notifications for an agent who looks elsewhere: when one is due, and its text. Pure."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_tui.model.objects import Request
from helpdesk_tui.model.request_list import Section, section_of
from helpdesk_tui.model.seat import Seat


@dataclass(frozen=True, slots=True)
class LastSeen:
    """A request as it was at the last check. ``said``: when its customer last wrote."""

    section: Section
    said: datetime | None


class Notifier:
    """Notifies of new requests and texts, and again every *remind* seconds (0: never).

    Two are *pause* seconds apart, at least.
    New is a request in the queue, one that came to the agent, and what a customer wrote in
    either; notes, tags and colleagues' answers are not. An agent who is away is told nothing.
    """

    def __init__(self, *, remind: float, words: bool, pause: float) -> None:
        self._remind, self._words, self._pause = remind, words, pause
        self._seen: dict[int, LastSeen] = {}
        self._told_at: float | None = None

    def text_due(self, seat: Seat, now: float, *, focused: bool) -> str:
        """Return the notification due now, or an empty string; none is while the agent looks."""
        known = [request for request in seat.desk.requests.values() if not request.closed]
        seen = {request.id: self._see(seat, request) for request in known}
        if focused or seat.away:
            self._seen, self._told_at = seen, now
            return ""
        if self._told_at is not None and now - self._told_at < self._pause:
            return ""
        new = [r for r in known if _is_new(r, self._seen.get(r.id), seen[r.id])]
        self._seen = seen
        unclaimed = [request for request in known if request.holder is None]
        waited = self._told_at is not None and 0 < self._remind <= now - self._told_at
        if not new and not (waited and unclaimed):
            return ""
        self._told_at = now
        return self._sentence(new or unclaimed, again=not new)

    def _see(self, seat: Seat, request: Request) -> LastSeen:
        before, last = self._seen.get(request.id), request.last
        said = before.said if before else None
        section = section_of(seat, request)
        # That something of the agent's own was read is nothing to tell.
        section = Section.MINE if section is Section.NEW else section
        return LastSeen(section, last.at if last and _asks(request) else said)

    def _sentence(self, requests: list[Request], *, again: bool) -> str:
        still = " still" if again else ""
        if len(requests) > 1:
            return f"{len(requests)} requests{still} need you"
        [request] = requests
        if not self._words:
            return f"#{request.id}{still} needs you"
        said = request.last.text if request.last else ""
        return f"#{request.id} {request.customer.name}: {said}".removesuffix(": ")


def _is_new(request: Request, before: LastSeen | None, now: LastSeen) -> bool:
    match now.section:
        case Section.WAITING:
            return before != now
        case Section.MINE:
            return before != now if before else _asks(request)
        case _:
            return False


def _asks(request: Request) -> bool:
    return request.last is None or request.last.by == "customer"
