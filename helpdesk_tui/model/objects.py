"""Requests, messages and canned responses as the console holds them, cleaned. Data alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime

from msgspec import UNSET

from relay.desk.contact import CONTACT_LIMITS
from relay.sanitize import NAME_LIMIT, printable_line, printable_text
from relay.wire import agent_out, objects

_NAMES = re.compile(r"\{(customer|agent)\}")


def fill_names(text: str, *, customer: str, agent: str) -> str:
    """Return *text* with the first name of *customer* and the name of *agent*."""
    names = {"customer": customer.split(maxsplit=1)[0] if customer.split() else "", "agent": agent}
    return _NAMES.sub(lambda found: names[found[1]], text)


TITLE_LIMIT = 200
USER_AGENT_LIMIT = 400
COMMENT_LIMIT = 1000
SNIPPET_LIMIT = 120
SENTENCE_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """An agent at the desk; ``status`` is ``online``, ``away`` or ``offline``."""

    id: int
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Response:
    """A canned response, as it was stored."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Rating:
    """The customer's rating of a request, 1 to 5."""

    score: int
    comment: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; ``details`` are the known fields of their contact besides the name.

    ``verified``: the site vouches for the contact.
    """

    id: int
    name: str
    details: tuple[tuple[str, str], ...]
    verified: bool
    online: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The page that the customer is on, and the one they came from."""

    title: str
    url: str
    referrer: str


@dataclass(frozen=True, slots=True)
class Last:
    """The beginning of the latest text, the role of who wrote it, and when."""

    text: str
    by: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A help request; the marks are the last seq that each side has read."""

    id: int
    status: str
    holder: Agent | None
    customer: Customer
    page: Page
    site: str
    language: str
    user_agent: str
    tags: tuple[str, ...]
    rating: Rating | None
    opened_at: datetime | None
    closed_at: datetime | None
    last: Last | None
    waiting_since: datetime | None
    seq: int
    read_by_customer: int
    read_by_agents: int

    @property
    def closed(self) -> bool:
        """True if the request has ended."""
        return self.status == "closed"


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a request's log; ``kind`` is ``text``, ``note`` or ``activity``."""

    seq: int
    kind: str
    role: str
    author: int | None
    name: str
    text: str
    at: datetime | None
    ref: str | None = None

    def __hash__(self) -> int:
        """Hash the fields that differ most; each refresh looks thousands up."""
        return hash((self.seq, self.text))


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where the words are that were looked for, and the text around them."""

    request: int
    snippet: str


def hit_from(told: agent_out.Hit) -> Hit:
    """Return the place that the relay told of."""
    return Hit(told.request, printable_line(told.snippet, SNIPPET_LIMIT))


def agent_from(told: objects.AgentLabel | objects.AgentObject) -> Agent:
    """Return the agent that the relay told of."""
    return Agent(told.id, printable_line(told.name, NAME_LIMIT) or f"agent {told.id}")


def colleague_from(told: objects.AgentObject) -> Colleague:
    """Return the agent whose presence the relay told of."""
    return Colleague(told.id, agent_from(told).name, printable_line(told.status))


def response_from(told: objects.Canned) -> Response:
    """Return the canned response that the relay told of."""
    return Response(printable_line(told.name), printable_text(told.text))


def request_from(told: objects.AgentRequest) -> Request:
    """Return the request that the relay told of."""
    customer, page, last = told.customer, told.page, told.last
    return Request(
        id=told.id,
        status=printable_line(told.status),
        holder=agent_from(told.agent) if told.agent else None,
        customer=Customer(
            customer.id,
            printable_line(customer.name or "") or f"Customer {customer.id}",
            tuple(_details(customer)),
            customer.verified,
            customer.online,
        ),
        page=Page(
            printable_line(page.title or "", TITLE_LIMIT),
            printable_line(page.url or "", TITLE_LIMIT),
            printable_line(page.referrer or "", TITLE_LIMIT),
        ),
        site=printable_line(told.site),
        language=printable_line(told.locale or ""),
        user_agent=printable_line(told.user_agent or "", USER_AGENT_LIMIT),
        tags=tuple(printable_line(tag, 32) for tag in told.tags),
        rating=_rating(told.rating),
        opened_at=_time(told.opened_at),
        closed_at=_time(told.closed_at),
        last=Last(printable_line(last.text, SNIPPET_LIMIT), printable_line(last.by), _time(last.at))
        if last
        else None,
        waiting_since=_time(told.waiting_since),
        seq=told.seq,
        read_by_customer=told.read.customer,
        read_by_agents=told.read.agent,
    )


def message_from(told: objects.MessageObject) -> Message:
    """Return the message that the relay told of."""
    by = told.by
    return Message(
        seq=told.seq,
        kind=printable_line(told.kind),
        role=printable_line(by.role),
        author=None if by.id is UNSET else by.id,
        name=printable_line(by.name or "") or printable_line(by.role).capitalize(),
        text=printable_text(told.text),
        at=_time(told.at),
        ref=None if told.ref is UNSET else told.ref,
    )


def by_customer(message: Message) -> bool:
    """Return whether *message* is a text of the customer's."""
    return message.kind == "text" and message.role == "customer"


def sentence_from(told: str) -> str:
    """Return a sentence of the relay's, to be shown as one line."""
    return printable_line(told, SENTENCE_LIMIT)


def _details(told: objects.CustomerObject) -> Iterator[tuple[str, str]]:
    for field, value in told.details:
        if line := printable_line(value, CONTACT_LIMITS[field]):
            yield field, line


def _rating(told: objects.RatingObject | None) -> Rating | None:
    return Rating(told.score, printable_line(told.comment or "", COMMENT_LIMIT)) if told else None


def _time(told: str | None) -> datetime | None:
    """Return when that was; None also for what is no time, which is no reason to show nothing."""
    try:
        at = datetime.fromisoformat(told) if told else None
    except ValueError:
        return None
    # In another time zone the first and the last year may be beyond the calendar.
    return at if at and at.tzinfo and MINYEAR < at.year < MAXYEAR else None
