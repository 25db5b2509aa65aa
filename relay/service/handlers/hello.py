"""Handler of ``hello``: authenticates a connection and answers ``welcome``, or closes it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from relay import auth
from relay.desk.contact import Contact, merge
from relay.desk.events import Role
from relay.desk.request import Agent, Customer, Record, Visit
from relay.errors import CloseCode, Code, Refused
from relay.hub import AgentPeer, CustomerPeer
from relay.log import ORIGIN_REFUSED, Word, page_origin
from relay.sanitize import USER_AGENT_LIMIT, clean_line
from relay.service import use_cases
from relay.service.config import SiteConfig
from relay.service.context import (
    ANSWER_BYTES,
    Caller,
    Context,
    fitting,
    messages_fitting,
    stop_typing,
)
from relay.service.handlers.customers import publish_visit, store_visit, visit_of
from relay.service.reply import Reply
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
    """The customer, latest request and messages that belong to a ``hello``."""

    person: Customer | None
    record: Record | None = None
    page: MessagePage | None = None
    resumed: bool = False
    anonymous: Record | None = None
    """The open request of the token's customer, who has signed in."""
    changes: tuple[use_cases.Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Proof:
    """The customer of a ``hello`` as a draft, with the key that proves them, if there is one.

    ``token_key``: the key of the token that a signed-in customer shows besides their identity.
    """

    draft: Customer
    key: str | None
    token_key: str | None = None


class HelloHandler:
    """Authenticates a connection by its ``hello`` and registers its peer in the hub."""

    def __init__(self, context: Context, on_agents: Callable[[], None]) -> None:
        """Work with *context*; *on_agents* is called when an agent's status has changed."""
        self._context = context
        self._on_agents = on_agents
        self._agents: list[AgentObject] = []
        self._roster_at: tuple[int, int] | None = None

    def admit_customer(self, caller: Caller, hello: customer.Hello, reply: Reply) -> None:
        """Admit a customer, with their latest request if they prove to have opened one."""
        context = self._context
        try:
            proof = self._customer(caller, hello)
        except Refused as refused:
            _refuse(caller, refused, reply)
            return

        def on_result(found: _Found | Refused) -> None:
            if isinstance(found, Refused):
                _refuse(caller, found, reply)
            elif found.anonymous is not None:
                self._sign_in(proof, hello, on_signed_in)
            else:
                on_signed_in(found)

        def on_signed_in(found: _Found | Refused) -> None:
            if isinstance(found, Refused):
                _refuse(caller, found, reply)
            else:
                self._publish_sign_in(found)
                self._admit_found(caller, hello, proof.draft, found, reply)

        if proof.key is None:
            on_result(_Found(None))  # a client without token or identity is a new customer
            return
        context.store.read_in_order(
            lambda transaction: _find(transaction, proof, hello, context.store.epoch), on_result
        )

    def _sign_in(
        self,
        proof: _Proof,
        hello: customer.Hello,
        on_result: Callable[[_Found | Refused], None],
    ) -> None:
        """Give the open request of the token's customer to the one whom the identity proves."""
        context = self._context
        signing_in = use_cases.SigningIn(
            proof.token_key or "",
            proof.draft,
            context.clock.wall(),
            keep=context.config.retention_days != 0,
        )

        def job(transaction: Transaction) -> _Found:
            anonymous = use_cases.open_request_of(
                transaction, signing_in.key, signing_in.person.site
            )
            changes = use_cases.sign_in(transaction, signing_in)
            found = _find(transaction, proof, hello, context.store.epoch)
            return replace(found, anonymous=anonymous, changes=changes)

        context.store.write(job, on_result)

    def _publish_sign_in(self, found: _Found) -> None:
        """Publish what signing in has changed; other connections by the old token say hello again.

        That token proves nothing any more, so they end with 1012.
        """
        context = self._context
        for change in found.changes:
            stop_typing(context, change.record)
            context.publisher.publish(change)
        if found.anonymous is not None:
            for tab in context.hub.customers(found.anonymous.customer.key):
                tab.connection.close(CloseCode.RESTART, "signed in elsewhere")

    def _customer(self, caller: Caller, hello: customer.Hello) -> _Proof:
        """Return the customer whom *hello* claims to be; raise :exc:`Refused`."""
        site = self._context.config.sites.get(hello.site)
        if site is None:
            raise Refused(Code.NOT_FOUND, "There is no such site; check `data-site`.")
        if caller.origin is not None and caller.origin not in site.origins:
            default = hello.site == "default"
            setting = "allowed_origins" if default else f"sites.{hello.site}.origins"
            faults, origin = self._context.telemetry.faults, page_origin(caller.origin)
            faults.note(ORIGIN_REFUSED, setting=Word(setting), origin=origin)
            raise Refused(Code.FORBIDDEN, "This page may not speak for that site.")
        if hello.identity is not None:
            return self._verified(site, hello, hello.identity)
        if site.require_identity:
            raise Refused(
                Code.UNAUTHORIZED, "This site takes only customers whose identity it has signed."
            )
        key = None if hello.token is None else auth.token_hash(hello.token)
        return _Proof(Customer(0, hello.site, key or "", Contact(), verified=False), key)

    def _verified(self, site: SiteConfig, hello: customer.Hello, identity: str) -> _Proof:
        who = auth.verify(identity, site.identity_keys, self._context.clock.wall())
        key = auth.subject_key(hello.site, who.subject)
        token_key = None if hello.token is None else auth.token_hash(hello.token)
        return _Proof(Customer(0, hello.site, key, who.contact, verified=True), key, token_key)

    def _admit_found(
        self, caller: Caller, hello: customer.Hello, draft: Customer, found: _Found, reply: Reply
    ) -> None:
        context = self._context
        token, key = hello.token, draft.key
        if token is None or draft.verified or found.person is None:
            token = auth.new_token(auth.CUSTOMER_PREFIX)
            key = draft.key if draft.verified else auth.token_hash(token)
        most = context.config.connections_per_customer
        if most and len(context.hub.customers(key)) >= most:
            reason = "too many connections"
            caller.connection.close(CloseCode.TOO_MANY_CONNECTIONS, reason)
            reply.finish()
            return
        person, record = found.person, found.record
        peer = CustomerPeer(
            draft.site,
            key,
            merge(draft.contact, person.contact) if person else draft.contact,
            draft.verified,
            _visit(hello, caller),
            person.id if person else None,
            record.request.id if record else None,
            connection=caller.connection,
        )
        if not caller.connection.admit(peer):
            reply.finish()
            return
        self._welcome_customer(peer, hello, token, found, reply)
        context.hub.add(peer)
        if record is not None and record.request.is_open and hello.page is not None:
            store_visit(context, peer, partial(publish_visit, context))
        if peer.request is not None and len(context.hub.customers(key)) == 1:
            context.publisher.push_customer_presence(peer.request)

    def _welcome_customer(
        self, peer: CustomerPeer, hello: customer.Hello, token: str, found: _Found, reply: Reply
    ) -> None:
        context, record = self._context, found.record
        page = found.page or MessagePage([], more=False)
        messages, more = messages_fitting(page, peer, context.config.name)
        if found.resumed:
            context.telemetry.resumed(Role.CUSTOMER, len(messages))
        reply.ok(
            customer.Welcome(
                ref=hello.ref,
                token=token,
                epoch=context.store.epoch,
                request=context.publisher.for_customer(record) if record else None,
                messages=messages,
                more=more,
                reset=not found.resumed and (record is not None or hello.request is not None),
                desk=context.publisher.desk_object(hello.locale),
                limits=context.config.customer_limits,
                version=context.config.version,
            ),
        )

    def admit_agent(self, caller: Caller, hello: agent_in.Hello, reply: Reply) -> None:
        """Admit an agent by their token, or anyone by the control socket."""
        try:
            agent = self._agent(caller, hello)
        except Refused as refused:
            _refuse(caller, refused, reply)
            return
        peer = AgentPeer(
            agent,
            admin=caller.control or (agent is not None and agent.admin),
            key=None if caller.control else auth.token_hash(hello.token or ""),
            control=caller.control,
            connection=caller.connection,
            queue=hello.queue,
        )
        if not caller.connection.admit(peer):
            reply.finish()
            return
        hub = self._context.hub
        before = None if agent is None else hub.status(agent.id)
        hub.add(peer)
        self._welcome_agent(peer, hello.ref, reply)
        if agent is not None and hub.status(agent.id) != before:
            self._context.publisher.push_presence(agent)
            self._on_agents()

    def _agent(self, caller: Caller, hello: agent_in.Hello) -> Agent | None:
        directory = self._context.directory
        if caller.control:
            return None if hello.as_ is None else directory.find(hello.as_)
        agent = directory.by_token(auth.token_hash(hello.token or ""))
        if agent is None:
            raise Refused(Code.UNAUTHORIZED, "That is no agent's token; ask an admin for one.")
        return agent

    def _welcome_agent(self, peer: AgentPeer, ref: str, reply: Reply) -> None:
        context = self._context
        publisher, hub = context.publisher, context.hub
        waiting = (
            sorted(publisher.open_requests.values(), key=_longest_waiting) if peer.queue else []
        )
        agents = self._roster()
        canned = context.directory.canned_list()
        requests = [publisher.for_agents(record) for record in waiting[:MOST_REQUESTS]]
        # Most clients without the queue reconnect all at once, after a restart.
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
            version=context.config.version,
        )
        reply.ok(welcome)
        if peer.queue:
            for number in hub.watched():
                reply.push(publisher.watching_frame(number))

    def _roster(self) -> list[AgentObject]:
        """Return all enabled agents as agents see them; cached until one has changed.

        Every ``welcome`` has them, and after a restart all clients reconnect at once.
        """
        hub, directory = self._context.hub, self._context.directory
        now = hub.presences, directory.changes
        if self._roster_at != now:
            self._roster_at = now
            may_work = [agent for agent in directory.agents.values() if not agent.disabled]
            self._agents = [agent_object(agent, hub.status(agent.id)) for agent in may_work]
        return self._agents


def _refuse(caller: Caller, refused: Refused, reply: Reply) -> None:
    """Answer a refused ``hello`` with an error and close the connection.

    The close code lets the client try again if it was not the client's fault (``unavailable``).
    """
    reply.error(refused)
    temporary = refused.code is Code.UNAVAILABLE
    code = CloseCode.OVERLOADED if temporary else CloseCode.UNAUTHORIZED
    caller.connection.close(code, "hello refused")


def _find(transaction: Transaction, proof: _Proof, hello: customer.Hello, epoch: str) -> _Found:
    draft, key = proof.draft, proof.key or ""
    if proof.token_key is not None:
        anonymous = use_cases.open_request_of(transaction, proof.token_key, draft.site)
        if anonymous is not None:
            return _Found(None, anonymous=anonymous)
    person = transaction.people.customer(key)
    if person is None or person.site != draft.site or person.verified != draft.verified:
        return _Found(None)
    record = transaction.latest(person.id)
    if record is None:
        return _Found(person)
    request = record.request
    resumed = (hello.request, hello.epoch) == (request.id, epoch)
    resumed = resumed and hello.after <= request.customer_seq
    after = hello.after if resumed else 0
    window = MessageRange(Role.CUSTOMER, after=after, limit=use_cases.LAST_MESSAGES)
    return _Found(person, record, transaction.messages(request.id, window), resumed)


def _visit(hello: customer.Hello, caller: Caller) -> Visit:
    agent = clean_line(caller.user_agent or "")[:USER_AGENT_LIMIT] or None
    return visit_of(hello.page or PageObject(), hello.locale, agent)


def _longest_waiting(record: Record) -> tuple[bool, int, int]:
    since = record.request.waiting_since
    return (since is None, since or 0, record.request.id)
