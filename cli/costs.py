"""`helpdesk usage`: what a use would cost at hosted chats. Asks nobody."""

from typing import Annotated

import typer

from cli import output
from cli.asking import AsJson
from cli.flags import WrongUse
from cli.prices import AS_OF, Use, offers

PARTS = ("users", "messages", "connections")


def usage(
    what_if: Annotated[
        str,
        typer.Option(
            metavar="USE", help="Such as users=5000,messages=100000,connections=500; all three."
        ),
    ],
    json: AsJson = False,
) -> None:
    """Tell what users a month, messages a day and connections at once cost elsewhere."""
    use = _use(what_if)
    found = offers(use)
    if json:
        prices = [{"service": one.service, "plan": one.plan, "price": one.price} for one in found]
        told = {name: getattr(use, name) for name in PARTS}
        output.as_json({"use": told, "prices_as_of": AS_OF, "offers": prices})
        return
    rows = [
        (one.service, one.plan, "on request" if one.price is None else f"${one.price:,.2f}")
        for one in found
    ]
    output.table(("SERVICE", "PLAN", f"A MONTH (PRICES OF {AS_OF})"), [*rows, OURS])


OURS = ("Helpdesk", "MIT", "$0.00, but for your machine")


def _use(text: str) -> Use:
    """Return the use that *text* names; raise :exc:`WrongUse` if a part is missing or wrong."""
    given: dict[str, int] = {}
    for part in text.split(","):
        name, _, number = part.strip().partition("=")
        if name not in PARTS or name in given or not (number.isascii() and number.isdigit()):
            raise WrongUse(
                f"--what-if: {part!r} is none of {', '.join(PARTS)} with = and a number."
            )
        given[name] = int(number[:15])
    if len(given) < len(PARTS):
        raise WrongUse(f"--what-if: give all of {', '.join(PARTS)}.")
    return Use(**given)
