"""Statistics by the days and hours of a time zone, asked of a relay that counts in UTC.

The relay is asked once for all, once for each day of the zone that may have something, and once for
each period with one offset to UTC, whose hours are those of UTC under other names. So each figure
is exact, also where the clocks change.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from cli.command import rfc3339
from cli.relay_client import RelayClient
from cli.zone_periods import Period, day_periods, local_hour, offset_periods
from relay.desk.stats import Statistics
from relay.wire import agent_in, agent_out
from relay.wire.agent_out import Slice


@dataclass(frozen=True, slots=True)
class HoursAtOffset:
    """The hours of a period with one *offset* to UTC, which began at *since*, in RFC 3339.

    An hour is named by its beginning: ``02``, or ``05:30`` where the offset is no whole hour.
    """

    offset: str
    since: str
    slices: list[Slice]


@dataclass(frozen=True, slots=True)
class ZoneStatistics:
    """Statistics of all, by day and hour of a zone, by agent and by site.

    ``hours`` has one entry for each period between two changes of the clocks; ``more``: there are
    older days than those that fit.
    """

    total: Statistics
    days: list[Slice]
    hours: list[HoursAtOffset]
    agents: list[Slice]
    sites: list[Slice]
    more: bool


async def ask_statistics(
    client: RelayClient,
    wanted: agent_in.Filter,
    zone: tzinfo | None,
    since: datetime,
    until: datetime,
    *,
    days: bool,
    hours: bool,
) -> ZoneStatistics:
    """Return the statistics of *wanted* from *since* to *until*; *days*, *hours*: with these."""

    async def counted(period: Period) -> agent_out.Stats:
        begin, end = rfc3339(period.since) or "", rfc3339(period.until) or ""
        frame = agent_in.Stats(ref="stats", since=begin, until=end, filter=wanted)
        return await client.ask(frame, agent_out.Stats)

    found = await counted(Period("", since, until))
    names = [day.name for day in found.days]
    periods = offset_periods(zone, *_span(found, since, until))
    if [period.name for period in periods] == ["+00:00"]:
        by_day, answers = found.days, [found]
    else:
        each = day_periods(names, zone, since, until) if days else []
        by_day = [Slice(day.name, (await counted(day)).total) for day in each]
        answers = [await counted(period) for period in periods] if hours else [found] * len(periods)
    by_offset = [
        HoursAtOffset(period.name, _utc(period.since), _renamed(answer.hours, period.name))
        for period, answer in zip(periods, answers, strict=True)
    ]
    kept = [day for day in by_day if day.figures.requests or day.figures.ended]
    return ZoneStatistics(found.total, kept, by_offset, found.agents, found.sites, found.more)


def _span(found: agent_out.Stats, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Return when the first and the last day of *found* begin and end, from *since* to *until*.

    Without days, it is a moment at *since*.
    """
    if not found.days:
        return since, since + timedelta(seconds=1)
    first, last = (
        datetime.fromisoformat(found.days[place].name).replace(tzinfo=UTC) for place in (0, -1)
    )
    # Of the older days, which did not fit into the answer, there are hours all the same.
    begin = since if found.more else max(since, first)
    return begin, min(until, last + timedelta(days=1))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _renamed(hours: list[Slice], offset: str) -> list[Slice]:
    """Return *hours* of UTC by their names at *offset*, in their order there."""
    named = (Slice(local_hour(hour.name, offset), hour.figures) for hour in hours)
    return sorted(named, key=lambda hour: hour.name)
