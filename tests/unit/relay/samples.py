"""Sample people, times and requests for the relay's unit tests."""

from functools import reduce

from relay.desk.contact import Contact
from relay.desk.events import Author, Event, Message, Millis, Role
from relay.desk.request import (
    Agent,
    Customer,
    HelpRequest,
    ReadMark,
    Record,
    Visit,
    apply,
    make_messages,
)

AT = Millis(1_795_343_700_123)
AT_TEXT = "2026-11-22T10:35:00.123Z"
LATER = Millis(AT + 60_000)
LATER_TEXT = "2026-11-22T10:36:00.123Z"

ADA = Author(Role.CUSTOMER, 17, "Ada")
SAM = Author(Role.AGENT, 3, "Sam")
KIM = Author(Role.AGENT, 5, "Kim")
AGENTS = {3: Agent(3, "Sam", "agent"), 5: Agent(5, "Kim", "admin")}
ADAS_CONTACT = Contact(name="Ada", email="ada@example.org")
CUSTOMER = Customer(17, "default", "key-of-ada", ADAS_CONTACT, verified=False)
VISIT = Visit("https://shop.example/cart", "Cart", None, "en-GB", "Firefox")
BLANK = HelpRequest(42, "default", 17)


def after(request: HelpRequest, *said: tuple[Event, Author], at: Millis = AT) -> HelpRequest:
    """Return *request* after events, each with who caused it."""
    for event, by in said:
        request = fold(request, make_messages(request, (event,), by, at, None))
    return request


def fold(request: HelpRequest, messages: tuple[Message, ...]) -> HelpRequest:
    """Return *request* after *messages*."""
    return reduce(apply, messages, request)


def record(request: HelpRequest) -> Record:
    """Return *request* as Ada's, who has read two messages; the agents have read three."""
    return Record(request, CUSTOMER, VISIT, ReadMark(2, 2), ReadMark(3, 2))
