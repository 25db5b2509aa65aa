"""`helpdesk usage`: counts users and messages, and compares the prices of hosted services."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, options, output
from cli.command import AsJson, desk_flags, run_operation
from cli.options import UsageError
from cli.time_zone import pop_zone

if TYPE_CHECKING:
    from cli.prices import Offer, Use
    from cli.relay_client import RelayClient
    from cli.zone_usage import ZoneUsage
    from relay.desk.stats import UsageMonth

DIGITS = 15
"""Of a number that can still be reckoned with."""
PARTS = ("users", "messages", "connections")
USUALLY = "30d"
"""Default of --since."""
OURS = ("Helpdesk", "MIT", "$0.00, but for your machine")
LEAST = (
    "Agora counts who only looks in, too, and Pusher a message again for each who gets it: these "
    "are the least they would ask."
)


@desk_flags
@options.zone_flag
def usage(
    since: Annotated[
        str, typer.Option(metavar="TIME", help="From this day, and from its month.")
    ] = USUALLY,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only days that begin before this.")
    ] = None,
    what_if: Annotated[
        str | None,
        typer.Option(
            metavar="USE",
            help="Show only the price of a usage: users=5000,messages=100000,connections=500.",
        ),
    ] = None,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Show messages and connections per day and people per month, and prices elsewhere.

    Days and months are those of your time zone; people are counted by months in UTC.
    """
    zone = pop_zone(given)
    if what_if is not None:
        _tell_offers(_use(what_if), json=json)
        return
    now = datetime.now(UTC)
    begin = filters.parse_time_flag("--since", since, now, zone) or now
    end = filters.parse_time_flag("--until", until, now, zone)

    async def operation(client: "RelayClient") -> "ZoneUsage":
        from cli.zone_usage import ask_usage

        return await ask_usage(client, zone, begin, end)

    found = run_operation(operation, given, reads=True)
    if json:
        _as_json(found)
        return
    _show(found)
    if found.utc_days:
        output.info("Days marked UTC are those of UTC: an earlier release counted them so.")
    output.info(LEAST)


def _as_json(usage: "ZoneUsage") -> None:
    from msgspec import to_builtins

    from cli.prices import prices

    months = [to_builtins(month) | {"offers": _plain(_use_in(month))} for month in usage.months]
    found = {"days": to_builtins(usage.days), "utc_days": to_builtins(usage.utc_days)}
    output.as_json({**found, "months": months, "prices_as_of": prices().as_of})


def _show(usage: "ZoneUsage") -> None:
    from cli.prices import Use, offers, prices

    zone = "UTC" if usage.offsets == ["+00:00"] else f"UTC{', '.join(usage.offsets)}"
    named = [(day.name, day) for day in usage.days]
    named += [(f"{day.name} UTC", day) for day in usage.utc_days]
    named.sort(key=itemgetter(0))
    rows = [(name, f"{day.messages:,}", f"{day.connections:,}") for name, day in named]
    output.table((f"DAY ({zone})", "MESSAGES", "CONNECTIONS AT ONCE"), rows)
    output.data("")
    names = [offer.service.upper() for offer in offers(Use(0, 0, 0))]
    heading = (f"MONTH ({zone})", "PEOPLE", "MESSAGES A DAY", "CONNECTIONS", *names)
    output.table(heading, _month_rows(usage.months))
    output.data(f"\nPrices of {prices().as_of}, for the month's busiest days; Helpdesk: $0.00.")


def _month_rows(months: "list[UsageMonth]") -> Iterator[tuple[str, ...]]:
    from cli.prices import offers

    for month in months:
        numbers = (month.people, month.messages, month.connections)
        costs = (f"{_price(offer)} ({offer.plan})" for offer in offers(_use_in(month)))
        yield (month.name, *(f"{number:,}" for number in numbers), *costs)


def _use_in(month: "UsageMonth") -> "Use":
    from cli.prices import Use

    return Use(month.people, month.messages, month.connections)


def _tell_offers(use: "Use", *, json: bool) -> None:
    from cli.prices import offers, prices

    as_of = prices().as_of
    if json:
        found: Mapping[str, int] = {name: getattr(use, name) for name in PARTS}
        output.as_json({"use": found, "prices_as_of": as_of, "offers": _plain(use)})
        return
    rows = [(offer.service, offer.plan, _price(offer)) for offer in offers(use)]
    output.table(("SERVICE", "PLAN", f"A MONTH (PRICES OF {as_of})"), [*rows, OURS])


def _plain(use: "Use") -> list[dict[str, object]]:
    from cli.prices import offers

    return [
        {"service": offer.service, "plan": offer.plan, "price": offer.price}
        for offer in offers(use)
    ]


def _price(offer: "Offer") -> str:
    return "on request" if offer.price is None else f"${offer.price:,.2f}"


def _use(text: str) -> "Use":
    """Return the use that *text* names; raise :exc:`UsageError` if a part is missing or wrong."""
    from cli.prices import Use

    given: dict[str, int] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in PARTS or name in given or not (number.isascii() and number.isdigit()):
            raise UsageError(
                f"--what-if: {part!r} is none of {', '.join(PARTS)} with = and a number."
            )
        if len(number.lstrip("0")) > DIGITS:
            raise UsageError(f"--what-if: {name} has more than {DIGITS} digits.")
        given[name] = int(number[-DIGITS:])
    if len(given) < len(PARTS):
        raise UsageError(f"--what-if: give all of {', '.join(PARTS)}.")
    return Use(**given)
