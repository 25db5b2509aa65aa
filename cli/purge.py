"""`helpdesk hold`, `unhold` and `purge`: keeps requests, and deletes them.

A purge first says what it would delete, and deletes only that.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, options, output
from cli.command import AsJson, Which, desk_flags, run_operation, settings_of, wire_filter
from cli.time_zone import local_minute, pop_zone
from relay.errors import StartError

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.wire.agent_in import Filter, Hold, Purge, Unhold
    from relay.wire.agent_out import Receipt

KIB = 1024
LARGEST_PURGE = 500
"""Requests that a filter of the protocol can name."""
OVERWRITE_PATIENCE = 5.0
"""Seconds in which the files are usually overwritten; after that, another program reads them."""
HELD_BY_READER = (
    "What was purged is still in the files of the database, since another program reads what was "
    "there (a backup, an export, a shell). It is overwritten as soon as that has ended and a relay "
    "runs; `helpdesk doctor` tells whether it is."
)
LOOK_EVERY = 0.5
"""Seconds after which is asked again whether a purge has ended."""
REST = (
    "what it took is gone, and the audit log counts it, as `purged` or `purge_interrupted`; "
    "the same command takes what is left."
)


@desk_flags
def hold(
    request: Which,
    why: Annotated[
        str,
        typer.Option(
            "--why", help="The reason, for your colleagues.", callback=options.require_utf8_name
        ),
    ],
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Protect a request from every purge, until `unhold`."""
    from relay.wire import agent_in

    number = options.request_number(request)
    _change(agent_in.Hold(ref="hold", request=number, why=why), given, json=json)
    output.info(f"#{number} is held; no purge takes it.")


@desk_flags
def unhold(request: Which, json: AsJson = False, **given: str | None) -> None:
    """End the hold of a request."""
    from relay.wire import agent_in

    number = options.request_number(request)
    _change(agent_in.Unhold(ref="unhold", request=number), given, json=json)
    output.info(f"#{number} is held no longer.")


@desk_flags
@filters.filter_flags()
def purge(
    requests: Annotated[
        list[str] | None,
        typer.Argument(metavar="[REQUEST]...", help="Only these, by their numbers."),
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only requests closed before: a date, or 90d ago."),
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be deleted.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Delete requests with all their messages, permanently; held ones are kept.

    `helpdesk requests list` with the same filters lists what would be deleted.
    """
    now, zone = datetime.now(UTC), pop_zone(given)
    chosen = filters.parse_filters(given, now, zone)
    closed_before = filters.parse_time_flag("--older-than", older_than, now, zone)
    numbers = [options.request_number(word) for word in requests or ()] or None
    if numbers and len(numbers) > LARGEST_PURGE:
        raise options.UsageError(f"Give at most {LARGEST_PURGE} requests at a time.")
    unfiltered = replace(chosen, limit=None) == filters.Filters() and closed_before is None
    if unfiltered and numbers is None:
        raise options.UsageError("Say which requests: a number, --older-than or another filter.")

    async def plan(client: "RelayClient") -> "Receipt":
        wanted = await wire_filter(client, chosen, closed_before=closed_before, numbers=numbers)
        planned = await _plan(client, wanted)
        if unfiltered and not (planned.requests or planned.held):
            shown = " ".join(f"#{number}" for number in numbers or ())
            raise StartError(f"There is no request {shown}; see `helpdesk requests list`.")
        return planned

    newest = f"; of all that match, the newest {chosen.limit:,} at most" if chosen.limit else ""
    purging = _Purging(plan, newest, zone, asks=not yes, dry_run=dry_run)
    receipt = purging.receipt(given)
    _write(receipt, newest, zone, json=json)
    if receipt.number is not None:
        _tell_wasted(given)


class _Purging:
    """Carries out a purge that was planned and confirmed once, over any number of connections."""

    def __init__(
        self,
        plan: "Callable[[RelayClient], Awaitable[Receipt]]",
        newest: str,
        zone: tzinfo | None,
        *,
        asks: bool,
        dry_run: bool,
    ) -> None:
        """Say *newest* and, in *zone*, what *plan* finds; *asks*: go on only after a yes."""
        self._plan, self._newest, self._zone = plan, newest, zone
        self._asks, self._dry_run = asks, dry_run
        self._begun: Receipt | None = None

    def receipt(self, given: dict[str, str | None]) -> "Receipt":
        """Return what went, or would go, at the desk that the flags *given* name."""
        from relay.client import Disconnected, Unreachable

        try:
            return run_operation(self._purge, given, insists=True)
        except (Disconnected, Unreachable) as error:
            if self._begun is None:
                raise
            raise StartError(f"{error} The purge had begun: {REST}") from error

    async def _purge(self, client: "RelayClient") -> "Receipt":
        if self._begun is not None:
            return await self._go_on(client, self._begun)
        planned = await self._plan(client)
        if self._dry_run or not planned.requests:
            return planned
        output.info(f"This deletes {_sentence(planned, self._zone)}{self._newest}.")
        if self._asks and not await _agreed():
            raise typer.Exit(output.ExitCode.FAILED)
        self._begun = planned
        return await _carry_out(client, planned)

    async def _go_on(self, client: "RelayClient", begun: "Receipt") -> "Receipt":
        """Return the receipt of what was *begun* at a connection before this one."""
        import asyncio

        from cli.relay_client import RelayError

        while True:
            try:
                return await _carry_out(client, begun)
            except RelayError as error:
                match error.code:
                    case "conflict":  # it is still under way
                        await asyncio.sleep(LOOK_EVERY)
                    case "not_found":
                        raise StartError(f"The relay ended meanwhile: {REST}") from error
                    case _:
                        raise


def _change(frame: "Hold | Unhold", given: dict[str, str | None], *, json: bool) -> None:
    from msgspec import to_builtins

    from relay.wire import agent_out

    async def operation(client: "RelayClient") -> agent_out.Ok:
        from cli.relay_client import RelayError

        try:
            return await client.ask(frame, agent_out.Ok)
        except RelayError as error:
            if error.code == "invalid":
                raise options.UsageError("--why needs 1 to 1,000 characters.") from error
            raise

    done = run_operation(operation, given)
    if json:
        output.as_json(to_builtins(done.request))


async def _plan(client: "RelayClient", wanted: "Filter") -> "Receipt":
    from relay.wire import agent_in, agent_out

    frame = agent_in.Purge(ref="plan", dry_run=True, filter=wanted)
    return (await client.ask(frame, agent_out.Purged)).receipt


async def _agreed() -> bool:
    from cli.prompt import asked

    answer = await asked("Purge them?", "no")
    if answer.lower() in {"y", "yes"}:
        return True
    output.error("Nothing was purged.")
    return False


async def _carry_out(client: "RelayClient", planned: "Receipt") -> "Receipt":
    from relay.wire import agent_in

    frame = agent_in.Purge(ref="purge", dry_run=False, plan=planned.plan)
    bar = output.Progress(planned.requests, "requests")
    try:
        receipt = (await client.purge(frame, bar.step)).receipt
    finally:
        bar.clear()
    return await _overwritten(client, frame, receipt)


async def _overwritten(client: "RelayClient", frame: "Purge", receipt: "Receipt") -> "Receipt":
    """Return *receipt* as it is when the files are overwritten, or when that takes too long."""
    import asyncio

    for _ in range(round(OVERWRITE_PATIENCE / LOOK_EVERY)):
        if receipt.overwritten is not False:  # a relay of an older release does not say
            break
        await asyncio.sleep(LOOK_EVERY)
        receipt = (await client.purge(frame, lambda _: None)).receipt
    return receipt


def _write(receipt: "Receipt", newest: str, zone: tzinfo | None, *, json: bool) -> None:
    if json:
        from msgspec import to_builtins

        output.as_json(to_builtins(receipt))
    elif not receipt.requests and receipt.number is None:
        held = f"; held and left: {receipt.held}" if receipt.held else ""
        output.data(f"nothing to purge{held}")
    elif receipt.number is None:
        output.data(f"would purge {_sentence(receipt, zone)}{newest}")
    else:
        output.data(f"purged {_sentence(receipt, zone)}")
        output.data(f"receipt {receipt.number} {receipt.hash}")
    if receipt.overwritten is False:
        output.error(HELD_BY_READER)


def _tell_wasted(given: dict[str, str | None]) -> None:
    """Tell how to make the file of a desk on this machine small, if it cannot do so by itself."""
    from cli.doctor_checks import wasted_text
    from relay.store.backends import database_at

    database = settings_of(given).database_path
    if given["url"] is None and database.exists():
        wasted = database_at(database).state().wasted
        if wasted:
            output.info(wasted_text(wasted))


def _sentence(receipt: "Receipt", zone: tzinfo | None) -> str:
    size = f"{receipt.bytes / KIB:,.0f} KiB" if receipt.bytes >= KIB else f"{receipt.bytes} bytes"
    said = f"{output.count_text(receipt.requests, receipt.messages)} ({size})"
    if receipt.oldest and receipt.newest:
        first, last = (local_minute(at, zone) for at in (receipt.oldest, receipt.newest))
        said += f", opened from {first} to {last}"
    return f"{said}; held and left: {receipt.held}" if receipt.held else said
