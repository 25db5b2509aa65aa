"""Handlers of admins' frames about agents and canned responses."""

from collections.abc import Mapping

from msgspec import UNSET
from msgspec.structs import replace

from relay import auth
from relay.desk.actors import AgentActor
from relay.desk.request import Agent
from relay.errors import CloseCode, Code, Refused
from relay.service.context import Context, fitting, guarded
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.objects import AgentObject, Canned
from relay.wire.present import agent_object

CANNED_BYTES = 256 * 1024
"""Bytes of all canned responses together: half of a ``welcome``."""
TOO_MUCH = (
    f"`text`: all canned responses together may have {CANNED_BYTES // 1024} KiB; remove one first."
)


class AdminHandler:
    """Handles frames about agents and canned responses; the actor is an admin."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context
        self._gathered: dict[AgentActor, dict[str, str]] = {}

    def disconnect(self, actor: AgentActor) -> None:
        """Drop the canned responses of *actor* that are not stored yet."""
        self._gathered.pop(actor, None)

    def register(self, routes: Routes[AgentActor]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Agents, self._agents)
        routes.add(frames.AgentAdd, self._add)
        routes.add(frames.AgentToken, self._token)
        routes.add(frames.AgentSet, self._set)
        routes.add(frames.CannedSet, self._set_canned)
        routes.add(frames.CannedRemove, self._remove_canned)

    def _agents(self, _actor: AgentActor, frame: frames.Agents, reply: Reply) -> None:
        agents = [self._shown(agent) for agent in self._context.directory.agents.values()]
        reply.ok(agent_out.AgentsListed(frame.ref, agents))

    def _add(self, actor: AgentActor, frame: frames.AgentAdd, reply: Reply) -> None:
        context, at = self._context, self._context.clock.wall()
        token = auth.new_token(auth.AGENT_PREFIX)
        token_hash = auth.token_hash(token)

        def on_committed(agent: Agent) -> None:
            context.directory.put(agent)
            context.directory.set_token(agent.id, token_hash)
            context.telemetry.agent_changed(agent.id, actor.author.id, "added")
            reply.ok(agent_out.AgentAdded(frame.ref, self._shown(agent), token))
            context.publisher.push_presence(agent)

        def job(transaction: Transaction) -> Agent:
            return transaction.people.add_agent(frame.name, frame.role, token_hash, at)

        context.store.write(guarded(actor, job, admin=True), reply.after(on_committed))

    def _token(self, actor: AgentActor, frame: frames.AgentToken, reply: Reply) -> None:
        context = self._context
        token = auth.new_token(auth.AGENT_PREFIX)
        token_hash = auth.token_hash(token)

        def job(transaction: Transaction) -> Agent:
            agent = transaction.people.agent(frame.agent)
            transaction.people.set_token(agent.id, token_hash)
            return agent

        def on_committed(agent: Agent) -> None:
            context.directory.set_token(agent.id, token_hash)
            context.telemetry.agent_changed(agent.id, actor.author.id, "token")
            made = agent_out.AgentTokenMade(frame.ref, self._shown(agent), token)
            reply.ok(made)
            self._close_connections(agent, "token revoked", control=False)

        context.store.write(guarded(actor, job, admin=True), reply.after(on_committed))

    def _set(self, actor: AgentActor, frame: frames.AgentSet, reply: Reply) -> None:
        context = self._context

        def job(transaction: Transaction) -> Agent:
            agent = transaction.people.agent(frame.agent)
            changed = replace(
                agent,
                name=agent.name if frame.name is None else frame.name,
                role=frame.role or agent.role,
                disabled=agent.disabled if frame.disabled is None else frame.disabled,
            )
            if changed != agent:
                transaction.people.change_agent(changed)
            return changed

        def on_committed(agent: Agent) -> None:
            context.directory.put(agent)
            how = "disabled" if agent.disabled else "set"
            context.telemetry.agent_changed(agent.id, actor.author.id, how)
            for other in context.hub.agents():
                if other.agent is not None and other.agent.id == agent.id:
                    other.agent, other.admin = agent, agent.admin or other.control
            reply.ok(agent_out.Ok(frame.ref, UNSET, self._shown(agent)))
            context.publisher.push_presence(agent)
            if frame.name is not None:
                context.publisher.push_renamed(agent.id)
            if agent.disabled:
                self._close_connections(agent, "agent disabled", control=True)

        context.store.write(guarded(actor, job, admin=True), reply.after(on_committed))

    def _set_canned(self, actor: AgentActor, frame: frames.CannedSet, reply: Reply) -> None:
        wanted = self._gathered.pop(actor, {})
        wanted[frame.name] = frame.text
        if frame.more:
            self._gather(actor, wanted, frame.ref, reply)
            return

        def job(transaction: Transaction) -> None:
            _store_canned(transaction, wanted)

        def on_committed(_: None) -> None:
            self._context.directory.canned.update(wanted)
            self._publish_canned(actor, frame.ref, reply)

        self._context.store.write(guarded(actor, job, admin=True), reply.after(on_committed))

    def _gather(self, actor: AgentActor, wanted: dict[str, str], ref: str, reply: Reply) -> None:
        """Keep *wanted* until the frame without ``more``; drop it if it is too much."""
        if sum(map(len, wanted.values())) > CANNED_BYTES:
            reply.error(Refused(Code.INVALID, TOO_MUCH))
            return
        self._gathered[actor] = wanted
        reply.ok(agent_out.Ok(ref))

    def _remove_canned(self, actor: AgentActor, frame: frames.CannedRemove, reply: Reply) -> None:
        def job(transaction: Transaction) -> None:
            transaction.people.remove_canned(frame.name)

        def on_committed(_: None) -> None:
            self._context.directory.canned.pop(frame.name, None)
            self._publish_canned(actor, frame.ref, reply)

        self._context.store.write(guarded(actor, job, admin=True), reply.after(on_committed))

    def _publish_canned(self, actor: AgentActor, ref: str, reply: Reply) -> None:
        self._context.telemetry.canned_changed(actor.author.id)
        reply.ok(agent_out.Ok(ref))
        self._context.publisher.push_canned()

    def _close_connections(self, agent: Agent, reason: str, *, control: bool) -> None:
        """Close *agent*'s connections; with *control* those that need no token too."""
        for peer in self._context.hub.agents():
            own = peer.agent is not None and peer.agent.id == agent.id
            if own and (control or peer.key is not None):
                peer.connection.close(CloseCode.UNAUTHORIZED, reason)

    def _shown(self, agent: Agent) -> AgentObject:
        return agent_object(agent, self._context.hub.status(agent.id))


def must_fit(canned: Mapping[str, str]) -> None:
    """Refuse *canned*, texts by their names, if not all of them fit into a ``welcome``."""
    _, cut = fitting([Canned(*response) for response in canned.items()], CANNED_BYTES)
    if cut:
        raise Refused(Code.INVALID, TOO_MUCH)


def _store_canned(transaction: Transaction, wanted: dict[str, str]) -> None:
    must_fit(transaction.people.canned() | wanted)
    for name, text in wanted.items():
        transaction.people.set_canned(name, text)
