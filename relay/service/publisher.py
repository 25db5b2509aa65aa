"""Sends each committed change to the connections that watch it, at most once a second per request.

Runs in the loop's thread, after the commit. It keeps the open requests as they were last
published; what it sends of a request never goes back behind that."""

from collections.abc import Iterable

from msgspec import Struct

from relay.clock import Clock
from relay.desk.actors import Actor, AgentActor, CustomerActor
from relay.desk.events import Message, Role
from relay.desk.request import Agent, ReadMark, Record
from relay.hub import CustomerPeer, Hub, Peer
from relay.service.config import DeskConfig
from relay.service.directory import Directory
from relay.service.reply import Reply
from relay.service.telemetry import Telemetry
from relay.service.use_cases import Change
from relay.value import Value
from relay.wire import agent_out, customer
from relay.wire.codec import encode
from relay.wire.objects import (
    AgentLabel,
    AgentRequest,
    CustomerRequest,
    DeskObject,
    Gone,
    MessagePush,
    Read,
    Sent,
    Typing,
)
from relay.wire.present import (
    agent_object,
    message_for_agents,
    message_for_customer,
    request_for_agents,
    request_for_customer,
    rfc3339,
)

PUSH_EVERY = 1.0
"""Seconds between two pushes of one request for what only messages change (docs/protocol.md)."""


class DelayedPush(Value, frozen=True):
    """A request that has changed since its last push; ``for_customer``: in what they see too."""

    record: Record
    for_customer: bool


class PushThrottle:
    """Limits the pushes of each request to one a second; holds back the latest state."""

    def __init__(self) -> None:
        """Start empty."""
        self._pushed_at: dict[int, float] = {}
        self._waiting: dict[int, DelayedPush] = {}

    def wait(self, record: Record, now: float, *, for_customer: bool) -> bool:
        """Return whether *record* has to wait; then :meth:`due` returns it in its time."""
        number = record.request.id
        if now - self._pushed_at.get(number, now - PUSH_EVERY) >= PUSH_EVERY:
            return False
        self._waiting[number] = DelayedPush(
            record, for_customer or self._waits_for_customer(number)
        )
        return True

    def pushed(self, number: int, now: float) -> bool:
        """Begin a new second; return whether what waited has changed what the customer sees."""
        for_customer = self._waits_for_customer(number)
        self._waiting.pop(number, None)
        self._pushed_at[number] = now
        return for_customer

    def forget(self, number: int) -> None:
        """Push nothing more of request *number*, which is gone."""
        self._waiting.pop(number, None)
        self._pushed_at.pop(number, None)

    def due(self, now: float) -> list[DelayedPush]:
        """Return, and forget, the requests whose second is over."""
        over = [number for number, at in self._pushed_at.items() if now - at >= PUSH_EVERY]
        for number in over:
            del self._pushed_at[number]
        return [self._waiting.pop(number) for number in over if number in self._waiting]

    def _waits_for_customer(self, number: int) -> bool:
        waiting = self._waiting.get(number)
        return waiting is not None and waiting.for_customer


class Publisher:
    """Pushes what is committed to the connections in the hub."""

    def __init__(
        self, hub: Hub, directory: Directory, config: DeskConfig, clock: Clock, telemetry: Telemetry
    ) -> None:
        """Push to the peers in *hub*, and record changes in *telemetry*."""
        self._telemetry = telemetry
        self._hub = hub
        self._directory = directory
        self._config = config
        self._clock = clock
        self.open_requests: dict[int, Record] = {}
        self._throttle = PushThrottle()
        self.published = 0
        """Number of changes published; a follower that has read so many is up to date."""

    def publish(
        self,
        change: Change,
        source: Actor | None = None,
        reply: Reply | None = None,
        shown_to: Actor | None = None,
    ) -> None:
        """Push *change*, if it is one, to all who see it.

        *source*, who sent a text, gets ``sent`` as *reply* in the text's place; *shown_to* is about
        to get the messages in an answer.
        """
        record, before = change.record, change.before
        if before is None:
            return
        self._telemetry.stored(change)
        number = record.request.id
        tabs = self._hub.customers(record.customer.key)
        if record.request.is_open:
            for tab in tabs:
                tab.customer, tab.request = record.customer.id, number
        self.published += bool(change.messages)
        is_new = before.request.status is None or before.customer.id != record.customer.id
        if is_new:
            # Other tabs need the request before its first message, or when it goes over to them.
            self._push_to_customers(record, but=shown_to)
        for message in change.messages:
            but = shown_to
            if reply is not None and source is not None and message is change.own:
                but = source
                reply.ok(sent(source, message, message.ref or ""))
            self._push_message(number, message, self._hub.watchers(number), but)
            if message.customer_seq is not None:
                self._push_message(number, message, tabs, but)
        self._remember(record)
        for_customer = not is_new and self._customer_sees(before, record)
        now = self._clock.steady()
        if _is_urgent(before, record) or not self._throttle.wait(
            record, now, for_customer=for_customer
        ):
            self._push(record, for_customer=for_customer)
        if change.deleted:
            self.push_gone(record)

    def push_read_mark(self, change: Change, role: Role, source: Actor) -> None:
        """Push the read mark of the side *role* to all but *source*."""
        record, before = change.record, change.before or change.record
        mark = _mark(record, role)
        number = record.request.id
        for_agents = encode(Read(number, role, mark.seq))
        for_customers = encode(Read(number, role, mark.customer_seq))
        for watcher in self._hub.watchers(number):
            if watcher is not source:
                watcher.connection.send(for_agents)
        # A mark that moved over notes alone would reveal them.
        moved = mark.customer_seq != _mark(before, role).customer_seq
        for peer in self._hub.customers(record.customer.key) if moved else ():
            if peer is not source:
                peer.connection.send(for_customers)
        self._remember(record)
        self._push_soon(record, for_customer=moved)

    def push_typing(self, number: int, writer: Actor, *, on: bool) -> None:
        """Push the typing state in request *number* to all but the connections of *writer*."""
        record = self.open_requests.get(number)
        if record is None:
            return
        role = Role.CUSTOMER if isinstance(writer, CustomerActor) else Role.AGENT
        push = encode(Typing(number, role, on))
        for watcher in self._hub.watchers(number):
            if not _same_person(watcher, writer):
                watcher.connection.send(push)
        for tab in self._hub.customers(record.customer.key):
            if not _same_person(tab, writer):
                tab.connection.send(push)

    def push_customer_presence(self, number: int) -> None:
        """Push the open request *number* to agents, as its customer came online or went."""
        if number in self.open_requests:
            self._push_soon(self.open_requests[number], for_customer=False)

    def push_renamed(self, agent: int) -> None:
        """Push the open requests of *agent*, whose name has changed."""
        for record in tuple(self.open_requests.values()):
            if record.request.agent == agent:
                self._push(record, for_customer=True)

    def push_delayed(self) -> None:
        """Push the requests whose second is over, as they now are."""
        for waiting in self._throttle.due(self._clock.steady()):
            self._push(waiting.record, for_customer=waiting.for_customer)

    def push_presence(self, agent: Agent) -> None:
        """Tell the other agents how *agent* is now."""
        push = agent_out.AgentPush(agent_object(agent, self._hub.status(agent.id)))
        self._push_to_agents(push, but=agent.id)

    def push_desk(self) -> None:
        """Tell all customers whether somebody is at the desk."""
        pushes: dict[str | None, bytes] = {}
        for peer in self._hub.customers():
            desk = self.desk_object(peer.visit.locale)
            if desk.away_message not in pushes:
                pushes[desk.away_message] = encode(customer.DeskPush(desk))
            peer.connection.send(pushes[desk.away_message])

    def push_watching(self, number: int) -> None:
        """Tell the queue, and who has request *number* open, who has it open."""
        push = encode(self.watching_frame(number))
        for peer in self._hub.interested(number):
            peer.connection.send(push)

    def push_canned(self) -> None:
        """Push the canned responses to all agents."""
        self._push_to_agents(agent_out.CannedPush(self._directory.canned_list()))

    def desk_object(self, locale: str | None) -> DeskObject:
        """Return the desk as customers with *locale* see it now."""
        online = self._hub.online()
        away = None if online else self._config.away_message_in(locale)
        return DeskObject(self._config.name, online, away)

    def watching_frame(self, number: int) -> agent_out.Watching:
        """Return the push with the agents who watch request *number*."""
        people = self._hub.watching_agents(number).values()
        return agent_out.Watching(number, [AgentLabel(who.id, who.name) for who in people])

    def for_agents(self, record: Record) -> AgentRequest:
        """Return *record* as agents see it now."""
        online = bool(self._hub.customers(record.customer.key))
        agents, desk = self._directory.agents, self._config.name
        return request_for_agents(record, agents, desk, online=online)

    def for_customer(self, record: Record) -> CustomerRequest:
        """Return *record* as its customer sees it."""
        return request_for_customer(record, self._directory.agents)

    def _remember(self, record: Record) -> None:
        number = record.request.id
        if record.request.is_open:
            self.open_requests[number] = record
        else:
            self.open_requests.pop(number, None)

    def _push_message(
        self, number: int, message: Message, peers: Iterable[Peer], but: Actor | None
    ) -> None:
        """Push *message* to *peers* of one side, *but* one; with its ``ref`` to its author's.

        Each of the two is encoded once, for its first receiver.
        """
        shown: dict[bool, bytes] = {}
        for peer in peers:
            if peer is but:
                continue
            own = peer.is_author(message.by)
            if own not in shown:
                view = (
                    message_for_customer if isinstance(peer, CustomerPeer) else message_for_agents
                )
                push = MessagePush(number, view(message, self._config.name, own=own))
                shown[own] = encode(push)
            peer.connection.send(shown[own])

    def _customer_sees(self, before: Record, after: Record) -> bool:
        """Return whether the customer sees a difference; notes, tags and holds are none."""
        return (
            before.request.customer_seq != after.request.customer_seq  # the usual, at a glance
            or self.for_customer(before) != self.for_customer(after)
        )

    def _push_soon(self, record: Record, *, for_customer: bool) -> None:
        """Push *record* now, or when its second is over."""
        if not self._throttle.wait(record, self._clock.steady(), for_customer=for_customer):
            self._push(record, for_customer=for_customer)

    def _push(self, record: Record, *, for_customer: bool) -> None:
        number = record.request.id
        waited = self._throttle.pushed(number, self._clock.steady())
        push = encode(agent_out.RequestPush(self.for_agents(record)))
        for peer in self._hub.interested(number):
            peer.connection.send(push)
        if for_customer or waited:
            self._push_to_customers(record)

    def _push_to_customers(self, record: Record, but: Actor | None = None) -> None:
        tabs = [peer for peer in self._hub.customers(record.customer.key) if peer is not but]
        if tabs:
            push = encode(customer.RequestPush(self.for_customer(record)))
            for peer in tabs:
                peer.connection.send(push)

    def push_gone(self, record: Record) -> None:
        """Push that the request was deleted with all its messages."""
        self._telemetry.deleted(record)
        number = record.request.id
        self.open_requests.pop(number, None)
        self._throttle.forget(number)
        gone = encode(Gone(number))
        for watcher in self._hub.interested(number):
            watcher.connection.send(gone)
        for watcher in self._hub.watchers(number):
            self._hub.unwatch(watcher, number)
        for peer in self._hub.customers(record.customer.key):
            peer.connection.send(gone)

    def _push_to_agents(self, frame: Struct, but: int | None = None) -> None:
        push = encode(frame)
        for peer in self._hub.agents():
            if peer.agent is None or peer.agent.id != but:
                peer.connection.send(push)


def sent(actor: Actor, message: Message, ref: str) -> Sent:
    """Return the answer that *message* is stored, in the numbers of the actor's side."""
    seq = message.seq
    if isinstance(actor, CustomerActor):
        seq = message.customer_seq or 0
    return Sent(ref, seq, rfc3339(message.at))


def _same_person(one: Actor, other: Actor) -> bool:
    if isinstance(one, CustomerActor):
        return isinstance(other, CustomerActor) and one.key == other.key
    return one is other or (isinstance(other, AgentActor) and one.author == other.author)


def _mark(record: Record, role: Role) -> ReadMark:
    return record.read_by_customer if role is Role.CUSTOMER else record.read_by_agent


def _is_urgent(before: Record, after: Record) -> bool:
    """Return whether more has changed than every message changes: the push cannot wait then."""
    old, new = before.request, after.request
    return (
        (old.status, old.agent, old.tags, old.hold, old.rating, old.claimed_at)
        != (new.status, new.agent, new.tags, new.hold, new.rating, new.claimed_at)
    ) or before.customer != after.customer
