"""The request list: which requests, in which sections and order, in what words. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from helpdesk_tui.model.objects import SNIPPET_LIMIT, Agent, Request
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.waiting_time import urgency, waited
from relay.desk.request_query import ME, QueryError, RequestQuery, is_called, parse_query
from relay.sanitize import printable_line


class Section(Enum):
    """A part of the list; the value is its heading."""

    NEW = "mine, new"
    """The agent's own, with unread texts, or transferred to them and not looked at yet."""
    WAITING = "waiting"
    MINE = "mine"
    OTHERS = "colleagues'"
    CLOSED = "closed"
    KEPT = "kept here"
    """Something is written in it, and the relay has not told of it."""


PLACES = {section: place for place, section in enumerate(Section)}


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a section."""

    section: Section
    count: int
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A request as the list shows it. ``urgency``: 0, 1 or 2, by how long the customer waits.

    ``unread`` are at most so many; ``new`` says the number, or that it is a bound. ``given`` says
    who transferred it to the agent, until they have looked at it.
    """

    number: int
    section: Section
    customer: str
    online: bool
    holder: str
    watchers: str
    waited: str
    urgency: int
    last: str
    tags: tuple[str, ...]
    unread: int
    new: str
    given: str
    typing: bool
    written: str


def rows(seat: Seat, now: datetime, instant: float, narrowed: str = "") -> tuple[Row, ...]:
    """Return the requests in the list's order; *instant* is on the typing clock.

    In each section the longest waiting come first. Closed ones are among them while they are open
    in the console or something is unsent in them, for it could not be reached any more, and when
    the agent asked to see them.
    *narrowed* leaves those that meet this query. Last come those of which nothing is known here but
    what the agent has written.
    """
    query, wrong = query_of(narrowed, now)
    if wrong:
        return ()
    listed = sorted((_order(seat, request), request) for request in _listed(seat))
    kept = (request for _, request in listed if matches(seat, request, query))
    unknown = (_unknown_row(seat, number) for number in _unlisted(seat))
    found = (row for row in unknown if all(word in _words_of(row) for word in query.words))
    left = () if query.has_conditions else found
    return (*(_row(seat, request, now, instant) for request in kept), *left)


def sections(listed: Iterable[Row], folded: Collection[Section] = ()) -> tuple[Heading | Row, ...]:
    """Return the rows with a heading above each section; of the *folded* ones the heading alone."""
    parts: dict[Section, list[Row]] = {}
    for row in listed:
        parts.setdefault(row.section, []).append(row)
    items: list[Heading | Row] = []
    for section, part in parts.items():
        items.append(Heading(section, len(part), section in folded))
        items += () if section in folded else part
    return tuple(items)


def query_of(text: str, now: datetime) -> tuple[RequestQuery, str]:
    """Return the query that an agent typed, and what is wrong with it, as a sentence, or nothing.

    Of a wrong one, which may be the beginning of a right one, the query is empty.
    """
    try:
        return parse_query(text, now), ""
    except QueryError as wrong:
        return RequestQuery(), str(wrong)


def matches(seat: Seat, request: Request, query: RequestQuery) -> bool:
    """Return whether *request* meets all of *query*."""
    text = searchable_text(request) if query.words else ""
    return all(word in text for word in query.words) and meets(seat, request, query)


def meets(seat: Seat, request: Request, query: RequestQuery) -> bool:
    """Return whether *request* meets the conditions of *query*, whatever its words."""
    opened, holder, me = request.opened_at, request.holder, seat.desk.me
    return (
        all(_is(seat, request, state) for state in query.is_)
        and {*query.tags} <= {*request.tags}
        and all(site == request.site for site in query.sites)
        and all(_is_by(value, holder, me) for value in query.by)
        and (query.before is None or (opened is not None and opened < query.before))
    )


def _is(seat: Seat, request: Request, state: str) -> bool:
    match state:
        case "mine":
            return _is_by(ME, request.holder, seat.desk.me)
        case "new":
            return section_of(seat, request) is Section.NEW
        case _:
            return request.status == state


def _is_by(value: str, holder: Agent | None, me: Agent | None) -> bool:
    if holder is None:
        return False
    return (me is not None and value == ME and holder.id == me.id) or is_called(value, holder.name)


def searchable_text(request: Request) -> str:
    """Return all that a request can be found by, folded for comparing."""
    customer, last = request.customer, request.last
    holder = request.holder.name if request.holder else ""
    details = (value for _, value in customer.details)
    parts = (f"#{request.id}", customer.name, *details, holder, last.text if last else "")
    return "\n".join((*parts, *request.tags)).casefold()


def next_request(seat: Seat) -> int | None:
    """Return the next request after the open one that needs this agent; None if none does.

    First their own with something new, then those that nobody has claimed, then their own that
    wait for an answer; the longest waiting before the others, and behind the last the first again.
    """
    known = [r for r in seat.desk.requests.values() if not r.closed and r.id != seat.open]
    needing = sorted((_order(seat, r), r.id) for r in known if _needs(seat, r))
    here = (_order(seat, seat.request), seat.request.id) if seat.request else None
    if seat.request and section_of(seat, seat.request) is not Section.NEW:
        here = None if any(order[0] == PLACES[Section.NEW] for order, _ in needing) else here
    behind = [number for order, number in needing if here and (order, number) > here]
    return next(iter((*behind, *(number for _, number in needing))), None)


def section_of(seat: Seat, request: Request) -> Section:
    """Return the section that a request stands in."""
    me, holder = seat.desk.me, request.holder
    if request.closed:
        return Section.CLOSED
    if holder is None:
        return Section.WAITING
    if not (me and holder.id == me.id):
        return Section.OTHERS
    new = request.id in seat.desk.given or seat.desk.unread_count(request).least
    return Section.NEW if new else Section.MINE


def count_own(seat: Seat) -> tuple[int, int, int]:
    """Return how many open requests are the agent's, how many of them have something new, and
    how many nobody has claimed."""
    known = (request for request in seat.desk.requests.values() if not request.closed)
    counts = Counter(section_of(seat, request) for request in known)
    new = counts[Section.NEW]
    return new + counts[Section.MINE], new, counts[Section.WAITING]


def _listed(seat: Seat) -> Iterable[Request]:
    shown = seat.written | ({seat.open} if seat.open is not None else set())
    known = seat.desk.requests
    yield from (r for r in known.values() if not r.closed or r.id in shown)
    for request in seat.desk.closed or ():
        if not ((here := known.get(request.id)) and (not here.closed or here.id in shown)):
            yield request


def _needs(seat: Seat, request: Request) -> bool:
    match section_of(seat, request):
        case Section.NEW | Section.WAITING:
            return True
        case Section.MINE:
            return request.waiting_since is not None
        case _:
            return False


def _order(seat: Seat, request: Request) -> tuple[int, bool, float, int]:
    section, since = section_of(seat, request), request.waiting_since
    place = PLACES[section]
    if section is Section.CLOSED:
        closed_at = request.closed_at
        return (place, False, -closed_at.timestamp() if closed_at else 0.0, -request.id)
    return (place, since is None, since.timestamp() if since else 0.0, request.id)


def _row(seat: Seat, request: Request, now: datetime, instant: float) -> Row:
    desk, since = seat.desk, None if request.closed else request.waiting_since
    new = desk.unread_count(request)
    return Row(
        number=request.id,
        section=section_of(seat, request),
        customer=request.customer.name,
        online=request.customer.online,
        holder=request.holder.name if request.holder else "",
        watchers=", ".join(agent.name for agent in desk.watching.get(request.id, ())),
        waited=waited(since, now),
        urgency=urgency(since, now),
        last=_last(seat, request),
        tags=request.tags,
        unread=new.most,
        new=str(new) if new.least else "",  # what may be none is not shown as some
        given=desk.given.get(request.id, ""),
        typing="customer" in desk.typing_roles(request.id, instant),
        written=_written(seat, request.id),
    )


def _last(seat: Seat, request: Request) -> str:
    """Return the latest text, with who wrote it if that was not the customer."""
    if (last := request.last) is None:
        return ""
    match last.by:
        case "customer":
            return last.text
        case "agent":
            return f"{_author(seat, request)}: {last.text}"
        case _:
            return f"Desk: {last.text}"


def _author(seat: Seat, request: Request) -> str:
    """Return who of the agents wrote the latest text: by the messages, else who holds it."""
    me, timeline = seat.desk.me, seat.desk.timelines.get(request.id)
    texts = (m for m in reversed(timeline.messages) if m.kind == "text") if timeline else ()
    wrote = next(iter(texts), None)
    if wrote and wrote.role == "agent":
        author, name = wrote.author, wrote.name
    elif request.holder:
        author, name = request.holder.id, request.holder.name
    else:
        author, name = None, "Agent"
    return "You" if me and author == me.id else name


def _unlisted(seat: Seat) -> Iterable[int]:
    closed = {request.id for request in seat.desk.closed or ()}
    return (number for number in seat.unknown if number not in closed)


def _unknown_row(seat: Seat, number: int) -> Row:
    draft, texts = seat.drafts.of(number), seat.outbox.of(number)
    text = texts[0].text if texts else draft.answer or draft.note
    return Row(
        number=number,
        section=Section.KEPT,
        customer="",
        online=False,
        holder="",
        watchers="",
        waited="",
        urgency=0,
        last=printable_line(text, SNIPPET_LIMIT),
        tags=(),
        unread=0,
        new="",
        given="",
        typing=False,
        written=_written(seat, number),
    )


def _words_of(row: Row) -> str:
    return f"#{row.number}\n{row.last}".casefold()


def _written(seat: Seat, number: int) -> str:
    texts = seat.outbox.of(number)
    if any(text.failed for text in texts):
        return "failed"
    if texts:
        return "unsent"
    return "draft" if number != seat.open and seat.drafts.of(number) else ""
