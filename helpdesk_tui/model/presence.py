"""Typing and presence: when to tell that the agent types, and which colleague does. Pure."""

from helpdesk_tui.model.seat import Seat

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


def typist(seat: Seat, now: float) -> str:
    """Return which colleague writes in the open request, or nothing if none does.

    The relay tells that one writes and who has the request open, so with one there it is them.
    """
    number = seat.open
    if number is None or "agent" not in seat.desk.typing_in(number, now):
        return ""
    watchers = seat.desk.watching.get(number, ())
    return watchers[0].name if len(watchers) == 1 else "A colleague"


def collision(seat: Seat, now: float) -> str:
    """Return that a colleague is answering the open request just now, or nothing."""
    who = typist(seat, now)
    return f"{who} is writing an answer here, too." if who else ""
