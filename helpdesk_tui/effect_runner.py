"""Runs the effects of the model: frames to the relay, drafts to the disk, sentences to the agent.

Used by the screen (``app``) and by the plain form (``plain``)."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, assert_never

from helpdesk_tui.drafts import Drafts, Memory, Place
from helpdesk_tui.link import Link
from helpdesk_tui.model.effects import Ask, Deliver, Effect, Effects, Keep, Recall, Show, Tell
from helpdesk_tui.model.seat import Seat

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


class Shows(Protocol):
    """Who shows an agent what follows."""

    def show_notice(self, sentence: str) -> None:
        """Show *sentence* to the agent."""

    def show_open(self) -> None:
        """Show the request that is open now, with its draft, or that none is."""

    def save_typed(self) -> None:
        """Put what the agent has just typed into the model, which is about to be filled anew."""


class Carrier:
    """Carries out what follows at *seat*."""

    def __init__(self, seat: Seat, link: Link, keeper: Keeper, shows: Shows) -> None:
        self._seat, self._link, self._keeper, self._shows = seat, link, keeper, shows

    def do(self, effects: Effects) -> None:
        """Carry out *effects*, one after the other."""
        for effect in effects:
            self._do_one(effect)

    def _do_one(self, effect: Effect) -> None:
        match effect:
            case Ask(frame=frame, after=after):
                self._link.ask(frame, after)
            case Deliver(unsent=unsent):
                self._link.deliver(unsent, self._seat.visit)
            case Keep(request=number, at_once=at_once):
                self._keeper.changed(number)
                if at_once:
                    self._keeper.flush()
            case Recall(agent=me, epoch=epoch):
                self._shows.save_typed()
                self.do(self._keeper.recall(me, epoch))
            case Show():
                self._shows.show_open()
            case Tell(sentence=sentence):
                self._shows.show_notice(sentence)
            case _:
                assert_never(effect)
