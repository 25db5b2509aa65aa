"""Events of a request's log, each with its name, its readers, its sentence and its check. Pure."""

from enum import StrEnum
from typing import ClassVar, NewType, get_args

from relay.desk.checks import (
    check_length,
    check_line,
    check_name,
    check_number,
    check_tags,
    check_text,
)
from relay.sanitize import COMMENT_LIMIT, NAME_LIMIT
from relay.value import Value

Millis = NewType("Millis", int)
"""A moment: milliseconds since 1970 in UTC."""


class Role(StrEnum):
    """Role of an author: a customer, an agent, or the desk itself (the greeting, a script)."""

    CUSTOMER = "customer"
    AGENT = "agent"
    DESK = "desk"


class Author(Value, frozen=True):
    """Author of an event. ``id`` is the customer's or the agent's, 0 for the desk."""

    role: Role
    id: int
    name: str | None


DESK = Author(Role.DESK, 0, None)
"""The desk itself; its name is a setting, so the log does not repeat it."""


STAFF = frozenset({Role.AGENT, Role.DESK})
EVERYBODY = frozenset(Role)


class BaseEvent(Value, frozen=True):
    """An event: its fields are its data; what else is said of it are attributes of its class."""

    kind: ClassVar[str] = "activity"
    """``text``, ``note`` or ``activity``, as the protocol and the table ``message`` have it."""
    activity: ClassVar[str | None] = None
    """The protocol's name of an activity."""
    seen_by_customers: ClassVar[bool] = False
    """True if the event has a ``customer_seq``, a number in the customers' sequence."""
    roles: ClassVar[frozenset[Role]] = STAFF
    """The roles that can cause the event."""
    wordless: ClassVar[frozenset[str]] = frozenset()
    """Fields that hold no words of a person: every webhook is told them."""

    def check(self) -> None:
        """Raise ValueError if a field holds what the relay would never have stored."""


class Activity(BaseEvent, frozen=True):
    """An event that has a sentence instead of a text."""

    predicate: ClassVar[str]
    """The sentence without its subject, which is the author."""

    def describe(self) -> str:
        """Return the predicate with what the data adds to it."""
        return self.predicate


class TextEvent(BaseEvent, frozen=True):
    """A text that both sides see."""

    kind = "text"
    seen_by_customers = True

    text: str


class Sent(TextEvent, frozen=True):
    """A text by the customer or an agent."""

    roles = EVERYBODY

    def check(self) -> None:
        """Require a text as the sanitizer leaves it."""
        check_text(self.text)


class Announced(TextEvent, frozen=True):
    """A text by the desk itself: the greeting, a script's word."""

    def check(self) -> None:
        """Require a text that fits: a greeting is as the settings have it."""
        check_length(self.text)


class Noted(BaseEvent, frozen=True):
    """A note that agents alone see."""

    kind = "note"

    text: str

    def check(self) -> None:
        """Require a text as the sanitizer leaves it."""
        check_text(self.text)


class Opened(Activity, frozen=True):
    """The customer asked for help."""

    activity = "opened"
    seen_by_customers = True
    roles = frozenset({Role.CUSTOMER})
    predicate = "asked for help"


class Claimed(Activity, frozen=True):
    """The author took the request."""

    activity = "claimed"
    seen_by_customers = True
    predicate = "took the request"


class Released(Activity, frozen=True):
    """The request went back to the queue."""

    activity = "released"
    predicate = "put the request back in the queue"


class Transferred(Activity, frozen=True):
    """The request went to another agent, who had that name then."""

    activity = "transferred"
    wordless = frozenset({"to"})

    to: int
    name: str

    def describe(self) -> str:
        """Return the predicate."""
        return f"handed the request to {self.name}"

    def check(self) -> None:
        """Require an agent's id and name."""
        check_number(self.to)
        check_name("an agent's name", self.name, NAME_LIMIT)


class Closed(Activity, frozen=True):
    """The request ended."""

    activity = "closed"
    seen_by_customers = True
    roles = EVERYBODY
    predicate = "closed the request"


class Reopened(Activity, frozen=True):
    """The author took a closed request up again."""

    activity = "reopened"
    seen_by_customers = True
    predicate = "reopened the request"


class Rated(Activity, frozen=True):
    """The customer said how it went: 1 to 5."""

    activity = "rated"
    seen_by_customers = True
    roles = frozenset({Role.CUSTOMER})
    wordless = frozenset({"score"})

    score: int
    comment: str | None

    def describe(self) -> str:
        """Return the predicate."""
        return f"rated this {self.score} of 5"

    def check(self) -> None:
        """Require a score of 1 to 5 and a comment of one line."""
        check_line("a comment", self.comment, COMMENT_LIMIT)
        if not 1 <= self.score <= 5:
            raise ValueError("a rating is not from 1 to 5")


class Tagged(Activity, frozen=True):
    """Tags that the request did not have, and had, before."""

    activity = "tagged"
    wordless = frozenset({"add", "remove"})

    add: tuple[str, ...]
    remove: tuple[str, ...]

    def describe(self) -> str:
        """Return the predicate."""
        signed = [f"+{tag}" for tag in self.add] + [f"-{tag}" for tag in self.remove]
        return f"tagged: {' '.join(signed)}"

    def check(self) -> None:
        """Require tags as agents may set them."""
        check_tags((*self.add, *self.remove))


class Held(Activity, frozen=True):
    """The request is kept from every purge for that reason, or, if it is None, no longer."""

    activity = "held"

    why: str | None

    def describe(self) -> str:
        """Return the predicate."""
        if self.why is None:
            return "lifted the hold"
        return f"put the request on hold: {self.why}"

    def check(self) -> None:
        """Require a reason of one line, or none."""
        if self.why is not None:
            check_name("a reason", self.why, COMMENT_LIMIT)


class Verified(Activity, frozen=True):
    """The customer signed in: the request went over to the one whom their site has verified."""

    activity = "verified"
    roles = frozenset({Role.CUSTOMER})
    predicate = "signed in"


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
    | Verified
)
"""Every event; a new one is added here, and to ``apply`` in ``request``."""

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)


def event_name(event: Event | type[Event]) -> str:
    """Return what webhooks and their settings call the event: ``message``, ``note``, ``closed``."""
    return event.activity or ("message" if event.kind == "text" else event.kind)


class Message(Value, frozen=True):
    """Entry of a request's log: an event with its numbers, author and time.

    ``seq`` counts what agents see, ``customer_seq`` what customers see (None: they do not);
    both are dense from 1. ``ref`` is what the author's client called it.
    """

    seq: int
    customer_seq: int | None
    event: Event
    by: Author
    at: Millis
    ref: str | None = None
