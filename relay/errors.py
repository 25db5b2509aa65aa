"""Errors and close codes: a code of the protocol for programs, a sentence for people.

The codes are fixed by the protocol. A sentence never holds a customer's words or a token.
"""

from enum import IntEnum, StrEnum


class Code(StrEnum):
    """The ``code`` of an ``error`` frame (docs/protocol.md, errors)."""

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
    """Close code of a connection. Clients reconnect and resume, except after 4000 to 4099."""

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
        """True if the client should reconnect, with backoff and full jitter, and resume."""
        return not 4000 <= self < 4100


class HelpdeskError(Exception):
    """Base of errors for people; ``str()`` is one sentence with the remedy."""


class Refused(HelpdeskError):  # noqa: N818 - the protocol speaks of refused frames
    """Raised for a frame or a command that changes nothing and is answered with an ``error``.

    ``retry_after`` is in seconds, for ``rate_limited`` alone.
    """

    def __init__(self, code: Code, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after


class StartError(HelpdeskError):
    """Raised when the relay or a command cannot start: a taken port, a lock, a wrong setting."""


class HomeUnknownError(StartError):
    """Raised where a file belongs into the user's home folder, and there is none."""

    def __init__(self, remedy: str) -> None:
        super().__init__(f"The home folder of this user is not known; set HOME, or {remedy}.")


class InUseError(StartError):
    """Raised when another process has locked the database, perhaps not for long."""
