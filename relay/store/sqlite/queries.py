"""Lists and pages, for any connection. Changes nothing; every statement is short and keyed.

A page is cut by the size of its texts before it is built: no answer may pass 512 KiB, and the
newest messages are the ones that must be in it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    TextClause,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from relay.desk.contact import CONTACT_FIELDS
from relay.desk.events import Message, Millis, Role
from relay.desk.request import Record
from relay.desk.stats import End, Span
from relay.store.sqlite import search
from relay.store.sqlite.rows import MESSAGES, RECORDS, message_of, record_of
from relay.store.sqlite.schema import customer, help_request, message

PAGE_BYTES = 2**19
"""Texts of more than this cannot be in one answer, however they are encoded."""

NO_END = 2**63 - 1
"""More than any number of a message: SQLite's largest."""

EVENTS_SIZE, EVENT_OVERHEAD = 2**16, 300
"""Characters of events that are read at once, and those of each that are not its text."""


@dataclass(frozen=True, slots=True)
class MessageRange:
    """Which messages: those of one side (``role``) after ``after`` and before ``before``.

    The newest ``limit`` of them, all if it is None. Numbers are that side's.
    """

    role: Role
    after: int = 0
    before: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages, oldest first; ``more``: there are older ones in the window."""

    messages: list[Message]
    more: bool


@dataclass(frozen=True, slots=True)
class RequestFilter:
    """Which requests; each field narrows. ``customer`` is an id, a name or an email.

    ``text`` are words, all of which are in one message, or in the name and email; ``newest``: only
    so many of what the others leave, those with the highest numbers.
    """

    status: str | None = None
    agent: int | None = None
    customer: int | str | None = None
    site: str | None = None
    tag: str | None = None
    since: Millis | None = None
    until: Millis | None = None
    closed_before: Millis | None = None
    text: str | None = None
    requests: tuple[int, ...] | None = None
    held: bool | None = None
    newest: int | None = None


def messages(connection: Connection, number: int, window: MessageRange) -> MessagePage:
    """Return the messages of request *number* in *window*."""
    place = {
        "number": number,
        "after": window.after,
        "before": NO_END if window.before is None else window.before,
    }
    newest_first: list[Message] = []
    size, more = 0, False
    for row in connection.execute(_NEWEST_FIRST[window.role], place):
        size += len(row.text or "")
        if size > PAGE_BYTES or len(newest_first) == window.limit:
            more = True
            break
        newest_first.append(message_of(row))
    return MessagePage(newest_first[::-1], more)


def open_records(connection: Connection) -> list[Record]:
    """Return every request that is waiting or active."""
    rows = connection.execute(RECORDS.where(help_request.c.status != "closed"))
    return [record_of(row) for row in rows]


def closed_count(connection: Connection) -> int:
    """Return how many closed requests there are."""
    closed = select(func.count(help_request.c.closed_at))
    return connection.execute(closed).scalar_one()


def records(
    connection: Connection, narrow: RequestFilter, before: int | None, limit: int
) -> tuple[list[Record], bool]:
    """Return requests by number, descending, and whether there are more."""
    query = RECORDS.where(*conditions(narrow))
    if before is not None:
        query = query.where(help_request.c.id < before)
    rows = connection.execute(query.order_by(help_request.c.id.desc()).limit(limit + 1)).all()
    return [record_of(row) for row in rows[:limit]], len(rows) > limit


@dataclass(frozen=True, slots=True)
class Events:
    """Messages of any request by their ids: id, request and message, in the order of storing.

    ``place`` is the id up to which there is nothing else; ``more``: there is, after it.
    """

    entries: list[tuple[int, int, Message]]
    place: int
    more: bool


def events_after(connection: Connection, place: int, narrow: RequestFilter) -> Events:
    """Return some of what was stored after the message with the id *place*, as *narrow* wants."""
    top = connection.execute(select(func.max(message.c.id))).scalar() or 0
    query = (
        MESSAGES.join(help_request)
        .join(customer)
        .where(message.c.id > place, message.c.id <= top, *conditions(narrow))
    )
    entries: list[tuple[int, int, Message]] = []
    size = 0
    for row in connection.execute(query.order_by(message.c.id)):
        size += len(row.text or "") + EVENT_OVERHEAD
        if entries and size > EVENTS_SIZE:
            return Events(entries, entries[-1][0], more=True)
        entries.append((row.id, row.request_id, message_of(row)))
    return Events(entries, max(top, place), more=False)


def spans(
    connection: Connection, since: Millis, until: Millis, narrow: RequestFilter
) -> list[Span]:
    """Return the requests of *narrow* that were opened from *since* on and before *until*."""
    answered = (
        select(func.min(message.c.at))
        .where(
            message.c.request_id == help_request.c.id,
            message.c.kind == "text",
            message.c.by_role == Role.AGENT,
        )
        .scalar_subquery()
    )
    columns = (
        help_request.c.opened_at,
        answered,
        help_request.c.closed_at,
        help_request.c.agent_id,
        help_request.c.site,
        help_request.c.rating_score,
    )
    opened = (help_request.c.opened_at >= since, help_request.c.opened_at < until)
    query = select(*columns).select_from(_WHOSE).where(*opened, *conditions(narrow))
    return [Span(*row) for row in connection.execute(query)]


def ends(connection: Connection, since: Millis, until: Millis, narrow: RequestFilter) -> list[End]:
    """Return the ends of those of *narrow* that were closed from *since* on and before *until*."""
    columns = (help_request.c.closed_at, help_request.c.agent_id, help_request.c.site)
    closed = (help_request.c.closed_at >= since, help_request.c.closed_at < until)
    query = select(*columns).select_from(_WHOSE).where(*closed, *conditions(narrow))
    return [End(*row) for row in connection.execute(query)]


def conditions(narrow: RequestFilter) -> list[ColumnElement[bool] | TextClause]:
    """Return what a row of ``help_request`` joined with its ``customer`` must fulfil."""
    wanted = _each(narrow)
    if narrow.newest is None:
        return wanted
    newest = select(help_request.c.id).select_from(_WHOSE).where(*wanted)
    newest = newest.order_by(help_request.c.id.desc()).limit(narrow.newest)
    # Its tables are its own, although the query around it reads them too.
    return [help_request.c.id.in_(newest.correlate(None))]


def _each(narrow: RequestFilter) -> list[ColumnElement[bool] | TextClause]:
    equal = {
        help_request.c.status: narrow.status,
        help_request.c.agent_id: narrow.agent,
        help_request.c.site: narrow.site,
    }
    conditions: list[ColumnElement[bool] | TextClause]
    conditions = [column == value for column, value in equal.items() if value is not None]
    if narrow.customer is not None:
        conditions.append(_is_customer(narrow.customer))
    if narrow.tag is not None:
        tags = func.json_each(help_request.c.tags).table_valued("value")
        conditions.append(select(tags.c.value).where(tags.c.value == narrow.tag).exists())
    if narrow.since is not None:
        conditions.append(help_request.c.opened_at >= narrow.since)
    if narrow.until is not None:
        conditions.append(help_request.c.opened_at < narrow.until)
    if narrow.closed_before is not None:
        conditions.append(help_request.c.closed_at < narrow.closed_before)
    if narrow.text is not None:
        conditions.append(search.says(narrow.text))
    if narrow.requests is not None:
        conditions.append(help_request.c.id.in_(narrow.requests))
    if narrow.held is not None:
        kept = help_request.c.hold.is_not(None)
        conditions.append(kept if narrow.held else ~kept)
    return conditions


def _is_customer(wanted: int | str) -> ColumnElement[bool]:
    if isinstance(wanted, int):
        return help_request.c.customer_id == wanted
    # Who asks for somebody's data to be gone does not know how the name was written.
    same = (column.collate("NOCASE") == wanted for column in CONTACT)
    return or_(*same)


CONTACT = [customer.c[field] for field in CONTACT_FIELDS]
_WHOSE = help_request.join(customer)


def _newest_first(seq: Column[int]) -> Select[Any]:
    inside = and_(seq > bindparam("after"), seq < bindparam("before"))
    of_one = message.c.request_id == bindparam("number")
    return MESSAGES.where(of_one, inside).order_by(seq.desc())


_NEWEST_FIRST = {
    Role.CUSTOMER: _newest_first(message.c.customer_seq),
    Role.AGENT: _newest_first(message.c.seq),
}
