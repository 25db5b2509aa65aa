"""Dispatches each frame to its handler; connects, disconnects and ticks.

Called from the loop's thread alone; outcomes of the store come later, in the order of the calls."""

from collections.abc import Collection

from relay.desk.request import Agent, Record
from relay.errors import Code, Refused
from relay.hub import AgentPeer, CustomerPeer, Hub, Peer
from relay.service.config import Clock, DeskConfig
from relay.service.context import ADMINS_ONLY, Caller, Context, answer, refuse
from relay.service.directory import Directory
from relay.service.handlers.admins import AdminHandler
from relay.service.handlers.agents import AgentHandler
from relay.service.handlers.customers import CustomerHandler, refuse_forgotten
from relay.service.handlers.event_stream import EventStream
from relay.service.handlers.hello import HelloHandler
from relay.service.handlers.purge import PurgeHandler
from relay.service.handlers.queries import QueryHandler
from relay.service.handlers.webhooks import WebhookHandler
from relay.service.jobs import Retention, UsageHandler
from relay.service.publisher import Publisher
from relay.service.routes import Handlers, Routes
from relay.service.telemetry import Telemetry
from relay.service.typing_state import TypingState
from relay.store.api import Store
from relay.webhooks.delivery import WebhookDispatcher
from relay.wire import agent_in, agent_out, customer
from relay.wire.codec import ref_of


class Service:
    """One desk over one store."""

    def __init__(
        self,
        store: Store,
        config: DeskConfig,
        clock: Clock,
        telemetry: Telemetry,
        dispatcher: WebhookDispatcher,
    ) -> None:
        """Take over *store* as it was opened; nobody is connected yet."""
        self._dispatcher = dispatcher
        hub = Hub()
        directory = Directory(store.at_start.agents, store.at_start.canned)
        publisher = Publisher(hub, directory, config, clock, telemetry)
        publisher.board.update(
            {record.request.id: record for record in store.at_start.open_records}
        )
        self._context = Context(
            store, hub, directory, publisher, TypingState(), config, clock, telemetry
        )
        self._hello = HelloHandler(self._context, self._look_whether_online)
        self._admins = AdminHandler(self._context)
        self._event_stream = EventStream(self._context)
        self._purges = PurgeHandler(self._context)
        self._retention = Retention(self._context)
        self._usage = UsageHandler(self._context)
        self._customer_handlers = self._route_customers()
        self._agent_handlers = self._route_agents()
        self._online = False

    def _route_customers(self) -> Handlers[CustomerPeer]:
        routes: Routes[CustomerPeer] = Routes()
        CustomerHandler(self._context).register(routes)
        return routes.complete(customer.ClientFrame)

    def _route_agents(self) -> Handlers[AgentPeer]:
        routes: Routes[AgentPeer] = Routes()
        routes.add(agent_in.SetStatus, self._set_status)
        AgentHandler(self._context).register(routes)
        QueryHandler(self._context).register(routes)
        WebhookHandler(self._context, self._dispatcher).register(routes)
        for handler in (self._admins, self._event_stream, self._purges, self._usage):
            handler.register(routes)
        return routes.complete(agent_in.ClientFrame)

    @property
    def open_requests(self) -> Collection[Record]:
        """The requests that are waiting or active, as they were last published."""
        return self._context.publisher.board.values()

    def hello(self, caller: Caller, frame: customer.Hello | agent_in.Hello) -> None:
        """Admit *caller*, or end the connection; the connection is told in the end to resume."""
        if isinstance(frame, customer.Hello):
            self._hello.greet_customer(caller, frame)
        else:
            self._hello.greet_agent(caller, frame)

    def customer_frame(self, peer: CustomerPeer, frame: customer.ClientFrame) -> None:
        """Dispatch *frame* of a customer to its handler; the answer comes after the commit."""
        if peer.forgotten:
            refuse_forgotten(peer, frame)
        else:
            self._customer_handlers[type(frame)](peer, frame)

    def agent_frame(self, peer: AgentPeer, frame: agent_in.ClientFrame) -> None:
        """Dispatch *frame* of an agent to its handler, unless only admins may send it."""
        if frame.ADMIN and not peer.admin:
            refuse(peer.connection, Refused(Code.FORBIDDEN, ADMINS_ONLY), ref_of(frame))
            if frame.WAITS:
                peer.connection.resume()
        else:
            self._agent_handlers[type(frame)](peer, frame)

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
        self._event_stream.leave(peer)
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
        self._event_stream.turn()
        self._dispatcher.published = context.publisher.published
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
