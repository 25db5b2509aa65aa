"""Renders the wire's requests and messages as lines for a terminal. Pure.

Whatever came from outside is cleaned here: no line moves a cursor or looks like another.
"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from rich.cells import cell_len, chop_cells, set_cell_size

from cli.time_zone import local_minute
from relay.desk.contact import CONTACT_LIMITS, Contact
from relay.sanitize import printable_line, printable_text
from relay.wire.objects import AgentRequest, By, MessageObject

WIDTHS = (8, 8, 22, 12, 20, 61)
"""Cells on a terminal of each column but the last, which is as long as it is."""


def heading() -> str:
    """Return the line above those of :func:`row`."""
    return _columns(("REQUEST", "STATUS", "OPENED", "AGENT", "CUSTOMER", "LAST"))


def row(request: AgentRequest, zone: tzinfo | None) -> str:
    """Return *request* as a line under :func:`heading`, with times in *zone*."""
    return _columns(
        (
            f"#{request.id}",
            request.status,
            local_minute(request.opened_at, zone),
            request.agent.name if request.agent else "-",
            _customer(request),
            request.last.text if request.last else "",
        )
    )


def _columns(values: Iterable[str]) -> str:
    """Return *values* beside each other, cut and padded to :data:`WIDTHS`."""
    cells = (printable_line(value, width) for value, width in zip(values, WIDTHS, strict=True))
    fitted = (
        set_cell_size(_cut(cell, width), width) for cell, width in zip(cells, WIDTHS, strict=True)
    )
    return " ".join(fitted).rstrip()


def _cut(line: str, width: int) -> str:
    """Return *line* in *width* cells of a terminal, the last an ellipsis where it was longer."""
    return line if cell_len(line) <= width else f"{chop_cells(line, width - 1)[0]}…"


def facts(request: AgentRequest, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    """Yield what is to be known of *request* beside its messages, by name."""
    customer = request.customer
    yield "Request", f"#{request.id}"
    yield "Status", request.status
    yield "Customer", f"{printable_line(_customer(request))} (id {customer.id})"
    yield from contact_facts(customer, verified=customer.verified)
    if request.agent:
        yield "Agent", printable_line(request.agent.name)
    yield "Opened", local_minute(request.opened_at, zone)
    if request.closed_at:
        yield "Closed", local_minute(request.closed_at, zone)
    yield "Site", printable_line(request.site)
    if request.page.url:
        yield "Page", printable_line(request.page.url, 2_048)
    if request.tags:
        yield "Tags", " ".join(printable_line(tag) for tag in request.tags)
    if request.rating:
        comment = (
            f": {printable_line(request.rating.comment, 1_000)}" if request.rating.comment else ""
        )
        yield "Rating", f"{request.rating.score} of 5{comment}"
    if request.hold:
        yield "Hold", printable_line(request.hold.why, 1_000)


def contact_facts(contact: Contact, *, verified: bool) -> Iterator[tuple[str, str]]:
    """Yield the fields of *contact* besides the name; *verified*: the site vouches for them."""
    for field, value in contact.details:
        yield (
            field.capitalize(),
            printable_line(value, CONTACT_LIMITS[field]) + " (verified)" * verified,
        )


def message_block(message: MessageObject, zone: tzinfo | None) -> str:
    """Return *message* over several lines: who and when, and below it what was said."""
    at = local_minute(message.at, zone)
    if message.kind == "activity":
        return f"{at}  {printable_line(message.text, 1_200)}"
    said = printable_text(message.text).replace("\n", "\n    ")
    return f"{at}  {who(message.by)}{_note_mark(message)}\n    {said}"


def event_line(request: int, message: MessageObject, zone: tzinfo | None) -> str:
    """Return that *message* was stored in *request*, on one line."""
    start = f"{local_minute(message.at, zone)}  #{request}"
    if message.kind == "activity":
        return f"{start}  {printable_line(message.text, 1_200)}"
    said = printable_line(message.text, 4_000)
    return f"{start}  {who(message.by)}{_note_mark(message)}: {said}"


def who(by: By) -> str:
    """Return the name of *by*, or their role."""
    return printable_line(by.name) if by.name else printable_line(by.role).capitalize()


def duration(seconds: float) -> str:
    """Return *seconds* in the largest unit of which there is at least one."""
    for unit, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds / unit:.1f} {name}"
    return f"{seconds:.0f} s"


def _customer(request: AgentRequest) -> str:
    customer = request.customer
    return customer.label or f"customer {customer.id}"


def _note_mark(message: MessageObject) -> str:
    return " (note)" if message.kind == "note" else ""
