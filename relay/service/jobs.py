"""Periodic jobs: the watch of the clock, retention, automatic closing, and counting of usage."""

from functools import partial

from relay.desk.actors import AgentActor
from relay.desk.events import DESK, Millis
from relay.desk.request import Record
from relay.desk.stats import quarter_of
from relay.errors import Refused
from relay.log import CLOCK_BELIEVED, CLOCK_DOUBTED, emit
from relay.service import erasure, use_cases
from relay.service.context import Context, stop_typing
from relay.service.handlers.queries import parse_time
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.service.trusted_time import DAY, TrustedTime
from relay.store.api import Queries, Transaction
from relay.store.values import ClockRecord, UsagePeriod, UsageTotals
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.present import rfc3339

LOOK_EVERY = 60.0
"""Seconds between two looks at what is too old."""
STEP = 20
"""Requests that one step deletes; if there were so many, the next step comes at once."""
HOUR = 3600 * 1000
STORE_CLOCK_EVERY = 600.0
"""Seconds between two records of the trusted time, for the next start."""
STORE_CLOCK_AGAIN = 1.0
"""Seconds after which a record is stored again that the store refused."""


class ClockWatch:
    """Keeps the trusted time, stores it, and logs when the clock is doubted."""

    def __init__(self, context: Context) -> None:
        """Compare the clock with what the desk knows of the time."""
        self._context = context
        clock = context.clock
        self.trusted = TrustedTime(context.store.at_start.clock, clock.wall(), clock.steady())
        self._store_due = clock.steady() + STORE_CLOCK_EVERY
        self._report_change(before=False)

    def tick(self) -> None:
        """Let time pass."""
        clock, before = self._context.clock, self.trusted.is_doubted
        self.trusted.read(clock.wall(), clock.steady())
        self._report_change(before=before)
        if clock.steady() >= self._store_due:
            self._store()

    def _report_change(self, *, before: bool) -> None:
        """Log a new doubt, or its end, and store it before any message with the time of the clock.

        Else the next start would find the wrong time in the desk, and believe the clock.
        """
        trusted = self.trusted
        if trusted.is_doubted == before:
            return
        if trusted.is_doubted:
            emit(CLOCK_DOUBTED, days=round(trusted.gap / DAY, 1))
        else:
            emit(CLOCK_BELIEVED)
        self._store()

    def _store(self) -> None:
        clock = self._context.clock
        self._store_due = clock.steady() + STORE_CLOCK_EVERY

        def on_result(outcome: Refused | None) -> None:
            if isinstance(outcome, Refused):
                self._store_due = clock.steady() + STORE_CLOCK_AGAIN

        self._context.store.write(partial(_store_clock, record=self.trusted.record), on_result)


def _store_clock(transaction: Transaction, record: ClockRecord) -> None:
    transaction.set_clock(record)


class Retention:
    """Closes requests that are silent for too long, deletes closed ones that are too old."""

    def __init__(self, context: Context, trusted: TrustedTime) -> None:
        """Look for the first time when time first passes."""
        self._context, self._trusted = context, trusted
        self._due = context.clock.steady()

    def tick(self) -> None:
        """Let time pass: start a step if one is due."""
        config, steady = self._context.config, self._context.clock.steady()
        days, hours = config.retention_days, config.auto_close_after
        if (days is None and hours is None) or steady < self._due or self._trusted.is_doubted:
            return
        self._due = steady + LOOK_EVERY
        if hours is not None:
            self._close_silent(Millis(self._trusted.time - hours * HOUR))
        if days is not None:
            self._expire(Millis(self._trusted.time - days * DAY))

    def _expire(self, before: Millis) -> None:
        at = self._context.clock.wall()
        self._context.store.write(
            lambda transaction: erasure.expire(transaction, before, STEP, at), self._on_expired
        )

    def _close_silent(self, before: Millis) -> None:
        context = self._context
        stamp = use_cases.Stamp(DESK, context.clock.wall())
        keep = context.config.retention_days != 0
        board = context.publisher.open_requests
        silent = [number for number, record in board.items() if silent_since(record) < before]

        def on_result(outcome: use_cases.Change | Refused | None) -> None:
            if isinstance(outcome, use_cases.Change):
                stop_typing(context, outcome.record)
                context.publisher.publish(outcome)

        for number in silent[:STEP]:
            context.store.write(
                partial(_close_if_silent, number=number, before=before, stamp=stamp, keep=keep),
                on_result,
            )
        if len(silent) > STEP:
            self._due = context.clock.steady()

    def _on_expired(self, outcome: erasure.Erased | Refused) -> None:
        if isinstance(outcome, Refused):
            return  # the store has logged why; the next step tries again
        for record in outcome.records:
            self._context.publisher.push_gone(record)
        if len(outcome.records) == STEP:
            self._due = self._context.clock.steady()


def silent_since(record: Record) -> Millis:
    """Return the time of the last message, claim or opening."""
    request = record.request
    moments = (request.opened_at, request.claimed_at, request.last.at if request.last else None)
    return max(at for at in moments if at is not None)


def _close_if_silent(
    transaction: Transaction, number: int, before: Millis, stamp: use_cases.Stamp, *, keep: bool
) -> use_cases.Change | None:
    record = transaction.record(number)
    if record is None or not record.request.is_open or silent_since(record) >= before:
        return None  # it has changed meanwhile
    return use_cases.close(transaction, record, stamp, keep=keep)


COUNT_EVERY = 60.0
"""Seconds between two looks at what is new."""
LATEST = 253_370_764_800_000
"""The year 9999, before which a period ends."""


def _period_of(frame: frames.Usage) -> tuple[Millis, Millis] | None:
    """Return the period that *frame* asks for, if any; raise :exc:`Refused` if it is none."""
    if frame.since is None or frame.until is None:
        return None
    since, until = parse_time("since", frame.since), parse_time("until", frame.until)
    return Millis(max(since, 0)), Millis(min(until, LATEST))


def _answer(ref: str, totals: UsageTotals, period: UsagePeriod | None) -> agent_out.Usage:
    if period is None:
        return agent_out.Usage(ref, totals.days, totals.months)
    quarters = [
        agent_out.Quarter(rfc3339(it.at), it.messages, it.connections) for it in period.quarters
    ]
    return agent_out.Usage(
        ref, totals.days, totals.months, quarters, period.whole_days, period.more
    )


class UsageHandler:
    """Counts, and takes the frame ``usage``."""

    def __init__(self, context: Context, trusted: TrustedTime) -> None:
        """Work with the parts of *context*; what was left uncounted is counted first."""
        self._context, self._trusted = context, trusted
        self._quarter = self._present_quarter()
        self._due = context.clock.steady() + COUNT_EVERY
        self._kept: tuple[Millis, int, int] | None = self._now()
        context.store.read(lambda queries: queries.uncounted_messages(), self._begin)

    def _begin(self, before: int | Refused) -> None:
        if before and not isinstance(before, Refused):
            self._kept, self._due = None, self._context.clock.steady()

    def tick(self) -> None:
        """Let time pass."""
        context = self._context
        quarter = self._present_quarter()
        if quarter != self._quarter:
            self.keep()
            self._quarter = quarter
            context.hub.begin_peak()
        if context.clock.steady() >= self._due:
            self._due = context.clock.steady() + COUNT_EVERY
            self.keep()

    def keep(self) -> None:
        """Store what came since the last time, if anything did."""
        now = self._now()
        if now == self._kept:
            return
        quarter, peak, _ = now

        def job(transaction: Transaction) -> int:
            transaction.usage.record_peak(quarter, peak)
            return transaction.usage.count()

        def on_result(left: int | Refused) -> None:
            if isinstance(left, Refused):
                return  # the store has logged why; the next time tries again
            if left:
                self._due = self._context.clock.steady()
            else:
                self._kept = now

        self._context.store.write(job, on_result)

    def register(self, routes: Routes[AgentActor]) -> None:
        """Add the handler of ``usage`` to *routes*."""
        routes.add(frames.Usage, self._usage)

    def _usage(self, _actor: AgentActor, frame: frames.Usage, reply: Reply) -> None:
        """Answer *frame* with all that was counted, after what is new was counted too."""
        store, (quarter, peak, _) = self._context.store, self._now()
        try:
            period = _period_of(frame)
        except Refused as refused:
            reply.error(refused)
            return

        def query(queries: Queries) -> tuple[UsageTotals, UsagePeriod | None]:
            return queries.usage(), None if period is None else queries.usage_between(*period)

        def on_committed(found: tuple[UsageTotals, UsagePeriod | None]) -> None:
            reply.ok(_answer(frame.ref, *found))

        def job(transaction: Transaction) -> None:
            transaction.usage.record_peak(quarter, peak)
            transaction.usage.count_all()

        # Where the disk is full, the answer is what was counted before.
        store.write(job, lambda _: store.read(query, reply.after(on_committed)))

    def _present_quarter(self) -> Millis:
        """Return the present quarter of an hour; a clock that is doubted begins none."""
        trusted = self._trusted
        return quarter_of(trusted.time if trusted.is_doubted else self._context.clock.wall())

    def _now(self) -> tuple[Millis, int, int]:
        return self._quarter, self._context.hub.peak, self._context.telemetry.messages
