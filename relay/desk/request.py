"""A help request as the fold of its log, with its customer, page and read marks. Pure.

Replay, the store's summary and the state the relay decides on are this same fold:
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
)
from relay.sanitize import SNIPPET_LIMIT
from relay.value import Value


class Status(StrEnum):
    """Where a request stands: nobody has it, somebody has it, it is over."""

    WAITING = "waiting"
    ACTIVE = "active"
    CLOSED = "closed"


class Rating(Value, frozen=True):
    """The customer's latest word on how it went."""

    score: int
    comment: str | None
    at: Millis


class LatestText(Value, frozen=True):
    """The latest text, cut for a list."""

    text: str
    by: Role
    at: Millis


class Hold(Value, frozen=True):
    """Why, by whom and since when the request is kept from every purge."""

    why: str
    by: Author
    at: Millis


class HelpRequest(Value, frozen=True):
    """What the log adds up to. ``status`` is None before the first event alone.

    ``seq`` and ``customer_seq`` are the last numbers given out on each side; ``agent`` is who has
    claimed it; ``waiting_since`` is since when the customer has had no answer.
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
        """Whether somebody may still be answered here."""
        return self.status in _OPEN


_OPEN = frozenset({Status.WAITING, Status.ACTIVE})


def make_messages(
    request: HelpRequest, events: tuple[Event, ...], by: Author, at: Millis, ref: str | None
) -> tuple[Message, ...]:
    """Return *events* as the next entries of the request's log; the last of *by* bears *ref*.

    What is announced is by the desk, whoever caused it.
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
    """Return the request as it is after *message*, which must be the next of its log."""
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
            return _held_by(counted, by.id, at)
        case Released():
            return replace(counted, status=Status.WAITING, agent=None, claimed_at=None)
        case Transferred(to):
            return _held_by(counted, to, at)
        case Closed():
            return replace(counted, status=Status.CLOSED, closed_at=at, waiting_since=None)
        case Reopened():
            return replace(_held_by(counted, by.id, at), closed_at=None)
        case Rated(score, comment):
            return replace(counted, rating=Rating(score, comment, at))
        case Tagged(add, remove):
            kept = set(request.tags) - set(remove)
            return replace(counted, tags=tuple(sorted(kept | set(add))))
        case Held(why):
            return replace(counted, hold=None if why is None else Hold(why, by, at))
        case Noted():
            return counted
        case _:
            assert_never(message.event)


def _held_by(request: HelpRequest, agent: int, at: Millis) -> HelpRequest:
    return replace(request, status=Status.ACTIVE, agent=agent, claimed_at=at)


def _waiting_since(request: HelpRequest, role: Role, at: Millis) -> Millis | None:
    if role is Role.AGENT:
        return None
    if role is Role.CUSTOMER and request.waiting_since is None and request.is_open:
        return at
    return request.waiting_since


class Customer(Value, frozen=True):
    """Who asks. ``key`` is what proves them: a hash of their token, or of site and subject."""

    id: int
    site: str
    key: str
    contact: Contact
    verified: bool


class Visit(Value, frozen=True):
    """Where the customer is, as their browser says it: hostile text, cleaned."""

    url: str | None = None
    title: str | None = None
    referrer: str | None = None
    locale: str | None = None
    user_agent: str | None = None


class ReadMark(Value, frozen=True, order=True):
    """How far somebody has read: the same place in the agents' and in the customers' numbers."""

    seq: int = 0
    customer_seq: int = 0


class Record(Value, frozen=True):
    """All that is known of a request but its messages. ``read_by_agent`` is one mark for all."""

    request: HelpRequest
    customer: Customer
    visit: Visit
    read_by_customer: ReadMark = ReadMark()
    read_by_agent: ReadMark = ReadMark()


class Agent(Value, frozen=True):
    """Who answers. ``role`` is ``agent`` or ``admin``."""

    id: int
    name: str
    role: str
    disabled: bool = False

    @property
    def admin(self) -> bool:
        """Whether the agent may run the desk."""
        return self.role == "admin"
