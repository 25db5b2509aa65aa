"""What agents look up beside the writer: lists, full-text search, figures. Changes nothing."""

from datetime import datetime

from relay.desk.events import Millis
from relay.desk.stats import StatisticsReport, report
from relay.errors import Code, Refused
from relay.hub import AgentPeer
from relay.service.context import ANSWER_BYTES, Context, answer, fitting, settled
from relay.service.routes import Routes
from relay.store.values import RequestFilter, RequestPage, SearchPage
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.codec import encode
from relay.wire.present import rfc3339


class QueryHandler:
    """Takes the frames that ask."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context

    def register(self, routes: Routes[AgentPeer]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.List, self._list)
        routes.add(frames.Search, self._search)
        routes.add(frames.Stats, self._stats)

    def _list(self, peer: AgentPeer, frame: frames.List) -> None:
        context = self._context

        def done(found: RequestPage) -> None:
            shown, cut = fitting([context.publisher.for_agents(record) for record in found.records])
            answer(peer.connection, agent_out.Listed(frame.ref, shown, found.more or cut))

        settle = settled(peer.connection, frame.ref, done, waits=True)
        try:
            narrow = filter_of(frame.filter)
        except Refused as refused:
            settle(refused)
            return
        context.store.read(
            lambda queries: queries.requests(narrow, frame.before, frame.limit), settle
        )

    def _search(self, peer: AgentPeer, frame: frames.Search) -> None:
        def done(page: SearchPage) -> None:
            hits = [
                agent_out.Hit(hit.request, hit.seq, hit.snippet, rfc3339(hit.at))
                for hit in page.hits
            ]
            answer(peer.connection, agent_out.Found(frame.ref, hits, page.cursor))

        self._context.store.read(
            lambda queries: queries.search(frame.text, frame.cursor, frame.limit),
            settled(peer.connection, frame.ref, done, waits=True),
        )

    def _stats(self, peer: AgentPeer, frame: frames.Stats) -> None:
        def done(found: StatisticsReport) -> None:
            answer(peer.connection, self._shown(frame.ref, found))

        settle = settled(peer.connection, frame.ref, done, waits=True)
        try:
            since, until = _moment("since", frame.since), _moment("until", frame.until)
            narrow = filter_of(frame.filter)
        except Refused as refused:
            settle(refused)
            return
        self._context.store.read(
            lambda queries: report(
                queries.opened_between(since, until, narrow),
                queries.closed_between(since, until, narrow),
            ),
            settle,
        )

    def _shown(self, ref: str, found: StatisticsReport) -> agent_out.Stats:
        known = self._context.directory.agents
        hours, sites = (
            [agent_out.Slice(name, figures) for name, figures in group.items()]
            for group in (found.hours, found.sites)
        )
        agents = [
            agent_out.Slice(known[number].name, figures, number)
            for number, figures in found.agents.items()
        ]
        days = [agent_out.Slice(name, figures) for name, figures in found.days.items()]
        room = ANSWER_BYTES - len(encode([hours, sites, agents]))
        newest_first, cut = fitting(days[::-1], room)
        return agent_out.Stats(ref, found.total, newest_first[::-1], hours, agents, sites, more=cut)


def filter_of(wanted: frames.Filter) -> RequestFilter:
    """Return *wanted* for the store; refuse a time that is none."""
    return RequestFilter(
        status=wanted.status,
        agent=wanted.agent,
        customer=wanted.customer,
        site=wanted.site,
        tag=wanted.tag,
        since=_moment_or_none("filter.since", wanted.since),
        until=_moment_or_none("filter.until", wanted.until),
        closed_before=_moment_or_none("filter.closed_before", wanted.closed_before),
        text=wanted.text,
        requests=None if wanted.requests is None else tuple(wanted.requests),
        newest=wanted.newest,
    )


def _moment_or_none(field: str, text: str | None) -> Millis | None:
    return None if text is None else _moment(field, text)


def _moment(field: str, text: str) -> Millis:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(Code.INVALID, f"`{field}` is no time in RFC 3339.")
    return Millis(int(moment.timestamp() * 1000))
