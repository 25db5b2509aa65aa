"""Queries for requests: words, and conditions such as ``is:mine tag:billing before:7d``. Pure.

The list and the switcher of the console and the commands understand the same ones.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from relay.desk.names import name_key

STATUSES = ("waiting", "active", "closed")
STATES = (*STATUSES, "mine", "new")
"""Values of ``is:``; `mine` is held by the agent who asks, `new` has something new for them."""
CONDITIONS = ("is", "tag", "site", "by", "before")
ME = "me"
"""The value of ``by:`` that stands for the agent who asks."""
_CONDITION = re.compile(rf"({'|'.join(CONDITIONS)}):(\S+)", re.IGNORECASE)
_AGO = re.compile(r"([1-9]\d{0,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


EXAMPLES = "is:mine tag:billing site:shop by:kim is:closed before:7d"
"""Conditions, for help texts."""


class QueryError(ValueError):
    """A condition that cannot be; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class RequestQuery:
    """A parsed query; a request has to meet all of it. Words, states and names are folded.

    ``is_``: values of :data:`STATES`; ``by``: names of agents, without spaces; ``before``: opened
    before that time; ``words``: each somewhere in the request.
    """

    words: tuple[str, ...] = ()
    is_: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    before: datetime | None = None

    @property
    def has_conditions(self) -> bool:
        """True if there is more to it than words."""
        return bool(self.is_ or self.tags or self.sites or self.by or self.before)


def parse_query(text: str, now: datetime, zone: tzinfo | None = None) -> RequestQuery:
    """Return the query *text* at the time *now*; raise :exc:`QueryError` if a condition is wrong.

    Dates are in *zone*; see :func:`parse_time`. A word with a colon that begins with no name of a
    condition is a word.
    """
    words: list[str] = []
    values: dict[str, list[str]] = {name: [] for name in CONDITIONS}
    for word in text.split():
        if condition := _CONDITION.fullmatch(word):
            name, value = condition[1].lower(), condition[2]
            values[name].append(value if name in {"site", "before"} else value.casefold())
        else:
            words.append(word.casefold())
    for state in values["is"]:
        if state not in STATES:
            raise QueryError(f"is:{state} is none of is:{', is:'.join(STATES)}.")
    return RequestQuery(
        words=tuple(words),
        is_=frozenset(values["is"]),
        tags=tuple(values["tag"]),
        sites=tuple(values["site"]),
        by=tuple(values["by"]),
        before=min((_before(value, now, zone) for value in values["before"]), default=None),
    )


def is_called(value: str, name: str) -> bool:
    """Return whether *value* of ``by:`` is meant for the agent *name*: it begins the name.

    Case and spaces do not matter, since a value has none.
    """
    return name_key("".join(name.split())).startswith(name_key(value))


def _before(value: str, now: datetime, zone: tzinfo | None) -> datetime:
    try:
        return parse_time(value, now, zone)
    except (ValueError, OverflowError):
        told = f"before:{value} is no time; write before:2026-11-22 or before:7d."
        raise QueryError(told) from None


def parse_time(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Return the time that *text* names, a date or so long before *now*; ValueError if none.

    A date without a zone is in *zone*; without one in the user's, as it is or was on that date.
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    named = datetime.fromisoformat(text)
    if named.tzinfo:
        return named
    # Arithmetic on times with a zone leaves out its changes; in UTC it does not.
    return (named.replace(tzinfo=zone) if zone else named).astimezone(UTC)
