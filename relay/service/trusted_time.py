"""Trusted time: the time of day by which the relay deletes and closes. Pure.

A machine's clock may be wrong, and what is deleted stays so. A clock that differs by more than
:data:`TOLERANCE` from what the desk and the steady clock say is doubted, until it has said the same
for :data:`DOUBT`.
"""

from relay.desk.events import Millis
from relay.store.values import ClockRecord

DAY = 24 * 3600 * 1000
TOLERANCE = 7 * DAY
"""Milliseconds that a relay may have been off before its clock is doubted at the start."""
DOUBT = DAY
"""Milliseconds of running after which a clock that differs is believed."""
CATCH_UP = 2
"""Days of the calendar that one day of running may make up, if a clock jumps by less."""


def is_doubtful(gap: int) -> bool:
    """Return whether a clock is doubted that differs by *gap* milliseconds from what is known."""
    return abs(gap) > TOLERANCE


class TrustedTime:
    """Follows the wall clock as far as it can be trusted; its arguments are readings of clocks.

    ``time`` is the trusted time. ``gap`` is by how many milliseconds the wall clock is ahead of it
    while it is doubted, else 0.
    """

    def __init__(self, known: ClockRecord | None, wall: Millis, steady: float) -> None:
        """Begin with what the desk knows of the time; an empty desk knows nothing."""
        self._read_at = steady
        self.time, self.gap, self._waited = wall, 0, 0
        if known is not None and is_doubtful(wall - known.time):
            self.time, self.gap, self._waited = known.time, wall - known.time, known.doubted

    @property
    def is_doubted(self) -> bool:
        """True while nothing may be deleted or closed because of the time."""
        return self.gap != 0

    @property
    def record(self) -> ClockRecord:
        """The record from which the next start goes on."""
        return ClockRecord(self.time, self._waited if self.is_doubted else 0)

    def read(self, wall: Millis, steady: float) -> None:
        """Let the time pass to the present readings of both clocks."""
        passed = round((steady - self._read_at) * 1000)
        self._read_at = steady
        gap = wall - (self.time + passed)
        if is_doubtful(gap):
            self.time, self.gap = Millis(self.time + passed), gap
        else:
            self.time, self.gap = Millis(min(wall, self.time + CATCH_UP * passed)), 0
        self._waited = 0 if self.time == wall else self._waited + passed
        if self._waited >= DOUBT:
            self.time, self.gap, self._waited = wall, 0, 0
