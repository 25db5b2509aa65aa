"""What has happened to a help request: the vocabulary of its log. Data alone, no behaviour."""

from enum import StrEnum
from typing import NewType

from relay.value import Value

Millis = NewType("Millis", int)
"""A moment: milliseconds since 1970 in UTC."""


class Role(StrEnum):
    """Who speaks: a customer, an agent, or the desk itself (the greeting, a script)."""

    CUSTOMER = "customer"
    AGENT = "agent"
    DESK = "desk"


class Author(Value, frozen=True):
    """Who caused an event. ``id`` is the customer's or the agent's, 0 for the desk."""

    role: Role
    id: int
    name: str | None


DESK = Author(Role.DESK, 0, None)
"""The desk itself; its name is a setting, so the log does not repeat it."""


class Opened(Value, frozen=True):
    """The customer asked for help."""


class Sent(Value, frozen=True):
    """A text that both sides see."""

    text: str


class Announced(Value, frozen=True):
    """A text by the desk itself: the greeting, a script's word."""

    text: str


class Noted(Value, frozen=True):
    """A note that agents alone see."""

    text: str


class Claimed(Value, frozen=True):
    """The author took the request."""


class Released(Value, frozen=True):
    """The request went back to the queue."""


class Transferred(Value, frozen=True):
    """The request went to another agent, who had that name then."""

    to: int
    name: str


class Closed(Value, frozen=True):
    """The request ended."""


class Reopened(Value, frozen=True):
    """The author took a closed request up again."""


class Rated(Value, frozen=True):
    """The customer said how it went: 1 to 5."""

    score: int
    comment: str | None


class Tagged(Value, frozen=True):
    """Tags that the request did not have, and had, before."""

    add: tuple[str, ...]
    remove: tuple[str, ...]


class Held(Value, frozen=True):
    """The request is kept from every purge for that reason, or, if it is None, no longer."""

    why: str | None


Event = (
    Opened
    | Sent
    | Announced
    | Noted
    | Claimed
    | Released
    | Transferred
    | Closed
    | Reopened
    | Rated
    | Tagged
    | Held
)

SEEN_BY_CUSTOMERS: frozenset[type[Event]] = frozenset(
    {Opened, Sent, Announced, Claimed, Closed, Reopened, Rated}
)
"""The events that have a place in the customers' sequence."""


class Message(Value, frozen=True):
    """One entry of a request's log.

    ``seq`` counts what agents see, ``customer_seq`` what customers see (None: they do not);
    both are dense from 1. ``ref`` is what the author's client called it.
    """

    seq: int
    customer_seq: int | None
    event: Event
    by: Author
    at: Millis
    ref: str | None = None
