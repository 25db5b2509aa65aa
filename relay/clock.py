"""Clocks of the relay: the protocol that its parts depend on, and this machine's."""

import time
from typing import Protocol

from relay.desk.events import Millis


class Clock(Protocol):
    """Wall clock and monotonic clock."""

    def wall(self) -> Millis:
        """Return the time of day; it may jump."""

    def steady(self) -> float:
        """Return the seconds of a monotonic clock, for intervals."""


class SystemClock:
    """Clocks of this machine."""

    def wall(self) -> Millis:
        """Return the time of day."""
        return Millis(time.time_ns() // 1_000_000)

    steady = staticmethod(time.monotonic)
    """Return the seconds of a monotonic clock."""
