"""Converts rows to the values of ``relay.desk`` and back; runs no statement."""

from typing import Any

import msgspec
from sqlalchemy import Row, Select, select

from relay.desk.contact import CONTACT_FIELDS, contact_from
from relay.desk.event_data import EventData, from_event_data, to_event_data
from relay.desk.events import Author, Message, Millis, Role
from relay.desk.request import (
    Agent,
    Customer,
    HelpRequest,
    Hold,
    LatestText,
    Rating,
    ReadMark,
    Record,
    Status,
    Visit,
)
from relay.store.export_format import ExportedCustomer, MessageLine, RequestLine
from relay.store.sqlite.schema import agent, customer, help_request, message

Values = dict[str, Any]

RECORDS: Select[Any] = select(
    help_request,
    customer.c.site.label("customer_site"),
    customer.c.key.label("customer_key"),
    *(customer.c[field].label(f"customer_{field}") for field in CONTACT_FIELDS),
    customer.c.verified.label("customer_verified"),
).join(customer, customer.c.id == help_request.c.customer_id)
"""The rows of :func:`record_of`; restrict them with ``where``."""

MESSAGES: Select[Any] = select(message)
"""The rows of :func:`message_of`."""


def record_of(row: Row[Any]) -> Record:
    """Return the request in *row* with its customer, visit and marks."""
    return Record(
        _request_of(row),
        Customer(
            row.customer_id,
            row.customer_site,
            row.customer_key,
            contact_from(lambda field: getattr(row, f"customer_{field}")),
            bool(row.customer_verified),
        ),
        Visit(row.page_url, row.page_title, row.page_referrer, row.locale, row.user_agent),
        ReadMark(row.customer_read_seq, row.customer_read_customer_seq),
        ReadMark(row.agent_read_seq, row.agent_read_customer_seq),
    )


def _request_of(row: Row[Any]) -> HelpRequest:
    rating = last = None
    if row.rating_score is not None:
        rating = Rating(row.rating_score, row.rating_comment, Millis(row.rating_at))
    if row.last_at is not None:
        last = LatestText(row.last_text, Role(row.last_by), Millis(row.last_at))
    return HelpRequest(
        id=row.id,
        site=row.site,
        customer_id=row.customer_id,
        status=Status(row.status),
        agent=row.agent_id,
        opened_at=row.opened_at,
        claimed_at=row.claimed_at,
        closed_at=row.closed_at,
        waiting_since=row.waiting_since,
        seq=row.seq,
        customer_seq=row.customer_seq,
        rating=rating,
        last=last,
        tags=tuple(msgspec.json.decode(row.tags, type=list[str])),
        hold=None if row.hold is None else msgspec.json.decode(row.hold, type=Hold),
    )


def progress_values(record: Record) -> Values:
    """Return the columns of ``help_request`` that messages and marks change."""
    request, last = record.request, record.request.last
    return {
        "waiting_since": request.waiting_since,
        "seq": request.seq,
        "customer_seq": request.customer_seq,
        "last_text": last and last.text,
        "last_by": last and str(last.by),
        "last_at": last and last.at,
        "customer_read_seq": record.read_by_customer.seq,
        "customer_read_customer_seq": record.read_by_customer.customer_seq,
        "agent_read_seq": record.read_by_agent.seq,
        "agent_read_customer_seq": record.read_by_agent.customer_seq,
    }


def summary_values(record: Record) -> Values:
    """Return all columns of ``help_request`` that can change."""
    request, rating = record.request, record.request.rating
    return {
        **progress_values(record),
        "status": request.status,
        "agent_id": request.agent,
        "opened_at": request.opened_at,
        "claimed_at": request.claimed_at,
        "closed_at": request.closed_at,
        "rating_score": rating and rating.score,
        "rating_comment": rating and rating.comment,
        "rating_at": rating and rating.at,
        "tags": msgspec.json.encode(request.tags).decode(),
        "hold": request.hold and msgspec.json.encode(request.hold).decode(),
        **visit_values(record.visit),
    }


def visit_values(visit: Visit) -> Values:
    """Return the columns of ``help_request`` with the customer's page and browser."""
    return {
        "page_url": visit.url,
        "page_title": visit.title,
        "page_referrer": visit.referrer,
        "locale": visit.locale,
        "user_agent": visit.user_agent,
    }


def customer_values(draft: Customer, at: Millis) -> Values:
    """Return the row of *draft*, created at *at*."""
    return {
        "site": draft.site,
        "key": draft.key,
        **draft.contact.values(),
        "verified": int(draft.verified),
        "created_at": at,
    }


def message_values(number: int, request: int, entry: Message) -> Values:
    """Return the row of the message *entry* of *request*, with the id *number*."""
    plain = to_event_data(entry.event)
    return {
        "id": number,
        "request_id": request,
        "seq": entry.seq,
        "customer_seq": entry.customer_seq,
        "kind": plain.kind,
        "activity": plain.activity,
        "text": plain.text,
        "data": None if plain.data is None else msgspec.json.encode(plain.data).decode(),
        "by_role": str(entry.by.role),  # a plain string, since the driver adapts other types slowly
        "by_id": entry.by.id,
        "by_name": entry.by.name,
        "ref": entry.ref,
        "at": entry.at,
    }


def message_of(row: Row[Any]) -> Message:
    """Return the message in *row*."""
    role = Role(row.by_role)
    data = None if row.data is None else msgspec.json.decode(row.data)
    event = from_event_data(EventData(row.kind, row.text, row.activity, data), role)
    by = Author(role, row.by_id, row.by_name)
    return Message(row.seq, row.customer_seq, event, by, row.at, row.ref)


def customer_of(row: Row[Any]) -> Customer:
    """Return the customer in *row* of the table ``customer``."""
    contact = contact_from(lambda field: getattr(row, field))
    return Customer(row.id, row.site, row.key, contact, bool(row.verified))


AGENTS: Select[Any] = select(agent)
"""The rows of :func:`agent_of`."""


def agent_of(row: Row[Any]) -> Agent:
    """Return the agent in *row* of the table ``agent``."""
    return Agent(row.id, row.name, row.role, bool(row.disabled))


def request_line(row: Row[Any], answered: tuple[str, ...]) -> RequestLine:
    """Return the line of the request in *row*, a row of ``exporter.REQUESTS``."""
    record = record_of(row)
    person = record.customer
    return RequestLine(
        record.request,
        ExportedCustomer(
            person.id, person.site, person.key, **person.contact.values(), verified=person.verified
        ),
        row.customer_since,
        record.visit,
        record.read_by_customer,
        record.read_by_agent,
        answered,
    )


def message_line(row: Row[Any]) -> MessageLine:
    """Return the line of the message in *row*."""
    return MessageLine(
        request=row.request_id,
        seq=row.seq,
        at=row.at,
        by=Author(Role(row.by_role), row.by_id, row.by_name),
        kind=row.kind,
        customer_seq=row.customer_seq,
        text=row.text,
        activity=row.activity,
        data=None if row.data is None else msgspec.json.decode(row.data),
        ref=row.ref,
    )
