"""Event stream: sends stored messages in order to the connections that follow, from their cursor.

Events are read from the store only, old and new ones alike, as fast as the client reads them. So
none is lost or sent twice between two connections of a follower.
"""

from dataclasses import dataclass

from relay.desk.actors import AgentActor
from relay.errors import Code, Refused
from relay.hub import AgentPeer
from relay.service.context import Context
from relay.service.handlers.queries import filter_of
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.store.api import Transaction
from relay.store.values import EventPage, RequestFilter
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.present import message_for_agents

MAX_BACKLOG = 2**16
"""Backlog in bytes from which on a client is sent no more events, until it has read some."""


@dataclass(eq=False, slots=True)
class _Follower:
    """A follower's position: the id of the last message read, the changes published by then."""

    reply: Reply
    where: RequestFilter
    place: int
    published: int = -1
    reading: bool = False


class EventStream:
    """Handles the frame ``follow``; sends events whenever it is polled."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context
        self._followers: dict[AgentPeer, _Follower] = {}

    def register(self, routes: Routes[AgentActor]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.Follow, self._follow)

    def _follow(self, actor: AgentActor, frame: frames.Follow, reply: Reply) -> None:
        """Let *actor* follow from the cursor of *frame*, or from now on."""
        if not isinstance(actor, AgentPeer):
            reply.error(Refused(Code.INVALID, "Only a connection can follow events."))
            return
        context = self._context

        def job(transaction: Transaction) -> int:
            last = transaction.last_message_id()
            return last if frame.cursor is None else self._place(frame.cursor, last)

        def on_committed(place: int) -> None:
            reply.ok(agent_out.Following(frame.ref, self._cursor(place)))
            if actor in context.hub.agents():
                self._followers[actor] = _Follower(reply, where, place)
                self.poll()

        try:
            where = filter_of(frame.filter)
        except Refused as refused:
            reply.error(refused)
            return
        context.store.read_in_order(job, reply.after(on_committed))

    def disconnect(self, peer: AgentPeer) -> None:
        """Send *peer* no more events."""
        self._followers.pop(peer, None)

    def poll(self) -> None:
        """Read the next events for each follower that is behind and whose backlog is small."""
        published = self._context.publisher.published
        for peer, follower in self._followers.items():
            behind = follower.published < published and not follower.reading
            if behind and peer.connection.backlog() < MAX_BACKLOG:
                self._read(peer, follower, published)

    def _read(self, peer: AgentPeer, follower: _Follower, published: int) -> None:
        follower.reading = True

        def on_result(found: EventPage | Refused) -> None:
            follower.reading = False
            if isinstance(found, Refused) or self._followers.get(peer) is not follower:
                return  # a store that cannot read now is asked again at the next poll
            for number, request, message in found.entries:
                shown = message_for_agents(message, self._context.config.name)
                follower.reply.push(agent_out.Event(self._cursor(number), request, shown))
            follower.place = found.place
            if found.more:
                self.poll()
            else:
                follower.published = published

        self._context.store.read(
            lambda queries: queries.events_after(follower.place, follower.where), on_result
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
