"""What is closed goes when its time is over: in small steps, so that no chat waits for it.

A desk that deletes at closing finds here what a hold kept until it was lifted.
"""

from relay.desk.events import Millis
from relay.errors import Refused
from relay.helpdesk import erasure
from relay.helpdesk.context import Context

LOOK_EVERY = 60.0
"""Seconds between two looks at what is too old."""
STEP = 20
"""Requests that one step deletes; if there were so many, the next step comes at once."""
DAY = 24 * 3600 * 1000
CATCH_UP = 2
"""Days of the calendar that one day of running may make up."""


class Retention:
    """Deletes closed requests that are older than the desk keeps them."""

    def __init__(self, context: Context) -> None:
        """Look for the first time when time first passes."""
        self._context = context
        self._due = self._looked_at = context.clock.steady()
        self._believed = context.clock.wall()

    def tick(self) -> None:
        """Let time pass: start a step if one is due."""
        context, days = self._context, self._context.config.retention_days
        if days is None or context.clock.steady() < self._due:
            return
        self._due = context.clock.steady() + LOOK_EVERY
        at = context.clock.wall()
        before = Millis(self._today() - days * DAY)
        context.store.write(
            lambda transaction: erasure.expire(transaction, before, STEP, at), self._done
        )

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
