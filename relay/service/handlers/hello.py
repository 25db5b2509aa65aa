"""Who may come in: ``hello`` and ``welcome``. A bad hello ends the connection (4000)."""

from collections.abc import Callable
from dataclasses import dataclass

from relay import auth
from relay.desk.contact import Contact, merge
from relay.desk.events import Role
from relay.desk.request import Agent, Customer, Record, Visit
from relay.errors import CloseCode, Code, Refused
from relay.hub import AgentPeer, CustomerPeer
from relay.sanitize import USER_AGENT_LIMIT, clean_line
from relay.service.config import SiteConfig
from relay.service.context import (
    ANSWER_BYTES,
    Caller,
    Context,
    answer,
    fitting,
    messages_fitting,
    refuse_hello,
)
from relay.service.handlers.customers import keep_visit, visit_of
from relay.store.api import Transaction
from relay.store.values import MessagePage, MessageRange
from relay.wire import agent_in, agent_out, customer
from relay.wire.codec import encode
from relay.wire.objects import AgentObject, PageObject
from relay.wire.present import agent_object

MOST_REQUESTS = 500
"""Requests in an agent's ``welcome``; the others come with ``list``."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store knows of a customer who says hello."""

    person: Customer | None
    record: Record | None = None
    page: MessagePage | None = None
    resumed: bool = False


class HelloHandler:
    """Takes the ``hello`` of a connection and seats it."""

    def __init__(self, context: Context, on_agents: Callable[[], None]) -> None:
        """Work with *context*; *on_agents* is called when an agent has come."""
        self._context = context
        self._on_agents = on_agents
        self._known: list[AgentObject] = []
        self._known_at: tuple[int, int] | None = None

    def greet_customer(self, caller: Caller, hello: customer.Hello) -> None:
        """Let a customer in: with their latest request, if they prove to be who opened one."""
        context = self._context
        try:
            draft, key = self._customer(caller, hello)
        except Refused as refused:
            refuse_hello(caller.connection, refused, hello.ref)
            caller.connection.resume()
            return

        def done(found: _Found | Refused) -> None:
            if isinstance(found, Refused):
                refuse_hello(caller.connection, found, hello.ref)
            else:
                self._seat_customer(caller, hello, draft, found)
            caller.connection.resume()

        if key is None:
            done(_Found(None))  # who shows nothing is new
            return
        context.store.read_in_order(
            lambda transaction: _find(transaction, key, draft, hello, context.store.epoch), done
        )

    def _customer(self, caller: Caller, hello: customer.Hello) -> tuple[Customer, str | None]:
        """Return who says hello as a draft, and the key that would prove them, if they have one."""
        site = self._context.config.sites.get(hello.site)
        if site is None:
            raise Refused(Code.NOT_FOUND, "There is no such site; check `data-site`.")
        if caller.origin is not None and caller.origin not in site.origins:
            raise Refused(Code.FORBIDDEN, "This page may not speak for that site.")
        if hello.identity is not None:
            return self._verified(site, hello.site, hello.identity)
        if site.require_identity:
            raise Refused(
                Code.UNAUTHORIZED, "This site takes only customers whose identity it has signed."
            )
        key = None if hello.token is None else auth.token_hash(hello.token)
        return Customer(0, hello.site, key or "", Contact(), verified=False), key

    def _verified(self, site: SiteConfig, name: str, identity: str) -> tuple[Customer, str | None]:
        who = auth.verify(identity, site.identity_keys, self._context.clock.wall())
        key = auth.subject_key(name, who.subject)
        return Customer(0, name, key, who.contact, verified=True), key

    def _seat_customer(
        self, caller: Caller, hello: customer.Hello, draft: Customer, found: _Found
    ) -> None:
        context = self._context
        token, key = hello.token, draft.key
        if token is None or draft.verified or found.person is None:
            token = auth.new_token(auth.CUSTOMER_PREFIX)
            key = draft.key if draft.verified else auth.token_hash(token)
        most = context.config.connections_per_customer
        if most and len(context.hub.customers(key)) >= most:
            reason = "too many connections"
            caller.connection.hang_up(CloseCode.TOO_MANY_CONNECTIONS, reason)
            return
        known, record = found.person, found.record
        peer = CustomerPeer(
            caller.connection,
            draft.site,
            key,
            merge(draft.contact, known.contact) if known else draft.contact,
            draft.verified,
            _visit(hello, caller),
            known.id if known else None,
            record.request.id if record else None,
        )
        if not caller.connection.admit(peer):
            return
        self._welcome_customer(peer, hello, token, found)
        context.hub.enter(peer)
        if record is not None and record.request.is_open and hello.page is not None:
            keep_visit(context, peer)
        if peer.request is not None and len(context.hub.customers(key)) == 1:
            context.publisher.presence_of_customer(peer.request)

    def _welcome_customer(
        self, peer: CustomerPeer, hello: customer.Hello, token: str, found: _Found
    ) -> None:
        context, record = self._context, found.record
        page = found.page or MessagePage([], more=False)
        messages, more = messages_fitting(page, peer, context.config.name)
        if found.resumed:
            context.telemetry.resumed(Role.CUSTOMER, len(messages))
        answer(
            peer.connection,
            customer.Welcome(
                ref=hello.ref,
                token=token,
                epoch=context.store.epoch,
                request=context.publisher.for_customer(record) if record else None,
                messages=messages,
                more=more,
                reset=not found.resumed and (record is not None or hello.request is not None),
                desk=context.publisher.desk_object(),
                limits=context.config.customer_limits,
            ),
        )

    def greet_agent(self, caller: Caller, hello: agent_in.Hello) -> None:
        """Let an agent in by their token, or whoever is at the control socket."""
        try:
            agent = self._agent(caller, hello)
        except Refused as refused:
            refuse_hello(caller.connection, refused, hello.ref)
            caller.connection.resume()
            return
        peer = AgentPeer(
            caller.connection,
            agent,
            admin=caller.control or (agent is not None and agent.admin),
            queue=hello.queue,
            present=not caller.control,
            key=None if caller.control else auth.token_hash(hello.token or ""),
        )
        if caller.connection.admit(peer):
            hub = self._context.hub
            before = None if agent is None else hub.status(agent.id)
            hub.enter(peer)
            self._welcome_agent(peer, hello.ref)
            if agent is not None and hub.status(agent.id) != before:
                self._context.publisher.presence(agent)
                self._on_agents()
        caller.connection.resume()

    def _agent(self, caller: Caller, hello: agent_in.Hello) -> Agent | None:
        directory = self._context.directory
        if caller.control:
            return None if hello.as_ is None else directory.find(hello.as_)
        agent = directory.by_token(auth.token_hash(hello.token or ""))
        if agent is None:
            raise Refused(Code.UNAUTHORIZED, "That is no agent's token; ask an admin for one.")
        return agent

    def _welcome_agent(self, peer: AgentPeer, ref: str) -> None:
        context = self._context
        publisher, hub = context.publisher, context.hub
        waiting = sorted(publisher.board.values(), key=_longest_waiting) if peer.queue else []
        agents = self._roster()
        canned = context.directory.canned_list()
        requests = [publisher.for_agents(record) for record in waiting[:MOST_REQUESTS]]
        # Most who do not see the queue come back all at once, after a restart.
        room = ANSWER_BYTES - len(encode(agents)) - len(encode(canned)) if requests else 0
        shown, cut = fitting(requests, room)
        own = agent_object(peer.agent, hub.status(peer.agent.id)) if peer.agent else None
        welcome = agent_out.Welcome(
            ref=ref,
            epoch=context.store.epoch,
            agent=own,
            agents=agents,
            requests=shown,
            more=cut or len(waiting) > MOST_REQUESTS,
            canned=canned,
            limits=context.config.agent_limits,
        )
        answer(peer.connection, welcome)
        if peer.queue:
            for number in hub.watched():
                answer(peer.connection, publisher.watching_frame(number))

    def _roster(self) -> list[AgentObject]:
        """Return all agents who may work, as all agents see them; made anew when one has changed.

        Whoever comes is told of them all, and after a restart everybody comes at once.
        """
        hub, directory = self._context.hub, self._context.directory
        now = hub.presences, directory.changes
        if self._known_at != now:
            self._known_at = now
            may_work = [agent for agent in directory.agents.values() if not agent.disabled]
            self._known = [agent_object(agent, hub.status(agent.id)) for agent in may_work]
        return self._known


def _find(
    transaction: Transaction, key: str, draft: Customer, hello: customer.Hello, epoch: str
) -> _Found:
    person = transaction.people.customer(key)
    if person is None or person.site != draft.site or person.verified != draft.verified:
        return _Found(None)
    record = transaction.latest(person.id)
    if record is None:
        return _Found(person)
    request = record.request
    resumed = (hello.request, hello.epoch) == (request.id, epoch)
    resumed = resumed and hello.after <= request.customer_seq
    window = MessageRange(Role.CUSTOMER, after=hello.after if resumed else 0)
    return _Found(person, record, transaction.messages(request.id, window), resumed)


def _visit(hello: customer.Hello, caller: Caller) -> Visit:
    agent = clean_line(caller.user_agent or "")[:USER_AGENT_LIMIT] or None
    return visit_of(hello.page or PageObject(), hello.locale, agent)


def _longest_waiting(record: Record) -> tuple[bool, int, int]:
    since = record.request.waiting_since
    return (since is None, since or 0, record.request.id)
