"""How much the desk is used: has the log counted now and then, and keeps the peak of connections.

Costs no frame anything: what was stored is counted later, from the log.
"""

from relay.desk.use import Day, Month
from relay.errors import Refused
from relay.helpdesk.context import Context, answer, settled
from relay.hub import AgentPeer
from relay.store.transaction import Transaction
from relay.store.usage import ALL, Usage, day_of, figures
from relay.wire import agent as frames
from relay.wire import agent_hears

COUNT_EVERY = 60.0
"""Seconds between two looks at what is new."""


class UsageDesk:
    """Counts, and takes the frame ``usage``."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*; what was left uncounted is counted first."""
        self._context = context
        self._today = day_of(context.clock.wall())
        self._due = context.clock.steady() + COUNT_EVERY
        self._kept: tuple[str, int, int] | None = self._now()
        context.store.read(lambda connection: Usage(connection).uncounted(), self._begin)

    def _begin(self, before: int | Refused) -> None:
        if before and not isinstance(before, Refused):
            self._kept, self._due = None, self._context.clock.steady()

    def tick(self) -> None:
        """Let time pass."""
        context = self._context
        today = day_of(context.clock.wall())
        if today != self._today:
            self.keep()
            self._today = today
            context.hub.begin_peak()
        if context.clock.steady() >= self._due:
            self._due = context.clock.steady() + COUNT_EVERY
            self.keep()

    def keep(self) -> None:
        """Store what came since the last time, if anything did."""
        now = self._now()
        if now == self._kept:
            return
        day, peak, _ = now

        def work(transaction: Transaction) -> int:
            transaction.flush()
            transaction.usage.reached(day, peak)
            return transaction.usage.count()

        def done(left: int | Refused) -> None:
            if isinstance(left, Refused):
                return  # the store has said why; the next time tries again
            if left:
                self._due = self._context.clock.steady()
            else:
                self._kept = now

        self._context.store.write(work, done)

    def take(self, peer: AgentPeer, frame: frames.Usage) -> None:
        """Answer *frame* with all that was counted, after what is new was counted too."""
        store, (day, peak, _) = self._context.store, self._now()

        def done(found: tuple[list[Day], list[Month]]) -> None:
            answer(peer.mailbox, agent_hears.Usage(frame.ref, *found))

        settle = settled(peer.mailbox, frame.ref, done, waits=True)

        def work(transaction: Transaction) -> None:
            transaction.flush()
            transaction.usage.reached(day, peak)
            transaction.usage.count(ALL)

        # Where the disk is full, what was counted before is told all the same.
        store.write(work, lambda _: store.read(figures, settle))

    def _now(self) -> tuple[str, int, int]:
        return self._today, self._context.hub.peak, self._context.ledger.messages
