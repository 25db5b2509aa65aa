"""Which requests: the filters that all commands share, as flags, checked before anything is read.

Reads no clock and no database: what "7d" counts back from, and who the agents are, is told.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.flags import Flag, WrongUse, in_utf_8
from relay.errors import StartError

if TYPE_CHECKING:
    from relay.desk.events import Millis
    from relay.desk.record import Agent
    from relay.store.reading import Narrow

Command = TypeVar("Command", bound=Callable[..., None])

STATUSES = ("waiting", "active", "closed")
NEWEST = "At most so many, the newest."
FILTERS = {
    "status": Flag("STATUS", f"Those that are {', '.join(STATUSES[:-1])} or {STATUSES[-1]}."),
    "agent": Flag("AGENT", "Those that this agent (a name or an id) has claimed."),
    "customer": Flag("CUSTOMER", "Those of this customer: an email, an id or a name."),
    "site": Flag("SITE", "Those that were opened on this site."),
    "tag": Flag("TAG", "Those that bear this tag."),
    "since": Flag(
        "TIME", "Those opened at this time or later: a date in your time zone, or 7d, 12h, 30m ago."
    ),
    "until": Flag(
        "TIME", "Those opened before this time: a date in your time zone, or 7d, 12h, 30m ago."
    ),
    "search": Flag("WORDS", "Those in which all these words were written."),
    "limit": Flag("N", NEWEST),
}
_AGO = re.compile(r"([1-9]\d{0,5})([mhdw])")
_NUMBER = re.compile(r"0*([1-9]\d{0,14})", re.ASCII)
"""One that the desk can have: up to 15 digits."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the flags say. ``agent`` is a name or an id; times have a zone; ``limit`` is over 0.

    ``customer`` in digits is an id, and where nobody has that, a name.
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

    def narrow(self, agents: Iterable["Agent"]) -> "Narrow":
        """Return these for a reader of the file; see :meth:`agent_id`."""
        from relay.store.reading import Narrow

        return Narrow(
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

        Raises :exc:`StartError` if nobody is called so.
        """
        if self.agent is None:
            return None
        for number, name in agents:
            if self.agent in {name, str(number)}:
                return number
        raise StartError(f"There is no agent {self.agent}; see `helpdesk agent list`.")


def filter_flags(*, limit: str = NEWEST) -> Callable[[Command], Command]:
    """Give a command the filters as flags; it gets them as further keywords, for :func:`taken`.

    *limit* is the help of ``--limit``. Where a command has settings as flags too, this decorator
    is the inner one.
    """
    wanted = FILTERS | {"limit": Flag("N", limit)}

    def give(command: Command) -> Command:
        plain = signature(command)
        *own, rest = plain.parameters.values()
        flags = (_flag(name, flag) for name, flag in wanted.items())
        command.__dict__["__signature__"] = plain.replace(parameters=[*own, *flags, rest])
        return command

    return give


def taken(given: dict[str, str | None], now: datetime) -> Filters:
    """Take the filters out of *given*, and check them; raise :exc:`WrongUse` if one is wrong."""
    from relay.text import TAG

    words = {name: given.pop(name, None) for name in FILTERS}
    for name, word in words.items():
        if word == "":
            raise WrongUse(f"--{name}: Nothing is given; say which, or leave it out.")
        in_utf_8(f"--{name}", word or "")
    status, customer, limit = words["status"], words["customer"], words["limit"]
    known, most = (_NUMBER.fullmatch(word or "") for word in (customer, limit))
    if status is not None and status not in STATUSES:
        raise WrongUse(f"--status: {status!r} is none of {', '.join(STATUSES)}.")
    if words["tag"] is not None and not re.match(TAG, words["tag"]):
        raise WrongUse(f"--tag: {words['tag']!r} is no tag, 1 to 32 characters of a-z 0-9 -.")
    if limit is not None and most is None:
        raise WrongUse(f"--limit: {limit!r} is no number above 0, of at most 15 digits.")
    return Filters(
        status=status,
        agent=words["agent"],
        customer=int(known[0]) if known and known[0] == known[1] else customer,
        site=words["site"],
        tag=words["tag"],
        since=time_given("--since", words["since"], now),
        until=time_given("--until", words["until"], now),
        search=words["search"],
        limit=int(most[1]) if most else None,
    )


def moment(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the time that *text* names, a date or so long before *now*; ValueError if none.

    A date without a zone is in *zone*; without one in the user's, as it is or was on that date.
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    named = datetime.fromisoformat(text)
    if named.tzinfo:
        return named
    return named.replace(tzinfo=zone) if zone else named.astimezone()


def time_given(
    flag: str, text: str | None, now: datetime, zone: tzinfo | None = None
) -> datetime | None:
    """Return the time that *text* names, None if it is None; :exc:`WrongUse` if *flag* is wrong.

    See :func:`moment`.
    """
    if text is None:
        return None
    try:
        return moment(text, now, zone)
    except (ValueError, OverflowError):
        raise WrongUse(
            f"{flag}: {text!r} is no time; write 2026-11-22, 2026-11-22T10:35, 7d or 12h."
        ) from None


def _millis(at: datetime | None) -> "Millis | None":
    from relay.desk.events import Millis

    return None if at is None else Millis(round(at.timestamp() * 1000))


def _flag(name: str, flag: Flag) -> Parameter:
    option = typer.Option(metavar=flag.metavar, help=flag.help, show_default=False)
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, option]
    )
