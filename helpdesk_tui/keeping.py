"""When what is unsent goes onto the disk: soon after it changed, and at once before it is sent.

A disk that refuses is told of and stops nobody from writing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from helpdesk_tui.drafts import Drafts
from helpdesk_tui.model.effects import Effects, Tell
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.remembered import Memory, Place

KEEP_WITHIN = 0.3
"""Seconds until a change is on disk."""
AGAIN_AFTER = 5.0
"""Seconds until what the disk has refused is tried again, unless something changes before."""


class Timer(Protocol):
    """Something that will be done, unless it is stopped."""

    def stop(self) -> None:
        """Let it not be done."""


Later = Callable[[float, Callable[[], None]], Timer]
Say = Callable[[str], None]


class Keeper:
    """Keeps what is unsent at *seat* where *memory* is; *later* sets a timer."""

    def __init__(self, seat: Seat, memory: Memory, later: Later, tell: Say) -> None:
        self._seat, self._memory = seat, memory
        self._later, self._tell = later, tell
        self._drafts: Drafts | None = None
        self._changed: set[int] = set()
        self._timer: Timer | None = None
        self._again: Timer | None = None
        self._told = ""

    def begin(self) -> Effects:
        """Read what was left unsent here, before the relay tells whether it is still its epoch."""
        if (last := self._memory.last()) is None:
            return ()
        self._seat.desk.epoch = last.epoch
        return self.recall(last.agent, last.epoch)

    def recall(self, agent: int, epoch: str) -> Effects:
        """Read what *agent* had not sent; from now on it is kept there.

        What the seat has is another epoch's: it stays where it was kept.
        """
        self.flush()
        told = self._left()
        self.close()
        drafts = Drafts(self._memory.state_dir, self._memory.url, agent, epoch)
        try:
            found = drafts.load()
            self._memory.keep(Place(agent, epoch))
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
        folder = None if self._changed else self.folder
        where = f"is kept in {folder}" if folder else "could not be kept"
        reason = "The relay's data was restored from a backup, and numbers may mean others now"
        return (Tell(f"{reason}: what you had not sent {where}."),)

    @property
    def folder(self) -> Path | None:
        """Where what is unsent lies, if anywhere."""
        return self._drafts.folder if self._drafts else None

    def changed(self, request: int) -> None:
        """Write what is unsent in *request* soon."""
        self._changed.add(request)
        self._timer = self._timer or self._later(KEEP_WITHIN, self.flush)

    def flush(self) -> None:
        """Write what has changed now; what the disk refuses stays to be written.

        A signal may call it in the midst of itself: a number stays until its text is on disk.
        """
        self._stop_timers()
        if self._drafts is None:
            return
        refused = None
        for number in tuple(self._changed):
            try:
                self._save(self._drafts, number)
            except OSError as error:
                refused = error
            else:
                self._changed.discard(number)
        if refused:
            self._refused(refused)
            self._again = self._later(AGAIN_AFTER, self.flush)
        else:
            self._told = ""

    def close(self) -> None:
        """Write what has changed, and leave what is kept to the next console."""
        self.flush()
        self._stop_timers()
        self._changed.clear()
        if self._drafts:
            self._drafts.close()
            self._drafts = None

    def _save(self, drafts: Drafts, number: int) -> None:
        seat = self._seat
        unread = seat.desk.unread_from.get(number)
        drafts.save(number, seat.drafts.of(number), seat.outbox.of(number), unread)

    def _stop_timers(self) -> None:
        for timer in filter(None, (self._timer, self._again)):
            timer.stop()
        self._timer = self._again = None

    def _refused(self, error: OSError) -> None:
        """Tell of *error*, once for as long as it lasts."""
        sentence = f"Drafts cannot be kept in {self._memory.state_dir}: {error.strerror}."
        if sentence != self._told:
            self._told = sentence
            self._tell(sentence)
