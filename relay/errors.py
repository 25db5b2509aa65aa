"""What can be refused, and what ends a connection: a code for machines, a sentence for people.

The codes are the protocol's and fixed. A sentence here never holds a customer's words or a token.
"""

from enum import IntEnum, StrEnum


class Code(StrEnum):
    """The ``code`` of an ``error`` frame (protocol, section 2)."""

    BAD_FRAME = "bad_frame"
    UNKNOWN_TYPE = "unknown_type"
    INVALID = "invalid"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    CLOSED = "closed"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"


class CloseCode(IntEnum):
    """Why a connection ends. 4000-4099: do not come back; the others: come back and resume."""

    GOING_AWAY = 1001
    RESTART = 1012
    OVERLOADED = 1013
    UNAUTHORIZED = 4000
    NO_HELLO = 4001
    BAD_FRAMES = 4002
    TOO_LARGE = 4003
    SLOW_CONSUMER = 4100
    KEEPALIVE_LOST = 4101
    TOO_MANY_CONNECTIONS = 4102

    @property
    def may_reconnect(self) -> bool:
        """Whether the client should reconnect, with back-off and full jitter, and resume."""
        return not 4000 <= self < 4100


class HelpdeskError(Exception):
    """Anything the program says no to; ``str()`` is one sentence with the remedy."""


class Refused(HelpdeskError):  # noqa: N818 - the protocol speaks of refused frames
    """A frame or a command that changes nothing and is answered with an ``error``.

    ``retry_after`` is in seconds, for ``rate_limited`` alone.
    """

    def __init__(self, code: Code, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


class StartError(HelpdeskError):
    """The relay or a command cannot start: a port taken, a file locked, a setting that is wrong."""


class InUseError(StartError):
    """Another process has the database; it may let it go soon."""
