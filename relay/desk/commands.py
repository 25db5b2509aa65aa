"""What somebody wants done with a help request. Data alone; ``rules`` says whether it may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Open:
    """Ask for help. The greeting is the site's, ``text`` the customer's first words, if any."""

    greeting: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """Take the request."""


@dataclass(frozen=True, slots=True)
class Release:
    """Put the request back in the queue."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Hand the request to another agent, with a word to them if ``note`` is given."""

    to: int
    name: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Send:
    """Say something to the other side."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Write something down for agents alone."""

    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """End the request."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Take a closed request up again; ``other_open``: its customer has another open one."""

    other_open: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """Say how it went: 1 to 5."""

    score: int
    comment: str | None


@dataclass(frozen=True, slots=True)
class Tag:
    """Put tags on and take tags off."""

    add: frozenset[str]
    remove: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hold:
    """Keep the request from every purge, and say why; None: let it go when its time comes."""

    why: str | None


Command = Open | Claim | Release | Transfer | Send | Note | Close | Reopen | Rate | Tag | Hold
