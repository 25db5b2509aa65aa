"""The interface to the store: its promises, the protocols that a store implements, their values.

The rest of the program knows a store by this module, ``values`` and ``offline`` alone;
:mod:`relay.store.backends` opens one. ``tests/contract/store`` holds every implementation to these
promises:

Order
    Jobs (:meth:`Store.write`, :meth:`Store.read_in_order`) take effect in the order in which they
    were submitted, and their callbacks are called in that order. Ids, ``seq`` and ``customer_seq``
    are assigned in that order, too. A job of :meth:`Store.read_in_order` sees all writes before it
    and none behind it, so a client that begins to watch there misses no change and gets none twice.
    A query of :meth:`Store.read` has no place in the order: it sees some committed state.
Durability
    A callback that gets a result means: the transaction is committed and synced to disk. A refusal
    with ``unavailable`` means: nothing of that job is stored, not now and not after a restart. No
    other outcome exists, and until :meth:`Store.close` every callback is called exactly once.
Isolation of failures
    Jobs may share a transaction, but a job that raises fails alone. :exc:`relay.errors.Refused` is
    its outcome, and it must be raised before the job's first change; any other exception rolls the
    job back and becomes ``unavailable``. A job may run more than once until its transaction is
    committed, so it must have no effects besides the transaction.
Idempotence
    A ref names at most one message: of a customer across all their requests, of an agent within one
    request. :meth:`Transaction.find_duplicate` finds what is stored under a ref. A customer's
    ``open`` that stored no message is found by :meth:`People.request_opened_as`.
Dense sequences
    In each request ``seq`` is 1, 2, 3, ... and ``customer_seq`` counts the messages that the
    customer sees in the same way, without gaps or duplicates. Message ids ascend in the order of
    commits and are never reused, not even after an erasure.
Backpressure
    No method of :class:`Store` blocks, except :meth:`Store.finish_reads` and :meth:`Store.close`.
    At most :data:`QUEUE_LIMIT` jobs wait; more are refused with ``unavailable`` at once.
Threads
    A store is used from one thread, the event loop's. Jobs run in the store's writer thread,
    queries in its reader threads, callbacks in the loop's thread by means of :data:`Wake`.
Erasure
    What :meth:`Transaction.erase` deletes is found by no query and no search after the commit. With
    :meth:`Transaction.wipe` the callback also waits until the store has overwritten it on disk, as
    far as the store can (``docs/durability.md``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from relay.desk.contact import Contact
from relay.desk.events import Author, Message, Millis, Role
from relay.desk.request import Agent, Customer, HelpRequest, ReadMark, Record, Visit
from relay.desk.stats import ErasureTotals, RequestEnd, RequestTiming
from relay.errors import Refused
from relay.store.values import (
    AtStart,
    AuditEntry,
    ClockRecord,
    DeadLetterPage,
    DeliveryRound,
    DueFilter,
    ErasureScope,
    EventPage,
    MessagePage,
    MessageRange,
    PurgeProgress,
    RequestFilter,
    RequestPage,
    RoundOutcome,
    SearchPage,
    UsagePeriod,
    UsageTotals,
    WebhookSummary,
)

T = TypeVar("T")

Wake = Callable[[Callable[[], None]], object]
"""Schedules a callable in the loop's thread from any thread (``loop.call_soon_threadsafe``)."""

QUEUE_LIMIT = 50_000
"""Jobs that may wait for the writer."""


class Queries(Protocol):
    """The reads that a store answers, each within one snapshot."""

    def requests(self, where: RequestFilter, before: int | None, limit: int) -> RequestPage:
        """Return *limit* requests with numbers below *before*, the highest first."""

    def messages(self, request: int, where: MessageRange) -> MessagePage:
        """Return messages of *request*, up to :data:`relay.store.values.PAGE_BYTES`."""

    def events_after(self, place: int, where: RequestFilter) -> EventPage:
        """Return messages of the requests in *where* with ids above *place*, in their order."""

    def search(self, text: str, cursor: str | None, limit: int) -> SearchPage:
        """Return matches of the words in *text*: of customers first, then of messages.

        Raises :exc:`Refused` (``invalid``) if *cursor* is none that a page has given.
        """

    def opened_between(
        self, since: Millis, until: Millis, where: RequestFilter
    ) -> list[RequestTiming]:
        """Return the requests that were opened from *since* on and before *until*."""

    def closed_between(
        self, since: Millis, until: Millis, where: RequestFilter
    ) -> list[RequestEnd]:
        """Return the ends of requests that were closed from *since* on and before *until*."""

    def erasure_scope(self, where: RequestFilter) -> ErasureScope:
        """Return the requests in *where* that no hold keeps; held ones are only counted."""

    def usage(self) -> UsageTotals:
        """Return the usage that was counted so far."""

    def usage_between(self, since: Millis, until: Millis) -> UsagePeriod:
        """Return the usage from *since* on and before *until*, and of all days these touch."""

    def uncounted_messages(self) -> int:
        """Return how many messages usage does not include yet, at most."""

    def due_deliveries(self, where: DueFilter) -> DeliveryRound:
        """Return the deliveries in *where*: of each request in their order, and not too many."""

    def webhook_summaries(self, events: Mapping[str, Iterable[str]]) -> list[WebhookSummary]:
        """Return all enrolled webhooks by name; *events*: what each is sent, by its name."""

    def dead_letters(self, webhook: str | None) -> DeadLetterPage:
        """Return the oldest dead letters of *webhook*, or of all."""


class People(Protocol):
    """The customers, agents and canned responses, within a transaction."""

    def customer(self, key: str) -> Customer | None:
        """Return the customer with the key *key*."""

    def add_customer(self, draft: Customer, at: Millis) -> Customer:
        """Store *draft* and return it with its id."""

    def request_opened_as(self, customer: int, ref: str) -> int | None:
        """Return the request that :meth:`remember_open` stored for *ref*."""

    def remember_open(self, customer: int, ref: str, request: int) -> None:
        """Store the answer to the ``open`` called *ref*, which stored no message."""

    def agents(self) -> dict[str, Agent]:
        """Return all agents, disabled ones too, by token hash in the order of their ids."""

    def agent(self, number: int) -> Agent:
        """Return the agent *number*; raise :exc:`Refused` (``not_found``) if there is none."""

    def authorize(self, token_hash_or_id: str | int) -> Agent:
        """Return the agent; raise :exc:`Refused` (``unauthorized``) if disabled or unknown."""

    def add_agent(self, name: str, role: str, token_hash: str, at: Millis) -> Agent:
        """Store a new agent; raise :exc:`Refused` (``conflict``) if the name is taken.

        Names are compared by :func:`relay.desk.names.name_key`.
        """

    def change_agent(self, changed: Agent) -> None:
        """Store name, role and disabling of *changed*; raise :exc:`Refused` as above."""

    def set_token(self, number: int, token_hash: str) -> None:
        """Make *token_hash* the only one of the agent *number*."""

    def canned(self) -> dict[str, str]:
        """Return the canned responses by name."""

    def set_canned(self, name: str, text: str) -> None:
        """Store *text* under *name*, replacing what was there."""

    def remove_canned(self, name: str) -> None:
        """Delete the canned response *name*, if there is one."""


class Purges(Protocol):
    """The progress of purges, within a transaction: it survives a crash of the relay."""

    def plans(self) -> Sequence[str]:
        """Return the plans of all purges that have begun and not ended."""

    def begin(self, plan: str, begun: int, tally: ErasureTotals) -> None:
        """Store that *plan* began with the entry *begun* of the audit log."""

    def add(self, plan: str, tally: ErasureTotals) -> None:
        """Add *tally* to what *plan* has deleted."""

    def end(self, plan: str) -> tuple[PurgeProgress, Author]:
        """Delete *plan*; return its progress and who began it."""


class UsageCounters(Protocol):
    """The counters of messages, customers and connections, within a transaction."""

    def count(self, limit: int | None = None) -> int:
        """Count *limit* more messages, a batch of the store's choice if None.

        Return how many are left, at most.
        """

    def count_all(self) -> None:
        """Count all messages that are stored."""

    def record_peak(self, quarter: Millis, connections: int) -> None:
        """Store *connections* as the peak of *quarter*, its beginning, if it is the highest."""


class WebhookQueue(Protocol):
    """The places, retries and dead letters of webhooks, within a transaction."""

    def enroll(self, names: Sequence[str], last: int) -> dict[str, int]:
        """Return the places of the webhooks *names*; a new one begins at *last*."""

    def settle(self, webhook: str, outcome: RoundOutcome) -> None:
        """Store the outcome of a round."""

    def retry_waiting(self, webhook: str, now: Millis) -> None:
        """Make all retries of *webhook* due *now*."""

    def retry_dead(self, webhook: str | None, number: int | None, now: Millis) -> int:
        """Make dead letters due *now*, with no tries; return how many.

        Those of *webhook*, or of all; of the message *number* also one that waits for a retry.
        """

    def drop_dead(self, webhook: str | None, number: int | None) -> int:
        """Delete dead letters, chosen as in :meth:`retry_dead`; return how many."""

    def names(self) -> set[str]:
        """Return the names of all webhooks that were enrolled and not removed."""

    def remove(self, webhook: str) -> int:
        """Delete *webhook* with all its deliveries; return how many those were."""


class Transaction(Protocol):
    """The changes that a job can make. It is valid while the job runs, in the writer's thread."""

    @property
    def people(self) -> People:
        """Customers, agents and canned responses."""

    @property
    def purges(self) -> Purges:
        """The progress of purges."""

    @property
    def usage(self) -> UsageCounters:
        """The counters of usage."""

    @property
    def webhooks(self) -> WebhookQueue:
        """The queue of webhook deliveries."""

    @property
    def queries(self) -> Queries:
        """The reads of :meth:`Store.read`, which here see what this transaction has written."""

    def record(self, number: int) -> Record | None:
        """Return the request *number*."""

    def latest(self, customer: int) -> Record | None:
        """Return the open request of *customer*, or else the one with the highest number."""

    def records(self, where: RequestFilter) -> list[Record]:
        """Return all requests in *where*."""

    def closed_before(self, before: Millis, limit: int) -> list[Record]:
        """Return the oldest *limit* requests that were closed before then and no hold keeps."""

    def messages(self, number: int, where: MessageRange) -> MessagePage:
        """Return messages of the request *number*."""

    def mark(self, request: HelpRequest, role: Role, seq: int) -> ReadMark:
        """Return both sequences at *seq* of *role*'s own one, or at the last message before it."""

    def last_message_id(self) -> int:
        """Return the highest id that a message ever had, those of this transaction included."""

    def find_duplicate(self, number: int, by: Author, ref: str) -> tuple[int, Message] | None:
        """Return the message that *by* sent as *ref*, with its request; None if the ref is new.

        A store may take a ref for new without looking, if it then detects a duplicate at the commit
        and runs the job again. So None is only reliable once the job is committed; a job that
        refuses has to ask :meth:`find_ref` first.
        """

    def find_ref(self, number: int, by: Author, ref: str) -> tuple[int, Message] | None:
        """Return what :meth:`find_duplicate` does, looked up for certain."""

    def add_request(self, customer: Customer, visit: Visit, at: Millis) -> Record:
        """Store a request without messages, under the next number."""

    def append(self, record: Record, messages: Iterable[Message]) -> Record:
        """Add *messages*, which continue the sequences of *record*; return the new record."""

    def update(self, record: Record) -> Record:
        """Store the marks and the visit of *record*, and return it."""

    def set_contact(self, record: Record, contact: Contact) -> Record:
        """Store *contact* for the request's customer; return the new record."""

    def reassign(self, record: Record, person: Customer) -> Record:
        """Make *person* the customer of the request and the author of its customer's messages.

        Refs of the former customer's messages become those of *person*, except where *person* has
        used the ref already: that message loses it. A customer without another request is deleted.
        Returns the new record.
        """

    def erase(self, records: Sequence[Record]) -> ErasureTotals:
        """Delete the requests with their messages, and customers who have no other request."""

    def wipe(self) -> None:
        """Delay this job's callback until all that was erased is overwritten on disk as well.

        Where the store needs several steps for that, or another process still reads it, it is
        overwritten after the callback; see :attr:`Store.holds_erased`.
        """

    def set_clock(self, record: ClockRecord) -> None:
        """Store *record* for :attr:`AtStart.clock`; without one that is the newest time there."""

    def audit(self, action: str, by: Author, at: Millis, data: Mapping[str, object]) -> AuditEntry:
        """Append to the audit log; each entry has a hash over all before it."""


class Store(Protocol):
    """An open store; see the promises above."""

    @property
    def epoch(self) -> str:
        """The random name of this history: a restore or an import gives another one."""

    @property
    def at_start(self) -> AtStart:
        """The content when it was opened."""

    @property
    def problem(self) -> str | None:
        """The reason why writes are refused; None while they are not.

        The store tests itself every minute, and every second while there is a problem.
        """

    @property
    def holds_erased(self) -> bool:
        """True while the files still hold something that was erased.

        The store overwrites it, at once or in steps, when no other process reads what was there.
        """

    @property
    def displacement(self) -> str | None:
        """The reason why writes are refused if the open database is no longer at its location: a
        sentence with the remedy, as in ``problem``. None while it is there."""

    def read_content(self, offset: int) -> bytes:
        """Return bytes of the displaced database from *offset* on, none at its end.

        All of them are a backup. Raises :exc:`Refused` while they are not complete.
        """

    @property
    def log_bytes(self) -> int:
        """The size of the write-ahead log; 0 if the store has none of its own."""

    def write(
        self, job: Callable[[Transaction], T], on_result: Callable[[T | Refused], None]
    ) -> None:
        """Run *job* in a transaction; call *on_result* after its commit."""

    def read_in_order(
        self, job: Callable[[Transaction], T], on_result: Callable[[T | Refused], None]
    ) -> None:
        """Run *job*, which must change nothing, at its place among the writes."""

    def read(self, query: Callable[[Queries], T], on_result: Callable[[T | Refused], None]) -> None:
        """Run *query* on a snapshot of what is committed, beside the writer."""

    def interrupt(self) -> None:
        """Refuse all queries, and writes that wait for a store which refuses them.

        A query that is about to begin may be missed: call it until :meth:`finish_reads` returns.
        """

    def finish_reads(self) -> None:
        """Wait for the queries under way; no more may be submitted. Blocks."""

    def close(self) -> None:
        """Run all jobs that wait, then close. Blocks."""
