"""Log events: one list of all, each with its fields, and the functions that log them. Pure.

A field is a number, a word of the program's own or the origin of a page, so that no line can
contain what a person wrote, a name, an address or a token. The command formats the lines.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import NewType

Word = NewType("Word", str)
"""String of the program's own, or of SQLite, or a webhook's name, which is of a-z, 0-9 and -.

It never comes out of a frame, a header or any other file. Names of variables are the operator's."""
Origin = NewType("Origin", str)
"""Origin that a browser sent: scheme, host and port in ASCII, which no person typed into a page."""
Value = int | float | StrEnum | Word | Origin | None

_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]{0,30}://[a-z0-9._:\[\]-]{1,260}")

MAX_LINES = 50
"""Lines a second of one event that clients can cause; the number of those beyond is logged."""

_logger = logging.getLogger("relay")
# A command does not set up a log: without a handler, Python would write its events to stderr.
_logger.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Event:
    """Type of a log line: its name, its level, its fields and a description of them."""

    name: str
    level: int
    fields: tuple[str, ...]
    description: str


def _event(name: str, level: int, fields: str, description: str) -> Event:
    return Event(name, level, tuple(fields.split()), description)


DEBUG, INFO, WARNING, ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR

UNKNOWN_VARIABLE_IGNORED = _event(
    "unknown_variable_ignored",
    WARNING,
    "variable meant",
    "A variable with the prefix HELPDESK_ is no setting and sets nothing; which one may be meant.",
)
SERVICE_VARIABLE_IGNORED = _event(
    "service_variable_ignored",
    DEBUG,
    "variable",
    "A variable tells of a Kubernetes Service called helpdesk, and sets nothing.",
)
FEW_FILES_ALLOWED = _event(
    "few_files_allowed",
    WARNING,
    "files connections",
    "The process may open so few files that it holds no more than these connections.",
)
RELAY_STARTED = _event("relay_started", INFO, "port", "The relay accepts connections.")
STOP_REQUESTED = _event("stop_requested", INFO, "connections", "The relay was asked to stop.")
SIGNAL_IGNORED = _event(
    "signal_ignored",
    WARNING,
    "signal",
    "A signal came that means nothing to the relay, such as SIGUSR1; nothing was done.",
)
RELAY_STOPPED = _event("relay_stopped", INFO, "", "Everything is stored and closed.")
SETTLING_ENDED_LATE = _event(
    "settling_ended_late",
    WARNING,
    "seconds",
    "The relay stopped before all submitted frames were answered.",
)
HANDSHAKE_ANSWERED = _event(
    "handshake_answered",
    DEBUG,
    "connection status",
    "An HTTP request was answered (below 400; 101 is a WebSocket).",
)
HANDSHAKE_REFUSED = _event(
    "handshake_refused", INFO, "connection status", "An HTTP request was refused (400 and up)."
)
ORIGIN_REFUSED = _event(
    "origin_refused",
    WARNING,
    "setting origin",
    "A page of this origin was refused, which the setting does not list; once per origin and hour.",
)
UPGRADE_DROPPED = _event(
    "upgrade_dropped",
    WARNING,
    "",
    "A handshake of a WebSocket came without the header Upgrade: a proxy does not forward "
    "WebSockets; once per hour. See docs/security.md, Behind a proxy.",
)
CONNECTIONS_REFUSED = _event(
    "connections_refused",
    WARNING,
    "setting proxied",
    "A connection was refused because this limit is reached; once per hour. Limits per address are "
    "reached at once if a proxy is not in trusted_proxies.",
)
ADDRESS_MISSED = _event(
    "address_missed",
    WARNING,
    "reason",
    "A client's address is not known, so that it counts for its proxy's, like all others there; "
    "once per reason and hour. `untrusted`: a proxy in a private network is not in "
    "trusted_proxies. `other_header`: it sends Forwarded, and not X-Forwarded-For. `unknown`, "
    "`obfuscated`, `invalid`: what stands in X-Forwarded-For.",
)
CUSTOMER_ADMITTED = _event(
    "customer_admitted",
    INFO,
    "connection customer request verified",
    "A customer's connection was admitted; both numbers are empty before their first request.",
)
AGENT_ADMITTED = _event(
    "agent_admitted",
    INFO,
    "connection agent control",
    "An agent's connection, or one of the control socket, was admitted.",
)
FRAME_REFUSED = _event(
    "frame_refused", INFO, "connection role code", "A frame was answered with an error."
)
CONNECTION_ENDED = _event(
    "connection_ended",
    INFO,
    "connection role code seconds",
    "A connection ended, with this close code.",
)
MESSAGE_STORED = _event(
    "message_stored", DEBUG, "request seq kind role author", "A text or a note was stored."
)
ACTIVITY_STORED = _event(
    "activity_stored",
    INFO,
    "request seq kind role author",
    "An activity, which changes a request, was stored.",
)
REQUEST_DELETED = _event(
    "request_deleted", INFO, "request", "A request was deleted with all its messages."
)
AGENT_CHANGED = _event(
    "agent_changed", INFO, "agent by change", "An agent was added, changed or given a new token."
)
CANNED_CHANGED = _event("canned_changed", INFO, "by", "The canned responses were changed.")
WEBHOOK_DELIVERED = _event(
    "webhook_delivered", DEBUG, "webhook request tries", "A webhook accepted a delivery."
)
WEBHOOK_FAILED = _event(
    "webhook_failed",
    INFO,
    "webhook request tries outcome status",
    "A delivery to a webhook failed, and will be retried.",
)
WEBHOOK_ABANDONED = _event(
    "webhook_abandoned",
    WARNING,
    "webhook request tries outcome status",
    "A delivery to a webhook failed for the last time, and is a dead letter.",
)
STORE_REFUSED = _event(
    "store_refused",
    ERROR,
    "fault damaged",
    "The store refuses writes, for the reason that SQLite names; logged once until it changes.",
)
STORE_DISPLACED = _event(
    "store_displaced",
    ERROR,
    "part",
    "The store refuses writes, because its database, log, index or lock file is not in its place, "
    "or database or log were cut or overwritten (`content`).",
)
DESK_RESCUED = _event(
    "desk_rescued",
    WARNING,
    "",
    "The relay stopped while its database had been removed; it saved the content beside the place "
    "of the database, with `.rescued-` and the time in the name.",
)
RESCUE_FAILED = _event(
    "rescue_failed",
    ERROR,
    "error where",
    "The relay stopped while its database had been removed, and could not save the content.",
)
DESK_CREATED = _event(
    "desk_created", WARNING, "", "There was no desk at the location; an empty one was created."
)
DISK_DISTRUSTED = _event(
    "disk_distrusted",
    WARNING,
    "type",
    "The database is on a network or FUSE disk, whose locks and syncs may not work: what was "
    "acknowledged may be lost.",
)
OVERWRITING_FAILED = _event(
    "overwriting_failed",
    ERROR,
    "fault",
    "Messages were refused, but may be found stored if the relay restarts before the disk works.",
)
STORE_RECOVERED = _event("store_recovered", WARNING, "", "The store accepts writes again.")
CLOCK_DOUBTED = _event(
    "clock_doubted",
    WARNING,
    "days",
    "The clock is so many days ahead of what the desk knows of the time, or behind it (negative). "
    "For a day nothing is deleted or closed because of the time: set the clock right by then.",
)
CLOCK_BELIEVED = _event(
    "clock_believed",
    WARNING,
    "",
    "The clock agrees with the desk again, or has stayed as it is for a day: it is believed.",
)
FAILED = _event(
    "failed",
    ERROR,
    "error where",
    "An unexpected error (a bug), by its type and its place; please report it.",
)
LIBRARY_SPOKE = _event(
    "library_spoke",
    INFO,
    "logger where error",
    "A library logged something; its text may contain private data, so only its place is logged.",
)
LINES_LEFT_OUT = _event(
    "lines_left_out",
    WARNING,
    "of count",
    "Lines of one event that were suppressed within a second, because there were too many.",
)
LOG_LINES_DROPPED = _event(
    "log_lines_dropped",
    WARNING,
    "count",
    "Lines that would stand here were dropped, because stderr was not read or its disk was full.",
)

EVENTS = tuple(value for value in tuple(globals().values()) if isinstance(value, Event))
"""All log events, in the order of a relay's life."""


def page_origin(text: str) -> Value:
    """Return *text*, an ``Origin`` header, as a field; the word `unreadable` if it is no origin."""
    return Origin(text) if _ORIGIN.fullmatch(text) else Word("unreadable")


def is_enabled(event: Event) -> bool:
    """Return whether *event* would be logged, so that a hot path can skip preparing its fields."""
    return _logger.isEnabledFor(event.level)


def emit(event: Event, error: BaseException | None = None, /, **fields: Value) -> None:
    """Log *event* with its *fields*; of *error* only the type and the place."""
    if is_enabled(event):
        _logger.log(event.level, event.name, exc_info=error, extra={"fields": fields})


def record_of(event: Event, **fields: Value) -> logging.LogRecord:
    """Return the record that :func:`emit` would log of *event*, without logging it."""
    extra = {"fields": fields}
    return _logger.makeRecord(_logger.name, event.level, "", 0, event.name, (), None, extra=extra)


def fields_of(record: logging.LogRecord) -> Mapping[str, Value] | None:
    """Return the fields of *record*, None if it was not made by :func:`emit`."""
    fields: Mapping[str, Value] | None = getattr(record, "fields", None)
    return fields if record.name == _logger.name else None


class Log:
    """Logs events that clients can cause, at most :data:`MAX_LINES` a second of each.

    It is thread-safe.
    """

    def __init__(self) -> None:
        """Begin the first second."""
        # Lines of each so far; `setdefault` and `next` are each atomic.
        self._noted: dict[Event, Iterator[int]] = {}

    def emit(self, event: Event, error: BaseException | None = None, /, **fields: Value) -> None:
        """Log *event*, unless there were too many of it within this second."""
        if not is_enabled(event):
            return
        if next(self._noted.setdefault(event, count(1))) <= MAX_LINES:
            emit(event, error, **fields)

    def report_suppressed(self) -> None:
        """Begin a new second, and log how many lines were suppressed in the last one."""
        noted, self._noted = self._noted, {}
        for event, numbers in tuple(noted.items()):
            suppressed = next(numbers) - 1 - MAX_LINES
            if suppressed > 0:
                emit(LINES_LEFT_OUT, of=Word(event.name), count=suppressed)
