"""An admin's purge: first a plan, which changes nothing; then exactly that plan, step by step.

Plans are the relay's memory alone: after a restart there is nothing to be purged by mistake.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from relay.desk.events import Author, Millis
from relay.desk.stats import ErasureTotals
from relay.errors import Code, Refused
from relay.hub import AgentPeer
from relay.service import erasure
from relay.service.context import Context, answer, refuse, settled, write
from relay.service.handlers.queries import filter_of
from relay.service.routes import Routes
from relay.store.values import AuditEntry, ErasureScope
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.present import by_object, rfc3339

STEP = 10
"""Requests that one step deletes; between two steps the chats have their turn."""
PLANS = 10
"""Plans that are kept; an older one has to be made again."""


@dataclass(slots=True)
class Plan:
    """What a purge deletes. ``receipt`` is given when it is done; ``running``: it has begun."""

    name: str
    numbers: Sequence[int]
    planned: ErasureTotals
    running: bool = False
    receipt: agent_out.Receipt | None = None


@dataclass(slots=True)
class _Run:
    """A purge on its way, for whom, and how many of its requests are dealt with."""

    plan: Plan
    peer: AgentPeer
    ref: str
    by: Author
    done: int = 0


class PurgeHandler:
    """Takes the frame ``purge``."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*; there is no plan yet.

        What a relay was killed in is closed, with an entry of how far it came.
        """
        self._context = context
        self._plans: dict[str, Plan] = {}
        for plan in context.store.at_start.purges:
            work = partial(erasure.interrupt_purge, plan=plan, at=context.clock.wall())
            # If it is refused, the store has said why, and the next start closes it.
            context.store.write(work, lambda _: None)
        self.stopping = False
        """Whether a purge that runs ends after its step, with an entry of what it deleted."""

    def register(self, routes: Routes[AgentPeer]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Purge, self._purge)

    def _purge(self, peer: AgentPeer, frame: frames.Purge) -> None:
        """Plan or purge, as *frame* asks."""
        if frame.dry_run:
            self._plan(peer, frame)
            return
        try:
            plan = self._plan_of(frame)
        except Refused as refused:
            refuse(peer.connection, refused, frame.ref)
        else:
            if plan.receipt is None:
                self._begin(peer, frame.ref, plan)
            else:
                answer(peer.connection, agent_out.Purged(frame.ref, plan.receipt))
        peer.connection.resume()

    def _plan(self, peer: AgentPeer, frame: frames.Purge) -> None:
        context = self._context

        def done(found: ErasureScope) -> None:
            plan = Plan(context.new_name(), array("q", found.numbers), found.count)
            self._keep(plan)
            receipt = self._receipt(plan, found.count, peer.author, context.clock.wall(), None)
            answer(peer.connection, agent_out.Purged(frame.ref, receipt))

        settle = settled(peer.connection, frame.ref, done, waits=True)
        try:
            narrow = filter_of(frame.filter)
        except Refused as refused:
            settle(refused)
            return
        context.store.read(lambda queries: queries.erasure_scope(narrow), settle)

    def _keep(self, plan: Plan) -> None:
        idle = [name for name, kept in self._plans.items() if not kept.running]
        if len(self._plans) >= PLANS and idle:
            del self._plans[idle[0]]
        self._plans[plan.name] = plan

    def _plan_of(self, frame: frames.Purge) -> Plan:
        if frame.plan is None:
            raise Refused(Code.INVALID, "`plan` is missing; a dry run gives one.")
        plan = self._plans.get(frame.plan)
        if plan is None:
            raise Refused(Code.NOT_FOUND, "That plan is not known any more; make a new dry run.")
        if plan.running and plan.receipt is None:
            raise Refused(Code.CONFLICT, "That plan is being carried out already.")
        return plan

    def _begin(self, peer: AgentPeer, ref: str, plan: Plan) -> None:
        at = self._context.clock.wall()
        run = _Run(plan, peer, ref, peer.author)
        plan.running = True

        def done(outcome: Refused | None) -> None:
            self._next(run) if outcome is None else self._fail(run, outcome)

        peer.connection.submitted()
        work = partial(erasure.begin_purge, plan=plan.name, planned=plan.planned, by=run.by, at=at)
        write(self._context, peer, work, done, admin=True)

    def _next(self, run: _Run) -> None:
        context, numbers = self._context, run.plan.numbers[run.done : run.done + STEP]
        if not numbers or self.stopping:
            self._end(run)
            return

        def done(outcome: erasure.Erased | Refused) -> None:
            if isinstance(outcome, Refused):
                self._fail(run, outcome)
                return
            for record in outcome.records:
                context.publisher.gone(record)
            run.done += len(numbers)
            push = agent_out.Purging(run.ref, run.done, len(run.plan.numbers))
            answer(run.peer.connection, push)
            self._next(run)

        work = partial(erasure.purge_step, plan=run.plan.name, numbers=numbers)
        context.store.write(work, done)

    def _end(self, run: _Run) -> None:
        at, whole = self._context.clock.wall(), run.done == len(run.plan.numbers)
        end = erasure.end_purge if whole else erasure.interrupt_purge

        def done(outcome: erasure.Erased | Refused) -> None:
            if isinstance(outcome, Refused):
                self._fail(run, outcome)
            elif whole:
                entry, tally = outcome.entry, outcome.tally
                run.plan.receipt = self._receipt(run.plan, tally, run.by, at, entry)
                run.plan.numbers = array("q")
                answer(run.peer.connection, agent_out.Purged(run.ref, run.plan.receipt))
                run.peer.connection.settled(None)
            else:
                how_far = f"{run.done} of {len(run.plan.numbers)} are dealt with."
                rest = "Make a new dry run and purge the rest."
                said = f"The relay restarts: {how_far} {rest}"
                self._fail(run, Refused(Code.UNAVAILABLE, said))

        self._context.store.write(partial(end, plan=run.plan.name, at=at), done)

    def _fail(self, run: _Run, refused: Refused) -> None:
        """Let the same plan be tried again, which then deletes what is left of it."""
        run.plan.running = False
        refuse(run.peer.connection, refused, run.ref)
        run.peer.connection.settled(None)

    def _receipt(
        self, plan: Plan, tally: ErasureTotals, by: Author, at: Millis, entry: AuditEntry | None
    ) -> agent_out.Receipt:
        return agent_out.Receipt(
            plan=plan.name,
            number=None if entry is None else entry.number,
            at=rfc3339(at),
            by=by_object(by, self._context.config.name),
            requests=tally.requests,
            messages=tally.messages,
            bytes=tally.bytes,
            oldest=None if tally.oldest is None else rfc3339(tally.oldest),
            newest=None if tally.newest is None else rfc3339(tally.newest),
            held=tally.held,
            hash=None if entry is None else entry.hash,
        )
