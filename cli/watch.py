"""`helpdesk watch`: writes the desk's events as lines, as they happen."""

from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, options, output
from cli.command import AsJson, desk_flags, settings_of
from cli.time_zone import pop_zone

if TYPE_CHECKING:
    from relay.wire.agent_out import Event


@desk_flags
@filters.filter_flags(limit="Stop after N events.")
def watch(
    cursor: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Continue from the cursor in FILE, and update it."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Begin with the stored events, unless FILE has a cursor.")
    ] = False,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Write a line for each event of the desk as it happens, until stopped."""
    import asyncio
    from pathlib import Path

    from cli.event_follower import Watcher

    zone = pop_zone(given)
    chosen = filters.parse_filters(given, datetime.now(UTC), zone)
    if cursor == "-":
        raise options.UsageError("--cursor: stdout cannot be read; give a file.")
    file = None if cursor is None else Path(options.require_utf8("--cursor", cursor))
    write = _as_json if json else partial(_as_line, zone=zone)
    watcher = Watcher(settings_of(given), chosen, write, file, at_url=given["url"] is not None)
    asyncio.run(watcher.run(everything=everything))


def _as_json(event: "Event") -> None:
    from msgspec import to_builtins

    plain = to_builtins(event)
    del plain["type"]
    output.as_json(plain)


def _as_line(event: "Event", zone: tzinfo | None) -> None:
    from cli.text_lines import event_line

    output.data(event_line(event.request, event.message, zone))
