"""When what is unsent goes onto the disk: soon after it changed, and at once before it is sent.

A disk that refuses is told of and stops nobody from writing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from helpdesk_tui.drafts import Drafts
from helpdesk_tui.model.effects import Effects, Tell
from helpdesk_tui.model.seat import Seat

KEEP_WITHIN = 0.3
"""Seconds until a change is on disk."""


class Timer(Protocol):
    """Something that will be done, unless it is stopped."""

    def stop(self) -> None:
        """Let it not be done."""


Later = Callable[[float, Callable[[], None]], Timer]
Say = Callable[[str], None]


class Keeper:
    """Keeps what is unsent at *seat* under *state_dir*; *later* sets a timer."""

    def __init__(self, seat: Seat, state_dir: Path, later: Later, tell: Say) -> None:
        self._seat, self._state_dir = seat, state_dir
        self._later, self._tell = later, tell
        self._drafts: Drafts | None = None
        self._changed: set[int] = set()
        self._timer: Timer | None = None

    def recall(self, url: str, agent: int, epoch: str) -> Effects:
        """Read what *agent* had not sent; from now on it is kept there.

        What the seat has is another epoch's: it stays where it was kept.
        """
        told = self._left()
        self.close()
        drafts = Drafts(self._state_dir, url, agent, epoch)
        try:
            found = drafts.load()
        except OSError as error:
            drafts.close()
            self._refused(error)
            return (*self._seat.recalled({}, ()), *told)
        self._drafts = drafts
        self._seat.desk.unread_from.update(found.unread_from)
        return (*self._seat.recalled(found.drafts, found.unsent), *told)

    def _left(self) -> Effects:
        """Return what to say of texts that a restore of the relay's data leaves behind."""
        if not self._seat.written:
            return ()
        where = f"is kept in {self._drafts.folder}" if self._drafts else "could not be kept"
        reason = "The relay's data was restored from a backup, and numbers may mean others now"
        return (Tell(f"{reason}: what you had not sent {where}."),)

    def changed(self, request: int) -> None:
        """Write what is unsent in *request* soon."""
        self._changed.add(request)
        self._timer = self._timer or self._later(KEEP_WITHIN, self.flush)

    def flush(self) -> None:
        """Write what has changed now."""
        if self._timer:
            self._timer.stop()
            self._timer = None
        if self._drafts is None:
            return
        numbers, self._changed = self._changed, set()
        drafts, outbox, unread = self._seat.drafts, self._seat.outbox, self._seat.desk.unread_from
        try:
            for number in numbers:
                self._drafts.save(number, drafts.of(number), outbox.of(number), unread.get(number))
        except OSError as error:
            self._refused(error)

    def close(self) -> None:
        """Write what has changed, and leave what is kept to the next console."""
        self.flush()
        if self._drafts:
            self._drafts.close()
            self._drafts = None

    def _refused(self, error: OSError) -> None:
        self._tell(f"Drafts cannot be kept in {self._state_dir}: {error.strerror}.")
