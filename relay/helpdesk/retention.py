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


class Retention:
    """Deletes closed requests that are older than the desk keeps them."""

    def __init__(self, context: Context) -> None:
        """Look for the first time when time first passes."""
        self._context = context
        self._due = context.clock.steady()

    def tick(self) -> None:
        """Let time pass: start a step if one is due."""
        context, days = self._context, self._context.config.retention_days
        if days is None or context.clock.steady() < self._due:
            return
        self._due = context.clock.steady() + LOOK_EVERY
        at = context.clock.wall()
        before = Millis(at - days * DAY)
        context.store.write(
            lambda transaction: erasure.expire(transaction, before, STEP, at), self._done
        )

    def _done(self, outcome: erasure.Erased | Refused) -> None:
        if isinstance(outcome, Refused):
            return  # the store has said why; the next look tries again
        for record in outcome.records:
            self._context.publisher.gone(record)
        if len(outcome.records) == STEP:
            self._due = self._context.clock.steady()
