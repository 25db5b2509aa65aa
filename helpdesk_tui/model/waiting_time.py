"""The time a customer has waited for an answer: as text, and its urgency. Pure."""

from datetime import datetime

MINUTE, HOUR, DAY = 60, 3600, 86400
LONG_WAIT, TOO_LONG_WAIT = 5 * MINUTE, 15 * MINUTE
"""Seconds after which a customer who waits is marked, and marked twice."""


def waited(since: datetime | None, now: datetime) -> str:
    """Return how long the customer has waited for an answer, or nothing if there is one."""
    if since is None:
        return ""
    seconds = int((now - since).total_seconds())
    if seconds < MINUTE:
        return "now"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        hours, rest = divmod(seconds, HOUR)
        return f"{hours} h {rest // MINUTE} min" if rest >= MINUTE else f"{hours} h"
    return f"{seconds // DAY} d"


def urgency(since: datetime | None, now: datetime) -> int:
    """Return 0, 1 or 2 as the customer who waits *since* then waits ever longer."""
    seconds = (now - since).total_seconds() if since else 0.0
    return (seconds >= LONG_WAIT) + (seconds >= TOO_LONG_WAIT)
