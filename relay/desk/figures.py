"""What a desk's requests come to: how many, how soon answered and closed, how well liked. Pure."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import TypeVar

from relay.desk.events import Millis

K = TypeVar("K", str, int)


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

    ``first_answer`` and ``resolution`` count from the opening.
    """

    requests: int
    answered: int
    closed: int
    first_answer: Times | None
    resolution: Times | None
    satisfaction: Satisfaction | None


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of all, and by day (``2026-11-22``), hour (``00`` to ``23``), agent and site.

    Days and hours are those of the opening, in UTC; a group without a request is left out.
    """

    total: Figures
    days: Mapping[str, Figures]
    hours: Mapping[str, Figures]
    agents: Mapping[int, Figures]
    sites: Mapping[str, Figures]


def report(spans: Iterable[Span]) -> Report:
    """Return what *spans* come to, each group in the order of its keys."""
    every = list(spans)
    with_agent = [span for span in every if span.agent is not None]
    return Report(
        figures(every),
        _by(every, lambda span: _opened(span, "%Y-%m-%d")),
        _by(every, lambda span: _opened(span, "%H")),
        _by(with_agent, lambda span: span.agent or 0),
        _by(every, lambda span: span.site),
    )


def figures(spans: list[Span]) -> Figures:
    """Return what *spans* come to together."""
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
    )


def _times(millis: list[int]) -> Times | None:
    if not millis:
        return None
    # The nearest rank: a time that was really taken, however few there are.
    p90 = sorted(millis)[math.ceil(0.9 * len(millis)) - 1]
    return Times(median(millis) / 1000, p90 / 1000)


def _by(spans: list[Span], key: Callable[[Span], K]) -> dict[K, Figures]:
    groups: dict[K, list[Span]] = {}
    for span in spans:
        groups.setdefault(key(span), []).append(span)
    return {name: figures(groups[name]) for name in sorted(groups)}


def _opened(span: Span, pattern: str) -> str:
    return datetime.fromtimestamp(span.opened_at / 1000, UTC).strftime(pattern)
