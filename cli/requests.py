"""`helpdesk requests`: lists requests, and shows one with its messages."""

import json as codec
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, options, output
from cli.command import AsJson, Which, desk_flags, run_operation, wire_filter
from cli.time_zone import pop_zone
from relay.desk.request_query import EXAMPLES

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.wire.agent_in import Filter
    from relay.wire.objects import AgentRequest, MessageObject

app = typer.Typer(help="List requests, and show one with its messages.", rich_markup_mode=None)
AT_ONCE = 200
"""Requests or messages in one answer, the most that the relay gives."""
USUALLY = 100
"""Requests in a list without --limit and --all."""
IN_MEMORY = 2**23
"""Bytes of a list that wait in memory; a longer one waits on the disk."""


@app.command("list")
@desk_flags
@filters.filter_flags(limit=f"At most N, the newest.  [default: {USUALLY}]")
def list_requests(
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="[QUERY]...", help=f"Words and conditions, as in {EXAMPLES}."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All, however many.")] = False,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """List requests, the newest first, or those of them that match the filters."""
    from tempfile import SpooledTemporaryFile

    from cli import text_lines

    zone = pop_zone(given)
    now = datetime.now(UTC)
    chosen = filters.parse_filters(given, now, zone)
    chosen = filters.with_query(chosen, query or (), now, zone)
    if everything and chosen.limit is not None:
        raise options.UsageError("--all: --limit says how many; give one of them.")
    limit = None if everything else chosen.limit or USUALLY
    # The list waits here, so that who pages through it holds neither the relay nor the database.
    with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="") as spool:

        async def operation(client: "RelayClient") -> bool:
            wanted = await wire_filter(client, replace(chosen, limit=None))
            requests = _requests(client, wanted, limit)
            shown = None if json else partial(text_lines.row, zone=zone)
            return await _gather(requests, spool.write, limit, shown)

        more = run_operation(operation, given, reads=True, agents_may=True)
        spool.seek(0)
        output.lines(spool)
    if more and chosen.limit is None:
        output.info(f"These are the newest {limit}; --all lists all, --limit N another number.")


@app.command()
@desk_flags
@options.zone_flag
def show(request: Which, json: AsJson = False, **given: str | None) -> None:
    """Show a request with all its messages, including notes."""
    number, zone = options.request_number(request), pop_zone(given)

    async def operation(client: "RelayClient") -> "tuple[AgentRequest, list[MessageObject]]":
        return await _request(client, number), await _messages(client, number)

    found, messages = run_operation(operation, given, reads=True, agents_may=True)
    if json:
        from msgspec import to_builtins

        output.as_json(to_builtins(found) | {"messages": to_builtins(messages)})
        return
    from cli import text_lines

    for name, value in text_lines.facts(found, zone):
        output.data(f"{name + ':':<10}{value}")
    for message in messages:
        output.data(f"\n{text_lines.message_block(message, zone)}")


async def _gather(
    requests: "AsyncIterator[AgentRequest]",
    write: Callable[[str], object],
    limit: int | None,
    row: "Callable[[AgentRequest], str] | None",
) -> bool:
    """Write *limit* of *requests* as a table of *row*, or as an array of JSON, an element a line.

    Returns whether there are more.
    """
    from msgspec import to_builtins

    from cli import text_lines

    between, count, more = "[", 0, False
    if row is not None:
        write(f"{text_lines.heading()}\n")
    async for request in requests:
        count += 1
        more = limit is not None and count > limit
        if more:
            break
        if row is not None:
            write(f"{row(request)}\n")
            continue
        write(between + codec.dumps(to_builtins(request)))
        between = ",\n"
    if row is None:
        write("[]\n" if between == "[" else "]\n")
    return more


async def _requests(
    client: "RelayClient", wanted: "Filter", limit: int | None
) -> "AsyncIterator[AgentRequest]":
    """Yield the requests that are *wanted*, one more than *limit* at most, a page at a time."""
    from relay.wire import agent_in, agent_out

    before, left, more = None, None if limit is None else limit + 1, True
    while more and left != 0:
        size = AT_ONCE if left is None else min(left, AT_ONCE)
        frame = agent_in.List(ref="list", filter=wanted, before=before, limit=size)
        page = await client.ask(frame, agent_out.Listed)
        for request in page.requests:
            yield request
            before = request.id
        left = None if left is None else left - len(page.requests)
        more = page.more


async def _request(client: "RelayClient", number: int) -> "AgentRequest":
    from cli.relay_client import RelayError
    from relay.wire import agent_in, agent_out

    wanted = agent_in.Filter(requests=[number])
    listed = await client.ask(agent_in.List(ref="list", filter=wanted), agent_out.Listed)
    if not listed.requests:
        raise RelayError(
            "not_found", f"There is no request #{number}; see `helpdesk requests list`."
        )
    return listed.requests[0]


async def _messages(client: "RelayClient", number: int) -> "list[MessageObject]":
    """Return all messages of request *number*, oldest first."""
    from relay.wire import agent_in
    from relay.wire.objects import History

    newest_first: list[MessageObject] = []
    before, more = 2**53, True
    while more:
        frame = agent_in.HistoryBefore(ref="history", request=number, before=before, limit=AT_ONCE)
        page = await client.ask(frame, History)
        newest_first += reversed(page.messages)
        before, more = newest_first[-1].seq, page.more
    return newest_first[::-1]
