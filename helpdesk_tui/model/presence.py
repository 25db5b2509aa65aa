"""Typing: throttles the agent's own typing frames, and names the colleague who types. Pure."""

from helpdesk_tui.model.seat import Seat

REPEAT = 3.0
"""Seconds between two frames; the relay forwards one every two, and the mark fades after six."""
PAUSE = 5.0
"""Seconds without a key after which typing has ended."""


class TypingSignal:
    """Throttles keys to few ``typing`` frames; methods return the flag to send, or None."""

    def __init__(self) -> None:
        self._said_at: float | None = None
        self._key_at = 0.0

    def key(self, now: float) -> bool | None:
        """Handle a key in a text that is not empty."""
        self._key_at = now
        if self._said_at is not None and now - self._said_at < REPEAT:
            return None
        self._said_at = now
        return True

    def tick(self, now: float) -> bool | None:
        """End the typing after a pause."""
        return self.stop() if now - self._key_at >= PAUSE else None

    def stop(self) -> bool | None:
        """End the typing: the text was sent, emptied or left."""
        if self._said_at is None:
            return None
        self._said_at = None
        return False


def typing_colleague(seat: Seat, now: float) -> str:
    """Return which colleague writes in the open request, or nothing if none does.

    The relay tells that one writes and who has the request open, so with one there it is them.
    """
    number = seat.open
    if number is None or "agent" not in seat.desk.typing_roles(number, now):
        return ""
    watchers = seat.desk.watching.get(number, ())
    return watchers[0].name if len(watchers) == 1 else "A colleague"


def collision(seat: Seat, now: float) -> str:
    """Return that a colleague answers the open request, or has since the answer was begun."""
    if who := typing_colleague(seat, now):
        return f"{who} is writing an answer here, too."
    if who := seat.answered_by:
        return f"{who} has answered here since you began to write."
    return ""
