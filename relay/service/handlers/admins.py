"""What admins' frames do to agents and canned responses. That they are admins is known before."""

from collections.abc import Mapping

from msgspec import UNSET
from msgspec.structs import replace

from relay import auth
from relay.desk.request import Agent
from relay.errors import CloseCode, Code, Refused
from relay.hub import AgentPeer
from relay.service.context import Context, answer, fitting, refuse, settled, write
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.objects import AgentObject, Canned
from relay.wire.present import agent_object

CANNED_BYTES = 256 * 1024
"""What all canned responses may have together: half of a ``welcome``."""
TOO_MUCH = (
    f"`text`: all canned responses together may have {CANNED_BYTES // 1024} KiB; remove one first."
)


class AdminHandler:
    """Takes the frames about who answers, and with what."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*; nobody has begun to give canned responses."""
        self._context = context
        self._gathered: dict[AgentPeer, dict[str, str]] = {}

    def leave(self, peer: AgentPeer) -> None:
        """Forget the canned responses that *peer* has begun to give."""
        self._gathered.pop(peer, None)

    def register(self, routes: Routes[AgentPeer]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Agents, self._agents)
        routes.add(frames.AgentAdd, self._add)
        routes.add(frames.AgentToken, self._token)
        routes.add(frames.AgentSet, self._set)
        routes.add(frames.CannedSet, self._set_canned)
        routes.add(frames.CannedRemove, self._remove_canned)

    def _agents(self, peer: AgentPeer, frame: frames.Agents) -> None:
        agents = [self._shown(agent) for agent in self._context.directory.agents.values()]
        answer(peer.connection, agent_out.AgentsListed(frame.ref, agents))
        peer.connection.resume()

    def _add(self, peer: AgentPeer, frame: frames.AgentAdd) -> None:
        context, at = self._context, self._context.clock.wall()
        token = auth.new_token(auth.AGENT_PREFIX)
        known = auth.token_hash(token)

        def done(agent: Agent) -> None:
            context.directory.put(agent)
            context.directory.set_token(agent.id, known)
            context.telemetry.agent_changed(agent.id, peer.author.id, "added")
            answer(peer.connection, agent_out.AgentAdded(frame.ref, self._shown(agent), token))
            context.publisher.presence(agent)

        write(
            context,
            peer,
            lambda transaction: transaction.people.add_agent(frame.name, frame.role, known, at),
            settled(peer.connection, frame.ref, done),
            admin=True,
        )

    def _token(self, peer: AgentPeer, frame: frames.AgentToken) -> None:
        context = self._context
        token = auth.new_token(auth.AGENT_PREFIX)
        known = auth.token_hash(token)

        def work(transaction: Transaction) -> Agent:
            agent = transaction.people.agent(frame.agent)
            transaction.people.set_token(agent.id, known)
            return agent

        def done(agent: Agent) -> None:
            context.directory.set_token(agent.id, known)
            context.telemetry.agent_changed(agent.id, peer.author.id, "token")
            made = agent_out.AgentTokenMade(frame.ref, self._shown(agent), token)
            answer(peer.connection, made)
            self._send_away(agent, "token revoked", control=False)

        write(context, peer, work, settled(peer.connection, frame.ref, done), admin=True)

    def _set(self, peer: AgentPeer, frame: frames.AgentSet) -> None:
        context = self._context

        def work(transaction: Transaction) -> Agent:
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

        def done(agent: Agent) -> None:
            context.directory.put(agent)
            how = "disabled" if agent.disabled else "set"
            context.telemetry.agent_changed(agent.id, peer.author.id, how)
            for other in context.hub.agents():
                if other.agent is not None and other.agent.id == agent.id:
                    other.agent, other.admin = agent, agent.admin or not other.present
            answer(peer.connection, agent_out.Ok(frame.ref, UNSET, self._shown(agent)))
            context.publisher.presence(agent)
            if frame.name is not None:
                context.publisher.renamed(agent.id)
            if agent.disabled:
                self._send_away(agent, "agent disabled", control=True)

        write(context, peer, work, settled(peer.connection, frame.ref, done), admin=True)

    def _set_canned(self, peer: AgentPeer, frame: frames.CannedSet) -> None:
        wanted = self._gathered.pop(peer, {})
        wanted[frame.name] = frame.text
        if frame.more:
            self._gather(peer, frame.ref, wanted)
            return

        def done(_: None) -> None:
            self._context.directory.canned.update(wanted)
            self._tell_canned(peer, frame.ref)

        write(
            self._context,
            peer,
            lambda transaction: _set_canned(transaction, wanted),
            settled(peer.connection, frame.ref, done),
            admin=True,
        )

    def _gather(self, peer: AgentPeer, ref: str, wanted: dict[str, str]) -> None:
        """Keep *wanted* until the one that comes without ``more``; too much of it is dropped."""
        if sum(map(len, wanted.values())) > CANNED_BYTES:
            refuse(peer.connection, Refused(Code.INVALID, TOO_MUCH), ref)
            return
        self._gathered[peer] = wanted
        answer(peer.connection, agent_out.Ok(ref))

    def _remove_canned(self, peer: AgentPeer, frame: frames.CannedRemove) -> None:
        def done(_: None) -> None:
            self._context.directory.canned.pop(frame.name, None)
            self._tell_canned(peer, frame.ref)

        write(
            self._context,
            peer,
            lambda transaction: transaction.people.remove_canned(frame.name),
            settled(peer.connection, frame.ref, done),
            admin=True,
        )

    def _tell_canned(self, peer: AgentPeer, ref: str) -> None:
        self._context.telemetry.canned_changed(peer.author.id)
        answer(peer.connection, agent_out.Ok(ref))
        self._context.publisher.canned()

    def _send_away(self, agent: Agent, reason: str, *, control: bool) -> None:
        """End *agent*'s connections; those of the *control* socket, which need no token, too?"""
        for peer in self._context.hub.agents():
            own = peer.agent is not None and peer.agent.id == agent.id
            if own and (control or peer.key is not None):
                peer.connection.hang_up(CloseCode.UNAUTHORIZED, reason)

    def _shown(self, agent: Agent) -> AgentObject:
        return agent_object(agent, self._context.hub.status(agent.id))


def must_fit(canned: Mapping[str, str]) -> None:
    """Refuse *canned*, texts by their names, if not all of them fit into a ``welcome``."""
    _, cut = fitting([Canned(*response) for response in canned.items()], CANNED_BYTES)
    if cut:
        raise Refused(Code.INVALID, TOO_MUCH)


def _set_canned(transaction: Transaction, wanted: dict[str, str]) -> None:
    must_fit(transaction.people.canned() | wanted)
    for name, text in wanted.items():
        transaction.people.set_canned(name, text)
