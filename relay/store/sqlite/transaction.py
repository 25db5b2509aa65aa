"""The transaction of a batch: requests, messages, marks, erasure.

Runs in the writer's thread. Messages and summaries are buffered and written together, so a read
that needs the tables flushes first; nothing here commits.
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
from relay.store.sqlite.clock_record import store_clock
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
from relay.store.values import AuditEntry, ClockRecord, MessagePage, MessageRange, RequestFilter

RefKey = tuple[Role, int, int, str]


class Overwrite(IntEnum):
    """The time by which what was erased has to be overwritten in the files."""

    NONE = 0
    LATER = 1
    NOW = 2


CACHE_LIMIT = 20_000
"""Requests in the cache before it is cleared."""


@dataclass(slots=True)
class WriterCache:
    """Cache of what the writer needs without a query; cleared whenever a batch fails."""

    records: dict[int, Record] = field(default_factory=dict)
    latest_of: dict[int, int] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    has_open_refs: dict[int, bool] = field(default_factory=dict)
    last_message_id: int = 0
    agents: dict[str | int, Agent] = field(default_factory=dict)

    def clear(self) -> None:
        """Remove everything, so that the tables are queried again."""
        self.records.clear()
        self.latest_of.clear()
        self.customers.clear()
        self.has_open_refs.clear()
        self.last_message_id = 0
        self.agents.clear()


class SqliteTransaction:
    """The transaction of a batch; implements :class:`relay.store.api.Transaction`."""

    def __init__(
        self, connection: Connection, cache: WriterCache, *, trust_refs: bool = False
    ) -> None:
        """Work on *connection*, inside its open transaction.

        *trust_refs*: a ref that was not used in this batch is taken for new without a query. If it
        is not, the unique index raises ``IntegrityError``, and the batch is run again without.
        """
        self._connection = connection
        self._cache = cache
        self._trust_refs = trust_refs
        self._entries: list[tuple[int, Message]] = []
        self._new_refs: dict[RefKey, tuple[int, Message]] = {}
        self._changed: dict[int, Record | None] = {}
        self.overwrite = Overwrite.NONE
        self.message_count = 0
        """Messages that were written."""
        self.people = People(connection, cache.customers, cache.has_open_refs, cache.agents)
        if len(cache.records) > CACHE_LIMIT:
            cache.clear()

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
        """Return the request *number*."""
        known = self._cache.records.get(number)
        if known is None:
            row = self._connection.execute(RECORDS.where(help_request.c.id == number)).first()
            if row is None:
                return None
            known = self._cache.records[number] = record_of(row)
        return known

    def latest(self, customer: int) -> Record | None:
        """Return the open request of *customer*, or else the one with the highest number."""
        number = self._cache.latest_of.get(customer)
        if number is None:
            self.flush()
            number = self._connection.execute(_LATEST, {"customer": customer}).scalar()
            if number is None:
                return None
            self._cache.latest_of[customer] = number
        return self.record(number)

    def add_request(self, customer: Customer, visit: Visit, at: Millis) -> Record:
        """Store a request without messages, under the next number."""
        number = statements.add_request(self._connection, customer, visit, at)
        self._cache.latest_of[customer.id] = number
        return Record(HelpRequest(number, customer.site, customer.id), customer, visit)

    def set_contact(self, record: Record, contact: Contact) -> Record:
        """Store *contact* for the request's customer; return the new record."""
        person = replace(record.customer, contact=contact)
        self.flush()
        self.people.set_contact(record.customer, person)
        records = self._cache.records
        for number in [n for n, known in records.items() if known.customer.id == person.id]:
            del records[number]
        records[record.request.id] = changed = replace(record, customer=person)
        return changed

    def reassign(self, record: Record, person: Customer) -> Record:
        """Make *person* the customer of the request; see :class:`relay.store.api.Transaction`."""
        self.flush()
        number, before = record.request.id, record.customer
        self.people.reassign(number, before, person)
        self._new_refs = {
            (*key[:1], person.id, *key[2:])
            if said[0] == number and key[0] is Role.CUSTOMER
            else key: said
            for key, said in self._new_refs.items()
        }
        for customer in (before, person):
            self._cache.latest_of.pop(customer.id, None)
        request = replace(record.request, customer_id=person.id)
        changed = replace(record, request=request, customer=person)
        self._cache.records[number] = changed
        return changed

    def append(self, record: Record, messages: Iterable[Message]) -> Record:
        """Add *messages*, which continue the sequences of *record*; return the new record."""
        entries = tuple(messages)
        number = record.request.id
        for entry in entries:
            self._entries.append((number, entry))
            if entry.ref is not None:
                self._new_refs[_ref_key(number, entry.by.role, entry.by.id, entry.ref)] = (
                    number,
                    entry,
                )
        return self.update(replace(record, request=reduce(apply, entries, record.request)))

    def update(self, record: Record) -> Record:
        """Store the marks and the visit of *record*, and return it."""
        number, records = record.request.id, self._cache.records
        self._changed.setdefault(number, records.get(number))
        records[number] = record
        if record.request.is_open:
            self._cache.latest_of[record.customer.id] = number
        else:  # an older request that was reopened may not be the latest
            self._cache.latest_of.pop(record.customer.id, None)
        return record

    def find_duplicate(self, number: int, by: Author, ref: str) -> tuple[int, Message] | None:
        """Return what :meth:`find_ref` does, but trust a ref that looks new."""
        if self._trust_refs:
            return self._new_refs.get(_ref_key(number, by.role, by.id, ref))
        return self.find_ref(number, by, ref)

    def find_ref(self, number: int, by: Author, ref: str) -> tuple[int, Message] | None:
        """Return the message that *by* sent as *ref*, with its request's number.

        A customer's refs are unique over all their requests, an agent's within request *number*.
        """
        written_now = self._new_refs.get(_ref_key(number, by.role, by.id, ref))
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
        """Return messages of the request *number*, those of this batch included."""
        self.flush()
        return request_queries.messages(self._connection, number, where)

    def mark(self, request: HelpRequest, role: Role, seq: int) -> ReadMark:
        """Return both sequences at *seq* of *role*'s own one, or at the last message before it."""
        self.flush()
        own = message.c.customer_seq if role is Role.CUSTOMER else message.c.seq
        row = self._connection.execute(
            select(func.max(message.c.seq), func.max(message.c.customer_seq)).where(
                message.c.request_id == request.id, own <= seq
            )
        ).one()
        return ReadMark(row[0] or 0, row[1] or 0)

    def erase(self, records: Sequence[Record]) -> ErasureTotals:
        """Delete the requests with their messages, and customers who have no other request."""
        self.flush()
        numbers = {record.request.id for record in records}
        customers = {record.customer.id for record in records}
        for record in records:
            self.people.evict_customer(record.customer)
            self._cache.records.pop(record.request.id, None)
            self._cache.latest_of.pop(record.customer.id, None)
        self._new_refs = {
            key: said for key, said in self._new_refs.items() if said[0] not in numbers
        }
        self.overwrite = self.overwrite or Overwrite.LATER
        message_ids.store_highest_id(self._connection, self._last_message())
        return erasure.erase(self._connection, sorted(numbers), sorted(customers))

    def wipe(self) -> None:
        """Delay this job's callback until all that was erased is overwritten in the files as well.

        If the index takes several runs to be rewritten, it is overwritten after the last of them.
        """
        self.overwrite = Overwrite.NOW

    def set_clock(self, record: ClockRecord) -> None:
        """Store the time that is trusted."""
        store_clock(self._connection, record)

    def audit(self, action: str, by: Author, at: Millis, data: Mapping[str, object]) -> AuditEntry:
        """Append to the audit log; see :mod:`relay.store.sqlite.audit_log`."""
        return audit_log.append(self._connection, action, by, at, data)

    def records(self, where: RequestFilter) -> list[Record]:
        """Return all requests in *where*."""
        return self._select(RECORDS.where(*request_queries.conditions(where)))

    def closed_before(self, before: Millis, limit: int) -> list[Record]:
        """Return the oldest *limit* requests closed before then that no hold keeps."""
        old = RECORDS.where(help_request.c.closed_at < before, help_request.c.hold.is_(None))
        return self._select(old.order_by(help_request.c.closed_at).limit(limit))

    def _select(self, wanted: Select[Any]) -> list[Record]:
        self.flush()
        return [record_of(row) for row in self._connection.execute(wanted)]

    def _last_message(self) -> int:
        cache = self._cache
        cache.last_message_id = cache.last_message_id or message_ids.highest_id(self._connection)
        return cache.last_message_id

    def last_message_id(self) -> int:
        """Return the highest id that a message ever had, those of this batch included."""
        self.flush()
        return self._last_message()

    def flush(self) -> None:
        """Write what is buffered."""
        if self._entries:
            first = self._last_message() + 1
            statements.add_messages(
                self._connection,
                [(number, *entry) for number, entry in enumerate(self._entries, first)],
            )
            self._cache.last_message_id += len(self._entries)
            self.message_count += len(self._entries)
            self._entries.clear()
        if self._changed:
            records = self._cache.records
            statements.update_summaries(
                self._connection,
                [(before, records[number]) for number, before in self._changed.items()],
            )
            self._changed.clear()


_LATEST = (
    select(help_request.c.id)
    .where(help_request.c.customer_id == bindparam("customer"))
    # By number, since the clock may be set back.
    .order_by(help_request.c.status == "closed", help_request.c.id.desc())
    .limit(1)
)
# SQLite uses a partial index only if the query repeats its condition literally.
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
