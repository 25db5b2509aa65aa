"""How one webhook stands, and when there is something to do for it. Pure.

Moments come in as arguments: the time of day in milliseconds, as it is stored.
"""

from dataclasses import dataclass

from relay.desk.events import Millis
from relay.store.outbox import Standing
from relay.webhooks.endpoint import Endpoint
from relay.webhooks.outcome import Answer, Outcome
from relay.webhooks.schedule import LONGEST_WISH, wish

SAVE_SOON, SAVE_LATE = 1_000, 60_000
"""Milliseconds after which a place is stored that deliveries have moved, or that none has."""
LOOK_AGAIN = 60_000
"""Milliseconds after which there is a look even if nothing has happened."""
FAILING = 3
"""Failures in a row after which a delivery that goes well is news: all that waits is tried anew."""
UNKNOWN = -1
NOTHING_WAITS = Standing()
GONE = 410
"""The status with which a receiver says that it wants nothing more, ever."""


@dataclass(slots=True)
class Line:
    """One webhook. ``place`` is how far it was told, ``stored`` what of that outlives a crash."""

    endpoint: Endpoint
    place: int
    stored: int
    seen: int = UNKNOWN
    """How much had been published when there was last nothing more to tell."""
    next_due: Millis | None = None
    stopped: bool = False
    """Whether the receiver has said that it wants nothing more."""
    failures: int = 0
    """Failures in a row."""
    rests_until: Millis | None = None
    store_at: Millis | None = None
    standing: Standing = NOTHING_WAITS
    looked_at: Millis | None = None
    """When there was last a look at it."""

    def rests(self, now: Millis) -> bool:
        """Whether the receiver has asked to be left in peace."""
        # Longer than anybody may ask for: the clock was put back since.
        return self.stopped or 0 < (self.rests_until or 0) - now <= LONGEST_WISH * 1000

    def calls(self, published: int, now: Millis) -> bool:
        """Whether there is something to do, since so much was *published*."""
        due = self.next_due is not None and self.next_due <= now
        # What was erased shows in no other way; and a clock that was put back is no reason to wait.
        passed = LOOK_AGAIN if self.looked_at is None else abs(now - self.looked_at)
        tells = (self.seen < published or due or passed >= LOOK_AGAIN) and not self.rests(now)
        return tells or self.must_store(now)

    def look_again(self) -> None:
        """Forget that there is nothing to do, or that the receiver wants nothing more."""
        self.seen, self.stopped = UNKNOWN, False

    def must_store(self, now: Millis) -> bool:
        """Whether the place has to be stored, although nothing else has."""
        return self.store_at is not None and self.store_at <= now

    def came_to(self, place: int, now: Millis, *, delivered: bool) -> None:
        """Know that all up to *place* is told, or stands among what waits."""
        self.place = place
        if place == self.stored:
            return
        store_at = Millis(now + (SAVE_SOON if delivered else SAVE_LATE))
        self.store_at = store_at if self.store_at is None else min(self.store_at, store_at)

    def is_stored(self) -> None:
        """Know that the place is stored."""
        self.stored, self.store_at = self.place, None

    def heard(self, answer: Answer, now: Millis) -> bool:
        """Take in *answer*; return whether all that waits should be tried at once."""
        if answer.outcome is Outcome.DELIVERED:
            recovered, self.failures = self.failures >= FAILING, 0
            return recovered
        self.failures += 1
        self.stopped = self.stopped or answer.status == GONE
        if answer.retry_after is not None:
            seconds = wish(answer.retry_after, now / 1000) or 0.0
            self.rests_until = Millis(max(self.rests_until or 0, now + round(seconds * 1000)))
        return False
