"""`helpdesk usage`: how much the desk was used, and what that would have cost at hosted chats."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import filters, output
from cli.asking import AsJson, at_the_desk, with_desk
from cli.flags import WrongUse

if TYPE_CHECKING:
    from cli.desk import Desk
    from cli.prices import Offer, Use
    from relay.desk.use import Day, Month
    from relay.wire.agent_hears import Usage

DIGITS = 15
"""Of a number that can still be reckoned with."""
PARTS = ("users", "messages", "connections")
USUALLY = "30d"
"""What --since is, unless it is given."""
OURS = ("Helpdesk", "MIT", "$0.00, but for your machine")
LEAST = (
    "Agora counts who only looks in, too, and Pusher a message again for each who gets it: these "
    "are the least they would ask."
)


@with_desk
def usage(
    since: Annotated[
        str, typer.Option(metavar="TIME", help="From this day on, and from its month on.")
    ] = USUALLY,
    what_if: Annotated[
        str | None,
        typer.Option(
            metavar="USE",
            help="Tell only what another use would cost, such as "
            "users=5000,messages=100000,connections=500; all three.",
        ),
    ] = None,
    json: AsJson = False,
    **given: str | None,
) -> None:
    """Tell messages a day, connections at once and people a month, and their price elsewhere."""
    if what_if is not None:
        _tell_offers(_use(what_if), json=json)
        return
    begin = filters.time_given("--since", since, datetime.now(UTC), UTC)
    first = "" if begin is None else begin.astimezone(UTC).date().isoformat()

    async def work(desk: "Desk") -> "Usage":
        from relay.wire import agent, agent_hears

        return await desk.ask(agent.Usage(ref="usage"), agent_hears.Usage)

    told = at_the_desk(work, given, reads=True)
    days = [day for day in told.days if day.name >= first]
    months = [month for month in told.months if month.name >= first[:7]]
    if json:
        _as_json(days, months)
        return
    _show(days, months)
    output.say(LEAST)


def _as_json(days: "list[Day]", months: "list[Month]") -> None:
    from msgspec import to_builtins

    from cli.prices import prices

    told = [to_builtins(month) | {"offers": _plain(_use_in(month))} for month in months]
    as_of = prices().as_of
    output.as_json({"days": to_builtins(days), "months": told, "prices_as_of": as_of})


def _show(days: "list[Day]", months: "list[Month]") -> None:
    from cli.prices import Use, offers, prices

    rows = [(day.name, f"{day.messages:,}", f"{day.connections:,}") for day in days]
    output.table(("DAY (UTC)", "MESSAGES", "CONNECTIONS AT ONCE"), rows)
    output.data("")
    names = [offer.service.upper() for offer in offers(Use(0, 0, 0))]
    heading = ("MONTH (UTC)", "PEOPLE", "MESSAGES A DAY", "CONNECTIONS", *names)
    output.table(heading, _month_rows(months))
    output.data(f"\nPrices of {prices().as_of}, for the month's busiest days; Helpdesk: $0.00.")


def _month_rows(months: "list[Month]") -> Iterator[tuple[str, ...]]:
    from cli.prices import offers

    for month in months:
        numbers = (month.people, month.messages, month.connections)
        costs = (f"{_price(offer)} ({offer.plan})" for offer in offers(_use_in(month)))
        yield (month.name, *(f"{number:,}" for number in numbers), *costs)


def _use_in(month: "Month") -> "Use":
    from cli.prices import Use

    return Use(month.people, month.messages, month.connections)


def _tell_offers(use: "Use", *, json: bool) -> None:
    from cli.prices import offers, prices

    as_of = prices().as_of
    if json:
        told: Mapping[str, int] = {name: getattr(use, name) for name in PARTS}
        output.as_json({"use": told, "prices_as_of": as_of, "offers": _plain(use)})
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
    """Return the use that *text* names; raise :exc:`WrongUse` if a part is missing or wrong."""
    from cli.prices import Use

    given: dict[str, int] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in PARTS or name in given or not (number.isascii() and number.isdigit()):
            raise WrongUse(
                f"--what-if: {part!r} is none of {', '.join(PARTS)} with = and a number."
            )
        if len(number.lstrip("0")) > DIGITS:
            raise WrongUse(f"--what-if: {name} has more than {DIGITS} digits.")
        given[name] = int(number[-DIGITS:])
    if len(given) < len(PARTS):
        raise WrongUse(f"--what-if: give all of {', '.join(PARTS)}.")
    return Use(**given)
