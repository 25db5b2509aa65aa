"""What may be done within a batch, in the desk's words: requests, their logs, their marks.

Runs in the writer's thread alone. Messages and summaries are gathered and written together, so a
read that needs the tables flushes first; nothing here commits.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import reduce
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Select, and_, bindparam, func, select, text

from relay.desk.contact import Contact
from relay.desk.events import Author, Message, Millis, Role
from relay.desk.request import Agent, Customer, HelpRequest, ReadMark, Record, Visit, apply
from relay.desk.stats import ErasureTotals
from relay.store.sqlite import audit_log, erasure, message_ids, request_queries, statements
from relay.store.sqlite.erasure import Purges
from relay.store.sqlite.people import People
from relay.store.sqlite.queries import SqliteQueries
from relay.store.sqlite.rows import (
    MESSAGES,
    RECORDS,
    message_of,
    record_of,
)
from relay.store.sqlite.schema import help_request, message
from relay.store.sqlite.usage import UsageCounters
from relay.store.sqlite.webhook_queue import WebhookQueue
from relay.store.values import AuditEntry, MessagePage, MessageRange, RequestFilter

RefKey = tuple[Role, int, int, str]


class Traces(IntEnum):
    """When what was erased has to be gone from the write-ahead log as well."""

    NONE = 0
    LATER = 1
    NOW = 2


REMEMBERED = 20_000
"""Requests whose latest state the writer keeps in cache before it forgets them all."""


@dataclass(slots=True)
class WriterCache:
    """What the writer knows without asking: dropped whole whenever a batch fails."""

    records: dict[int, Record] = field(default_factory=dict)
    latest_of: dict[int, int] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    bare_openers: dict[int, bool] = field(default_factory=dict)
    last_message_id: int = 0
    workers: dict[str | int, Agent] = field(default_factory=dict)

    def forget(self) -> None:
        """Know nothing; the tables are asked again."""
        self.records.clear()
        self.latest_of.clear()
        self.customers.clear()
        self.bare_openers.clear()
        self.last_message_id = 0
        self.workers.clear()


class SqliteTransaction:
    """The transaction of a batch; implements :class:`relay.store.api.Transaction`."""

    def __init__(
        self, connection: Connection, cache: WriterCache, *, trusting: bool = False
    ) -> None:
        """Work on *connection*, inside its open transaction.

        *trusting*: a ``ref`` that was not used in this batch is taken for new without asking. Where
        it is not, the log's index raises :exc:`IntegrityError`, and the batch has to be run again
        by one that does not trust.
        """
        self._connection = connection
        self._cache = cache
        self._trusting = trusting
        self._entries: list[tuple[int, Message]] = []
        self._by_ref: dict[RefKey, tuple[int, Message]] = {}
        self._changed: dict[int, Record | None] = {}
        self.traces = Traces.NONE
        self.added = 0
        """Messages that were written."""
        self.people = People(connection, cache.customers, cache.bare_openers, cache.workers)
        if len(cache.records) > REMEMBERED:
            cache.forget()

    @property
    def purges(self) -> Purges:
        """The progress of purges."""
        return Purges(self._connection)

    @property
    def usage(self) -> UsageCounters:
        """The counters of usage, which count what is stored by now."""
        self.flush()
        return UsageCounters(self._connection)

    @property
    def webhooks(self) -> WebhookQueue:
        """The queue of webhook deliveries."""
        return WebhookQueue(self._connection)

    @property
    def queries(self) -> SqliteQueries:
        """The reads, which here see what this transaction has written."""
        self.flush()
        return SqliteQueries(self._connection)

    def record(self, number: int) -> Record | None:
        """Return the request *number* as it now is."""
        known = self._cache.records.get(number)
        if known is None:
            row = self._connection.execute(RECORDS.where(help_request.c.id == number)).first()
            if row is None:
                return None
            known = self._cache.records[number] = record_of(row)
        return known

    def latest(self, customer: int) -> Record | None:
        """Return the open request of *customer*, or else the one that was opened last."""
        number = self._cache.latest_of.get(customer)
        if number is None:
            self.flush()
            number = self._connection.execute(_LATEST, {"customer": customer}).scalar()
            if number is None:
                return None
            self._cache.latest_of[customer] = number
        return self.record(number)

    def add_request(self, customer: Customer, visit: Visit, at: Millis) -> Record:
        """Give out the next number; the request is blank until :meth:`append`."""
        number = statements.add_request(self._connection, customer, visit, at)
        self._cache.latest_of[customer.id] = number
        return Record(HelpRequest(number, customer.site, customer.id), customer, visit)

    def set_contact(self, record: Record, contact: Contact) -> Record:
        """Store *contact* for the request's customer, and return the request with it."""
        person = replace(record.customer, contact=contact)
        self.flush()
        self.people.set_contact(record.customer, person)
        records = self._cache.records
        for number in [n for n, known in records.items() if known.customer.id == person.id]:
            del records[number]
        records[record.request.id] = changed = replace(record, customer=person)
        return changed

    def append(self, record: Record, messages: Iterable[Message]) -> Record:
        """Add *messages*, numbered for *record*, to its log and return what it then is."""
        entries = tuple(messages)
        number = record.request.id
        for entry in entries:
            self._entries.append((number, entry))
            if entry.ref is not None:
                self._by_ref[_ref_key(number, entry.by.role, entry.by.id, entry.ref)] = (
                    number,
                    entry,
                )
        return self.update(replace(record, request=reduce(apply, entries, record.request)))

    def update(self, record: Record) -> Record:
        """Store what has changed around the log: marks, the page, the customer's name."""
        number, records = record.request.id, self._cache.records
        self._changed.setdefault(number, records.get(number))
        records[number] = record
        if record.request.is_open:
            self._cache.latest_of[record.customer.id] = number
        else:  # it may have been opened again, and another is the last then
            self._cache.latest_of.pop(record.customer.id, None)
        return record

    def find_duplicate(self, number: int, by: Author, ref: str) -> tuple[int, Message] | None:
        """Return what :meth:`find_ref` does, unless a *ref* that looks new is trusted to be."""
        if self._trusting:
            return self._by_ref.get(_ref_key(number, by.role, by.id, ref))
        return self.find_ref(number, by, ref)

    def find_ref(self, number: int, by: Author, ref: str) -> tuple[int, Message] | None:
        """Return the message that *by* sent as *ref*, with its request's number.

        A customer's refs are unique over all their requests, an agent's within request *number*.
        """
        written_now = self._by_ref.get(_ref_key(number, by.role, by.id, ref))
        if written_now is not None:
            return written_now
        author = {"author": by.id, "called": ref}
        if by.role is Role.CUSTOMER:
            row = self._connection.execute(_BY_CUSTOMER, author).first()
        else:
            within = {"number": number, "role": by.role}
            row = self._connection.execute(_BY_AGENT, author | within).first()
        return None if row is None else (row.request_id, message_of(row))

    def messages(self, number: int, where: MessageRange) -> MessagePage:
        """Return the messages of request *number* in *window*, what is not committed included."""
        self.flush()
        return request_queries.messages(self._connection, number, where)

    def mark(self, request: HelpRequest, role: Role, seq: int) -> ReadMark:
        """Return the place of *seq*, in the numbers of *role*'s side, or of the last before it."""
        self.flush()
        own = message.c.customer_seq if role is Role.CUSTOMER else message.c.seq
        row = self._connection.execute(
            select(func.max(message.c.seq), func.max(message.c.customer_seq)).where(
                message.c.request_id == request.id, own <= seq
            )
        ).one()
        return ReadMark(row[0] or 0, row[1] or 0)

    def erase(self, records: Sequence[Record]) -> ErasureTotals:
        """Delete the requests with all that was said, and customers of whom nothing is left."""
        self.flush()
        numbers = {record.request.id for record in records}
        customers = {record.customer.id for record in records}
        for record in records:
            self.people.evict_customer(record.customer)
            self._cache.records.pop(record.request.id, None)
            self._cache.latest_of.pop(record.customer.id, None)
        self._by_ref = {key: said for key, said in self._by_ref.items() if said[0] not in numbers}
        self.traces = self.traces or Traces.LATER
        message_ids.keep_last_given(self._connection, self._last_message())
        return erasure.erase(self._connection, sorted(numbers), sorted(customers))

    def wipe(self) -> None:
        """Have all that was erased gone from the files too, before anybody is told of this job.

        Only where the index takes several turns to be rewritten is it gone after the last of them.
        """
        self.traces = Traces.NOW

    def audit(self, action: str, by: Author, at: Millis, data: Mapping[str, object]) -> AuditEntry:
        """Add to the audit log that *by* did *action*; see :mod:`relay.store.sqlite.audit_log`."""
        return audit_log.append(self._connection, action, by, at, data)

    def records(self, where: RequestFilter) -> list[Record]:
        """Return all requests in *narrow*."""
        return self._found(RECORDS.where(*request_queries.conditions(where)))

    def closed_before(self, before: Millis, limit: int) -> list[Record]:
        """Return requests that were closed before then and that no hold keeps.

        The oldest first, *limit* of them.
        """
        old = RECORDS.where(help_request.c.closed_at < before, help_request.c.hold.is_(None))
        return self._found(old.order_by(help_request.c.closed_at).limit(limit))

    def _found(self, wanted: Select[Any]) -> list[Record]:
        self.flush()
        return [record_of(row) for row in self._connection.execute(wanted)]

    def _last_message(self) -> int:
        cache = self._cache
        cache.last_message_id = cache.last_message_id or message_ids.last_given(self._connection)
        return cache.last_message_id

    def last_message_id(self) -> int:
        """Return the highest id that a message has had, those of this batch included."""
        self.flush()
        return self._last_message()

    def flush(self) -> None:
        """Write what was gathered; the batch's commit comes after."""
        if self._entries:
            first = self._last_message() + 1
            statements.add_messages(
                self._connection,
                [(number, *entry) for number, entry in enumerate(self._entries, first)],
            )
            self._cache.last_message_id += len(self._entries)
            self.added += len(self._entries)
            self._entries.clear()
        if self._changed:
            records = self._cache.records
            statements.summarise(
                self._connection,
                [(before, records[number]) for number, before in self._changed.items()],
            )
            self._changed.clear()


_LATEST = (
    select(help_request.c.id)
    .where(help_request.c.customer_id == bindparam("customer"))
    # By number and not by time of day, which may be put back.
    .order_by(help_request.c.status == "closed", help_request.c.id.desc())
    .limit(1)
)
# SQLite uses an index with a condition only where the query has that condition in so many words.
_IS_CUSTOMER = text(f"by_role = '{Role.CUSTOMER}'")
_IS_AGENT = text(f"by_role <> '{Role.CUSTOMER}'")
_CALLED = and_(message.c.by_id == bindparam("author"), message.c.ref == bindparam("called"))
_BY_CUSTOMER = MESSAGES.where(_CALLED, _IS_CUSTOMER)
_BY_AGENT = MESSAGES.where(
    _CALLED,
    _IS_AGENT,
    message.c.request_id == bindparam("number"),
    message.c.by_role == bindparam("role"),
)


def _ref_key(number: int, role: Role, author: int, ref: str) -> RefKey:
    return (role, author, 0 if role is Role.CUSTOMER else number, ref)
