"""Renders the wire's requests and messages as lines for a terminal. Pure.

Whatever came from outside is cleaned here: no line moves a cursor or looks like another.
"""

from collections.abc import Iterator

from relay.desk.contact import CONTACT_LIMITS, Contact
from relay.sanitize import printable_line, printable_text
from relay.wire.objects import AgentRequest, By, MessageObject

HEADING = f"{'REQUEST':<8} {'STATUS':<8} {'OPENED (UTC)':<16} {'AGENT':<12} {'CUSTOMER':<20} LAST"


def row(request: AgentRequest) -> str:
    """Return *request* as a line under :data:`HEADING`."""
    agent = printable_line(request.agent.name, 11) if request.agent else "-"
    last = printable_line(request.last.text, 60) if request.last else ""
    number, customer = f"#{request.id}", printable_line(_customer(request), 19)
    at = minute(request.opened_at)
    return f"{number:<8} {request.status:<8} {at:<16} {agent:<12} {customer:<20} {last}".rstrip()


def facts(request: AgentRequest) -> Iterator[tuple[str, str]]:
    """Yield what is to be known of *request* beside its messages, by name."""
    customer = request.customer
    yield "Request", f"#{request.id}"
    yield "Status", request.status
    yield "Customer", f"{printable_line(_customer(request))} (id {customer.id})"
    yield from contact_facts(customer, verified=customer.verified)
    if request.agent:
        yield "Agent", printable_line(request.agent.name)
    yield "Opened", minute(request.opened_at)
    if request.closed_at:
        yield "Closed", minute(request.closed_at)
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


def message_block(message: MessageObject) -> str:
    """Return *message* over several lines: who and when, and below it what was said."""
    at = minute(message.at)
    if message.kind == "activity":
        return f"{at}  {printable_line(message.text, 1_200)}"
    said = printable_text(message.text).replace("\n", "\n    ")
    return f"{at}  {who(message.by)}{_note_mark(message)}\n    {said}"


def event_line(request: int, message: MessageObject) -> str:
    """Return that *message* was stored in *request*, on one line."""
    start = f"{minute(message.at)}  #{request}"
    if message.kind == "activity":
        return f"{start}  {printable_line(message.text, 1_200)}"
    said = printable_line(message.text, 4_000)
    return f"{start}  {who(message.by)}{_note_mark(message)}: {said}"


def who(by: By) -> str:
    """Return the name of *by*, or their role."""
    return printable_line(by.name) if by.name else printable_line(by.role).capitalize()


def minute(at: str) -> str:
    """Return *at*, a time of the protocol, to the minute."""
    return printable_line(at[:16]).replace("T", " ")


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
