"""The state of the desk: requests, messages, typing, watchers, unread counts. Pure.

Every method is idempotent: after a reconnect the relay sends the same facts again.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from helpdesk_tui.model.objects import (
    Agent,
    Colleague,
    Message,
    Request,
    Response,
    agent_from,
    by_customer,
    colleague_from,
    request_from,
    response_from,
)
from helpdesk_tui.model.timeline import (
    Timeline,
    Unread,
    UnreadEstimate,
    exact_estimate,
    initial_estimate,
    updated_estimate,
)
from relay.wire import agent_in, agent_out, objects

TYPING_LASTS = 8.0
"""Seconds after which a `typing` whose end got lost is forgotten; the relay says it after six."""


class DeskState:
    """The desk as the relay's frames describe it so far."""

    def __init__(self) -> None:
        self.me: Agent | None = None
        self.epoch: str | None = None
        self.welcomed = False
        self.text_limit = 4000
        self.frame_limit = 0
        self.relay_version = ""
        self.requests: dict[int, Request] = {}
        self.timelines: dict[int, Timeline] = {}
        self.watching: dict[int, tuple[Agent, ...]] = {}
        self.agents: dict[int, Colleague] = {}
        self.canned: tuple[Response, ...] = ()
        self.closed: tuple[Request, ...] | None = None
        self.earlier: dict[int, tuple[Request, ...]] = {}
        self.unread_from: dict[int, int] = {}
        self.given: dict[int, str] = {}
        """Requests that were transferred to this agent, who has not looked at them yet: by whom."""
        self._estimates: dict[int, UnreadEstimate] = {}
        self._typing: dict[tuple[int, str], float] = {}

    def welcome(self, frame: agent_out.Welcome, kept: Collection[int] = ()) -> None:
        """Replace the state by *frame*; open requests that it does not name are closed.

        Of these only those with loaded messages stay, and *kept*.
        """
        if frame.epoch != self.epoch:
            self.timelines.clear()
            self.requests.clear()
            self.unread_from.clear()
            self.given.clear()
            self._estimates.clear()
            self.earlier.clear()
            self.closed = None
        self.epoch, self.welcomed = frame.epoch, True
        self.me = agent_from(frame.agent) if frame.agent else None
        self.text_limit, self.frame_limit = frame.limits.text, frame.limits.frame
        self.relay_version = frame.version or ""
        self.agents = {told.id: colleague_from(told) for told in frame.agents}
        self.canned = tuple(map(response_from, frame.canned))
        self._typing.clear()
        self.watching.clear()
        ended = {
            number: replace(request, status="closed")
            for number, request in self.requests.items()
            if number in self.timelines or number in kept
        }
        now = {told.id: request_from(told) for told in frame.requests}
        for request in now.values():
            self._note_transfer(self.requests.get(request.id), request)
        self._estimates = {number: self._estimate_for(request) for number, request in now.items()}
        self.requests = ended | now

    def update(self, told: objects.AgentRequest, *, keep: bool = False) -> Request:
        """Store the new state of a request, unless a newer one is known.

        A closed one without loaded messages is forgotten, unless *keep*.
        """
        request, known = request_from(told), self.requests.get(told.id)
        if known:
            if request.seq < known.seq:
                return known
            request = replace(
                request,
                read_by_agents=max(request.read_by_agents, known.read_by_agents),
                read_by_customer=max(request.read_by_customer, known.read_by_customer),
            )
            self._note_transfer(known, request)
        if self.closed is not None:
            ended = (request,) if request.closed else ()
            self.closed = (*ended, *_without(request.id, self.closed))
        if request.closed and not keep and request.id not in self.timelines:
            self.requests.pop(request.id, None)
            self._estimates.pop(request.id, None)
        else:
            self._estimates[request.id] = self._estimate_for(request)
            self.requests[request.id] = request
        return request

    def add(self, request: int, messages: Iterable[Message]) -> None:
        """Add *messages* to *request*; their authors no longer type."""
        timeline = self.timelines.setdefault(request, Timeline())
        for message in messages:
            timeline.add((message,))
            self._typing.pop((request, message.role), None)

    def read(self, request: int, by: str, seq: int) -> None:
        """Move the read mark of the side *by* forward to *seq*."""
        if not (known := self.requests.get(request)):
            return
        if by == "customer":
            known = replace(known, read_by_customer=max(seq, known.read_by_customer))
        else:
            known = replace(known, read_by_agents=max(seq, known.read_by_agents))
        self.requests[request] = known

    def set_watchers(self, request: int, agents: Iterable[Agent]) -> None:
        """Set the agents who have *request* open; this agent is left out."""
        me = self.me.id if self.me else None
        self.watching[request] = tuple(agent for agent in agents if agent.id != me)

    def typing(self, request: int, role: str, *, on: bool, now: float) -> None:
        """Set whether somebody of *role* types in *request*, at the time *now*."""
        if on:
            self._typing[request, role] = now + TYPING_LASTS
        else:
            self._typing.pop((request, role), None)

    def typing_roles(self, request: int, now: float) -> tuple[str, ...]:
        """Return the roles that type in *request*."""
        return tuple(
            role
            for (number, role), until in self._typing.items()
            if number == request and now < until
        )

    def set_listed(self, narrowed: agent_in.Filter, requests: Iterable[Request]) -> None:
        """Store *requests* that were listed: the closed ones, or those of one customer."""
        listed = tuple(requests)
        if narrowed.status == "closed" and self.closed is not None:
            self.closed = listed
        elif isinstance(narrowed.customer, int):
            self.earlier = {narrowed.customer: listed}

    def touch(self, request: int) -> None:
        """Make *request* the most recently used of ``timelines``."""
        if timeline := self.timelines.pop(request, None):
            self.timelines[request] = timeline

    def forget(self, request: int) -> None:
        """Remove a request, which was deleted, and all its messages."""
        self.given.pop(request, None)
        self.unread_from.pop(request, None)
        self._estimates.pop(request, None)
        self.requests.pop(request, None)
        self.timelines.pop(request, None)
        self.watching.pop(request, None)
        self.closed = self.closed and _without(request, self.closed)
        self.earlier = {by: _without(request, asked) for by, asked in self.earlier.items()}

    @property
    def known(self) -> dict[int, Request]:
        """Every request that the relay has sent: open, recently closed, or listed."""
        told = (*(self.closed or ()), *(one for asked in self.earlier.values() for one in asked))
        return {request.id: request for request in told} | self.requests

    def read_mark(self, request: Request) -> int:
        """Return the last seq that counts as read: the shared mark, or this agent's own."""
        return min(request.read_by_agents, self.unread_from.get(request.id, request.read_by_agents))

    def mark_unread(self, request: Request) -> None:
        """Count the customer's last text as unread here; the shared read mark stays."""
        timeline = self.timelines.get(request.id)
        texts = [m.seq for m in timeline.messages if by_customer(m)] if timeline else []
        last = texts[-1] if texts else request.seq
        self.unread_from[request.id] = max(0, last - 1)

    def unread(self, request: Request) -> int:
        """Return how many of the customer's texts count as unread, at most."""
        return self.unread_count(request).most

    def count_exactly(self, number: int, messages: Iterable[Message]) -> None:
        """Count the unread of *messages*, the last of a request; ignored if newer ones exist."""
        request = self.requests.get(number)
        end = [message for message in messages if request and message.seq <= request.seq]
        if request and end and end[-1].seq == request.seq:
            self._estimates[number] = exact_estimate(end)

    def unread_at_most(self, request: Request) -> int:
        """Return an upper bound of the unread texts from the request's states alone."""
        return self._estimated_unread(request).most

    def unread_count(self, request: Request) -> Unread:
        """Return the bounds of how many of the customer's texts count as unread."""
        mark, timeline = self.read_mark(request), self.timelines.get(request.id)
        if not (timeline and timeline.last > mark and timeline.has_all_after(mark, timeline.last)):
            return self._estimated_unread(request)
        known = sum(map(by_customer, timeline.after(mark)))
        if timeline.last >= request.seq:
            return Unread(known, known)
        estimate = self._estimate_of(request)
        if estimate.answered > timeline.last:
            return self._estimated_unread(request)
        return Unread(known, known) + estimate.beyond(timeline.last)

    def _estimated_unread(self, request: Request) -> Unread:
        """Return the bounds from a request's states alone; at least 1 if marked as unread."""
        texts = self._estimate_of(request).beyond(self.read_mark(request))
        if request.id in self.unread_from:
            return Unread(max(1, texts.least), max(1, texts.most))
        return texts

    def _note_transfer(self, before: Request | None, now: Request) -> None:
        """Note who transferred a request to this agent; forget it if it is theirs no more."""
        me, giver = self.me.id if self.me else None, before.holder if before else None
        if now.closed or now.holder is None or now.holder.id != me:
            self.given.pop(now.id, None)
        elif before and not before.closed and giver and giver.id != me:
            self.given[now.id] = giver.name

    def _estimate_of(self, request: Request) -> UnreadEstimate:
        return self._estimates.get(request.id) or initial_estimate(request)

    def _estimate_for(self, now: Request) -> UnreadEstimate:
        before = self.requests.get(now.id)
        if before is None:
            return initial_estimate(now)
        return updated_estimate(self._estimate_of(before), before, now, self.read_mark(now))


def _without(number: int, requests: tuple[Request, ...]) -> tuple[Request, ...]:
    return tuple(request for request in requests if request.id != number)
