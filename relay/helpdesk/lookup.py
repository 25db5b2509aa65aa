"""What agents look up beside the writer: lists and full-text search. Changes nothing."""

from datetime import datetime

from relay.desk.events import Millis
from relay.desk.record import Record
from relay.errors import Code, Refused
from relay.helpdesk.answers import fitting
from relay.helpdesk.context import Context, answer, settled
from relay.hub import AgentPeer
from relay.store.reading import Narrow, records
from relay.store.searching import Hit, found
from relay.wire import agent as frames
from relay.wire import agent_hears
from relay.wire.view import rfc3339


class Lookup:
    """Takes the frames that ask."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context

    def take(self, peer: AgentPeer, frame: frames.Question) -> None:
        """Answer *frame* from what is committed."""
        if isinstance(frame, frames.List):
            self._list(peer, frame)
        else:
            self._search(peer, frame)

    def _list(self, peer: AgentPeer, frame: frames.List) -> None:
        context = self._context

        def done(found: tuple[list[Record], bool]) -> None:
            shown, cut = fitting([context.publisher.for_agents(record) for record in found[0]])
            answer(peer.mailbox, agent_hears.Listed(frame.ref, shown, found[1] or cut))

        settle = settled(peer.mailbox, frame.ref, done, waits=True)
        try:
            narrow = narrow_of(frame.filter)
        except Refused as refused:
            settle(refused)
            return
        context.store.read(
            lambda connection: records(connection, narrow, frame.before, frame.limit), settle
        )

    def _search(self, peer: AgentPeer, frame: frames.Search) -> None:
        def done(page: tuple[list[Hit], str | None]) -> None:
            hits = [
                agent_hears.Hit(hit.request, hit.seq, hit.snippet, rfc3339(hit.at))
                for hit in page[0]
            ]
            answer(peer.mailbox, agent_hears.Found(frame.ref, hits, page[1]))

        self._context.store.read(
            lambda connection: found(connection, frame.text, frame.cursor, frame.limit),
            settled(peer.mailbox, frame.ref, done, waits=True),
        )


def narrow_of(wanted: frames.Filter) -> Narrow:
    """Return *wanted* for the store; refuse a time that is none."""
    return Narrow(
        status=wanted.status,
        agent=wanted.agent,
        customer=wanted.customer,
        site=wanted.site,
        tag=wanted.tag,
        since=_moment("since", wanted.since),
        until=_moment("until", wanted.until),
        closed_before=_moment("closed_before", wanted.closed_before),
        text=wanted.text,
        requests=None if wanted.requests is None else tuple(wanted.requests),
    )


def _moment(field: str, text: str | None) -> Millis | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(Code.INVALID, f"`filter.{field}` is no time in RFC 3339.")
    return Millis(int(moment.timestamp() * 1000))
