"""Append is done: who is told what, and how often. Runs in the loop's thread, after the commit.

It knows the open requests by heart, as they were last published; what is told of a request never
goes back behind that.
"""

from msgspec import Struct

from relay.desk.events import Author, Message, Role
from relay.desk.record import Agent, Record
from relay.helpdesk.config import Clock, DeskConfig
from relay.helpdesk.directory import Directory
from relay.helpdesk.work import Change
from relay.hub import AgentPeer, CustomerPeer, Hub, Peer
from relay.wire import agent_hears, customer
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
from relay.wire.view import (
    agent_object,
    message_for_agents,
    message_for_customer,
    request_for_agents,
    request_for_customer,
    rfc3339,
)

PUSH_EVERY = 1.0
"""Seconds between two pushes of one request for what only messages change (protocol, section 5)."""


class Publisher:
    """Tells."""

    def __init__(self, hub: Hub, directory: Directory, config: DeskConfig, clock: Clock) -> None:
        """Tell those in *hub*."""
        self._hub = hub
        self._directory = directory
        self._config = config
        self._clock = clock
        self.board: dict[int, Record] = {}
        self._pushed_at: dict[int, float] = {}
        self._due: set[int] = set()

    def publish(
        self,
        change: Change,
        source: Peer | None = None,
        ref: str | None = None,
        shown_to: Peer | None = None,
    ) -> None:
        """Tell of *change*.

        *source*, whose text *ref* was, is answered ``sent`` in the text's place; *shown_to* is
        about to see the messages in an answer.
        """
        record = change.record
        number = record.request.id
        before = self.board.get(number)
        if record.request.is_open:
            for tab in self._hub.customers(record.customer.key):
                tab.customer, tab.request = record.customer.id, number
        if change.messages and change.messages[0].seq == 1:
            # Other tabs must know the request before its first message comes.
            self._push_to_customers(record, but=shown_to)
        for message in change.messages:
            own = change.own is message and ref is not None
            self._tell_message(record, message, source if own else shown_to, ref if own else None)
        self._remember(record)
        if before is None or _told_at_once(before, record):
            self._push(record)
        elif before != record:
            self.changed(number)
        if change.deleted:
            self._tell_gone(record)

    def sent(self, peer: Peer, message: Message, ref: str) -> None:
        """Answer *peer* that *message* is stored, in the numbers of its side."""
        seq = message.seq
        if isinstance(peer, CustomerPeer):
            seq = message.customer_seq or 0
        peer.mailbox.offer(encode(Sent(ref, seq, rfc3339(message.at))))

    def read(self, record: Record, role: Role, source: Peer) -> None:
        """Tell everybody but *source* how far the side *role* has read."""
        mark = record.read_by_customer if role is Role.CUSTOMER else record.read_by_agent
        number = record.request.id
        for_agents = encode(Read(number, role, mark.seq))
        for_customers = encode(Read(number, role, mark.customer_seq))
        for watcher in self._hub.watchers(number):
            if watcher is not source:
                watcher.mailbox.offer(for_agents)
        for peer in self._hub.customers(record.customer.key):
            if peer is not source:
                peer.mailbox.offer(for_customers)
        self._remember(record)
        self.changed(number)

    def typing(self, number: int, writer: Peer, *, on: bool) -> None:
        """Tell those who watch request *number*, but the writer's own side of the screen."""
        record = self.board.get(number)
        if record is None:
            return
        role = Role.CUSTOMER if isinstance(writer, CustomerPeer) else Role.AGENT
        push = encode(Typing(number, role, on))
        for watcher in self._hub.watchers(number):
            if not _same_person(watcher, writer):
                watcher.mailbox.offer(push)
        for tab in self._hub.customers(record.customer.key):
            if not _same_person(tab, writer):
                tab.mailbox.offer(push)

    def changed(self, number: int) -> None:
        """Push request *number* now, or when its second is over."""
        if self._clock.steady() - self._pushed_at.get(number, -PUSH_EVERY) >= PUSH_EVERY:
            if number in self.board:
                self._push(self.board[number])
        else:
            self._due.add(number)

    def push_due(self) -> None:
        """Push the requests whose second is over, as they now are."""
        now = self._clock.steady()
        for number in tuple(self._due):
            if now - self._pushed_at.get(number, -PUSH_EVERY) >= PUSH_EVERY:
                self._due.discard(number)
                if number in self.board:
                    self._push(self.board[number])

    def presence(self, agent: Agent) -> None:
        """Tell the other agents how *agent* is now."""
        push = agent_hears.AgentPush(agent_object(agent, self._hub.status(agent.id)))
        self._tell_agents(push, but=agent.id)

    def desk(self) -> None:
        """Tell all customers whether somebody is at the desk."""
        push = encode(customer.DeskPush(self.desk_object()))
        for peer in self._hub.customers():
            peer.mailbox.offer(push)

    def watching(self, number: int) -> None:
        """Tell all agents who has request *number* open."""
        self._tell_agents(self.watching_frame(number))

    def canned(self) -> None:
        """Tell all agents the canned responses."""
        self._tell_agents(agent_hears.CannedPush(self._directory.canned_list()))

    def desk_object(self) -> DeskObject:
        """Return the desk as customers see it now."""
        online = self._hub.online()
        away = None if online else self._config.away_message
        return DeskObject(self._config.name, online, away)

    def watching_frame(self, number: int) -> agent_hears.Watching:
        """Return who has request *number* open, as a push."""
        people = self._hub.watching_agents(number).values()
        return agent_hears.Watching(number, [AgentLabel(who.id, who.name) for who in people])

    def for_agents(self, record: Record) -> AgentRequest:
        """Return *record* as agents see it now."""
        online = bool(self._hub.customers(record.customer.key))
        return request_for_agents(record, self._directory.agents, online=online)

    def for_customer(self, record: Record) -> CustomerRequest:
        """Return *record* as its customer sees it."""
        return request_for_customer(record, self._directory.agents)

    def _remember(self, record: Record) -> None:
        number = record.request.id
        if record.request.is_open:
            self.board[number] = record
        else:
            self.board.pop(number, None)

    def _tell_message(
        self, record: Record, message: Message, but: Peer | None, ref: str | None
    ) -> None:
        """Push *message* to who watches, *but* one, who hears ``sent`` if it was their *ref*."""
        if but is not None and ref is not None:
            self.sent(but, message, ref)
        number = record.request.id
        watchers = [peer for peer in self._hub.watchers(number) if peer is not but]
        _push_message(
            watchers,
            MessagePush(number, message_for_agents(message, self._config.name)),
            MessagePush(number, message_for_agents(message, self._config.name, own=True)),
            message.by,
        )
        if message.customer_seq is None:
            return
        tabs = self._hub.customers(record.customer.key)
        _push_message(
            [peer for peer in tabs if peer is not but],
            MessagePush(number, message_for_customer(message, self._config.name)),
            MessagePush(number, message_for_customer(message, self._config.name, own=True)),
            message.by,
        )

    def _push(self, record: Record) -> None:
        number = record.request.id
        self._due.discard(number)
        if record.request.is_open:
            self._pushed_at[number] = self._clock.steady()
        else:
            self._pushed_at.pop(number, None)
        push = encode(agent_hears.RequestPush(self.for_agents(record)))
        for peer in self._hub.interested(number):
            peer.mailbox.offer(push)
        self._push_to_customers(record)

    def _push_to_customers(self, record: Record, but: Peer | None = None) -> None:
        tabs = [peer for peer in self._hub.customers(record.customer.key) if peer is not but]
        if tabs:
            push = encode(customer.RequestPush(self.for_customer(record)))
            for peer in tabs:
                peer.mailbox.offer(push)

    def _tell_gone(self, record: Record) -> None:
        number = record.request.id
        gone = encode(Gone(number))
        for watcher in self._hub.interested(number):
            watcher.mailbox.offer(gone)
        for watcher in self._hub.watchers(number):
            self._hub.unwatch(watcher, number)
        for peer in self._hub.customers(record.customer.key):
            peer.mailbox.offer(gone)

    def _tell_agents(self, frame: Struct, but: int | None = None) -> None:
        push = encode(frame)
        for peer in self._hub.agents():
            if peer.agent is None or peer.agent.id != but:
                peer.mailbox.offer(push)


def _push_message(
    peers: list[AgentPeer] | list[CustomerPeer], plain: MessagePush, own: MessagePush, by: Author
) -> None:
    """Push *plain* to *peers*, and *own*, which bears the ``ref``, to its author's connections."""
    if not peers:
        return
    for_others = encode(plain)
    for_author = encode(own) if plain != own else for_others
    for peer in peers:
        peer.mailbox.offer(for_author if _is(peer, by) else for_others)


def _is(peer: Peer, by: Author) -> bool:
    if isinstance(peer, CustomerPeer):
        return by.role is Role.CUSTOMER and by.id == peer.customer
    return by == peer.author or (
        peer.agent is not None and by.role is Role.AGENT and by.id == peer.agent.id
    )


def _same_person(one: Peer, other: Peer) -> bool:
    if isinstance(one, CustomerPeer):
        return isinstance(other, CustomerPeer) and one.key == other.key
    return one is other or (isinstance(other, AgentPeer) and one.author == other.author)


def _told_at_once(before: Record, after: Record) -> bool:
    """Whether more has changed than what every message changes."""
    old, new = before.request, after.request
    return (
        (old.status, old.agent, old.tags, old.rating, old.claimed_at)
        != (new.status, new.agent, new.tags, new.rating, new.claimed_at)
    ) or before.customer != after.customer
