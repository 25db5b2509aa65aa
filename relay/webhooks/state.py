"""State of one webhook: its position, its pauses, and its deliveries in memory. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from relay.desk.events import Millis
from relay.store.values import DeliveryBacklog, DueDelivery, FailedDelivery, RoundOutcome
from relay.webhooks.http_post import Answer, Outcome
from relay.webhooks.payload import Endpoint
from relay.webhooks.schedule import MAX_RETRY_AFTER, parse_retry_after

MEMORY_LIMIT = 100
"""Deliveries of one webhook in memory, those in progress included."""
SAVE_LATE = 60_000
"""Milliseconds after which a position is stored that moved without a delivery."""
CHECK_EVERY = 60_000
"""Milliseconds after which a webhook is checked even if nothing was published."""
FAILING = 3
"""Failures in a row after which a success means that the receiver has recovered: all is retried."""
NEVER_CHECKED = -1
NO_BACKLOG = DeliveryBacklog()
GONE = 410
"""Status with which a receiver unsubscribes for good."""


class Workload:
    """Deliveries of one webhook that are in memory, and outcomes that are not stored yet.

    A request is *busy* from the start of its deliveries until their outcomes are stored: meanwhile
    nothing else of it is read, which keeps its order.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._logged: dict[int, Millis] = {}  # those that only the log has, and their times
        self._queued: set[int] = set()  # those that the store's queue has
        self._running: set[int] = set()
        self._ended: set[int] = set()
        self._delivered: list[int] = []
        self._failed: list[FailedDelivery] = []
        self._behind: list[int] = []
        self._news = False

    @property
    def room(self) -> int:
        """Number of further deliveries that fit in memory."""
        return MEMORY_LIMIT - len(self._logged) - len(self._queued)

    @property
    def busy(self) -> frozenset[int]:
        """The requests of which nothing may be read now."""
        return frozenset(self._running | self._ended)

    @property
    def is_running(self) -> bool:
        """True while a request has deliveries to make."""
        return bool(self._running)

    @property
    def has_news(self) -> bool:
        """True if there are outcomes to store."""
        return self._news

    @property
    def oldest(self) -> Millis | None:
        """The time of the oldest message here that the store does not know to be waiting."""
        return min(self._logged.values(), default=None)

    def begin(self, chains: Iterable[Sequence[DueDelivery]], behind: Collection[int]) -> None:
        """Take up the deliveries of *chains*, each of one request; *behind*: for the queue."""
        for chain in chains:
            self._running.add(chain[0].record.request.id)
            self._queued |= {due.number for due in chain if due.waits}
            self._logged |= {due.number: due.message.at for due in chain if not due.waits}
        self._behind += behind
        self._news = self._news or bool(behind)

    def deliver(self, number: int) -> None:
        """Record that the receiver has accepted the delivery *number*."""
        if number in self._queued:
            self._delivered.append(number)
        self._forget(number)
        self._news = True

    def fail(self, failed: FailedDelivery) -> None:
        """Record a try that *failed*."""
        self._failed.append(failed)
        self._forget(failed.number)
        self._news = True

    def end(self, request: int, left: Iterable[int]) -> None:
        """End the deliveries of *request* for now; those that are *left* go to the queue."""
        self._running.discard(request)
        self._ended.add(request)
        for number in left:
            if number in self._logged:
                self._behind.append(number)
                self._news = True
            self._forget(number)

    def flush(self, position: int) -> RoundOutcome:
        """Return all outcomes, to be stored with *position*, which the log was read up to.

        What is still in progress goes to the queue, so that after a crash nothing else comes again.
        """
        outcome = RoundOutcome(
            position, self._delivered, self._failed, [*self._behind, *self._logged]
        )
        self._queued |= self._logged.keys()
        self._logged.clear()
        self._delivered, self._failed, self._behind, self._news = [], [], [], False
        return outcome

    def ended(self) -> frozenset[int]:
        """Return the requests whose deliveries have ended, for :meth:`release`."""
        return frozenset(self._ended)

    def release(self, requests: Collection[int]) -> None:
        """End the busy time of *requests*, all outcomes of which are stored."""
        self._ended -= set(requests)

    def _forget(self, number: int) -> None:
        self._logged.pop(number, None)
        self._queued.discard(number)


@dataclass(slots=True)
class WebhookState:
    """State of one webhook.

    ``position`` is the id of the message up to which the log was read, ``stored_position`` the one
    that outlives a crash.
    """

    endpoint: Endpoint
    position: int
    stored_position: int
    checked_through: int = NEVER_CHECKED
    """Changes that had been published when there was last nothing more to deliver."""
    next_due: Millis | None = None
    gone: bool = False
    """True if the receiver has unsubscribed."""
    failures: int = 0
    """Failures in a row."""
    recovered: bool = False
    """True if the receiver answers again after failures, until all retries are due."""
    paused_until: Millis | None = None
    store_due: Millis | None = None
    backlog: DeliveryBacklog = NO_BACKLOG
    checked_at: Millis | None = None
    """Time of the last check."""
    work: Workload = field(default_factory=Workload)

    def is_paused(self, now: Millis) -> bool:
        """Return whether the receiver has asked for a pause, or unsubscribed."""
        # A longer pause than a receiver may ask for means that the clock was put back since.
        return self.gone or 0 < (self.paused_until or 0) - now <= MAX_RETRY_AFTER * 1000

    def is_due(self, published: int, now: Millis) -> bool:
        """Return whether to look for deliveries, now that so many changes are *published*."""
        due = self.next_due is not None and self.next_due <= now
        # Erased messages show in no other way; and a clock that was put back must not delay.
        passed = CHECK_EVERY if self.checked_at is None else abs(now - self.checked_at)
        check = self.checked_through < published or due or passed >= CHECK_EVERY
        return check and self.work.room > 0 and not self.is_paused(now)

    def wake(self) -> None:
        """Make a check due, even if the receiver has unsubscribed."""
        self.checked_through, self.gone = NEVER_CHECKED, False

    def store_is_due(self, now: Millis) -> bool:
        """Return whether there are outcomes to store, or a position that moved long ago."""
        return self.work.has_news or (self.store_due is not None and self.store_due <= now)

    def advance(self, position: int, now: Millis) -> None:
        """Move to *position*: all up to it is delivered, in memory or in the queue."""
        self.position = position
        if position != self.stored_position and self.store_due is None:
            self.store_due = Millis(now + SAVE_LATE)

    def mark_stored(self, position: int) -> None:
        """Record that *position* is stored."""
        self.stored_position = position
        self.store_due = None if position == self.position else self.store_due

    def record_answer(self, answer: Answer, now: Millis) -> None:
        """Record *answer* in what is known of the receiver."""
        if answer.outcome is Outcome.DELIVERED:
            self.recovered = self.recovered or self.failures >= FAILING
            self.failures = 0
            return
        self.failures += 1
        self.gone = self.gone or answer.status == GONE
        if answer.retry_after is not None:
            seconds = parse_retry_after(answer.retry_after, now / 1000) or 0.0
            self.paused_until = Millis(max(self.paused_until or 0, now + round(seconds * 1000)))
