"""What is known of the desk: requests, messages, who writes and who looks. Pure.

Every method may be called any number of times with the same facts: reconnecting tells them again.
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
    first_heard,
    heard_exactly,
    heard_more,
)
from relay.wire import agent_in, agent_out, objects

TYPING_LASTS = 8.0
"""Seconds after which a `typing` whose end got lost is forgotten; the relay says it after six."""


class DeskState:
    """The desk as the relay has told it so far."""

    def __init__(self) -> None:
        self.me: Agent | None = None
        self.epoch: str | None = None
        self.welcomed = False
        self.text_limit = 4000
        self.frame_limit = 0
        self.requests: dict[int, Request] = {}
        self.timelines: dict[int, Timeline] = {}
        self.watching: dict[int, tuple[Agent, ...]] = {}
        self.agents: dict[int, Colleague] = {}
        self.canned: tuple[Response, ...] = ()
        self.closed: tuple[Request, ...] | None = None
        self.earlier: dict[int, tuple[Request, ...]] = {}
        self.unread_from: dict[int, int] = {}
        self._heard: dict[int, UnreadEstimate] = {}
        self._typing: dict[tuple[int, str], float] = {}

    def welcome(self, frame: agent_out.Welcome, kept: Collection[int] = ()) -> None:
        """Take *frame* for the whole truth; what it does not name has ended meanwhile.

        Of that, what the agent has looked into stays, and *kept*.
        """
        if frame.epoch != self.epoch:
            self.timelines.clear()
            self.requests.clear()
            self.unread_from.clear()
            self._heard.clear()
            self.earlier.clear()
            self.closed = None
        self.epoch, self.welcomed = frame.epoch, True
        self.me = agent_from(frame.agent) if frame.agent else None
        self.text_limit, self.frame_limit = frame.limits.text, frame.limits.frame
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
        self._heard = {number: self._hear(request) for number, request in now.items()}
        self.requests = ended | now

    def update(self, told: objects.AgentRequest, *, keep: bool = False) -> Request:
        """Take in a request as it now is; what is older than what is known changes nothing.

        A closed one that the agent has not looked into leaves the desk, but for *keep*.
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
        if self.closed is not None:
            ended = (request,) if request.closed else ()
            self.closed = (*ended, *_without(request.id, self.closed))
        if request.closed and not keep and request.id not in self.timelines:
            self.requests.pop(request.id, None)
            self._heard.pop(request.id, None)
        else:
            self._heard[request.id] = self._hear(request)
            self.requests[request.id] = request
        return request

    def add(self, request: int, messages: Iterable[Message]) -> None:
        """Take in *messages* of *request*; who has written no longer writes."""
        timeline = self.timelines.setdefault(request, Timeline())
        for message in messages:
            timeline.add((message,))
            self._typing.pop((request, message.role), None)

    def read(self, request: int, by: str, seq: int) -> None:
        """A side has read up to *seq*; marks only move forward."""
        if not (known := self.requests.get(request)):
            return
        if by == "customer":
            known = replace(known, read_by_customer=max(seq, known.read_by_customer))
        else:
            known = replace(known, read_by_agents=max(seq, known.read_by_agents))
        self.requests[request] = known

    def watched_by(self, request: int, agents: Iterable[Agent]) -> None:
        """Those who have *request* open are *agents*."""
        me = self.me.id if self.me else None
        self.watching[request] = tuple(agent for agent in agents if agent.id != me)

    def typing(self, request: int, role: str, *, on: bool, now: float) -> None:
        """Somebody of *role* writes in *request*, or no longer does."""
        if on:
            self._typing[request, role] = now + TYPING_LASTS
        else:
            self._typing.pop((request, role), None)

    def typing_in(self, request: int, now: float) -> tuple[str, ...]:
        """Return the roles that write in *request*."""
        return tuple(
            role
            for (number, role), until in self._typing.items()
            if number == request and now < until
        )

    def list_ended(self, narrowed: agent_in.Filter, requests: Iterable[Request]) -> None:
        """The relay has listed *requests*, closed ones or those of one customer."""
        listed = tuple(requests)
        if narrowed.status == "closed" and self.closed is not None:
            self.closed = listed
        elif isinstance(narrowed.customer, int):
            self.earlier = {narrowed.customer: listed}

    def touch(self, request: int) -> None:
        """*request* is the one that was looked at last: the last of ``timelines``."""
        if timeline := self.timelines.pop(request, None):
            self.timelines[request] = timeline

    def forget(self, request: int) -> None:
        """The request was deleted with all its messages."""
        self.unread_from.pop(request, None)
        self._heard.pop(request, None)
        self.requests.pop(request, None)
        self.timelines.pop(request, None)
        self.watching.pop(request, None)
        self.closed = self.closed and _without(request, self.closed)
        self.earlier = {by: _without(request, asked) for by, asked in self.earlier.items()}

    @property
    def known(self) -> dict[int, Request]:
        """Every request that the relay has told of: open, closed lately, or asked earlier."""
        told = (*(self.closed or ()), *(one for asked in self.earlier.values() for one in asked))
        return {request.id: request for request in told} | self.requests

    def seen(self, request: Request) -> int:
        """Return the last seq that counts as read: the shared mark, or this agent's own."""
        return min(request.read_by_agents, self.unread_from.get(request.id, request.read_by_agents))

    def mark_unread(self, request: Request) -> None:
        """Let the customer's last text count as unread here; the shared mark stays."""
        timeline = self.timelines.get(request.id)
        texts = [m.seq for m in timeline.messages if by_customer(m)] if timeline else []
        last = texts[-1] if texts else request.seq
        self.unread_from[request.id] = max(0, last - 1)

    def unread(self, request: Request) -> int:
        """Return how many of the customer's texts count as unread, at most."""
        return self.counted(request).most

    def fetch_unread_counts(self, number: int, messages: Iterable[Message]) -> None:
        """Count by *messages*, the last ones of a request; nothing if they are that no more."""
        request = self.requests.get(number)
        end = [message for message in messages if request and message.seq <= request.seq]
        if request and end and end[-1].seq == request.seq:
            self._heard[number] = heard_exactly(end)

    def unread_at_most(self, request: Request) -> int:
        """Return how many would count as unread if no message of the request were known."""
        return self._stated(request).most

    def counted(self, request: Request) -> Unread:
        """Return what is known of how many of the customer's texts count as unread."""
        mark, timeline = self.seen(request), self.timelines.get(request.id)
        if not (timeline and timeline.last > mark and timeline.has_all_after(mark, timeline.last)):
            return self._stated(request)
        known = sum(map(by_customer, timeline.after(mark)))
        if timeline.last >= request.seq:
            return Unread(known, known)
        heard = self._heard_of(request)
        if heard.answered > timeline.last:
            return self._stated(request)
        return Unread(known, known) + heard.beyond(timeline.last)

    def _stated(self, request: Request) -> Unread:
        """Return what the states of a request alone tell; what the agent marked is one at least."""
        texts = self._heard_of(request).beyond(self.seen(request))
        if request.id in self.unread_from:
            return Unread(max(1, texts.least), max(1, texts.most))
        return texts

    def _heard_of(self, request: Request) -> UnreadEstimate:
        return self._heard.get(request.id) or first_heard(request)

    def _hear(self, now: Request) -> UnreadEstimate:
        before = self.requests.get(now.id)
        if before is None:
            return first_heard(now)
        return heard_more(self._heard_of(before), before, now, self.seen(now))


def _without(number: int, requests: tuple[Request, ...]) -> tuple[Request, ...]:
    return tuple(request for request in requests if request.id != number)
