"""Schedule of retries: the backoff after failures, and the pause that a receiver asks for. Pure."""

from datetime import UTC
from email.utils import parsedate_to_datetime

MAX_TRIES = 10
"""Tries of a delivery before it is a dead letter."""
FIRST_DELAY, DELAY_FACTOR, MAX_DELAY = 5.0, 4, 8 * 3600.0
"""Seconds of backoff after the first try, the factor of each further one, and the longest."""
JITTER = 0.2
"""Part of a delay by which it is made shorter or longer, so that not all retries come at once."""
MAX_RETRY_AFTER = 24 * 3600.0
"""The most seconds that a receiver can have all deliveries paused for, by ``Retry-After``."""


def retry_delay(tries: int) -> float | None:
    """Return the backoff in seconds after *tries* that failed, without jitter; None: give up."""
    return None if tries >= MAX_TRIES else min(FIRST_DELAY * DELAY_FACTOR ** (tries - 1), MAX_DELAY)


def jittered_delay(tries: int, chance: float) -> float | None:
    """Return the seconds until the next try, None if there is none; *chance* is random, 0 to 1."""
    usual = retry_delay(tries)
    return None if usual is None else usual * (1 + JITTER * (2 * chance - 1))


def parse_retry_after(retry_after: str, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, None if it is unreadable.

    *now* is in seconds since 1970, for a header that is a date.
    """
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        # Only so many digits: Python refuses to convert a very long number.
        return min(float(value[:9]), MAX_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    return min(max(0.0, until - now), MAX_RETRY_AFTER)
