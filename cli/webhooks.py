"""`helpdesk webhooks`: their state, undelivered events, new secrets, and a test event."""

import time
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from cli import options, output
from cli.command import AsJson, desk_flags, run_operation
from cli.output import ExitCode
from cli.time_zone import local_minute, pop_zone

if TYPE_CHECKING:
    from cli.relay_client import RelayClient
    from relay.wire import webhooks

app = typer.Typer(
    help="Show the state of webhooks, retry deliveries, and send a ping.",
    rich_markup_mode=None,
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="The webhook's name in the settings.",
        callback=options.require_utf8_name,
    ),
]
One = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="A delivery, as `webhooks dead` shows it.")
]
All = Annotated[bool, typer.Option("--all", help="All dead letters.")]
Of = Annotated[
    str | None, typer.Option("--webhook", metavar="NAME", help="Only those of one webhook.")
]


@app.command("list")
@desk_flags
@options.zone_flag
def list_webhooks(json: AsJson = False, **given: str | None) -> None:
    """List all webhooks with their unsent events, waiting retries and dead letters."""
    from msgspec import to_builtins

    from relay.wire import webhooks

    zone = pop_zone(given)

    async def operation(client: "RelayClient") -> "list[webhooks.WebhookObject]":
        return (await client.ask(webhooks.ListWebhooks(ref="list"), webhooks.Webhooks)).webhooks

    found = run_operation(operation, given, reads=True)
    if json:
        output.as_json(to_builtins(found))
        return
    heading = ("NAME", "BEHIND", "WAITING", "DEAD", "SINCE", "LAST FAILURE")
    output.table(heading, [_row(one, zone) for one in found])


@app.command()
@desk_flags
@options.zone_flag
def dead(webhook: Of = None, json: AsJson = False, **given: str | None) -> None:
    """List dead letters, deliveries that failed for a day; the oldest first."""
    from msgspec import to_builtins

    from relay.wire import webhooks

    zone = pop_zone(given)
    asked = webhooks.ListDeadLetters(ref="dead", webhook=webhook)

    async def operation(client: "RelayClient") -> webhooks.DeadLetters:
        return await client.ask(asked, webhooks.DeadLetters)

    found = run_operation(operation, given, reads=True)
    if json:
        output.as_json(to_builtins(found.dead_letters))
    else:
        heading = ("ID", "WEBHOOK", "EVENT", "REQUEST", "AT", "TRIES", "LAST FAILURE")
        output.table(heading, [_letter(one, zone) for one in found.dead_letters])
    if found.more:
        output.info("There are more; these are the oldest. Retry or drop them to see the others.")


@app.command()
@desk_flags
def retry(
    delivery: One = None,
    everything: All = False,
    webhook: Of = None,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Retry dead letters from the start; by its id, also a waiting delivery."""
    from relay.wire import webhooks

    _must_choose(delivery, everything)
    frame = webhooks.WebhookRetry(ref="retry", webhook=webhook, delivery=delivery)
    _change(frame, given, "Deliveries that are tried again", json=json)


@app.command()
@desk_flags
def drop(
    delivery: One = None,
    everything: All = False,
    webhook: Of = None,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Delete dead letters; of a webhook that is not in the settings any more, everything."""
    from relay.wire import webhooks

    _must_choose(delivery, everything)
    frame = webhooks.WebhookDrop(ref="drop", webhook=webhook, delivery=delivery)
    _change(frame, given, "Deliveries that are forgotten", json=json)


@app.command()
def secret(json: AsJson = False) -> None:
    """Print a new secret for signatures, for the settings and for the receiver."""
    from base64 import b64encode
    from secrets import token_bytes

    from relay.settings.model import SECRET

    made = f"{SECRET}{b64encode(token_bytes(32)).decode()}"
    if json:
        output.as_json({"secret": made})
    else:
        output.data(made)


@app.command()
@options.settings_flags()
def test(name: Name, json: AsJson = False, **given: str | None) -> None:
    """Send a signed ping from this machine, and print the result."""
    import asyncio
    from secrets import token_hex

    from relay.desk.events import Millis
    from relay.errors import StartError
    from relay.webhooks.http_post import MEANINGS, Outcome, deliver, tls_context
    from relay.webhooks.payload import endpoints, ping

    known = endpoints(options.load(**given))
    if name not in known:
        remedy = f"there are {', '.join(known)}" if known else "`webhooks` in the settings has none"
        raise StartError(f"There is no webhook {name}; {remedy}.")
    began, at = time.perf_counter(), time.time()
    body = ping(Millis(int(at * 1000)))
    answer = asyncio.run(deliver(known[name], f"ping-{token_hex(8)}", int(at), body, tls_context()))
    seconds = round(time.perf_counter() - began, 3)
    if json:
        result = {"webhook": name, "outcome": answer.outcome, "status": answer.status}
        output.as_json({**result, "seconds": seconds})
    else:
        status = f" (status {answer.status})" if answer.status else ""
        output.data(f"{name}: {MEANINGS[answer.outcome]}{status}, after {seconds} s.")
    if answer.outcome is not Outcome.DELIVERED:
        raise typer.Exit(ExitCode.FAILED)


def _must_choose(delivery: str | None, everything: bool) -> None:
    if (delivery is None) != everything:
        raise options.UsageError("Give the id of a delivery, or --all.")


def _change(
    frame: "webhooks.WebhookRetry | webhooks.WebhookDrop",
    given: dict[str, str | None],
    what: str,
    *,
    json: bool,
) -> None:
    from relay.wire import webhooks

    async def operation(client: "RelayClient") -> int:
        return (await client.ask(frame, webhooks.Deliveries)).count

    count = run_operation(operation, given, reads=True)
    if json:
        output.as_json({"deliveries": count})
    else:
        output.info(f"{what}: {count}.")


def _row(one: "webhooks.WebhookObject", zone: tzinfo | None) -> list[str]:
    name = one.name if one.known else f"{one.name} (not in the settings)"
    last = _failure(one.failed, zone) if one.failed else "-"
    if one.stopped:
        last += "; it wants nothing more"
    counts = (str(count) for count in (one.behind, one.waiting, one.dead))
    return _clean(name, *counts, local_minute(one.oldest, zone) if one.oldest else "-", last)


def _letter(one: "webhooks.DeadLetter", zone: tzinfo | None) -> list[str]:
    what = (one.delivery, one.webhook, one.event, f"#{one.request}")
    return _clean(*what, local_minute(one.at, zone), str(one.tries), _failure(one.failed, zone))


def _failure(failed: "webhooks.Failure", zone: tzinfo | None) -> str:
    status = f" {failed.status}" if failed.status else ""
    return f"{failed.outcome}{status}, {local_minute(failed.at, zone)}"


def _clean(*cells: str) -> list[str]:
    """Return *cells* of a line: a relay elsewhere may say anything."""
    from relay.sanitize import printable_line

    return [printable_line(cell) for cell in cells]
