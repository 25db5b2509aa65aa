"""Commands on a help request, as data; ``rules`` decides whether they are allowed."""

from relay.value import Value


class Open(Value, frozen=True):
    """Open the request: ``greeting`` is the site's, ``text`` the customer's first text."""

    greeting: str | None
    text: str | None


class Claim(Value, frozen=True):
    """Claim the request for the author."""


class Release(Value, frozen=True):
    """Put the request back in the queue."""


class Transfer(Value, frozen=True):
    """Hand the request to the agent ``to``, whose name is ``name``, with an optional note."""

    to: int
    name: str
    note: str | None


class Send(Value, frozen=True):
    """Send a text to the other side."""

    text: str


class Note(Value, frozen=True):
    """Write a note, which agents alone see."""

    text: str


class Close(Value, frozen=True):
    """Close the request."""


class Reopen(Value, frozen=True):
    """Reopen a closed request; ``other_open``: its customer has another open one."""

    other_open: bool


class Rate(Value, frozen=True):
    """Rate the request from 1 to 5."""

    score: int
    comment: str | None


class Tag(Value, frozen=True):
    """Add and remove tags."""

    add: frozenset[str]
    remove: frozenset[str]


class Hold(Value, frozen=True):
    """Keep the request from every purge for the reason ``why``; None lifts the hold."""

    why: str | None


class Verify(Value, frozen=True):
    """Show that the customer has signed in: the request is the verified customer's."""


Command = (
    Open | Claim | Release | Transfer | Send | Note | Close | Reopen | Rate | Tag | Hold | Verify
)
