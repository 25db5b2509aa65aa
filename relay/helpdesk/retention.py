"""What is closed goes when its time is over: in small steps, so that no chat waits for it.

A desk that deletes at closing finds here what a hold kept until it was lifted.
"""

from functools import partial

from relay.desk.events import DESK, Millis
from relay.desk.record import Record
from relay.errors import Refused
from relay.helpdesk import erasure, work
from relay.helpdesk.context import Context, stop_typing
from relay.store.transaction import Transaction

LOOK_EVERY = 60.0
"""Seconds between two looks at what is too old."""
STEP = 20
"""Requests that one step deletes; if there were so many, the next step comes at once."""
HOUR = 3600 * 1000
DAY = 24 * HOUR
CATCH_UP = 2
"""Days of the calendar that one day of running may make up."""


class Retention:
    """Closes requests that are silent for too long, deletes closed ones that are too old."""

    def __init__(self, context: Context) -> None:
        """Look for the first time when time first passes."""
        self._context = context
        self._due = self._looked_at = context.clock.steady()
        self._believed = context.clock.wall()

    def tick(self) -> None:
        """Let time pass: start a step if one is due."""
        config, steady = self._context.config, self._context.clock.steady()
        days, hours = config.retention_days, config.auto_close_after
        if (days is None and hours is None) or steady < self._due:
            return
        self._due = steady + LOOK_EVERY
        today = self._today()
        if hours is not None:
            self._close_silent(Millis(today - hours * HOUR))
        if days is not None:
            self._expire(Millis(today - days * DAY))

    def _expire(self, before: Millis) -> None:
        at = self._context.clock.wall()
        self._context.store.write(
            lambda transaction: erasure.expire(transaction, before, STEP, at), self._done
        )

    def _close_silent(self, before: Millis) -> None:
        context = self._context
        actor = work.Actor(DESK, context.clock.wall())
        keep = context.config.retention_days != 0
        board = context.publisher.board
        silent = [number for number, record in board.items() if silent_since(record) < before]

        def done(outcome: work.Change | Refused | None) -> None:
            if isinstance(outcome, work.Change):
                stop_typing(context, outcome.record)
                context.publisher.publish(outcome)

        for number in silent[:STEP]:
            context.store.write(
                partial(_close_if_silent, number=number, before=before, actor=actor, keep=keep),
                done,
            )
        if len(silent) > STEP:
            self._due = context.clock.steady()

    def _today(self) -> Millis:
        """Return the time of day, as far as it is to be believed.

        A clock that jumps ahead may be wrong, and what is deleted stays so: the jump counts only
        as fast as the relay runs, which leaves as long as it was to put the clock right.
        """
        now = self._context.clock.steady()
        passed = Millis(round((now - self._looked_at) * 1000))
        self._looked_at = now
        latest = Millis(self._believed + CATCH_UP * passed)
        self._believed = min(self._context.clock.wall(), latest)
        return self._believed

    def _done(self, outcome: erasure.Erased | Refused) -> None:
        if isinstance(outcome, Refused):
            return  # the store has said why; the next look tries again
        for record in outcome.records:
            self._context.publisher.gone(record)
        if len(outcome.records) == STEP:
            self._due = self._context.clock.steady()


def silent_since(record: Record) -> Millis:
    """Return when somebody last wrote in the request, or took it (up again)."""
    request = record.request
    moments = (request.opened_at, request.claimed_at, request.last.at if request.last else None)
    return max(at for at in moments if at is not None)


def _close_if_silent(
    transaction: Transaction, number: int, before: Millis, actor: work.Actor, *, keep: bool
) -> work.Change | None:
    record = transaction.record(number)
    if record is None or not record.request.is_open or silent_since(record) >= before:
        return None  # somebody was quicker
    return work.close(transaction, record, actor, keep=keep)
