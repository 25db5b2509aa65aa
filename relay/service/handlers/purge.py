"""Handler of ``purge``: first a plan, which changes nothing; then exactly that plan, in steps.

Plans are kept in memory only, so that no restart purges anything by mistake.
"""

import asyncio
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from relay.desk.actors import AgentActor
from relay.desk.events import Author, Millis
from relay.desk.stats import ErasureTotals
from relay.errors import Code, Refused
from relay.service import erasure
from relay.service.context import Context, committed, guarded
from relay.service.handlers.queries import filter_of
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.store.values import AuditEntry, ErasureScope
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.present import by_object, rfc3339

STEP = 10
"""Requests that one step deletes; other jobs of the store run between two steps."""
PLANS = 10
"""Plans that are kept; an older one has to be made again."""


@dataclass(slots=True)
class Plan:
    """Requests to purge. ``running``: the purge has begun; ``receipt``: it has ended."""

    name: str
    numbers: Sequence[int]
    planned: ErasureTotals
    running: bool = False
    receipt: agent_out.Receipt | None = None


class PurgeHandler:
    """Handles the frame ``purge``."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*.

        A purge that a killed relay had begun is closed, with an audit entry of how far it came.
        """
        self._context = context
        self._plans: dict[str, Plan] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        for plan in context.store.at_start.purges:
            job = partial(erasure.interrupt_purge, plan=plan, at=context.clock.wall())
            # If it is refused, the store has logged why, and the next start closes it.
            context.store.write(job, lambda _: None)
        self.stopping = False
        """Set at shutdown: a running purge ends after its step, with an audit entry."""

    def register(self, routes: Routes[AgentActor]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Purge, self._purge)

    def _purge(self, actor: AgentActor, frame: frames.Purge, reply: Reply) -> None:
        """Plan or purge, as *frame* asks."""
        if frame.dry_run:
            self._plan(actor, frame, reply)
            return
        try:
            plan = self._plan_of(frame)
        except Refused as refused:
            reply.error(refused)
            return
        if plan.receipt is not None:
            reply.ok(self._purged(plan.receipt, frame.ref))
            return
        plan.running = True
        reply.detach()
        run = self._run(plan, actor, frame.ref, reply)
        task = asyncio.get_running_loop().create_task(run, name="purge")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _plan(self, actor: AgentActor, frame: frames.Purge, reply: Reply) -> None:
        context = self._context

        def on_committed(found: ErasureScope) -> None:
            plan = Plan(context.new_name(), array("q", found.numbers), found.count)
            self._keep(plan)
            receipt = self._receipt(plan, found.count, actor.author, context.clock.wall(), None)
            reply.ok(agent_out.Purged(frame.ref, receipt))

        try:
            where = filter_of(frame.filter)
        except Refused as refused:
            reply.error(refused)
            return
        context.store.read(lambda queries: queries.erasure_scope(where), reply.after(on_committed))

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
            raise Refused(Code.NOT_FOUND, "There is no such plan any more; make a new dry run.")
        if plan.running and plan.receipt is None:
            raise Refused(Code.CONFLICT, "That plan is being carried out already.")
        return plan

    async def _run(self, plan: Plan, actor: AgentActor, ref: str, reply: Reply) -> None:
        """Purge *plan* and answer; after a refusal the same plan may be tried again."""
        try:
            receipt = await self._erase(plan, actor, ref, reply)
        except Refused as refused:
            plan.running = False
            reply.error(refused)
        else:
            plan.receipt, plan.numbers = receipt, array("q")
            reply.ok(self._purged(receipt, ref))

    def _purged(self, receipt: agent_out.Receipt, ref: str) -> agent_out.Purged:
        """Return the answer to a purge, with what is true of the files now."""
        now = replace(receipt, overwritten=not self._context.store.holds_erased)
        return agent_out.Purged(ref, now)

    async def _erase(
        self, plan: Plan, actor: AgentActor, ref: str, reply: Reply
    ) -> agent_out.Receipt:
        store, clock, by = self._context.store, self._context.clock, actor.author
        at, total, done = clock.wall(), len(plan.numbers), 0
        begin = partial(erasure.begin_purge, plan=plan.name, planned=plan.planned, by=by, at=at)
        await committed(store, guarded(actor, begin, admin=True))
        while done < total and not self.stopping:
            numbers = plan.numbers[done : done + STEP]
            step = partial(erasure.purge_step, plan=plan.name, numbers=numbers)
            for record in (await committed(store, step)).records:
                self._context.publisher.push_gone(record)
            done += len(numbers)
            reply.push(agent_out.Purging(ref, done, total))
        at = clock.wall()
        if done < total:
            await committed(store, partial(erasure.interrupt_purge, plan=plan.name, at=at))
            progress = f"{done} of {total} are dealt with."
            rest = "Make a new dry run and purge the rest."
            raise Refused(Code.UNAVAILABLE, f"The relay restarts: {progress} {rest}")
        ended = await committed(store, partial(erasure.end_purge, plan=plan.name, at=at))
        return self._receipt(plan, ended.tally, by, at, ended.entry)

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
