"""Delivers to webhooks: reads what is due, sends it, stores the outcome, schedules retries."""

import asyncio
import random
import ssl
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Generic, Protocol, TypeVar

from relay import log
from relay.desk.events import Millis
from relay.errors import Refused
from relay.log import FAILED, Log, Word
from relay.metrics import Counts
from relay.store.sqlite.store import Store
from relay.store.sqlite.transaction import Transaction
from relay.store.sqlite.webhook_queue import Due, Failed, Round, Standing, Told, next_round
from relay.webhooks.http_post import Answer, Outcome, deliver, trusting
from relay.webhooks.payload import Endpoint, body

TRIES = 10
"""How often a delivery is tried before it is a dead letter."""
FIRST, FACTOR, LONGEST = 5.0, 4, 8 * 3600.0
"""Seconds after the first try, how many times longer each pause is, and the longest one."""
JITTER = 0.2
"""The part of a pause by which it is made shorter or longer, so that not all come at once."""
LONGEST_WISH = 24 * 3600.0
"""The most seconds that a receiver can ask to be left in peace."""


def pause(tries: int) -> float | None:
    """Return the seconds after *tries* that failed, before jitter; None: that was the last."""
    return None if tries >= TRIES else min(FIRST * FACTOR ** (tries - 1), LONGEST)


def pause_after(tries: int, chance: float) -> float | None:
    """Return the seconds to the next try, None if there is none; *chance* is random, 0 to 1."""
    usual = pause(tries)
    return None if usual is None else usual * (1 + JITTER * (2 * chance - 1))


def wish(retry_after: str, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, None if it is unreadable.

    *now* is in seconds since 1970, for those who give a date.
    """
    said = retry_after.strip()
    if said.isascii() and said.isdigit():
        # No more digits than it takes: a number may be longer than Python reads.
        return min(float(said[:9]), LONGEST_WISH)
    try:
        date = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    return min(max(0.0, until - now), LONGEST_WISH)


SAVE_SOON, SAVE_LATE = 1_000, 60_000
"""Milliseconds after which a place is stored that deliveries have moved, or that none has."""
LOOK_AGAIN = 60_000
"""Milliseconds after which there is a look even if nothing has happened."""
FAILING = 3
"""Failures in a row after which a delivery that goes well is news: all that waits is tried anew."""
UNKNOWN = -1
NOTHING_WAITS = Standing()
GONE = 410
"""The status with which a receiver says that it wants nothing more, ever."""


@dataclass(slots=True)
class Line:
    """One webhook. ``place`` is how far it was told, ``stored`` what of that outlives a crash."""

    endpoint: Endpoint
    place: int
    stored: int
    seen: int = UNKNOWN
    """How much had been published when there was last nothing more to tell."""
    next_due: Millis | None = None
    stopped: bool = False
    """Whether the receiver has said that it wants nothing more."""
    failures: int = 0
    """Failures in a row."""
    rests_until: Millis | None = None
    store_at: Millis | None = None
    standing: Standing = NOTHING_WAITS
    looked_at: Millis | None = None
    """When there was last a look at it."""

    def rests(self, now: Millis) -> bool:
        """Whether the receiver has asked to be left in peace."""
        # Longer than anybody may ask for: the clock was put back since.
        return self.stopped or 0 < (self.rests_until or 0) - now <= LONGEST_WISH * 1000

    def calls(self, published: int, now: Millis) -> bool:
        """Whether there is something to do, since so much was *published*."""
        due = self.next_due is not None and self.next_due <= now
        # What was erased shows in no other way; and a clock that was put back is no reason to wait.
        passed = LOOK_AGAIN if self.looked_at is None else abs(now - self.looked_at)
        tells = (self.seen < published or due or passed >= LOOK_AGAIN) and not self.rests(now)
        return tells or self.must_store(now)

    def look_again(self) -> None:
        """Forget that there is nothing to do, or that the receiver wants nothing more."""
        self.seen, self.stopped = UNKNOWN, False

    def must_store(self, now: Millis) -> bool:
        """Whether the place has to be stored, although nothing else has."""
        return self.store_at is not None and self.store_at <= now

    def came_to(self, place: int, now: Millis, *, delivered: bool) -> None:
        """Know that all up to *place* is told, or stands among what waits."""
        self.place = place
        if place == self.stored:
            return
        store_at = Millis(now + (SAVE_SOON if delivered else SAVE_LATE))
        self.store_at = store_at if self.store_at is None else min(self.store_at, store_at)

    def is_stored(self) -> None:
        """Know that the place is stored."""
        self.stored, self.store_at = self.place, None

    def heard(self, answer: Answer, now: Millis) -> bool:
        """Take in *answer*; return whether all that waits should be tried at once."""
        if answer.outcome is Outcome.DELIVERED:
            recovered, self.failures = self.failures >= FAILING, 0
            return recovered
        self.failures += 1
        self.stopped = self.stopped or answer.status == GONE
        if answer.retry_after is not None:
            seconds = wish(answer.retry_after, now / 1000) or 0.0
            self.rests_until = Millis(max(self.rests_until or 0, now + round(seconds * 1000)))
        return False


T = TypeVar("T")
AT_THE_SAME_TIME = 4
"""Deliveries to one webhook that are under way."""
TURN = 0.25
"""Seconds between two looks at whether there is something to do."""
TRY_AGAIN = 1.0
"""Seconds after which a store that refused is asked again."""


class Clock(Protocol):
    """What time it is."""

    def wall(self) -> Millis:
        """Return the time of day; it may jump."""


@dataclass(slots=True)
class _Work:
    """A round under way. ``recovered``: the receiver answers again; ``delivered``: how many."""

    told: Told
    limit: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_THE_SAME_TIME))
    delivered: int = 0
    recovered: bool = False


class _Outcome(Generic[T]):
    """What the store will say, once."""

    def __init__(self) -> None:
        """Wait in the running loop."""
        self.future: asyncio.Future[T | Refused] = asyncio.get_running_loop().create_future()

    def __call__(self, outcome: T | Refused) -> None:
        """Take what the store says; who waited may have been cancelled."""
        if not self.future.done():
            self.future.set_result(outcome)


class Courier:
    """Serves all webhooks of one desk."""

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
        """Tell *endpoints* what is in *store*; *desk* is what the desk is called."""
        self._store, self.endpoints, self._desk = store, endpoints, desk
        self._clock, self._counts, self._log = clock, counts, log_
        self._stopping = False
        self.published = 0
        """How many changes were published, as who publishes says here."""
        self.lines: dict[str, Line] = {}
        """How each webhook stands, from its enrolment on."""

    def enroll(self) -> None:
        """Take up each webhook where it was left, a new one at what is stored from now on."""
        names = tuple(self.endpoints)

        def work(transaction: Transaction) -> dict[str, int]:
            return transaction.outbox.enroll(names, transaction.last_message())

        def done(places: dict[str, int] | Refused) -> None:
            if not isinstance(places, Refused):
                for name, place in places.items():
                    self.lines.setdefault(name, Line(self.endpoints[name], place, place))

        if names:
            self._store.write(work, done)

    async def run(self) -> None:
        """Deliver until :meth:`stop`, and store how far that came."""
        if not self.endpoints:
            return
        trust = await asyncio.to_thread(trusting)
        async with asyncio.TaskGroup() as group:
            for name in self.endpoints:
                group.create_task(self._serve(name, trust), name=f"webhook {name}")

    def stop(self) -> None:
        """Begin no delivery any more."""
        self._stopping = True

    def id_of(self, number: int) -> str:
        """Return what the delivery of a message with the id *number* is called.

        It is where `helpdesk watch` would go on after it.
        """
        return f"{self._store.epoch}:{number}"

    def look_again(self, name: str | None) -> None:
        """Look at once for what is due to the webhook *name*, or to all, even if one is stopped."""
        for line in self.lines.values():
            if name in {None, line.endpoint.name}:
                line.look_again()

    def standing(self) -> Standing:
        """Return how all webhooks stand together, as of their last looks."""
        all_ = [line.standing for line in self.lines.values()]
        return Standing(
            sum(one.waiting for one in all_),
            sum(one.dead for one in all_),
            min((one.oldest for one in all_ if one.oldest is not None), default=None),
        )

    async def _serve(self, name: str, trust: ssl.SSLContext) -> None:
        while not self._stopping:
            line, rest = self.lines.get(name), TURN
            try:
                if line is None:
                    self.enroll()  # again: the store refused it
                    rest = TRY_AGAIN
                elif line.calls(self.published, self._clock.wall()):
                    rest = TURN if not await self._turn(line, trust) else 0
            except Exception as error:  # noqa: BLE001 - one mistake must not end all deliveries
                self._log.note(FAILED, error)
                rest = TRY_AGAIN
            await asyncio.sleep(rest)
        line = self.lines.get(name)
        if line is not None and line.place != line.stored:
            await self._keep(line, _Work(Told(line.place)))

    async def _turn(self, line: Line, trust: ssl.SSLContext) -> bool:
        """Do what is due for *line*; return whether there may be more at once."""
        now, published = self._clock.wall(), self.published
        line.looked_at = now
        if line.rests(now):
            if line.must_store(now):
                await self._keep(line, _Work(Told(line.place)))
            return False
        name, events, place = line.endpoint.name, line.endpoint.events, line.place
        read = _Outcome[Round]()
        self._store.read(lambda open_: next_round(open_, name, events, place, now), read)
        found = await read.future
        if isinstance(found, Refused):
            return False
        work = await self._tell_all(line, found, trust)
        line.came_to(found.place, self._clock.wall(), delivered=work.delivered > 0)
        if work.recovered or not work.told.is_nothing or line.must_store(now):
            await self._keep(line, work)
        line.standing, line.next_due = found.standing, found.next_due
        again = bool(found.chains) or found.more
        line.seen = UNKNOWN if again else published
        return again

    async def _tell_all(self, line: Line, found: Round, trust: ssl.SSLContext) -> _Work:
        work = _Work(Told(found.place, behind=list(found.behind)))
        async with asyncio.TaskGroup() as group:
            for chain in found.chains:
                group.create_task(self._tell(line, chain, work, trust), name="webhook chain")
        return work

    async def _tell(
        self, line: Line, chain: Iterable[Due], work: _Work, trust: ssl.SSLContext
    ) -> None:
        """Tell *chain* in its order, up to the first that has to be tried again."""
        rest = deque(chain)
        goes_on = True
        while rest and goes_on:
            async with work.limit:
                if self._stopping or line.rests(self._clock.wall()):
                    break
                due = rest.popleft()
                answer = await self._post(line.endpoint, due, trust)
            goes_on = self._settles(line, due, answer, work)
        work.told.behind += [due.number for due in rest if not due.waits]

    async def _post(self, endpoint: Endpoint, due: Due, trust: ssl.SSLContext) -> Answer:
        told = body(due, self._desk, words=endpoint.words)
        at = self._clock.wall() // 1000
        return await deliver(endpoint, self.id_of(due.number), at, told, trust)

    def _settles(self, line: Line, due: Due, answer: Answer, work: _Work) -> bool:
        """Enter how *due* went; return whether it will not be tried again."""
        now, name = self._clock.wall(), Word(line.endpoint.name)
        self._counts.webhook_tries[answer.outcome] += 1
        work.recovered = line.heard(answer, now) or work.recovered
        tries, request = due.tries + 1, due.record.request.id
        if answer.outcome is Outcome.DELIVERED:
            work.delivered += 1
            if due.waits:
                work.told.delivered.append(due.number)
            self._log.note(log.WEBHOOK_DELIVERED, webhook=name, request=request, tries=tries)
            return True
        pause = pause_after(tries, random.random())  # noqa: S311 - jitter is no secret
        due_at = None if pause is None else Millis(now + round(pause * 1000))
        failed = Failed(due.number, tries, due_at, answer.outcome, answer.status, now)
        work.told.failed.append(failed)
        self._log.note(
            log.WEBHOOK_FAILED if due_at else log.WEBHOOK_ABANDONED,
            webhook=name,
            request=request,
            tries=tries,
            outcome=answer.outcome,
            status=answer.status,
        )
        return due_at is None

    async def _keep(self, line: Line, work: _Work) -> None:
        """Store what became of a round; a store that refuses is asked until it takes it."""
        name, now = line.endpoint.name, self._clock.wall()

        def write(transaction: Transaction) -> None:
            transaction.outbox.settle(name, work.told)
            if work.recovered:
                transaction.outbox.hurry(name, now)

        while True:
            written = _Outcome[None]()
            self._store.write(write, written)
            if not isinstance(await written.future, Refused):
                break
            if self._stopping:
                return
            await asyncio.sleep(TRY_AGAIN)
        line.is_stored()
