"""Dispatcher of webhooks: reads what is due, delivers it, stores the outcome, schedules retries."""

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from relay import log
from relay.clock import Clock
from relay.desk.events import Millis
from relay.errors import Refused
from relay.log import FAILED, Log, Word
from relay.metrics import Counts
from relay.store.api import Store, Transaction
from relay.store.values import (
    DeliveryBacklog,
    DeliveryRound,
    DueDelivery,
    FailedDelivery,
    RoundOutcome,
)
from relay.webhooks.http_post import Answer, Outcome, deliver, tls_context
from relay.webhooks.payload import Endpoint, body

MAX_TRIES = 10
"""Tries of a delivery before it is a dead letter."""
FIRST_DELAY, DELAY_FACTOR, MAX_DELAY = 5.0, 4, 8 * 3600.0
"""Seconds of backoff after the first try, the factor of each further one, and the longest."""
JITTER = 0.2
"""Part of a delay by which it is made shorter or longer, so that not all retries come at once."""
MAX_RETRY_AFTER = 24 * 3600.0
"""The most seconds that a receiver can have all deliveries paused for, by ``Retry-After``."""


def retry_delay(tries: int) -> float | None:
    """Return the backoff in seconds after *tries* that failed, without jitter; None: give up."""
    return None if tries >= MAX_TRIES else min(FIRST_DELAY * DELAY_FACTOR ** (tries - 1), MAX_DELAY)


def jittered_delay(tries: int, chance: float) -> float | None:
    """Return the seconds until the next try, None if there is none; *chance* is random, 0 to 1."""
    usual = retry_delay(tries)
    return None if usual is None else usual * (1 + JITTER * (2 * chance - 1))


def parse_retry_after(retry_after: str, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, None if it is unreadable.

    *now* is in seconds since 1970, for a header that is a date.
    """
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        # Only so many digits: Python refuses to convert a very long number.
        return min(float(value[:9]), MAX_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    return min(max(0.0, until - now), MAX_RETRY_AFTER)


SAVE_SOON, SAVE_LATE = 1_000, 60_000
"""Milliseconds after which a position is stored that moved with a delivery, or without one."""
CHECK_EVERY = 60_000
"""Milliseconds after which a webhook is checked even if nothing was published."""
FAILING = 3
"""Failures in a row after which a success means that the receiver has recovered: all is retried."""
NEVER_CHECKED = -1
NO_BACKLOG = DeliveryBacklog()
GONE = 410
"""Status with which a receiver unsubscribes for good."""


@dataclass(slots=True)
class WebhookState:
    """State of one webhook.

    ``position`` is the id of the last message that it needs no more, ``stored_position`` the one
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
    paused_until: Millis | None = None
    store_due: Millis | None = None
    backlog: DeliveryBacklog = NO_BACKLOG
    checked_at: Millis | None = None
    """Time of the last check."""

    def is_paused(self, now: Millis) -> bool:
        """Return whether the receiver has asked for a pause, or unsubscribed."""
        # A longer pause than a receiver may ask for means that the clock was put back since.
        return self.gone or 0 < (self.paused_until or 0) - now <= MAX_RETRY_AFTER * 1000

    def is_due(self, published: int, now: Millis) -> bool:
        """Return whether there is something to do, now that so many changes are *published*."""
        due = self.next_due is not None and self.next_due <= now
        # Erased messages show in no other way; and a clock that was put back must not delay.
        passed = CHECK_EVERY if self.checked_at is None else abs(now - self.checked_at)
        check = self.checked_through < published or due or passed >= CHECK_EVERY
        return (check and not self.is_paused(now)) or self.store_is_due(now)

    def wake(self) -> None:
        """Make a check due, even if the receiver has unsubscribed."""
        self.checked_through, self.gone = NEVER_CHECKED, False

    def store_is_due(self, now: Millis) -> bool:
        """Return whether the position has to be stored, although nothing else has."""
        return self.store_due is not None and self.store_due <= now

    def advance(self, position: int, now: Millis, *, delivered: bool) -> None:
        """Move to *position*: all up to it is delivered, or stored among what is retried."""
        self.position = position
        if position == self.stored_position:
            return
        store_due = Millis(now + (SAVE_SOON if delivered else SAVE_LATE))
        self.store_due = store_due if self.store_due is None else min(self.store_due, store_due)

    def mark_stored(self) -> None:
        """Record that the position is stored."""
        self.stored_position, self.store_due = self.position, None

    def record_answer(self, answer: Answer, now: Millis) -> bool:
        """Record *answer*; return whether the receiver has recovered, so that all is retried."""
        if answer.outcome is Outcome.DELIVERED:
            recovered, self.failures = self.failures >= FAILING, 0
            return recovered
        self.failures += 1
        self.gone = self.gone or answer.status == GONE
        if answer.retry_after is not None:
            seconds = parse_retry_after(answer.retry_after, now / 1000) or 0.0
            self.paused_until = Millis(max(self.paused_until or 0, now + round(seconds * 1000)))
        return False


T = TypeVar("T")
MAX_CONCURRENT = 4
"""Deliveries to one webhook at the same time."""
CHECK_INTERVAL = 0.25
"""Seconds between two checks whether something is due."""
STORE_RETRY_DELAY = 1.0
"""Seconds after which a store that refused is retried."""


@dataclass(slots=True)
class _RoundResult:
    """Result of a round, so far. ``recovered``: the receiver answers again after failures."""

    outcome: RoundOutcome
    limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_CONCURRENT))
    delivered: int = 0
    recovered: bool = False


class _StoreReply(Generic[T]):
    """Callback that makes the store's reply awaitable."""

    def __init__(self) -> None:
        """Begin without a reply, in the running loop."""
        self.future: asyncio.Future[T | Refused] = asyncio.get_running_loop().create_future()

    def __call__(self, outcome: T | Refused) -> None:
        """Receive the reply; the task that waits may have been cancelled."""
        if not self.future.done():
            self.future.set_result(outcome)


class WebhookDispatcher:
    """Delivers the events of one desk to all its webhooks."""

    def __init__(
        self,
        store: Store,
        endpoints: Mapping[str, Endpoint],
        desk: str,
        clock: Clock,
        *,
        counts: Counts,
        log_: Log,
    ) -> None:
        """Deliver from *store* to *endpoints*; *desk* is the name of the desk."""
        self._store, self.endpoints, self._desk = store, endpoints, desk
        self._clock, self._counts, self._log = clock, counts, log_
        self._stopping = False
        self.published = 0
        """Changes published so far; the service counts them here."""
        self.states: dict[str, WebhookState] = {}
        """State of each webhook, from its enrolment on."""

    def enroll(self) -> None:
        """Load the position of each webhook; a new one begins after the last message."""
        names = tuple(self.endpoints)

        def operation(transaction: Transaction) -> dict[str, int]:
            return transaction.webhooks.enroll(names, transaction.last_message_id())

        def on_reply(positions: dict[str, int] | Refused) -> None:
            if not isinstance(positions, Refused):
                for name, position in positions.items():
                    state = WebhookState(self.endpoints[name], position, position)
                    self.states.setdefault(name, state)

        if names:
            self._store.write(operation, on_reply)

    async def run(self) -> None:
        """Deliver until :meth:`stop`, and store the positions reached."""
        if not self.endpoints:
            return
        tls = await asyncio.to_thread(tls_context)
        async with asyncio.TaskGroup() as group:
            for name in self.endpoints:
                group.create_task(self._run_webhook(name, tls), name=f"webhook {name}")

    def stop(self) -> None:
        """Start no further delivery."""
        self._stopping = True

    def delivery_id(self, number: int) -> str:
        """Return the id of the delivery of the message with the id *number*.

        It is the cursor from which `helpdesk watch` continues after that message.
        """
        return f"{self._store.epoch}:{number}"

    def wake(self, name: str | None) -> None:
        """Check the webhook *name*, or all, at once, even one whose receiver has unsubscribed."""
        for state in self.states.values():
            if name in {None, state.endpoint.name}:
                state.wake()

    def backlog(self) -> DeliveryBacklog:
        """Return the backlog of all webhooks together, as of their last checks."""
        all_ = [state.backlog for state in self.states.values()]
        return DeliveryBacklog(
            sum(one.waiting for one in all_),
            sum(one.dead for one in all_),
            min((one.oldest for one in all_ if one.oldest is not None), default=None),
        )

    async def _run_webhook(self, name: str, tls: ssl.SSLContext) -> None:
        while not self._stopping:
            state, rest = self.states.get(name), CHECK_INTERVAL
            try:
                if state is None:
                    self.enroll()  # again: the store refused it before
                    rest = STORE_RETRY_DELAY
                elif state.is_due(self.published, self._clock.wall()):
                    rest = CHECK_INTERVAL if not await self._deliver_due(state, tls) else 0
            except Exception as error:  # noqa: BLE001 - one error must not end all deliveries
                self._log.emit(FAILED, error)
                rest = STORE_RETRY_DELAY
            await asyncio.sleep(rest)
        state = self.states.get(name)
        if state is not None and state.position != state.stored_position:
            await self._store_round(state, _RoundResult(RoundOutcome(state.position)))

    async def _deliver_due(self, state: WebhookState, tls: ssl.SSLContext) -> bool:
        """Deliver what is due for *state*; return whether more may be due at once."""
        now, published = self._clock.wall(), self.published
        state.checked_at = now
        if state.is_paused(now):
            if state.store_is_due(now):
                await self._store_round(state, _RoundResult(RoundOutcome(state.position)))
            return False
        name, events, position = state.endpoint.name, state.endpoint.events, state.position
        read = _StoreReply[DeliveryRound]()
        self._store.read(lambda queries: queries.due_deliveries(name, events, position, now), read)
        found = await read.future
        if isinstance(found, Refused):
            return False
        result = await self._deliver_round(state, found, tls)
        state.advance(found.place, self._clock.wall(), delivered=result.delivered > 0)
        if result.recovered or not result.outcome.is_empty or state.store_is_due(now):
            await self._store_round(state, result)
        state.backlog, state.next_due = found.backlog, found.next_due
        again = bool(found.chains) or found.more
        state.checked_through = NEVER_CHECKED if again else published
        return again

    async def _deliver_round(
        self, state: WebhookState, found: DeliveryRound, tls: ssl.SSLContext
    ) -> _RoundResult:
        result = _RoundResult(RoundOutcome(found.place, behind=list(found.behind)))
        async with asyncio.TaskGroup() as group:
            for chain in found.chains:
                group.create_task(
                    self._deliver_chain(state, chain, result, tls), name="webhook chain"
                )
        return result

    async def _deliver_chain(
        self,
        state: WebhookState,
        chain: Iterable[DueDelivery],
        result: _RoundResult,
        tls: ssl.SSLContext,
    ) -> None:
        """Deliver *chain* in its order, up to the first that has to be retried."""
        rest = deque(chain)
        continues = True
        while rest and continues:
            async with result.limit:
                if self._stopping or state.is_paused(self._clock.wall()):
                    break
                due = rest.popleft()
                answer = await self._post(state.endpoint, due, tls)
            continues = self._record_outcome(state, due, answer, result)
        result.outcome.behind += [due.number for due in rest if not due.waits]

    async def _post(self, endpoint: Endpoint, due: DueDelivery, tls: ssl.SSLContext) -> Answer:
        content = body(due, self._desk, words=endpoint.words)
        at = self._clock.wall() // 1000
        return await deliver(endpoint, self.delivery_id(due.number), at, content, tls)

    def _record_outcome(
        self, state: WebhookState, due: DueDelivery, answer: Answer, result: _RoundResult
    ) -> bool:
        """Record the *answer* to *due*; return whether it will not be retried."""
        now, name = self._clock.wall(), Word(state.endpoint.name)
        self._counts.webhook_tries[answer.outcome] += 1
        result.recovered = state.record_answer(answer, now) or result.recovered
        tries, request = due.tries + 1, due.record.request.id
        if answer.outcome is Outcome.DELIVERED:
            result.delivered += 1
            if due.waits:
                result.outcome.delivered.append(due.number)
            self._log.emit(log.WEBHOOK_DELIVERED, webhook=name, request=request, tries=tries)
            return True
        delay = jittered_delay(tries, random.random())  # noqa: S311 - jitter is no secret
        due_at = None if delay is None else Millis(now + round(delay * 1000))
        failed = FailedDelivery(due.number, tries, due_at, answer.outcome, answer.status, now)
        result.outcome.failed.append(failed)
        self._log.emit(
            log.WEBHOOK_FAILED if due_at else log.WEBHOOK_ABANDONED,
            webhook=name,
            request=request,
            tries=tries,
            outcome=answer.outcome,
            status=answer.status,
        )
        return due_at is None

    async def _store_round(self, state: WebhookState, result: _RoundResult) -> None:
        """Store the result of a round; retry while the store refuses."""
        name, now = state.endpoint.name, self._clock.wall()

        def operation(transaction: Transaction) -> None:
            transaction.webhooks.settle(name, result.outcome)
            if result.recovered:
                transaction.webhooks.retry_waiting(name, now)

        while True:
            written = _StoreReply[None]()
            self._store.write(operation, written)
            if not isinstance(await written.future, Refused):
                break
            if self._stopping:
                return
            await asyncio.sleep(STORE_RETRY_DELAY)
        state.mark_stored()
