"""`helpdesk stats`: counts requests, their times to answer and to close, and ratings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, output
from cli.command import AsJson, desk_flags, run_operation, wire_filter
from cli.time_zone import pop_zone

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from cli.zone_statistics import HoursAtOffset, ZoneStatistics
    from relay.desk.stats import Durations, Statistics
    from relay.wire.agent_out import Slice

HEADING = ("REQUESTS", "CLOSED", "ENDED", "FIRST ANSWER", "90 %", "RESOLUTION", "90 %", "RATING")
BAR = 20
"""The longest bar, in characters."""
USUALLY = "30d"
"""Default of --since."""
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""The bounds of what is counted without --since or --until."""


class By(StrEnum):
    """The groupings of the statistics."""

    DAY = "day"
    HOUR = "hour"
    AGENT = "agent"
    SITE = "site"


@desk_flags
@filters.filter_flags()
def stats(
    by: Annotated[list[By] | None, typer.Option(help="Only these groups; by default all.")] = None,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Show statistics: requests, times to the first answer and to the end, and ratings.

    Without --since, of the last 30 days. CLOSED counts the requests opened in that time, ENDED all
    that were closed in it; with --limit, both count only the newest.
    """
    from msgspec import to_builtins

    from cli.zone_statistics import ask_statistics

    zone = pop_zone(given)
    given["since"] = given["since"] or USUALLY
    chosen = filters.parse_filters(given, datetime.now(UTC), zone)
    groups = by or list(By)

    async def operation(client: "RelayClient") -> "ZoneStatistics":
        # The newest are those of that time; without a limit, all that ended in it count, too.
        within = chosen if chosen.limit else replace(chosen, since=None, until=None)
        wanted = await wire_filter(client, within)
        begin, end = chosen.since or FIRST, chosen.until or LAST
        return await ask_statistics(
            client, wanted, zone, begin, end, days=By.DAY in groups, hours=By.HOUR in groups
        )

    found = run_operation(operation, given, reads=True, agents_may=True)
    if json:
        lists = {By.DAY: found.days, By.AGENT: found.agents, By.SITE: found.sites}
        named = {
            f"{name}s": to_builtins(slices) for name, slices in lists.items() if name in groups
        }
        if By.HOUR in groups:
            named["hours"] = [
                {**to_builtins(one), "offset": hours.offset, "since": hours.since}
                for hours in found.hours
                for one in hours.slices
            ]
        output.as_json({"total": to_builtins(found.total), **named, "more": found.more})
        return
    _show(found, groups)
    if found.more:
        output.info("Older days do not fit; ask for them with --since and --until.")


def _show(found: "ZoneStatistics", by: Sequence[By]) -> None:
    output.table(("", *HEADING), [("all", *_cells(found.total))])
    for name, slices in _tables(found, by):
        heading = (name, *HEADING, *([""] if output.can_redraw() else []))
        if slices:
            output.data("")
            output.table(heading, _rows(slices))


def _tables(found: "ZoneStatistics", by: Sequence[By]) -> "Iterator[tuple[str, list[Slice]]]":
    """Yield the name and the rows of each table; the hours have one for each offset to UTC."""
    if By.DAY in by:
        offsets = ", ".join(dict.fromkeys(hours.offset for hours in found.hours))
        yield f"DAY (UTC{offsets})", found.days
    if By.HOUR in by:
        for hours in found.hours:
            yield f"HOUR (UTC{hours.offset}{_since(hours, found)})", hours.slices
    if By.AGENT in by:
        yield "AGENT", found.agents
    if By.SITE in by:
        yield "SITE", found.sites


def _since(hours: "HoursAtOffset", found: "ZoneStatistics") -> str:
    """Return from when on the clocks showed *hours*, if they were changed in between."""
    return f" since {hours.since[:10]}" if len(found.hours) > 1 else ""


def _rows(slices: "list[Slice]") -> Iterator[tuple[str, ...]]:
    """Yield a row for each of *slices*, with a bar where there is a terminal."""
    from relay.sanitize import printable_line

    most = max(1, *(one.figures.requests for one in slices))
    for one in slices:
        bar = "#" * round(BAR * one.figures.requests / most)
        drawn = [bar] if output.can_redraw() else []
        yield (printable_line(one.name, 40), *_cells(one.figures), *drawn)


def _cells(figures: "Statistics") -> tuple[str, ...]:
    rating = figures.satisfaction
    return (
        str(figures.requests),
        str(figures.closed),
        str(figures.ended),
        *_times(figures.first_answer),
        *_times(figures.resolution),
        f"{rating.mean:.1f} ({rating.ratings})" if rating else "-",
    )


def _times(times: "Durations | None") -> tuple[str, str]:
    from cli.text_lines import duration

    return (duration(times.median), duration(times.p90)) if times else ("-", "-")
