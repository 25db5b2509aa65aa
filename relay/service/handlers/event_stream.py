"""Who follows the desk's events: what is stored, in the order in which it was stored, from a place
that the follower names; nothing is lost or doubled between two connections.

A follower is sent what the store gives, never what passes by: there is one way for what is old and
what is new, and it is paced by how fast the client reads.
"""

from dataclasses import dataclass

from relay.errors import Code, Refused
from relay.hub import AgentPeer
from relay.service.context import Context, answer, settled
from relay.service.handlers.queries import filter_of
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import EventPage, RequestFilter
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.present import message_for_agents

ROOM = 2**16
"""Bytes that a client may not have read yet when it is sent more: it reads too slowly else."""


@dataclass(eq=False, slots=True)
class _Follower:
    """How far it has come (``place``: a message's id), and what it had seen published by then."""

    narrow: RequestFilter
    place: int
    seen: int = -1
    reading: bool = False


class EventStream:
    """Takes the frame ``follow``, and sends events in its turns."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*; nobody follows."""
        self._context = context
        self._followers: dict[AgentPeer, _Follower] = {}

    def register(self, routes: Routes[AgentPeer]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Follow, self._follow)

    def _follow(self, peer: AgentPeer, frame: frames.Follow) -> None:
        """Let *peer* follow from the cursor of *frame*, or from now on."""
        context = self._context

        def work(transaction: Transaction) -> int:
            last = transaction.last_message_id()
            return last if frame.cursor is None else self._place(frame.cursor, last)

        def done(place: int) -> None:
            answer(peer.connection, agent_out.Following(frame.ref, self._cursor(place)))
            if peer in context.hub.agents():
                self._followers[peer] = _Follower(narrow, place)
                self.turn()

        settle = settled(peer.connection, frame.ref, done, waits=True)
        try:
            narrow = filter_of(frame.filter)
        except Refused as refused:
            settle(refused)
            return
        context.store.read_in_order(work, settle)

    def leave(self, peer: AgentPeer) -> None:
        """Send *peer* nothing more."""
        self._followers.pop(peer, None)

    def turn(self) -> None:
        """Send everybody who is behind, and has read what was sent, some of what is missing."""
        published = self._context.publisher.published
        for peer, follower in self._followers.items():
            behind = follower.seen < published and not follower.reading
            if behind and peer.connection.backlog() < ROOM:
                self._read(peer, follower, published)

    def _read(self, peer: AgentPeer, follower: _Follower, published: int) -> None:
        follower.reading = True

        def done(found: EventPage | Refused) -> None:
            follower.reading = False
            if isinstance(found, Refused) or self._followers.get(peer) is not follower:
                return  # a store that cannot read now is asked again in the next turn
            for number, request, message in found.entries:
                shown = message_for_agents(message, self._context.config.name)
                answer(peer.connection, agent_out.Event(self._cursor(number), request, shown))
            follower.place = found.place
            if found.more:
                self.turn()
            else:
                follower.seen = published

        self._context.store.read(
            lambda queries: queries.events_after(follower.place, follower.narrow), done
        )

    def _cursor(self, place: int) -> str:
        return f"{self._context.store.epoch}:{place}"

    def _place(self, cursor: str, last: int) -> int:
        epoch, _, place = cursor.rpartition(":")
        if epoch != self._context.store.epoch:
            raise Refused(
                Code.INVALID,
                "`cursor` is of another desk, or from before a restore; follow without one.",
            )
        if not (place.isascii() and place.isdigit()) or int(place) > last:
            raise Refused(Code.INVALID, "`cursor` is none that this desk has given.")
        return int(place)
