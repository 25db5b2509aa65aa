"""Handlers of agents' queries: lists, full-text search, statistics. They run beside the writer."""

from datetime import datetime

from relay.desk.actors import AgentActor
from relay.desk.events import Millis
from relay.desk.stats import StatisticsReport, report
from relay.errors import Code, Refused
from relay.service.context import ANSWER_BYTES, Context, fitting
from relay.service.reply import Reply
from relay.service.routes import Routes
from relay.store.values import RequestFilter, RequestPage, SearchPage
from relay.wire import agent_in as frames
from relay.wire import agent_out
from relay.wire.codec import encode
from relay.wire.present import rfc3339


class QueryHandler:
    """Handles the frames ``list``, ``search`` and ``stats``."""

    def __init__(self, context: Context) -> None:
        """Work with the parts of *context*."""
        self._context = context

    def register(self, routes: Routes[AgentActor]) -> None:
        """Add the handlers of this module to *routes*."""
        routes.add(frames.List, self._list)
        routes.add(frames.Search, self._search)
        routes.add(frames.Stats, self._stats)

    def _list(self, _actor: AgentActor, frame: frames.List, reply: Reply) -> None:
        context = self._context

        def on_committed(found: RequestPage) -> None:
            shown, cut = fitting([context.publisher.for_agents(record) for record in found.records])
            reply.ok(agent_out.Listed(frame.ref, shown, found.more or cut))

        try:
            where = filter_of(frame.filter)
        except Refused as refused:
            reply.error(refused)
            return
        context.store.read(
            lambda queries: queries.requests(where, frame.before, frame.limit),
            reply.after(on_committed),
        )

    def _search(self, _actor: AgentActor, frame: frames.Search, reply: Reply) -> None:
        def on_committed(page: SearchPage) -> None:
            hits = [
                agent_out.Hit(hit.request, hit.seq, hit.snippet, rfc3339(hit.at))
                for hit in page.hits
            ]
            reply.ok(agent_out.Found(frame.ref, hits, page.cursor))

        self._context.store.read(
            lambda queries: queries.search(frame.text, frame.cursor, frame.limit),
            reply.after(on_committed),
        )

    def _stats(self, _actor: AgentActor, frame: frames.Stats, reply: Reply) -> None:
        def on_committed(found: StatisticsReport) -> None:
            reply.ok(self._shown(frame.ref, found))

        try:
            since, until = parse_time("since", frame.since), parse_time("until", frame.until)
            where = filter_of(frame.filter)
        except Refused as refused:
            reply.error(refused)
            return
        self._context.store.read(
            lambda queries: report(
                queries.opened_between(since, until, where),
                queries.closed_between(since, until, where),
            ),
            reply.after(on_committed),
        )

    def _shown(self, ref: str, found: StatisticsReport) -> agent_out.Stats:
        names = self._context.directory.agents
        hours, sites = (
            [agent_out.Slice(name, figures) for name, figures in group.items()]
            for group in (found.hours, found.sites)
        )
        agents = [
            agent_out.Slice(names[number].name, figures, number)
            for number, figures in found.agents.items()
        ]
        days = [agent_out.Slice(name, figures) for name, figures in found.days.items()]
        room = ANSWER_BYTES - len(encode([hours, sites, agents]))
        newest_first, cut = fitting(days[::-1], room)
        return agent_out.Stats(ref, found.total, newest_first[::-1], hours, agents, sites, more=cut)


def filter_of(wanted: frames.Filter) -> RequestFilter:
    """Return *wanted* for the store; raise :exc:`Refused` for an invalid time."""
    return RequestFilter(
        status=wanted.status,
        agent=wanted.agent,
        customer=wanted.customer,
        site=wanted.site,
        tag=wanted.tag,
        since=_parse_optional_time("filter.since", wanted.since),
        until=_parse_optional_time("filter.until", wanted.until),
        closed_before=_parse_optional_time("filter.closed_before", wanted.closed_before),
        text=wanted.text,
        requests=None if wanted.requests is None else tuple(wanted.requests),
        newest=wanted.newest,
    )


def _parse_optional_time(field: str, text: str | None) -> Millis | None:
    return None if text is None else parse_time(field, text)


def parse_time(field: str, text: str) -> Millis:
    """Return the time that *field* says in RFC 3339, or raise :exc:`Refused` (``invalid``)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(Code.INVALID, f"`{field}` is no time in RFC 3339.")
    return Millis(int(moment.timestamp() * 1000))
