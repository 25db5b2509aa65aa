"""What the log may say: one list of events, each with its fields, and how one is noted. Pure.

A field is a number or a word of the program's own, so that no line can bear what somebody wrote, a
name, an address or a token. How a line looks is the command's business.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import NewType

Word = NewType("Word", str)
"""A string of the program's own, or of SQLite, or a webhook's name, which is of a-z, 0-9 and -.

Never out of a frame or a header, nor anything else out of a file."""
Value = int | float | StrEnum | Word | None

MOST_LINES = 50
"""Lines a second of one event that clients can cause; how many more there were is told."""

_logger = logging.getLogger("relay")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened: its name, how much it matters, and what is told of it."""

    name: str
    level: int
    fields: tuple[str, ...]
    meaning: str


def _event(name: str, level: int, fields: str, meaning: str) -> Event:
    return Event(name, level, tuple(fields.split()), meaning)


DEBUG, INFO, WARNING, ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR

RELAY_STARTED = _event("relay_started", INFO, "port", "The relay takes connections.")
STOP_REQUESTED = _event("stop_requested", INFO, "connections", "The relay was told to end.")
RELAY_STOPPED = _event("relay_stopped", INFO, "", "All is stored and closed.")
SETTLING_ENDED_LATE = _event(
    "settling_ended_late", WARNING, "seconds", "Some clients left without their answers."
)
HANDSHAKE_ANSWERED = _event(
    "handshake_answered", DEBUG, "connection status", "A request got its answer over HTTP."
)
HANDSHAKE_REFUSED = _event(
    "handshake_refused", INFO, "connection status", "A request was refused over HTTP (400 and up)."
)
CUSTOMER_ADMITTED = _event(
    "customer_admitted",
    INFO,
    "connection customer request verified",
    "A customer said hello; both numbers are empty before their first request.",
)
AGENT_ADMITTED = _event(
    "agent_admitted", INFO, "connection agent control", "An agent, or the control socket, came."
)
FRAME_REFUSED = _event(
    "frame_refused", INFO, "connection role code", "A frame was answered with an error."
)
CONNECTION_ENDED = _event(
    "connection_ended", INFO, "connection role code seconds", "A connection is gone; why, by code."
)
MESSAGE_STORED = _event(
    "message_stored", DEBUG, "request seq kind role author", "A text or a note was stored."
)
ACTIVITY_STORED = _event(
    "activity_stored", INFO, "request seq kind role author", "A request changed."
)
REQUEST_DELETED = _event("request_deleted", INFO, "request", "A request is gone, messages and all.")
AGENT_CHANGED = _event(
    "agent_changed", INFO, "agent by change", "An agent was added, changed or given a new token."
)
CANNED_CHANGED = _event("canned_changed", INFO, "by", "The canned responses were changed.")
WEBHOOK_DELIVERED = _event(
    "webhook_delivered", DEBUG, "webhook request tries", "A webhook was told something."
)
WEBHOOK_FAILED = _event(
    "webhook_failed",
    INFO,
    "webhook request tries outcome status",
    "A delivery failed, and will be tried again.",
)
WEBHOOK_ABANDONED = _event(
    "webhook_abandoned",
    WARNING,
    "webhook request tries outcome status",
    "A delivery failed for the last time, and is a dead letter.",
)
STORE_REFUSED = _event(
    "store_refused",
    ERROR,
    "fault damaged",
    "The store takes no writes, by SQLite's name of the reason; told once until it changes.",
)
OVERWRITING_FAILED = _event(
    "overwriting_failed",
    ERROR,
    "fault",
    "Messages were refused; until the disk works again, a restart may find them stored.",
)
STORE_RECOVERED = _event("store_recovered", WARNING, "", "The store takes writes again.")
FAILED = _event(
    "failed",
    ERROR,
    "error where",
    "The program made a mistake, told by its kind and its place; please report it.",
)
LIBRARY_SPOKE = _event(
    "library_spoke",
    INFO,
    "logger where error",
    "A library logged something; its own words may be anybody's, so only its place is told.",
)
LINES_LEFT_OUT = _event(
    "lines_left_out", WARNING, "of count", "Within a second there were too many lines of one event."
)

EVENTS = tuple(value for value in tuple(globals().values()) if isinstance(value, Event))
"""All of them, in the order of a relay's life."""


def is_heard(event: Event) -> bool:
    """Return whether *event* would be logged: who notes it for each message may ask before."""
    return _logger.isEnabledFor(event.level)


def note(event: Event, error: BaseException | None = None, /, **fields: Value) -> None:
    """Log *event* with its *fields*; of *error* only the kind and the place are told."""
    if is_heard(event):
        _logger.log(event.level, event.name, exc_info=error, extra={"fields": fields})


def fields_of(record: logging.LogRecord) -> Mapping[str, Value] | None:
    """Return what *record* tells, None if it was not made by :func:`note`."""
    fields: Mapping[str, Value] | None = getattr(record, "fields", None)
    return fields if record.name == _logger.name else None


class Log:
    """Notes what clients can cause, but not so often that they could fill a disk with it.

    Any thread may note, for a mistake of the program shows in the one that it is made in.
    """

    def __init__(self) -> None:
        """Nothing was noted in this second."""
        # How many of each so far; `setdefault` and `next` are each one step to any other thread.
        self._noted: dict[Event, Iterator[int]] = {}

    def note(self, event: Event, error: BaseException | None = None, /, **fields: Value) -> None:
        """Log *event*, unless there were too many of its kind since the last :meth:`second`."""
        if not is_heard(event):
            return
        if next(self._noted.setdefault(event, count(1))) <= MOST_LINES:
            note(event, error, **fields)

    def second(self) -> None:
        """Begin a new second, and tell what was left out of the last one."""
        noted, self._noted = self._noted, {}
        for event, numbers in tuple(noted.items()):
            left_out = next(numbers) - 1 - MOST_LINES
            if left_out > 0:
                note(LINES_LEFT_OUT, of=Word(event.name), count=left_out)
