"""Dispatches each frame to its handler; connects, disconnects and ticks.

Called from the loop's thread alone; outcomes of the store come later, in the order of the calls."""

from collections.abc import Collection

from relay.desk.request import Agent, Record
from relay.errors import Code, Refused
from relay.hub import AgentPeer, CustomerPeer, Hub, Peer
from relay.service.config import Clock, DeskConfig
from relay.service.context import ADMINS_ALONE, Caller, Context, answer, refuse
from relay.service.directory import Directory
from relay.service.handlers.admins import AdminDesk
from relay.service.handlers.agents import AgentDesk
from relay.service.handlers.customers import CustomerDesk
from relay.service.handlers.event_stream import Following
from relay.service.handlers.hello import Greeting
from relay.service.handlers.purge import PurgeDesk
from relay.service.handlers.queries import Lookup
from relay.service.handlers.webhooks import HookDesk
from relay.service.jobs import Retention, UsageDesk
from relay.service.publisher import Publisher
from relay.service.telemetry import Ledger
from relay.service.typing_state import TypingBoard
from relay.store.sqlite.store import Store
from relay.webhooks.delivery import Courier
from relay.wire import agent_in, agent_out, customer, webhooks


class Helpdesk:
    """One desk over one store."""

    def __init__(
        self, store: Store, config: DeskConfig, clock: Clock, ledger: Ledger, courier: Courier
    ) -> None:
        """Take over *store* as it was opened; nobody is connected yet."""
        self._courier = courier
        hub = Hub()
        directory = Directory(store.agents_at_start, store.canned_at_start)
        publisher = Publisher(hub, directory, config, clock, ledger)
        publisher.board.update({record.request.id: record for record in store.open_at_start})
        self._context = Context(
            store, hub, directory, publisher, TypingBoard(), config, clock, ledger
        )
        self._greeting = Greeting(self._context, self._look_whether_online)
        self._customers = CustomerDesk(self._context)
        self._agents = AgentDesk(self._context)
        self._admins = AdminDesk(self._context)
        self._lookup = Lookup(self._context)
        self._following = Following(self._context)
        self._purges = PurgeDesk(self._context)
        self._retention = Retention(self._context)
        self._usage = UsageDesk(self._context)
        self._hooks = HookDesk(self._context, courier)
        self._online = False

    @property
    def open_requests(self) -> Collection[Record]:
        """The requests that are waiting or active, as they were last published."""
        return self._context.publisher.board.values()

    def hello(self, caller: Caller, frame: customer.Hello | agent_in.Hello) -> None:
        """Let *caller* in, or end the connection; its mailbox is told in the end to resume."""
        if isinstance(frame, customer.Hello):
            self._greeting.greet_customer(caller, frame)
        else:
            self._greeting.greet_agent(caller, frame)

    def customer_frame(self, peer: CustomerPeer, frame: customer.ClientFrame) -> None:
        """Do what *frame* of a customer asks."""
        self._customers.take(peer, frame)

    def agent_frame(self, peer: AgentPeer, frame: agent_in.ClientFrame) -> None:
        """Do what *frame* of an agent asks."""
        if isinstance(frame, agent_in.Send):  # first, because it is by far the most frequent
            self._agents.take(peer, frame)
        elif isinstance(frame, agent_in.AdminFrame) and not peer.admin:
            refuse(peer.connection, Refused(Code.FORBIDDEN, ADMINS_ALONE), frame.ref)
            if isinstance(frame, agent_in.Agents | agent_in.Purge | webhooks.Question):
                peer.connection.resume()
        elif isinstance(frame, agent_in.DeskChange):
            self._admins.take(peer, frame)
        elif isinstance(frame, agent_in.Purge):
            self._purges.take(peer, frame)
        elif isinstance(frame, webhooks.WebhookFrame):
            self._hooks.take(peer, frame)
        elif isinstance(frame, agent_in.Question):
            self._lookup.take(peer, frame)
        elif isinstance(frame, agent_in.Usage):
            self._usage.take(peer, frame)
        elif isinstance(frame, agent_in.Follow):
            self._following.take(peer, frame)
        elif isinstance(frame, agent_in.SetStatus):
            self._set_status(peer, frame)
        elif not isinstance(frame, agent_in.Hello | agent_in.Ping):  # which the session answers
            self._agents.take(peer, frame)

    def leave(self, peer: Peer) -> None:
        """Forget *peer*, whose connection has ended."""
        context = self._context
        for number, _ in context.typing.of_peer(peer):
            context.publisher.typing(number, peer, on=False)
        if isinstance(peer, CustomerPeer):
            context.hub.leave(peer)
            if peer.request is not None and not context.hub.customers(peer.key):
                context.publisher.presence_of_customer(peer.request)
            return
        self._following.leave(peer)
        self._admins.leave(peer)
        joined, who = tuple(peer.joined), peer.agent
        before = None if who is None else context.hub.status(who.id)
        context.hub.leave(peer)
        for number in joined:
            context.publisher.watching(number)
        if who is not None and context.hub.status(who.id) != before:
            self._tell_presence(who)

    def stop(self) -> None:
        """Let what goes on by itself come to an end, and tell how far it came."""
        self._purges.stopping = True
        self._usage.keep()

    def tick(self) -> None:
        """Let time pass: typing is forgotten, pushes that waited go out, old requests go.

        Call it often.
        """
        context = self._context
        turn = context.typing.turn(context.clock.steady())
        for number, writer in turn.stopped:
            context.publisher.typing(number, writer, on=False)
        for number, writer in turn.begun:
            context.publisher.typing(number, writer, on=True)
        context.publisher.push_due()
        self._following.turn()
        self._courier.published = context.publisher.published
        self._retention.tick()
        self._usage.tick()

    def _set_status(self, peer: AgentPeer, frame: agent_in.SetStatus) -> None:
        if peer.agent is not None:
            self._context.hub.set_away(peer.agent.id, away=frame.status == "away")
            self._tell_presence(peer.agent)
        answer(peer.connection, agent_out.Ok(frame.ref))

    def _tell_presence(self, who: Agent) -> None:
        self._context.publisher.presence(self._context.directory.agents.get(who.id, who))
        self._look_whether_online()

    def _look_whether_online(self) -> None:
        online = self._context.hub.online()
        if online != self._online:
            self._online = online
            self._context.publisher.desk()
