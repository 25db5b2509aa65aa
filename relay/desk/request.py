"""State of a help request as the fold of its log, with customer, visit and read marks. Pure.

Replay, the store's summary row and the state on which the relay decides are this same fold:
``reduce(apply, log, HelpRequest(...))``."""

from enum import StrEnum
from typing import assert_never

from msgspec.structs import replace

from relay.desk.contact import Contact
from relay.desk.events import (
    DESK,
    Announced,
    Author,
    Claimed,
    Closed,
    Event,
    Held,
    Message,
    Millis,
    Noted,
    Opened,
    Rated,
    Released,
    Reopened,
    Role,
    Tagged,
    TextEvent,
    Transferred,
    Verified,
)
from relay.sanitize import SNIPPET_LIMIT
from relay.value import Value


class Status(StrEnum):
    """Status of a request: unclaimed, claimed by an agent, or closed."""

    WAITING = "waiting"
    ACTIVE = "active"
    CLOSED = "closed"


class Rating(Value, frozen=True):
    """Latest rating by the customer: a score of 1 to 5 and an optional comment."""

    score: int
    comment: str | None
    at: Millis


class LatestText(Value, frozen=True):
    """Beginning of the latest text, cut for a list."""

    text: str
    by: Role
    at: Millis


class Hold(Value, frozen=True):
    """Hold that keeps the request from every purge: reason, author and time."""

    why: str
    by: Author
    at: Millis


class HelpRequest(Value, frozen=True):
    """State of a request; ``status`` is None only before the first event.

    ``seq`` and ``customer_seq`` are the last numbers given out on each side; ``agent`` is the id of
    the agent who has claimed it; ``waiting_since`` is the time of the first unanswered text.
    """

    id: int
    site: str
    customer_id: int
    status: Status | None = None
    agent: int | None = None
    opened_at: Millis | None = None
    claimed_at: Millis | None = None
    closed_at: Millis | None = None
    waiting_since: Millis | None = None
    seq: int = 0
    customer_seq: int = 0
    rating: Rating | None = None
    last: LatestText | None = None
    tags: tuple[str, ...] = ()
    hold: Hold | None = None

    @property
    def is_open(self) -> bool:
        """True while the request is waiting or active."""
        return self.status in _OPEN


_OPEN = frozenset({Status.WAITING, Status.ACTIVE})


def make_messages(
    request: HelpRequest, events: tuple[Event, ...], by: Author, at: Millis, ref: str | None
) -> tuple[Message, ...]:
    """Return *events* as the next messages of the request's log, numbered for both sides.

    The last one by *by* gets *ref*. An announced text is the desk's, whoever caused it.
    """
    seq, customer_seq = request.seq, request.customer_seq
    bearer = len(events) - 1
    while bearer >= 0 and _author(events[bearer], by) != by:
        bearer -= 1
    messages: list[Message] = []
    for place, event in enumerate(events):
        seq += 1
        visible = event.seen_by_customers
        customer_seq += visible
        shown_as = customer_seq if visible else None
        called = ref if place == bearer else None
        messages.append(Message(seq, shown_as, event, _author(event, by), at, called))
    return tuple(messages)


def _author(event: Event, by: Author) -> Author:
    return DESK if isinstance(event, Announced) else by


def apply(request: HelpRequest, message: Message) -> HelpRequest:
    """Return the state after *message*, which must be the next of the log."""
    by, at = message.by, message.at
    seq, customer_seq = message.seq, message.customer_seq or request.customer_seq
    if isinstance(message.event, TextEvent):
        return replace(
            request,
            seq=seq,
            customer_seq=customer_seq,
            last=LatestText(message.event.text[:SNIPPET_LIMIT], by.role, at),
            waiting_since=_waiting_since(request, by.role, at),
        )
    counted = replace(request, seq=seq, customer_seq=customer_seq)
    match message.event:
        case Opened():
            return replace(counted, status=Status.WAITING, opened_at=at, waiting_since=at)
        case Claimed():
            return _assigned_to(counted, by.id, at)
        case Released():
            return replace(counted, status=Status.WAITING, agent=None, claimed_at=None)
        case Transferred(to):
            return _assigned_to(counted, to, at)
        case Closed():
            return replace(counted, status=Status.CLOSED, closed_at=at, waiting_since=None)
        case Reopened():
            return replace(_assigned_to(counted, by.id, at), closed_at=None)
        case Rated(score, comment):
            return replace(counted, rating=Rating(score, comment, at))
        case Tagged(add, remove):
            kept = set(request.tags) - set(remove)
            return replace(counted, tags=tuple(sorted(kept | set(add))))
        case Held(why):
            return replace(counted, hold=None if why is None else Hold(why, by, at))
        case Noted() | Verified():
            return counted
        case _:
            assert_never(message.event)


def _assigned_to(request: HelpRequest, agent: int, at: Millis) -> HelpRequest:
    return replace(request, status=Status.ACTIVE, agent=agent, claimed_at=at)


def _waiting_since(request: HelpRequest, role: Role, at: Millis) -> Millis | None:
    if role is Role.AGENT:
        return None
    if role is Role.CUSTOMER and request.waiting_since is None and request.is_open:
        return at
    return request.waiting_since


class Customer(Value, frozen=True):
    """Customer of a site. ``key`` identifies them: a hash of their token, or of site and subject.

    ``verified``: the site has signed who they are.
    """

    id: int
    site: str
    key: str
    contact: Contact
    verified: bool


class Visit(Value, frozen=True):
    """Page, locale and browser of the customer, as the browser reports them; cleaned."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    locale: str | None = None
    user_agent: str | None = None


class ReadMark(Value, frozen=True, order=True):
    """Position up to which a side has read, in the agents' and in the customers' numbers."""

    seq: int = 0
    customer_seq: int = 0


class Record(Value, frozen=True):
    """Request with customer, visit and read marks; ``read_by_agent`` is shared by all agents."""

    request: HelpRequest
    customer: Customer
    visit: Visit
    read_by_customer: ReadMark = ReadMark()
    read_by_agent: ReadMark = ReadMark()


class Agent(Value, frozen=True):
    """Agent of the desk. ``role`` is ``agent`` or ``admin``."""

    id: int
    name: str
    role: str
    disabled: bool = False

    @property
    def admin(self) -> bool:
        """True if the agent may administer the desk."""
        return self.role == "admin"
