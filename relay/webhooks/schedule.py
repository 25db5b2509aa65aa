"""When a delivery that failed is tried again: later and later, over a day, then never. Pure."""

from datetime import UTC
from email.utils import parsedate_to_datetime

TRIES = 10
"""How often a delivery is tried before it is a dead letter."""
FIRST, FACTOR, LONGEST = 5.0, 4, 8 * 3600.0
"""Seconds after the first try, how many times longer each pause is, and the longest one."""
JITTER = 0.2
"""The part of a pause by which it is made shorter or longer, so that not all come at once."""
LONGEST_WISH = 24 * 3600.0
"""The most seconds that a receiver can ask to be left in peace."""


def pause(tries: int) -> float | None:
    """Return the seconds after *tries* that failed, before jitter; None: that was the last."""
    return None if tries >= TRIES else min(FIRST * FACTOR ** (tries - 1), LONGEST)


def pause_after(tries: int, chance: float) -> float | None:
    """Return the seconds to the next try, None if there is none; *chance* is random, 0 to 1."""
    usual = pause(tries)
    return None if usual is None else usual * (1 + JITTER * (2 * chance - 1))


def wish(retry_after: str, now: float) -> float | None:
    """Return the seconds that a ``Retry-After`` asks for, None if it is unreadable.

    *now* is in seconds since 1970, for those who give a date.
    """
    said = retry_after.strip()
    if said.isascii() and said.isdigit():
        # No more digits than it takes: a number may be longer than Python reads.
        return min(float(said[:9]), LONGEST_WISH)
    try:
        date = parsedate_to_datetime(said)
    except ValueError:
        return None
    until = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    return min(max(0.0, until - now), LONGEST_WISH)
