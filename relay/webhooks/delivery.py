"""Dispatcher of webhooks: reads what is due, delivers it, stores the outcome, schedules retries."""

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
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
    DueFilter,
    FailedDelivery,
)
from relay.webhooks.http_post import Answer, Outcome, deliver, tls_context
from relay.webhooks.payload import Endpoint, body
from relay.webhooks.schedule import jittered_delay
from relay.webhooks.state import NEVER_CHECKED, WebhookState

T = TypeVar("T")
MAX_CONCURRENT = 8
"""Deliveries to one webhook at the same time."""
CHECK_INTERVAL = 0.25
"""Seconds between two checks whether something is due."""
BUSY_INTERVAL = 0.1
"""Seconds between two of them while deliveries are in memory: outcomes are stored as often."""
STORE_RETRY_DELAY = 1.0
"""Seconds after which a store that refused is retried."""


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
        """Deliver to the webhook *name* until :meth:`stop`; store what was reached in any case."""
        slots = asyncio.Semaphore(MAX_CONCURRENT)
        try:
            async with asyncio.TaskGroup() as chains:

                def begin(chain: Sequence[DueDelivery]) -> None:
                    run = self._deliver_chain(self.states[name], chain, slots, tls)
                    chains.create_task(run, name="webhook chain")

                while not self._stopping or self._is_running(name):
                    try:
                        rest = await self._turn(name, begin)
                    except Exception as error:  # noqa: BLE001 - it must not end all deliveries
                        self._log.emit(FAILED, error)
                        rest = STORE_RETRY_DELAY
                    await asyncio.sleep(rest)
        finally:
            state = self.states.get(name)
            if state is not None and (
                state.work.has_news or state.position != state.stored_position
            ):
                await self._store_outcome(state)

    def _is_running(self, name: str) -> bool:
        state = self.states.get(name)
        return state is not None and state.work.is_running

    async def _turn(self, name: str, begin: Callable[[Sequence[DueDelivery]], None]) -> float:
        """Store outcomes, and *begin* what is due; return the seconds until the next turn."""
        state, now = self.states.get(name), self._clock.wall()
        if state is None:
            self.enroll()  # again: the store refused it before
            return STORE_RETRY_DELAY
        if state.store_is_due(now):
            await self._store_outcome(state)
        else:
            state.work.release(state.work.ended())
        if not self._stopping and state.is_due(self.published, now):
            for chain in await self._read_due(state, now):
                begin(chain)
        return BUSY_INTERVAL if state.work.is_running or state.work.has_news else CHECK_INTERVAL

    async def _read_due(self, state: WebhookState, now: Millis) -> Sequence[Sequence[DueDelivery]]:
        """Take up what is due for *state*; return it, by request."""
        state.checked_at, state.checked_through = now, self.published
        work = state.work
        where = DueFilter(
            webhook=state.endpoint.name,
            events=state.endpoint.events,
            place=state.position,
            now=now,
            busy=work.busy,
            room=work.room,
        )
        read = _StoreReply[DeliveryRound]()
        self._store.read(lambda queries: queries.due_deliveries(where), read)
        found = await read.future
        if isinstance(found, Refused):
            state.checked_through = NEVER_CHECKED
            return ()
        if found.more:
            state.checked_through = NEVER_CHECKED
        moments = [at for at in (found.backlog.oldest, work.oldest) if at is not None]
        state.backlog = replace(found.backlog, oldest=min(moments, default=None))
        state.next_due = found.next_due
        work.begin(found.chains, found.behind)
        state.advance(found.place, now)
        return found.chains

    async def _deliver_chain(
        self,
        state: WebhookState,
        chain: Sequence[DueDelivery],
        slots: asyncio.Semaphore,
        tls: ssl.SSLContext,
    ) -> None:
        """Deliver *chain*, of one request, in its order, up to the first that has to be retried."""
        left = deque(chain)
        try:
            while left:
                async with slots:
                    if self._stopping or state.is_paused(self._clock.wall()):
                        break
                    answer = await self._post(state.endpoint, left[0], tls)
                if not self._record_outcome(state, left.popleft(), answer):
                    break
        except Exception as error:  # noqa: BLE001 - one error must not end all deliveries
            self._log.emit(FAILED, error)
            await asyncio.sleep(STORE_RETRY_DELAY)
        finally:
            state.work.end(chain[0].record.request.id, [due.number for due in left])
            state.checked_through = NEVER_CHECKED  # more of that request may wait in the queue

    async def _post(self, endpoint: Endpoint, due: DueDelivery, tls: ssl.SSLContext) -> Answer:
        content = body(due, self._desk, words=endpoint.words)
        at = self._clock.wall() // 1000
        return await deliver(endpoint, self.delivery_id(due.number), at, content, tls)

    def _record_outcome(self, state: WebhookState, due: DueDelivery, answer: Answer) -> bool:
        """Record the *answer* to *due*; return whether it will not be retried."""
        now, name = self._clock.wall(), Word(state.endpoint.name)
        self._counts.webhook_tries[answer.outcome] += 1
        state.record_answer(answer, now)
        tries, request = due.tries + 1, due.record.request.id
        if answer.outcome is Outcome.DELIVERED:
            state.work.deliver(due.number)
            self._log.emit(log.WEBHOOK_DELIVERED, webhook=name, request=request, tries=tries)
            return True
        delay = jittered_delay(tries, random.random())  # noqa: S311 - jitter is no secret
        due_at = None if delay is None else Millis(now + round(delay * 1000))
        state.work.fail(
            FailedDelivery(due.number, tries, due_at, answer.outcome, answer.status, now)
        )
        self._log.emit(
            log.WEBHOOK_FAILED if due_at else log.WEBHOOK_ABANDONED,
            webhook=name,
            request=request,
            tries=tries,
            outcome=answer.outcome,
            status=answer.status,
        )
        return due_at is None

    async def _store_outcome(self, state: WebhookState) -> None:
        """Store all outcomes so far; retry while the store refuses."""
        name, now = state.endpoint.name, self._clock.wall()
        outcome, ended = state.work.flush(state.position), state.work.ended()
        recovered, state.recovered = state.recovered, False

        def operation(transaction: Transaction) -> None:
            transaction.webhooks.settle(name, outcome)
            if recovered:
                transaction.webhooks.retry_waiting(name, now)

        while True:
            written = _StoreReply[None]()
            self._store.write(operation, written)
            if not isinstance(await written.future, Refused):
                break
            if self._stopping:
                return
            await asyncio.sleep(STORE_RETRY_DELAY)
        state.work.release(ended)
        state.mark_stored(outcome.place)
