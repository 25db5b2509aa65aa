"""Filters for requests as flags, and their parsing."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from inspect import signature
from typing import TYPE_CHECKING, TypeVar

from cli.options import (
    Command,
    Flag,
    UsageError,
    flag_parameter,
    require_utf8,
    zone_flag,
)
from relay.desk.request_query import ME, STATUSES, QueryError, is_called, parse_query, parse_time
from relay.errors import StartError

if TYPE_CHECKING:
    from relay.desk.events import Millis
    from relay.desk.request import Agent
    from relay.store.values import RequestFilter


Value = TypeVar("Value")

NEWEST = "At most N, the newest."
FILTERS = {
    "status": Flag(
        "STATUS", f"Only requests that are {', '.join(STATUSES[:-1])} or {STATUSES[-1]}."
    ),
    "agent": Flag("AGENT", "Only requests of this agent: a name or an id."),
    "customer": Flag("CUSTOMER", "Only requests of this customer: an email, an id or a name."),
    "site": Flag("SITE", "Only requests that were opened on this site."),
    "tag": Flag("TAG", "Only requests with this tag."),
    "since": Flag(
        "TIME", "Only requests opened since: a date in the time zone, or 7d, 12h, 30m ago."
    ),
    "until": Flag(
        "TIME", "Only requests opened before: a date in the time zone, or 7d, 12h, 30m ago."
    ),
    "search": Flag("WORDS", "Only requests in which all these words occur."),
    "limit": Flag("N", NEWEST),
}
_NUMBER = re.compile(r"0*([1-9]\d{0,14})", re.ASCII)
"""One that the desk can have: up to 15 digits."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The parsed filters. ``agent`` is a name or an id; times have a zone; ``limit`` is over 0.

    ``customer`` in digits is an id, and where nobody has that, a name. ``by`` is the value of a
    ``by:`` in a query; ``me`` there is the agent who asks.
    """

    status: str | None = None
    agent: str | None = None
    customer: int | str | None = None
    site: str | None = None
    tag: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None
    limit: int | None = None
    by: str | None = None

    def narrow(self, agents: Iterable["Agent"]) -> "RequestFilter":
        """Return these for a reader of the file; see :meth:`agent_id`."""
        from relay.store.values import RequestFilter

        return RequestFilter(
            status=self.status,
            agent=self.agent_id((agent.id, agent.name) for agent in agents),
            customer=self.customer,
            site=self.site,
            tag=self.tag,
            since=_millis(self.since),
            until=_millis(self.until),
            text=self.search,
            newest=self.limit,
        )

    def agent_id(self, agents: Iterable[tuple[int, str]]) -> int | None:
        """Return the id of ``agent`` among the ids and names *agents*, None if none is asked for.

        Raises :exc:`StartError` if nobody is called so, or several are.
        """
        if self.by is not None:
            return _agent_by(self.by, agents)
        return None if self.agent is None else one_agent(self.agent, agents)


def _agent_by(value: str, agents: Iterable[tuple[int, str]]) -> int:
    """Return the id of the one of *agents* that ``by:`` means; StartError if it is not one."""
    found = [number for number, name in agents if is_called(value, name)]
    if len(found) != 1:
        how = "Several agents are" if found else "No agent is"
        raise StartError(f"{how} meant by by:{value}; see `helpdesk agent list`.")
    return found[0]


def with_query(
    chosen: Filters, words: Iterable[str], now: datetime, zone: tzinfo | None
) -> Filters:
    """Return *chosen* with the conditions of a query, as the console takes them, too.

    Raises :exc:`UsageError` if one is wrong, or is said twice.
    """
    text = require_utf8("QUERY", " ".join(words))
    try:
        query = parse_query(text, now, zone)
    except QueryError as wrong:
        raise UsageError(str(wrong)) from None
    if "new" in query.is_:
        raise UsageError("is:new is for the console, which knows what its agent has looked at.")
    mine = {ME} if "mine" in query.is_ else set()
    narrowed = replace(
        chosen,
        status=_one("status", chosen.status, query.is_ - {"mine"}),
        tag=_one("tag", chosen.tag, query.tags),
        site=_one("site", chosen.site, query.sites),
        by=_one("agent", None, mine | {*query.by}),
        until=_one("time to be opened before", chosen.until, filter(None, (query.before,))),
        search=_one("search", chosen.search, filter(None, (" ".join(query.words),))),
    )
    _one("agent", chosen.agent, filter(None, (narrowed.by,)))
    return narrowed


def _one(what: str, flag: Value | None, said: Iterable[Value]) -> Value | None:
    """Return the one value of *what* that a *flag* or a query has *said*, None if neither has."""
    values = [*said, *([] if flag is None else [flag])]
    if len(values) > 1:
        raise UsageError(f"QUERY: Only one {what} can be asked for; leave the other out.")
    return next(iter(values), None)


def one_agent(wanted: str, agents: Iterable[tuple[int, str]]) -> int:
    """Return the id of the agent called *wanted* among the ids and names *agents*.

    Raises :exc:`StartError` if nobody is called so, or several are.
    """
    from relay.desk.names import agents_named

    known = tuple(agents)
    with_id = tuple(number for number, _ in known if str(number) == wanted.removeprefix("#"))
    found = agents_named(wanted, known) or with_id
    if not found:
        raise StartError(f"There is no agent {wanted}; see `helpdesk agent list`.")
    if len(found) > 1:
        ids = ", ".join(map(str, found))
        raise StartError(f"Several agents are called {wanted}; give the id of one: {ids}.")
    return found[0]


def filter_flags(*, limit: str = NEWEST) -> Callable[[Command], Command]:
    """Add the filters and ``--tz`` to a command, as keywords for :func:`parse_filters`.

    *limit* is the help of ``--limit``. Where a command has settings as flags too, this decorator
    is the inner one.
    """
    wanted = FILTERS | {"limit": Flag("N", limit)}

    def decorate(command: Command) -> Command:
        plain = signature(command)
        *own, rest = plain.parameters.values()
        flags = (flag_parameter(name, flag) for name, flag in wanted.items())
        command.__dict__["__signature__"] = plain.replace(parameters=[*own, *flags, rest])
        return zone_flag(command)

    return decorate


def parse_filters(
    given: dict[str, str | None], now: datetime, zone: tzinfo | None = None
) -> Filters:
    """Pop the filters from *given* and validate them; raise :exc:`UsageError` if one is wrong.

    Dates are in *zone*; see :func:`parse_time`.
    """
    from relay.sanitize import TAG

    words = {name: given.pop(name, None) for name in FILTERS}
    for name, word in words.items():
        if word == "":
            raise UsageError(f"--{name}: Nothing is given; say which, or leave it out.")
        require_utf8(f"--{name}", word or "")
    status, customer, limit = words["status"], words["customer"], words["limit"]
    known, most = (_NUMBER.fullmatch(word or "") for word in (customer, limit))
    if status is not None and status not in STATUSES:
        raise UsageError(f"--status: {status!r} is none of {', '.join(STATUSES)}.")
    if words["tag"] is not None and not re.match(TAG, words["tag"]):
        raise UsageError(f"--tag: {words['tag']!r} is no tag, 1 to 32 characters of a-z 0-9 -.")
    if limit is not None and most is None:
        raise UsageError(f"--limit: {limit!r} is no number above 0, of at most 15 digits.")
    return Filters(
        status=status,
        agent=words["agent"],
        customer=int(known[0]) if known and known[0] == known[1] else customer,
        site=words["site"],
        tag=words["tag"],
        since=parse_time_flag("--since", words["since"], now, zone),
        until=parse_time_flag("--until", words["until"], now, zone),
        search=words["search"],
        limit=int(most[1]) if most else None,
    )


def parse_time_flag(
    flag: str, text: str | None, now: datetime, zone: tzinfo | None = None
) -> datetime | None:
    """Return the time that *text* names, None if it is None; :exc:`UsageError` if *flag* is wrong.

    See :func:`parse_time`.
    """
    if text is None:
        return None
    try:
        return parse_time(text, now, zone)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{flag}: {text!r} is no time; write 2026-11-22, 2026-11-22T10:35, 7d or 12h."
        ) from None


def _millis(at: datetime | None) -> "Millis | None":
    from relay.desk.events import Millis

    return None if at is None else Millis(round(at.timestamp() * 1000))
