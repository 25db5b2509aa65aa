"""What somebody wants done with a help request. Data alone; ``rules`` says whether it may be."""

from relay.value import Value


class Open(Value, frozen=True):
    """Ask for help. The greeting is the site's, ``text`` the customer's first words, if any."""

    greeting: str | None
    text: str | None


class Claim(Value, frozen=True):
    """Take the request."""


class Release(Value, frozen=True):
    """Put the request back in the queue."""


class Transfer(Value, frozen=True):
    """Hand the request to another agent, with a word to them if ``note`` is given."""

    to: int
    name: str
    note: str | None


class Send(Value, frozen=True):
    """Say something to the other side."""

    text: str


class Note(Value, frozen=True):
    """Write something down for agents alone."""

    text: str


class Close(Value, frozen=True):
    """End the request."""


class Reopen(Value, frozen=True):
    """Take a closed request up again; ``other_open``: its customer has another open one."""

    other_open: bool


class Rate(Value, frozen=True):
    """Say how it went: 1 to 5."""

    score: int
    comment: str | None


class Tag(Value, frozen=True):
    """Put tags on and take tags off."""

    add: frozenset[str]
    remove: frozenset[str]


class Hold(Value, frozen=True):
    """Keep the request from every purge, and say why; None: let it go when its time comes."""

    why: str | None


Command = Open | Claim | Release | Transfer | Send | Note | Close | Reopen | Rate | Tag | Hold
