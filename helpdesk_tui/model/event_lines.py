"""Events as one line of text each, for the line-based form. Pure."""

from collections.abc import Iterator

from helpdesk_tui.model.effects import Connecting, Ended, LinkState, Offline, Online
from helpdesk_tui.model.objects import Message, Request, message_from
from helpdesk_tui.model.presence import collision
from helpdesk_tui.model.request_list import count_own
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.timeline import Unread
from relay.wire import agent_out, objects


def lines_for_frame(
    seat: Seat, frame: agent_out.RelayFrame, before: Request | None
) -> Iterator[str]:
    """Yield the lines for *frame*, already applied to *seat*; *before* is its request before."""
    match frame:
        case agent_out.Welcome():
            yield _at_the_desk(seat)
        case agent_out.RequestPush() | agent_out.Ok():
            told = frame.request
            if isinstance(told, objects.AgentRequest):
                yield from _changes(seat, before, told.id)
            elif isinstance(frame, agent_out.Ok):
                yield "you are away" if seat.away else "you are online"
        case agent_out.Joined():
            if request := seat.desk.requests.get(frame.request.id):
                yield _summary(request)
            yield from message_lines(seat, frame.request.id, 10)
        case objects.MessagePush():
            yield _line(seat, frame.request, message_from(frame.message))
        case objects.Sent():
            yield f"stored as {frame.seq}"
        case objects.Gone():
            yield f"#{frame.request} was deleted"
        case _:
            pass


def connection_line(connection: LinkState, now: float) -> str:
    """Return the line for a state of the connection; empty for the usual ones."""
    match connection:
        case Offline(reason=reason, retry_at=at):
            return f"offline: {reason} Calling again in {max(0, round(at - now))} s."
        case Ended(reason=reason):
            return f"offline for good: {reason}"
        case Connecting() | Online():
            return ""


def request_lines(seat: Seat, requests: list[Request]) -> Iterator[str]:
    """Yield a line for each of *requests*."""
    yield from (_summary(request, seat.desk.unread_count(request)) for request in requests)
    yield f"{len(requests)} requests"


def message_lines(seat: Seat, number: int, most: int) -> Iterator[str]:
    """Yield the last *most* messages known of a request."""
    timeline = seat.desk.timelines.get(number)
    for message in timeline.messages[-most:] if timeline else ():
        yield _line(seat, number, message)


def colleague_lines(seat: Seat, now: float) -> tuple[str, ...]:
    """Return a line for each colleague who has the open request open, and for one who types."""
    number = seat.open or 0
    looking = tuple(
        f"#{number} {one.name} looks, too" for one in seat.desk.watching.get(number, ())
    )
    writing = collision(seat, now)
    return (*looking, f"#{number} {writing}") if writing else looking


def unsent_lines(seat: Seat, number: int) -> Iterator[str]:
    """Yield the drafts and unsent texts of a request."""
    draft = seat.drafts.of(number)
    for state, text in (("draft", draft.answer), ("draft of a note", draft.note)):
        if text:
            yield f"#{number} {state}: {_one_line(text)}"
    for unsent in seat.outbox.of(number):
        state = f"not sent, {unsent.failed}" if unsent.failed else "unsent"
        yield f"#{number} {state}: {_one_line(unsent.text)}"


def unknown_unsent_lines(seat: Seat) -> Iterator[str]:
    """Yield the drafts and unsent texts of requests that the relay has not sent."""
    for number in seat.unknown:
        yield from unsent_lines(seat, number)


def _at_the_desk(seat: Seat) -> str:
    name = seat.desk.me.name if seat.desk.me else "the desk"
    mine, new, waiting = count_own(seat)
    told = f"mine {mine} ({new} new)" if new else f"mine {mine}"
    return f"online as {name}: {told}, {waiting} waiting"


def _changes(seat: Seat, before: Request | None, number: int) -> Iterator[str]:
    """Yield lines for a request's change, but not for messages that have lines of their own."""
    now = seat.desk.requests.get(number)
    if now is None:
        if before is not None:
            yield f"#{number} closed"
        return
    if before is None or before.status != now.status or before.holder != now.holder:
        yield _summary(now)
    elif now.tags != before.tags:
        yield f"#{number} tags: {', '.join(now.tags) or 'none'}"
    elif number != seat.open and now.last and now.seq > before.seq and now.last.by == "customer":
        yield f"#{number} {now.customer.name}: {now.last.text}"


def _summary(request: Request, unread: Unread = Unread()) -> str:  # noqa: B008 - frozen
    # Who closed it stands in the log alone; it need not be who held it.
    holder = f" by {request.holder.name}" if request.holder and not request.closed else ""
    new = f", {unread} new" if unread.most else ""
    last = f": {request.last.text}" if request.last else ""
    return f"#{request.id} {request.status}{holder}{new}, {request.customer.name}{last}"


def _line(seat: Seat, number: int, message: Message) -> str:
    text = _one_line(message.text)
    if message.kind == "activity":
        return f"#{number} * {text}"
    mine = seat.desk.me and message.role == "agent" and message.author == seat.desk.me.id
    who = "you" if mine else message.name
    return f"#{number} {f'note by {who}' if message.kind == 'note' else who}: {text}"


def _one_line(text: str) -> str:
    return text.replace("\n", " ⏎ ")
