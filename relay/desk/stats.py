"""Statistics: response times and ratings, what a purge counts, usage by day and month. Pure."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from relay.desk.events import Millis


@dataclass(frozen=True, slots=True)
class ErasureCount:
    """Requests with their messages. ``bytes`` are those of the messages' texts in UTF-8.

    ``oldest`` and ``newest`` are when the first and the last of them were opened, None of nothing;
    ``held`` counts requests that were left because of a hold.
    """

    requests: int = 0
    messages: int = 0
    bytes: int = 0
    oldest: Millis | None = None
    newest: Millis | None = None
    held: int = 0

    def __add__(self, other: "ErasureCount") -> "ErasureCount":
        """Return what both count together."""
        ages = [at for at in (self.oldest, self.newest, other.oldest, other.newest) if at]
        return ErasureCount(
            self.requests + other.requests,
            self.messages + other.messages,
            self.bytes + other.bytes,
            min(ages, default=None),
            max(ages, default=None),
            self.held + other.held,
        )


@dataclass(frozen=True, slots=True)
class Day:
    """``name`` is a date; ``connections`` is the most there were at once."""

    name: str
    messages: int
    connections: int


@dataclass(frozen=True, slots=True)
class Month:
    """``people`` are the customers who did something in it; the others are its busiest days'."""

    name: str
    people: int
    messages: int
    connections: int


K = TypeVar("K", str, int)
DAY, HOUR = "%Y-%m-%d", "%H"


@dataclass(frozen=True, slots=True)
class Span:
    """One request, as far as figures go. ``answered_at`` is when an agent first said something;
    ``agent`` is who has it, or had it at the end."""

    opened_at: Millis
    answered_at: Millis | None
    closed_at: Millis | None
    agent: int | None
    site: str
    score: int | None


@dataclass(frozen=True, slots=True)
class End:
    """The end of one request, whenever that was opened; the rest is as in :class:`Span`."""

    closed_at: Millis
    agent: int | None
    site: str


@dataclass(frozen=True, slots=True)
class Times:
    """Durations in seconds: the median, and the one that nine of ten do not exceed."""

    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How many have rated, and their mean score of 1 to 5."""

    ratings: int
    mean: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What some requests come to; a field is None where none of them has it.

    ``first_answer`` and ``resolution`` count from the opening. ``closed`` is how many of them are
    closed, and ``ended`` how many of all requests were closed in that time.
    """

    requests: int
    answered: int
    closed: int
    first_answer: Times | None
    resolution: Times | None
    satisfaction: Satisfaction | None
    ended: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of all, and by day (``2026-11-22``), hour (``00`` to ``23``), agent and site.

    Days and hours are those of the opening, in UTC, and for ``ended`` those of the end; a group
    without either is left out.
    """

    total: Figures
    days: Mapping[str, Figures]
    hours: Mapping[str, Figures]
    agents: Mapping[int, Figures]
    sites: Mapping[str, Figures]


def report(spans: Iterable[Span], ends: Iterable[End]) -> Report:
    """Return what *spans* and *ends* come to, each group in the order of its keys."""
    every, ended = list(spans), list(ends)
    return Report(
        figures(every, len(ended)),
        _by(_groups(every, _day_opened), Counter(_at(end.closed_at, DAY) for end in ended)),
        _by(_groups(every, _hour_opened), Counter(_at(end.closed_at, HOUR) for end in ended)),
        _by(
            _groups((span for span in every if span.agent is not None), lambda it: it.agent or 0),
            Counter(end.agent for end in ended if end.agent is not None),
        ),
        _by(_groups(every, lambda span: span.site), Counter(end.site for end in ended)),
    )


def figures(spans: list[Span], ended: int = 0) -> Figures:
    """Return what *spans* come to together, beside *ended* ends."""
    answers = [span.answered_at - span.opened_at for span in spans if span.answered_at is not None]
    endings = [span.closed_at - span.opened_at for span in spans if span.closed_at is not None]
    scores = [span.score for span in spans if span.score is not None]
    return Figures(
        requests=len(spans),
        answered=len(answers),
        closed=len(endings),
        first_answer=_times(answers),
        resolution=_times(endings),
        satisfaction=Satisfaction(len(scores), sum(scores) / len(scores)) if scores else None,
        ended=ended,
    )


def _times(millis: list[int]) -> Times | None:
    if not millis:
        return None
    # The nearest rank: a time that was really taken, however few there are.
    p90 = sorted(millis)[math.ceil(0.9 * len(millis)) - 1]
    return Times(median(millis) / 1000, p90 / 1000)


def _by(groups: Mapping[K, list[Span]], ended: Mapping[K, int]) -> dict[K, Figures]:
    names = sorted(groups.keys() | ended.keys())
    return {name: figures(groups.get(name, []), ended.get(name, 0)) for name in names}


def _groups(spans: Iterable[Span], key: Callable[[Span], K]) -> dict[K, list[Span]]:
    groups: dict[K, list[Span]] = {}
    for span in spans:
        groups.setdefault(key(span), []).append(span)
    return groups


def day_of(at: Millis) -> str:
    """Return the UTC date of *at* (``2026-11-22``)."""
    return _at(at, DAY)


def _day_opened(span: Span) -> str:
    return _at(span.opened_at, DAY)


def _hour_opened(span: Span) -> str:
    return _at(span.opened_at, HOUR)


def _at(moment: Millis, pattern: str) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime(pattern)
