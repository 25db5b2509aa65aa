"""When to tell the customer that the agent writes. Pure; instants are seconds of any clock."""

REPEAT = 3.0
"""Seconds: the relay passes one on every two, and the mark fades after six."""
PAUSE = 5.0
"""Seconds without a key after which nobody writes any more."""


class TypingSignal:
    """Turns keys into few ``typing`` frames; each answer is what to say, or None for nothing."""

    def __init__(self) -> None:
        self._said_at: float | None = None
        self._key_at = 0.0

    def key(self, now: float) -> bool | None:
        """The agent pressed a key in a text that is not empty."""
        self._key_at = now
        if self._said_at is not None and now - self._said_at < REPEAT:
            return None
        self._said_at = now
        return True

    def tick(self, now: float) -> bool | None:
        """Some time has passed."""
        return self.stop() if now - self._key_at >= PAUSE else None

    def stop(self) -> bool | None:
        """The text was sent, emptied or left."""
        if self._said_at is None:
            return None
        self._said_at = None
        return False
