"""Queries of requests and messages: filters, pages, statistics. Each is short and uses an index.

A page is cut by the size of its texts while it is read, since no answer may exceed 512 KiB; the
newest messages are the ones that must be in it.
"""

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
from relay.desk.names import name_key
from relay.desk.request import Record
from relay.desk.stats import RequestEnd, RequestTiming
from relay.store.sqlite import search
from relay.store.sqlite.rows import MESSAGES, RECORDS, message_of, record_of
from relay.store.sqlite.schema import customer, help_request, message
from relay.store.values import (
    EVENT_PAGE_SIZE,
    PAGE_BYTES,
    EventPage,
    MessagePage,
    MessageRange,
    RequestFilter,
    RequestPage,
)

NO_END = 2**63 - 1
"""Greater than any ``seq``: SQLite's largest integer."""

EVENT_OVERHEAD = 300
"""Characters of each event that are not its text."""


def messages(connection: Connection, number: int, where: MessageRange) -> MessagePage:
    """Return the messages of request *number* in *where*."""
    place = {
        "number": number,
        "after": where.after,
        "before": NO_END if where.before is None else where.before,
    }
    newest_first: list[Message] = []
    size, more = 0, False
    for row in connection.execute(_NEWEST_FIRST[where.role], place):
        size += len(row.text or "")
        if size > PAGE_BYTES or len(newest_first) == where.limit:
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


def requests(
    connection: Connection, where: RequestFilter, before: int | None, limit: int
) -> RequestPage:
    """Return requests by number, descending."""
    query = RECORDS.where(*conditions(where))
    if before is not None:
        query = query.where(help_request.c.id < before)
    rows = connection.execute(query.order_by(help_request.c.id.desc()).limit(limit + 1)).all()
    return RequestPage([record_of(row) for row in rows[:limit]], len(rows) > limit)


def events_after(connection: Connection, place: int, where: RequestFilter) -> EventPage:
    """Return a page of the messages with ids above *place*, of the requests in *where*."""
    top = connection.execute(select(func.max(message.c.id))).scalar() or 0
    query = (
        MESSAGES.join(help_request)
        .join(customer)
        .where(message.c.id > place, message.c.id <= top, *conditions(where))
    )
    entries: list[tuple[int, int, Message]] = []
    size = 0
    for row in connection.execute(query.order_by(message.c.id)):
        size += len(row.text or "") + EVENT_OVERHEAD
        if entries and size > EVENT_PAGE_SIZE:
            return EventPage(entries, entries[-1][0], more=True)
        entries.append((row.id, row.request_id, message_of(row)))
    return EventPage(entries, max(top, place), more=False)


def opened_between(
    connection: Connection, since: Millis, until: Millis, where: RequestFilter
) -> list[RequestTiming]:
    """Return the requests in *where* that were opened from *since* on and before *until*."""
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
    query = select(*columns).select_from(_WHOSE).where(*opened, *conditions(where))
    return [RequestTiming(*row) for row in connection.execute(query)]


def closed_between(
    connection: Connection, since: Millis, until: Millis, where: RequestFilter
) -> list[RequestEnd]:
    """Return the ends of requests in *where* closed from *since* on and before *until*."""
    columns = (help_request.c.closed_at, help_request.c.agent_id, help_request.c.site)
    closed = (help_request.c.closed_at >= since, help_request.c.closed_at < until)
    query = select(*columns).select_from(_WHOSE).where(*closed, *conditions(where))
    return [RequestEnd(*row) for row in connection.execute(query)]


def conditions(where: RequestFilter) -> list[ColumnElement[bool] | TextClause]:
    """Return the conditions on ``help_request`` joined with ``customer`` that select *where*."""
    wanted = _each(where)
    if where.newest is None:
        return wanted
    newest = select(help_request.c.id).select_from(_WHOSE).where(*wanted)
    newest = newest.order_by(help_request.c.id.desc()).limit(where.newest)
    # A subquery of its own, although the query around it reads the same tables.
    return [help_request.c.id.in_(newest.correlate(None))]


def _each(where: RequestFilter) -> list[ColumnElement[bool] | TextClause]:
    equal = {
        help_request.c.status: where.status,
        help_request.c.agent_id: where.agent,
        help_request.c.site: where.site,
    }
    conditions: list[ColumnElement[bool] | TextClause]
    conditions = [column == value for column, value in equal.items() if value is not None]
    if where.customer is not None:
        conditions.append(_is_customer(where.customer))
    if where.tag is not None:
        tags = func.json_each(help_request.c.tags).table_valued("value")
        conditions.append(select(tags.c.value).where(tags.c.value == where.tag).exists())
    if where.since is not None:
        conditions.append(help_request.c.opened_at >= where.since)
    if where.until is not None:
        conditions.append(help_request.c.opened_at < where.until)
    if where.closed_before is not None:
        conditions.append(help_request.c.closed_at < where.closed_before)
    if where.text is not None:
        conditions.append(search.matches_text(where.text))
    if where.requests is not None:
        conditions.append(help_request.c.id.in_(where.requests))
    if where.held is not None:
        kept = help_request.c.hold.is_not(None)
        conditions.append(kept if where.held else ~kept)
    return conditions


def _is_customer(wanted: int | str) -> ColumnElement[bool]:
    if isinstance(wanted, int):
        return help_request.c.customer_id == wanted
    # A request to erase data may spell the name in another way; `engine` defines the function.
    key = name_key(wanted)
    return or_(*(func.name_key(column) == key for column in CONTACT))


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
