"""`helpdesk stats`: counts requests, their times to answer and to close, and ratings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, output
from cli.command import AsJson, desk_flags, rfc3339, run_operation, wire_filter

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.desk.stats import Durations, Statistics
    from relay.wire.agent_out import Slice, Stats

HEADING = ("REQUESTS", "CLOSED", "ENDED", "FIRST ANSWER", "90 %", "RESOLUTION", "90 %", "RATING")
BAR = 20
"""The longest bar, in characters."""
USUALLY, NEVER = "30d", "9999-01-01T00:00:00Z"
"""Defaults of --since and --until."""


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
    from relay.wire import agent_in, agent_out

    now = datetime.now(UTC).astimezone()
    given["since"] = given["since"] or USUALLY
    chosen = filters.parse_filters(given, now)
    begin, end = rfc3339(chosen.since), rfc3339(chosen.until)

    async def operation(client: "RelayClient") -> agent_out.Stats:
        # The newest are those of that time; without a limit, all that ended in it count, too.
        within = chosen if chosen.limit else replace(chosen, since=None, until=None)
        wanted = await wire_filter(client, within)
        frame = agent_in.Stats(ref="stats", since=begin or "", until=end or NEVER, filter=wanted)
        return await client.ask(frame, agent_out.Stats)

    found = run_operation(operation, given, reads=True)
    groups = _groups(found, by or list(By))
    if json:
        from msgspec import to_builtins

        named = {f"{name}s": to_builtins(slices) for name, slices in groups}
        output.as_json({"total": to_builtins(found.total), **named, "more": found.more})
        return
    _show(found.total, groups)
    if found.more:
        output.info("Older days do not fit; ask for them with --since and --until.")


def _groups(found: "Stats", by: Sequence[By]) -> "list[tuple[By, list[Slice]]]":
    known = {By.DAY: found.days, By.HOUR: found.hours, By.AGENT: found.agents, By.SITE: found.sites}
    return [(name, slices) for name, slices in known.items() if name in by]


def _show(total: "Statistics", groups: "list[tuple[By, list[Slice]]]") -> None:
    output.table(("", *HEADING), [("all", *_cells(total))])
    for name, slices in groups:
        zone = " (UTC)" if name in {By.DAY, By.HOUR} else ""
        heading = (f"{name.upper()}{zone}", *HEADING, *([""] if output.can_redraw() else []))
        if slices:
            output.data("")
            output.table(heading, _rows(slices))


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
