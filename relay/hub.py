"""Who is connected, and who watches what. Knows no sockets: a mailbox is what takes frames.

In one process it is a few dictionaries. It is the seam for more than one relay: it tells who must
hear of something, and never what.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from relay.desk.contact import Contact
from relay.desk.events import DESK, Author, Role
from relay.desk.request import Agent, Visit
from relay.errors import CloseCode, Code


class Connection(Protocol):
    """One connection, as those see it who have something to say to it."""

    def offer(self, frame: bytes) -> None:
        """Send *frame* after all that was offered before; never blocks."""

    def charge(self, size: int) -> None:
        """Count *size* bytes of an answer; its client pays by waiting with what it asks next."""

    def hang_up(self, code: CloseCode, reason: str) -> None:
        """End the connection after what was offered."""

    def admit(self, peer: "Peer") -> bool:
        """Be the mailbox of *peer* from here on; False if the connection has ended meanwhile."""

    def submitted(self) -> float:
        """Count a frame that the store has been given; too many, and no other is taken.

        Return when its last byte came, in seconds of the steady clock.
        """

    def settled(self, acknowledges: float | None) -> None:
        """Count it out again: what it is answered has been offered.

        *acknowledges* is when it came, if the answer says that something is stored.
        """

    def refused(self, code: Code) -> None:
        """Learn that a frame is about to be answered with an error."""

    def backlog(self) -> int:
        """Return how many bytes were offered that the client has not read yet."""

    def resume(self) -> None:
        """Take the next frame: the answer that the connection waited for has been offered."""


@dataclass(eq=False, slots=True)
class CustomerPeer:
    """A customer's connection that has said hello.

    ``key`` proves them; ``customer`` is their id once they have opened a request, ``request`` the
    number of their latest one. ``forgotten``: they are erased, and the end is on its way.
    """

    connection: Connection
    site: str
    key: str
    contact: Contact
    verified: bool
    visit: Visit
    customer: int | None = None
    request: int | None = None
    forgotten: bool = False

    def is_author(self, by: Author) -> bool:
        """Whether what *by* wrote is this customer's."""
        return by.role is Role.CUSTOMER and by.id == self.customer


@dataclass(eq=False, slots=True)
class AgentPeer:
    """An agent's connection that has said hello; ``agent`` is None for the desk itself.

    ``present``: it counts for who is at the desk (a console does, the control socket does not).
    ``key`` is the hash of the token that let it in, None at the control socket.
    """

    connection: Connection
    agent: Agent | None
    admin: bool
    queue: bool
    present: bool
    key: str | None = None
    joined: set[int] = field(default_factory=set)

    @property
    def author(self) -> Author:
        """Who what is said here is by."""
        if self.agent is None:
            return DESK
        return Author(Role.AGENT, self.agent.id, self.agent.name)

    def is_author(self, by: Author) -> bool:
        """Whether what *by* wrote is this agent's, under whatever name, or the desk's."""
        if self.agent is None:
            return by.role is Role.DESK
        return by.id == self.agent.id and by.role is Role.AGENT


Peer = CustomerPeer | AgentPeer


class Hub:
    """The connections that have said hello."""

    def __init__(self) -> None:
        """Nobody is connected."""
        # Dictionaries as ordered sets: what is told is told in the order in which people came.
        self._customers: defaultdict[str, dict[CustomerPeer, None]] = defaultdict(dict)
        self._agents: dict[AgentPeer, None] = {}
        self._queue: dict[AgentPeer, None] = {}
        self._present: Counter[int] = Counter()
        self._watching: defaultdict[int, dict[AgentPeer, None]] = defaultdict(dict)
        self._away: set[int] = set()
        self._connected = 0
        self.presences = 0
        """How often anybody's status has changed."""
        self.peak = 0
        """The most connections there were at once, those to the control socket left out."""

    def enter(self, peer: Peer) -> None:
        """Let *peer* in."""
        self._connected += _counts(peer)
        self.peak = max(self.peak, self._connected)
        if isinstance(peer, CustomerPeer):
            self._customers[peer.key][peer] = None
            return
        self._agents[peer] = None
        if peer.queue:
            self._queue[peer] = None
        if peer.agent is not None and peer.present:
            self._present[peer.agent.id] += 1
            self.presences += self._present[peer.agent.id] == 1

    def leave(self, peer: Peer) -> None:
        """Forget *peer* and all that it watched."""
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
        if peer.agent is not None and peer.present:
            self._present[peer.agent.id] -= 1
            if not self._present[peer.agent.id]:
                del self._present[peer.agent.id]
                self.presences += 1
                self._away.discard(peer.agent.id)

    def begin_peak(self) -> None:
        """Look for the most connections from here on."""
        self.peak = self._connected

    def watch(self, peer: AgentPeer, number: int) -> None:
        """Let *peer*, if still here, hear of every message of request *number* from now on."""
        if peer not in self._agents:
            return
        peer.joined.add(number)
        self._watching[number][peer] = None

    def unwatch(self, peer: AgentPeer, number: int) -> None:
        """Let *peer* hear of request *number* no more."""
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
        """Return who hears that request *number* changed: the queue, and those who joined it."""
        return list(self._queue | self._watching.get(number, {}))

    def watched(self) -> list[int]:
        """Return the numbers of the requests that somebody has open."""
        return list(self._watching)

    def watching_agents(self, number: int) -> dict[int, Agent]:
        """Return who has request *number* open, by id; one agent may have it open twice."""
        peers: Iterable[AgentPeer] = self._watching.get(number, ())
        return {peer.agent.id: peer.agent for peer in peers if peer.agent is not None}

    def set_away(self, agent: int, *, away: bool) -> None:
        """Note that the agent says they are away, or back."""
        (self._away.add if away else self._away.discard)(agent)
        self.presences += 1

    def status(self, agent: int) -> str:
        """Return ``online``, ``away`` or ``offline``."""
        if agent not in self._present:
            return "offline"
        return "away" if agent in self._away else "online"

    def online(self) -> bool:
        """Whether an agent is connected with the status ``online``."""
        return any(agent not in self._away for agent in self._present)


def _counts(peer: Peer) -> bool:
    return isinstance(peer, CustomerPeer) or peer.present
