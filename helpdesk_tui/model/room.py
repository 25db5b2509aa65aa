"""How much of what was said is kept in memory over a long day. Pure.

What was looked at longest ago goes first, of closed requests before others: all but its last page,
and if that is not enough, all. It comes again when it is looked at. What is open or written in
stays, and what counts as unread is the same before and after.
"""

from collections.abc import Collection
from dataclasses import dataclass

from helpdesk_tui.model.desk import Desk
from helpdesk_tui.model.objects import by_customer
from helpdesk_tui.model.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Room:
    """The most messages to keep of all requests together, and of one that is shortened."""

    most: int = 20_000
    page: int = 100


def make_room(desk: Desk, room: Room, staying: Collection[int]) -> None:
    """Let go of what is too much for *room*, but for the requests *staying*."""
    too_many = sum(timeline.count for timeline in desk.timelines.values()) - room.most
    if too_many <= 0:
        return
    going = [number for number in desk.timelines if number not in staying]
    going.sort(key=lambda number: not _is_closed(desk, number))  # stable: else as looked at
    for page in (room.page, 0):
        for number in going:
            if too_many > 0:
                too_many -= _shorten(desk, number, page)


def _is_closed(desk: Desk, number: int) -> bool:
    request = desk.requests.get(number)
    return request is None or request.closed


def _shorten(desk: Desk, number: int, page: int) -> int:
    """Keep the last *page* messages of a request; return how many went."""
    if not page:
        return _drop(desk, number)
    whole, request = desk.timelines[number], desk.requests.get(number)
    unread = desk.counted(request) if request else None
    desk.timelines[number] = short = _end_of(whole, page)
    if request and desk.counted(request) != unread:
        desk.timelines[number] = short = whole
    return whole.count - short.count


def _drop(desk: Desk, number: int) -> int:
    """Keep no message of a request, unless one is unread or would then seem to be."""
    request = desk.requests.get(number)
    if request and (desk.unread(request) or desk.unread_at_most(request)):
        return 0
    if _is_closed(desk, number):
        desk.requests.pop(number, None)
    return desk.timelines.pop(number).count


def _end_of(whole: Timeline, page: int) -> Timeline:
    """Return the last *page* of *whole*, and more if the customer's last text lies before it."""
    messages = whole.messages
    texts = [place for place, message in enumerate(messages) if by_customer(message)]
    end = Timeline()
    end.add(messages[min(max(0, len(messages) - page), *texts[-1:], len(messages)) :])
    return end
