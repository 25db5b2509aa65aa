"""Registry of the connections that have said hello, and of the requests that each one watches.

In one process it is a few dictionaries. It is the seam for several relays: it says which peers have
to hear of something, and never what.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from relay.desk.actors import AgentActor, CustomerActor
from relay.desk.request import Agent
from relay.errors import CloseCode


class Connection(Protocol):
    """A client's connection, for those who send to it."""

    def send(self, frame: bytes) -> None:
        """Queue *frame* for the client; never blocks."""

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the connection after what was queued."""

    def admit(self, peer: "Peer") -> bool:
        """Serve *peer* from here on; False if the connection has ended meanwhile."""

    def backlog(self) -> int:
        """Return how many queued bytes the client has not read yet."""


@dataclass(eq=False, slots=True)
class CustomerPeer(CustomerActor):
    """A customer with a connection that has said hello."""

    connection: Connection = field(kw_only=True)


@dataclass(eq=False, slots=True)
class AgentPeer(AgentActor):
    """An agent with a connection that has said hello.

    ``queue``: hears of every request; ``joined``: the requests whose messages it hears of.
    """

    connection: Connection = field(kw_only=True)
    queue: bool = field(kw_only=True)
    joined: set[int] = field(default_factory=set)


Peer = CustomerPeer | AgentPeer


class Hub:
    """The connections that have said hello."""

    def __init__(self) -> None:
        """Start empty."""
        # Dictionaries as ordered sets: peers are sent to in the order in which they connected.
        self._customers: defaultdict[str, dict[CustomerPeer, None]] = defaultdict(dict)
        self._agents: dict[AgentPeer, None] = {}
        self._queue: dict[AgentPeer, None] = {}
        self._present: Counter[int] = Counter()
        self._watching: defaultdict[int, dict[AgentPeer, None]] = defaultdict(dict)
        self._away: set[int] = set()
        self._connected = 0
        self.presences = 0
        """Number of changes of any agent's status."""
        self.peak = 0
        """The most connections there were at once, those to the control socket left out."""

    def add(self, peer: Peer) -> None:
        """Register *peer*."""
        self._connected += _counts(peer)
        self.peak = max(self.peak, self._connected)
        if isinstance(peer, CustomerPeer):
            self._customers[peer.key][peer] = None
            return
        self._agents[peer] = None
        if peer.queue:
            self._queue[peer] = None
        if peer.agent is not None and not peer.control:
            self._present[peer.agent.id] += 1
            self.presences += self._present[peer.agent.id] == 1

    def remove(self, peer: Peer) -> None:
        """Remove *peer* and all that it watched."""
        if isinstance(peer, CustomerPeer):
            self._connected -= _counts(peer) if peer in self._customers[peer.key] else 0
            self._customers[peer.key].pop(peer, None)
            if not self._customers[peer.key]:
                del self._customers[peer.key]
            return
        if peer not in self._agents:
            return
        self._connected -= _counts(peer)
        del self._agents[peer]
        self._queue.pop(peer, None)
        for number in tuple(peer.joined):
            self.unwatch(peer, number)
        if peer.agent is not None and not peer.control:
            self._present[peer.agent.id] -= 1
            if not self._present[peer.agent.id]:
                del self._present[peer.agent.id]
                self.presences += 1
                self._away.discard(peer.agent.id)

    def begin_peak(self) -> None:
        """Restart the peak at the connections there are."""
        self.peak = self._connected

    def watch(self, peer: AgentPeer, number: int) -> None:
        """Have *peer*, if still connected, receive every message of request *number*."""
        if peer not in self._agents:
            return
        peer.joined.add(number)
        self._watching[number][peer] = None

    def unwatch(self, peer: AgentPeer, number: int) -> None:
        """Undo :meth:`watch`."""
        peer.joined.discard(number)
        self._watching[number].pop(peer, None)
        if not self._watching[number]:
            del self._watching[number]

    def customers(self, key: str | None = None) -> list[CustomerPeer]:
        """Return the connections of the customer with that *key*, or of all customers."""
        if key is not None:
            return list(self._customers.get(key, ()))
        return [peer for peers in self._customers.values() for peer in peers]

    def agents(self) -> list[AgentPeer]:
        """Return all agents' connections."""
        return list(self._agents)

    def watchers(self, number: int) -> list[AgentPeer]:
        """Return the agents' connections that have joined request *number*."""
        return list(self._watching.get(number, ()))

    def interested(self, number: int) -> list[AgentPeer]:
        """Return the peers that see changes of request *number*: the queue and its watchers."""
        return list(self._queue | self._watching.get(number, {}))

    def watched(self) -> list[int]:
        """Return the numbers of the requests that are watched."""
        return list(self._watching)

    def watching_agents(self, number: int) -> dict[int, Agent]:
        """Return the agents who watch request *number*, by id."""
        peers: Iterable[AgentPeer] = self._watching.get(number, ())
        return {peer.agent.id: peer.agent for peer in peers if peer.agent is not None}

    def set_away(self, agent: int, *, away: bool) -> None:
        """Set or clear the agent's status ``away``."""
        (self._away.add if away else self._away.discard)(agent)
        self.presences += 1

    def status(self, agent: int) -> str:
        """Return ``online``, ``away`` or ``offline``."""
        if agent not in self._present:
            return "offline"
        return "away" if agent in self._away else "online"

    def online(self) -> bool:
        """Return whether an agent is connected with the status ``online``."""
        return any(agent not in self._away for agent in self._present)


def _counts(peer: Peer) -> bool:
    return isinstance(peer, CustomerPeer) or not peer.control
