"""Statistics: response times and ratings, totals of an erasure, usage by day and month. Pure."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from relay.desk.events import Millis


@dataclass(frozen=True, slots=True)
class ErasureTotals:
    """Totals of the requests that an erasure deletes, with their messages.

    ``bytes`` counts the messages' texts in UTF-8; ``oldest`` and ``newest`` are the first and the
    last time of opening, None without requests; ``held`` counts requests that a hold keeps.
    """

    requests: int = 0
    messages: int = 0
    bytes: int = 0
    oldest: Millis | None = None
    newest: Millis | None = None
    held: int = 0

    def __add__(self, other: "ErasureTotals") -> "ErasureTotals":
        """Return the totals of both together."""
        ages = [at for at in (self.oldest, self.newest, other.oldest, other.newest) if at]
        return ErasureTotals(
            self.requests + other.requests,
            self.messages + other.messages,
            self.bytes + other.bytes,
            min(ages, default=None),
            max(ages, default=None),
            self.held + other.held,
        )


@dataclass(frozen=True, slots=True)
class UsageDay:
    """Usage of one day: ``name`` is a date, ``connections`` the most there were at once."""

    name: str
    messages: int
    connections: int


@dataclass(frozen=True, slots=True)
class UsageQuarter:
    """Usage of the quarter of an hour from ``at`` on; ``connections`` as in :class:`UsageDay`."""

    at: Millis
    messages: int
    connections: int


@dataclass(frozen=True, slots=True)
class UsageMonth:
    """Usage of one month: ``people`` counts the customers who acted in it.

    ``name`` is like ``2026-11``, ``messages`` the sum and ``connections`` the maximum of its days.
    """

    name: str
    people: int
    messages: int
    connections: int


K = TypeVar("K", str, int)
DAY, HOUR = "%Y-%m-%d", "%H"
QUARTER = 15 * 60 * 1000
"""Milliseconds in which usage is counted: the offset of every time zone is a multiple of them."""


@dataclass(frozen=True, slots=True)
class RequestTiming:
    """Times of one request: ``answered_at`` is that of an agent's first text.

    ``agent`` is the id of the agent who has claimed it, or had when it was closed.
    """

    opened_at: Millis
    answered_at: Millis | None
    closed_at: Millis | None
    agent: int | None
    site: str
    score: int | None


@dataclass(frozen=True, slots=True)
class RequestEnd:
    """Time at which a request was closed, with its agent and site, whenever it was opened."""

    closed_at: Millis
    agent: int | None
    site: str


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations in seconds: the median, and the 90th percentile by the nearest rank."""

    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Number of ratings, and their mean score of 1 to 5."""

    ratings: int
    mean: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a group of requests; a field is None where none of them has a value.

    ``first_answer`` and ``resolution`` count from the opening. ``closed`` counts those of the group
    that are closed, ``ended`` all requests that were closed in the period.
    """

    requests: int
    answered: int
    closed: int
    first_answer: Durations | None
    resolution: Durations | None
    satisfaction: Satisfaction | None
    ended: int = 0


@dataclass(frozen=True, slots=True)
class StatisticsReport:
    """Statistics of all, and by day (``2026-11-22``), hour (``00`` to ``23``), agent and site.

    Days and hours are those of the opening, in UTC, and for ``ended`` those of the closing; a group
    without either is left out.
    """

    total: Statistics
    days: Mapping[str, Statistics]
    hours: Mapping[str, Statistics]
    agents: Mapping[int, Statistics]
    sites: Mapping[str, Statistics]


def report(timings: Iterable[RequestTiming], ends: Iterable[RequestEnd]) -> StatisticsReport:
    """Return the statistics of *timings* and *ends*, each group in the order of its keys."""
    opened, ended = list(timings), list(ends)
    claimed = (timing for timing in opened if timing.agent is not None)
    return StatisticsReport(
        statistics(opened, len(ended)),
        _by(_groups(opened, _day_opened), Counter(_at(end.closed_at, DAY) for end in ended)),
        _by(_groups(opened, _hour_opened), Counter(_at(end.closed_at, HOUR) for end in ended)),
        _by(
            _groups(claimed, lambda timing: timing.agent or 0),
            Counter(end.agent for end in ended if end.agent is not None),
        ),
        _by(_groups(opened, lambda timing: timing.site), Counter(end.site for end in ended)),
    )


def statistics(timings: list[RequestTiming], ended: int = 0) -> Statistics:
    """Return the statistics of *timings* together; *ended* requests were closed meanwhile."""
    answers = [one.answered_at - one.opened_at for one in timings if one.answered_at is not None]
    closings = [one.closed_at - one.opened_at for one in timings if one.closed_at is not None]
    scores = [one.score for one in timings if one.score is not None]
    return Statistics(
        requests=len(timings),
        answered=len(answers),
        closed=len(closings),
        first_answer=_durations(answers),
        resolution=_durations(closings),
        satisfaction=Satisfaction(len(scores), sum(scores) / len(scores)) if scores else None,
        ended=ended,
    )


def _durations(millis: list[int]) -> Durations | None:
    if not millis:
        return None
    # The nearest rank: a duration that really occurred, however few there are.
    p90 = sorted(millis)[math.ceil(0.9 * len(millis)) - 1]
    return Durations(median(millis) / 1000, p90 / 1000)


def _by(groups: Mapping[K, list[RequestTiming]], ended: Mapping[K, int]) -> dict[K, Statistics]:
    names = sorted(groups.keys() | ended.keys())
    return {name: statistics(groups.get(name, []), ended.get(name, 0)) for name in names}


def _groups(
    timings: Iterable[RequestTiming], key: Callable[[RequestTiming], K]
) -> dict[K, list[RequestTiming]]:
    groups: dict[K, list[RequestTiming]] = {}
    for timing in timings:
        groups.setdefault(key(timing), []).append(timing)
    return groups


def day_of(at: Millis) -> str:
    """Return the UTC date of *at* (``2026-11-22``)."""
    return _at(at, DAY)


def quarter_of(at: Millis) -> Millis:
    """Return when the quarter of an hour of *at* began."""
    return Millis(at - at % QUARTER)


def _day_opened(timing: RequestTiming) -> str:
    return _at(timing.opened_at, DAY)


def _hour_opened(timing: RequestTiming) -> str:
    return _at(timing.opened_at, HOUR)


def _at(moment: Millis, pattern: str) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime(pattern)
