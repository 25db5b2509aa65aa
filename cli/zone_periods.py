"""Days of a time zone, and times with one offset, as periods that a relay can count. Pure.

A zone of None is the machine's own. All times have a zone.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

DAY = timedelta(days=1)


class Period(NamedTuple):
    """A period from ``since`` on and before ``until``; ``name`` is a date or an offset to UTC."""

    name: str
    since: datetime
    until: datetime


def day_periods(
    utc_days: Iterable[str], zone: tzinfo | None, since: datetime, until: datetime
) -> list[Period]:
    """Return the days in *zone* that overlap the dates *utc_days*, cut to *since* and *until*.

    A day has 23 or 25 hours where the clocks change.
    """
    dates: set[date] = set()
    for name in utc_days:
        start = datetime.fromisoformat(name).replace(tzinfo=UTC)
        last = (start + DAY - timedelta.resolution).astimezone(zone).date()
        first = start.astimezone(zone).date()
        dates.update(first + DAY * number for number in range((last - first).days + 1))
    days = (Period(day.isoformat(), *_bounds(day, zone)) for day in sorted(dates))
    cut = (Period(day.name, max(day.since, since), min(day.until, until)) for day in days)
    return [day for day in cut if day.since < day.until]


def offset_periods(zone: tzinfo | None, since: datetime, until: datetime) -> list[Period]:
    """Return the time from *since* to *until* in periods between two changes of the clocks."""
    changes = [since, *_changes(zone, since, until), until]
    pairs = pairwise(changes)
    return [Period(offset_of(begin, zone), begin, end) for begin, end in pairs if begin < end]


def local_hour(utc_hour: str, offset: str) -> str:
    """Return when the hour *utc_hour* (``00`` to ``23``) begins at *offset*: ``01``, ``05:30``."""
    shifted = datetime.fromisoformat(f"2000-01-02T{utc_hour}:00+00:00").astimezone(
        datetime.fromisoformat(f"2000-01-02T00:00{offset}").tzinfo
    )
    return f"{shifted:%H:%M}" if shifted.minute else f"{shifted:%H}"


def offset_of(at: datetime, zone: tzinfo | None) -> str:
    """Return the offset to UTC in *zone* at the time *at*, as in ``+01:00``."""
    return at.replace(microsecond=0).astimezone(zone).isoformat()[len("2026-11-22T10:35:00") :]


def _bounds(day: date, zone: tzinfo | None) -> tuple[datetime, datetime]:
    """Return when *day* and the next begin in *zone*, in UTC."""
    midnights = (datetime.combine(each, time(), zone) for each in (day, day + DAY))
    begin, end = (midnight.astimezone(UTC) for midnight in midnights)
    return begin, end


def _changes(zone: tzinfo | None, since: datetime, until: datetime) -> Iterator[datetime]:
    """Yield when the offset of *zone* changes between *since* and *until*."""
    begin = since
    while begin < until:
        end = min(begin + DAY, until)
        if begin.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset():
            yield _change(zone, begin, end)
        begin = end


def _change(zone: tzinfo | None, begin: datetime, end: datetime) -> datetime:
    """Return the second between *begin* and *end* from which the offset is that of *end*."""
    start, after = begin.replace(microsecond=0), end.astimezone(zone).utcoffset()
    low, high = 0, int((end - start).total_seconds()) + 1
    while low + 1 < high:
        middle = (low + high) // 2
        if (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == after:
            high = middle
        else:
            low = middle
    return start + timedelta(seconds=high)
