"""Runs the effects of the model: frames to the relay, drafts to the disk, notices to the agent.

Shared by the screen (``app``) and the line-based form (``plain``)."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, assert_never

from helpdesk_tui.drafts import DraftStore, Identity, IdentityFile
from helpdesk_tui.link import Link
from helpdesk_tui.model.effects import (
    Effect,
    Effects,
    LoadDrafts,
    SaveDraft,
    SendFrame,
    SendText,
    ShowNotice,
    ShowRequest,
)
from helpdesk_tui.model.seat import Seat

SAVE_DELAY = 0.3
"""Seconds from the first change of a draft until it is written (debounce)."""
RETRY_AFTER = 5.0
"""Seconds until a failed write is retried, unless a change triggers one before."""


class Timer(Protocol):
    """A call in the future."""

    def stop(self) -> None:
        """Cancel the call."""


SetTimer = Callable[[float, Callable[[], None]], Timer]
Say = Callable[[str], None]


class DraftSaver:
    """Writes the drafts and unsent texts of *seat* to the disk, debounced by *set_timer*."""

    def __init__(
        self, seat: Seat, identity_file: IdentityFile, set_timer: SetTimer, show_notice: Say
    ) -> None:
        self._seat, self._identity_file = seat, identity_file
        self._set_timer, self._show_notice = set_timer, show_notice
        self._drafts: DraftStore | None = None
        self._changed: set[int] = set()
        self._timer: Timer | None = None
        self._again: Timer | None = None
        self._reported = ""

    def load_last(self) -> Effects:
        """Load the drafts of the last epoch; whether that is still the relay's is known later."""
        if (last := self._identity_file.load()) is None:
            return ()
        self._seat.desk.epoch = last.epoch
        return self.load(last.agent, last.epoch)

    def load(self, agent: int, epoch: str) -> Effects:
        """Load what *agent* had not sent in *epoch*, and save to that folder from now on.

        What the seat has belongs to another epoch: it is saved to the folder of that one first.
        """
        self.flush()
        told = self._left_behind()
        self.close()
        drafts = DraftStore(self._identity_file.state_dir, self._identity_file.url, agent, epoch)
        try:
            found = drafts.load()
            self._identity_file.save(Identity(agent, epoch))
        except OSError as error:
            drafts.close()
            self._report(error)
            return (*self._seat.load({}, ()), *told)
        self._drafts = drafts
        self._seat.desk.unread_from.update(found.unread_from)
        return (*self._seat.load(found.drafts, found.unsent), *told)

    def _left_behind(self) -> Effects:
        """Return a notice about texts that a restore of the relay's data leaves behind."""
        if not self._seat.written:
            return ()
        folder = None if self._changed else self.folder
        where = f"is kept in {folder}" if folder else "could not be kept"
        reason = "The relay's data was restored from a backup, and numbers may mean others now"
        return (ShowNotice(f"{reason}: what you had not sent {where}."),)

    @property
    def folder(self) -> Path | None:
        """The folder that drafts are saved to; None if there is none."""
        return self._drafts.folder if self._drafts else None

    def schedule(self, request: int) -> None:
        """Save what is unsent in *request* within ``SAVE_DELAY``."""
        self._changed.add(request)
        self._timer = self._timer or self._set_timer(SAVE_DELAY, self.flush)

    def flush(self) -> None:
        """Save what has changed now; what cannot be written is retried later.

        Reentrant, for a signal handler calls it: a number stays until its text is on disk.
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
            self._report(refused)
            self._again = self._set_timer(RETRY_AFTER, self.flush)
        else:
            self._reported = ""

    def close(self) -> None:
        """Save what has changed, and unlock the folder for the next console."""
        self.flush()
        self._stop_timers()
        self._changed.clear()
        if self._drafts:
            self._drafts.close()
            self._drafts = None

    def _save(self, drafts: DraftStore, number: int) -> None:
        seat = self._seat
        unread = seat.desk.unread_from.get(number)
        drafts.save(number, seat.drafts.of(number), seat.outbox.of(number), unread)

    def _stop_timers(self) -> None:
        for timer in filter(None, (self._timer, self._again)):
            timer.stop()
        self._timer = self._again = None

    def _report(self, error: OSError) -> None:
        """Show *error* to the agent, once for as long as it lasts."""
        sentence = f"Drafts cannot be kept in {self._identity_file.state_dir}: {error.strerror}."
        if sentence != self._reported:
            self._reported = sentence
            self._show_notice(sentence)


class Presenter(Protocol):
    """The user interface that effects act on."""

    def show_notice(self, sentence: str) -> None:
        """Show *sentence* to the agent."""

    def show_open(self) -> None:
        """Show the open request with its draft, or that none is open."""

    def save_typed(self) -> None:
        """Copy what the agent has typed into the model, before that loads other drafts."""


class EffectRunner:
    """Runs the effects that the model of *seat* asks for."""

    def __init__(
        self, seat: Seat, link: Link, draft_saver: DraftSaver, presenter: Presenter
    ) -> None:
        self._seat, self._link, self._draft_saver, self._presenter = (
            seat,
            link,
            draft_saver,
            presenter,
        )

    def run(self, effects: Effects) -> None:
        """Run *effects*, one after the other."""
        for effect in effects:
            self._run_one(effect)

    def _run_one(self, effect: Effect) -> None:
        match effect:
            case SendFrame(frame=frame, after=after):
                self._link.send(frame, after)
            case SendText(unsent=unsent):
                self._link.deliver(unsent, self._seat.session)
            case SaveDraft(request=number, at_once=at_once):
                self._draft_saver.schedule(number)
                if at_once:
                    self._draft_saver.flush()
            case LoadDrafts(agent=me, epoch=epoch):
                self._presenter.save_typed()
                self.run(self._draft_saver.load(me, epoch))
            case ShowRequest():
                self._presenter.show_open()
            case ShowNotice(sentence=sentence):
                self._presenter.show_notice(sentence)
            case _:
                assert_never(effect)
