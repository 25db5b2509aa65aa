"""Dispatches each frame to its handler; connects, disconnects and ticks.

Called from the loop's thread alone; outcomes of the store come later, in the order of the calls."""

from collections.abc import Collection

from relay.clock import Clock
from relay.desk.actors import Actor, AgentActor, CustomerActor
from relay.desk.request import Agent, Record
from relay.errors import Code, Refused
from relay.hub import CustomerPeer, Hub, Peer
from relay.service.config import DeskConfig
from relay.service.context import ADMINS_ONLY, Caller, Context
from relay.service.directory import Directory
from relay.service.handlers.admins import AdminHandler
from relay.service.handlers.agents import AgentHandler
from relay.service.handlers.customers import CustomerHandler, refuse_forgotten
from relay.service.handlers.event_stream import EventStream
from relay.service.handlers.hello import HelloHandler
from relay.service.handlers.purge import PurgeHandler
from relay.service.handlers.queries import QueryHandler
from relay.service.handlers.webhooks import WebhookHandler
from relay.service.in_process import ShieldedReply, accepted
from relay.service.jobs import ClockWatch, Retention, UsageHandler
from relay.service.publisher import Publisher
from relay.service.reply import Reply
from relay.service.routes import Handlers, Routes
from relay.service.telemetry import Telemetry
from relay.service.typing_state import TypingState
from relay.store.api import Store
from relay.webhooks.delivery import WebhookDispatcher
from relay.wire import agent_in, agent_out, customer
from relay.wire.validation import Frame


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
        """Serve *store*, which has just been opened."""
        self._dispatcher = dispatcher
        hub = Hub()
        directory = Directory(store.at_start.agents, store.at_start.canned)
        publisher = Publisher(hub, directory, config, clock, telemetry)
        publisher.open_requests.update(
            {record.request.id: record for record in store.at_start.open_records}
        )
        self._context = Context(
            store, hub, directory, publisher, TypingState(), config, clock, telemetry
        )
        self._hello = HelloHandler(self._context, self._publish_online)
        self._admins = AdminHandler(self._context)
        self._event_stream = EventStream(self._context)
        self._purges = PurgeHandler(self._context)
        self._clock_watch = ClockWatch(self._context)
        self._retention = Retention(self._context, self._clock_watch.trusted)
        self._usage = UsageHandler(self._context, self._clock_watch.trusted)
        self._customer_handlers = self._route_customers()
        self._agent_handlers = self._route_agents()
        self._online = False

    def _route_customers(self) -> Handlers[CustomerActor]:
        routes: Routes[CustomerActor] = Routes()
        CustomerHandler(self._context).register(routes)
        return routes.complete(customer.ClientFrame)

    def _route_agents(self) -> Handlers[AgentActor]:
        routes: Routes[AgentActor] = Routes()
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
        return self._context.publisher.open_requests.values()

    @property
    def doubts_clock(self) -> bool:
        """True while nothing is deleted or closed because of the time, as that may be wrong."""
        return self._clock_watch.trusted.is_doubted

    def hello(self, caller: Caller, frame: customer.Hello | agent_in.Hello, reply: Reply) -> None:
        """Admit *caller* and answer ``welcome``, or answer an error and close the connection."""
        if isinstance(frame, customer.Hello):
            self._hello.admit_customer(caller, frame, reply)
        else:
            self._hello.admit_agent(caller, frame, reply)

    def handle_customer(
        self, actor: CustomerActor, frame: customer.ClientFrame, reply: Reply
    ) -> None:
        """Dispatch the validated *frame* of a customer; *reply* is answered after the commit."""
        if actor.forgotten:
            refuse_forgotten(reply)
        else:
            self._customer_handlers[type(frame)](actor, frame, reply)

    def handle_agent(self, actor: AgentActor, frame: agent_in.ClientFrame, reply: Reply) -> None:
        """Dispatch the validated *frame* of an agent, unless only admins may send it."""
        if frame.ADMIN and not actor.admin:
            reply.error(Refused(Code.FORBIDDEN, ADMINS_ONLY))
        else:
            self._agent_handlers[type(frame)](actor, frame, reply)

    def submit(self, actor: Actor, frame: Frame, reply: Reply) -> None:
        """Handle *frame* of an *actor* without a connection, as mail, a bot or a test has one.

        It is validated and authorized here, as a connection's is in its session and by its end.
        """
        answer = ShieldedReply(reply, self._context.telemetry)
        try:
            valid = accepted(self._context, actor, frame)
        except Refused as refused:
            answer.error(refused)
            return
        if isinstance(actor, CustomerActor):
            self.handle_customer(actor, valid, answer)  # type: ignore[arg-type]
        else:
            self.handle_agent(actor, valid, answer)  # type: ignore[arg-type]

    def disconnect(self, peer: Peer) -> None:
        """Remove *peer*, whose connection has ended."""
        context = self._context
        for number, _ in context.typing.remove_actor(peer):
            context.publisher.push_typing(number, peer, on=False)
        if isinstance(peer, CustomerPeer):
            context.hub.remove(peer)
            if peer.request is not None and not context.hub.customers(peer.key):
                context.publisher.push_customer_presence(peer.request)
            return
        self._event_stream.disconnect(peer)
        self._admins.disconnect(peer)
        joined, who = tuple(peer.joined), peer.agent
        before = None if who is None else context.hub.status(who.id)
        context.hub.remove(peer)
        for number in joined:
            context.publisher.push_watching(number)
        if who is not None and context.hub.status(who.id) != before:
            self._publish_presence(who)

    def stop(self) -> None:
        """Stop purges after their step, and store the usage."""
        self._purges.stopping = True
        self._usage.keep()

    def tick(self) -> None:
        """Run what is due by time: typing, delayed pushes, event streams, retention, usage.

        Call it several times a second.
        """
        context = self._context
        typing = context.typing.expire(context.clock.steady())
        for number, writer in typing.stopped:
            context.publisher.push_typing(number, writer, on=False)
        for number, writer in typing.begun:
            context.publisher.push_typing(number, writer, on=True)
        context.publisher.push_delayed()
        self._event_stream.poll()
        self._dispatcher.published = context.publisher.published
        self._clock_watch.tick()
        self._retention.tick()
        self._usage.tick()

    def _set_status(self, actor: AgentActor, frame: agent_in.SetStatus, reply: Reply) -> None:
        if actor.agent is not None:
            self._context.hub.set_away(actor.agent.id, away=frame.status == "away")
            self._publish_presence(actor.agent)
        reply.ok(agent_out.Ok(frame.ref))

    def _publish_presence(self, who: Agent) -> None:
        self._context.publisher.push_presence(self._context.directory.agents.get(who.id, who))
        self._publish_online()

    def _publish_online(self) -> None:
        online = self._context.hub.online()
        if online != self._online:
            self._online = online
            self._context.publisher.push_desk()
