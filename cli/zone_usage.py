"""Usage by the days and months of a time zone, asked of a relay that counts quarters of an hour.

The offset of every zone is a whole number of quarters, so each day of a zone is exact. What was
counted by days of UTC, by an earlier release, stays a day of UTC and is told as such.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby
from typing import TypeVar

from cli.command import rfc3339
from cli.relay_client import RelayClient
from cli.zone_periods import DAY, offset_periods
from relay.desk.stats import UsageDay, UsageMonth
from relay.wire import agent_in, agent_out

END = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of a period without --until."""
Named = TypeVar("Named", UsageDay, UsageMonth)
QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ZoneUsage:
    """Usage by day and month of a zone with the offsets ``offsets`` to UTC, the oldest first.

    ``utc_days`` are days of UTC, none of which is in ``days``. ``people`` of a month are those of
    the month in UTC, since a customer counts once a month and only there.
    """

    offsets: list[str]
    days: list[UsageDay]
    utc_days: list[UsageDay]
    months: list[UsageMonth]


async def ask_usage(
    client: RelayClient, zone: tzinfo | None, since: datetime, until: datetime | None
) -> ZoneUsage:
    """Return the usage of the days and months in *zone* that *since* and *until* touch."""
    first = since.astimezone(zone).date()
    last = (min(until or END, END) - timedelta.resolution).astimezone(zone).date()
    begin = datetime(first.year, first.month, 1, tzinfo=zone).astimezone(UTC)
    after = (last.replace(day=28) + 4 * DAY).replace(day=1)
    end = min(END, datetime(after.year, after.month, 1, tzinfo=zone).astimezone(UTC))

    async def counted(start: datetime) -> agent_out.Usage:
        wanted = agent_in.Usage(ref="usage", since=rfc3339(start), until=rfc3339(end))
        return await client.ask(wanted, agent_out.Usage)

    found = page = await counted(begin)
    offsets = _offsets(found.days, zone, begin, end)
    days, older = found.days, list[UsageDay]()
    if offsets != ["+00:00"]:
        quarters = list(found.quarters or ())
        while page.more and page.quarters:
            page = await counted(datetime.fromisoformat(page.quarters[-1].at) + QUARTER)
            quarters += page.quarters or ()
        # An older relay knows days of UTC alone.
        older = found.whole_days if isinstance(found.whole_days, list) else found.days
        days = _days(quarters, zone)
    people = {month.name: month.people for month in found.months}
    months = (first.isoformat()[:7], last.isoformat()[:7])
    within = _within([*days, *older], *months)
    dates = (first.isoformat(), last.isoformat())
    return ZoneUsage(
        offsets,
        _within(days, *dates),
        _within(older, *dates),
        _within(_months(within, people), *months),
    )


def _offsets(
    days: list[UsageDay], zone: tzinfo | None, begin: datetime, end: datetime
) -> list[str]:
    """Return the offsets to UTC in *zone* during *days*, as far as between *begin* and *end*."""
    if not days:
        return ["+00:00"]
    ends = (days[0].name, days[-1].name)
    first, last = (datetime.fromisoformat(name).replace(tzinfo=UTC) for name in ends)
    periods = offset_periods(zone, max(begin, first), min(end, last + DAY))
    return list(dict.fromkeys(period.name for period in periods)) or ["+00:00"]


def _days(quarters: list[agent_out.Quarter], zone: tzinfo | None) -> list[UsageDay]:
    """Return the days of *zone* that *quarters*, in their order, make."""

    def day_of(quarter: agent_out.Quarter) -> str:
        return datetime.fromisoformat(quarter.at).astimezone(zone).date().isoformat()

    grouped = ((name, list(some)) for name, some in groupby(quarters, key=day_of))
    return [
        UsageDay(name, sum(it.messages for it in some), max(it.connections for it in some))
        for name, some in grouped
    ]


def _months(days: Iterable[UsageDay], people: dict[str, int]) -> list[UsageMonth]:
    """Return the months of *days* and of *people*, with the highest values of their days."""
    busiest = dict.fromkeys(people, (0, 0))
    for day in days:
        messages, connections = busiest.get(day.name[:7], (0, 0))
        busiest[day.name[:7]] = max(messages, day.messages), max(connections, day.connections)
    return [UsageMonth(name, people.get(name, 0), *busiest[name]) for name in sorted(busiest)]


def _within(some: list[Named], first: str, last: str) -> list[Named]:
    """Return those of *some* that are named from *first* to *last*, dates or months."""
    return [one for one in some if first <= one.name[: len(first)] <= last]
