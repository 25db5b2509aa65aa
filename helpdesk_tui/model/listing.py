"""The request list: which requests, in what order, in what words. Pure."""

from dataclasses import dataclass
from datetime import datetime

from helpdesk_tui.model.objects import Request
from helpdesk_tui.model.seat import Seat

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class Row:
    """A request as the list shows it. ``held``: by nobody, ``me``, ``other``, or ``closed``."""

    number: int
    customer: str
    online: bool
    held: str
    holder: str
    watchers: str
    waited: str
    last: str
    unread: int
    typing: bool
    written: str


def rows(seat: Seat, now: datetime, instant: float) -> tuple[Row, ...]:
    """Return the open requests, the longest waiting first; *instant* is on the typing clock.

    Closed ones follow while something is unsent in them, or it could not be reached any more.
    """
    written = seat.written
    known = seat.desk.requests.values()
    listed = [request for request in known if not request.closed or request.id in written]
    return tuple(_row(seat, request, now, instant) for request in sorted(listed, key=_order))


def waited(since: datetime | None, now: datetime) -> str:
    """Return how long the customer has waited for an answer, or nothing if there is one."""
    if since is None:
        return ""
    seconds = int((now - since).total_seconds())
    if seconds < MINUTE:
        return "now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        hours, rest = divmod(seconds, HOUR)
        return f"{hours} h {rest // MINUTE} min" if rest >= MINUTE else f"{hours} h"
    return f"{seconds // DAY} d"


def _order(request: Request) -> tuple[bool, bool, float, int]:
    since = request.waiting_since
    return (request.closed, since is None, since.timestamp() if since else 0.0, request.id)


def _row(seat: Seat, request: Request, now: datetime, instant: float) -> Row:
    desk, holder = seat.desk, request.holder
    mine = holder is not None and desk.me is not None and holder.id == desk.me.id
    return Row(
        number=request.id,
        customer=request.customer.name,
        online=request.customer.online,
        held="closed" if request.closed else "me" if mine else "other" if holder else "",
        holder=holder.name if holder else "",
        watchers=", ".join(agent.name for agent in desk.watching.get(request.id, ())),
        waited="" if request.closed else waited(request.waiting_since, now),
        last=request.last.text if request.last else "",
        unread=desk.unread(request),
        typing="customer" in desk.typing_in(request.id, instant),
        written=_written(seat, request.id),
    )


def _written(seat: Seat, number: int) -> str:
    if seat.outbox.of(number):
        return "unsent"
    return "draft" if number in seat.drafts and number != seat.open else ""
