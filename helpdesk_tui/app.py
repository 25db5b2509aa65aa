"""The Textual app: start-up, frames from the relay, the clock, notifications, and the end.

It decides nothing; what follows from a frame or a key is computed by ``model``."""

import asyncio
import os
import signal
import traceback
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType

from textual import events, on
from textual.app import ComposeResult
from textual.filter import LineFilter
from textual.message import Message

from helpdesk_tui import terminal, theme
from helpdesk_tui.actions.appearance import Suiting
from helpdesk_tui.actions.conversation import Writing
from helpdesk_tui.actions.navigation import Moving
from helpdesk_tui.actions.requests import Acting
from helpdesk_tui.drafts import default_state_dir
from helpdesk_tui.keys import KeysRefused
from helpdesk_tui.link import Broken, News
from helpdesk_tui.model.effects import Connecting, Ended, Offline, Online
from helpdesk_tui.model.notifications import Telling
from helpdesk_tui.model.reducer import hear
from helpdesk_tui.terminal import ControlGuard, Driver
from helpdesk_tui.widgets.conversation import Timeline
from helpdesk_tui.widgets.dialogs import Figures
from helpdesk_tui.widgets.picker import Picker
from helpdesk_tui.widgets.request_list import RequestList
from relay.errors import HelpdeskError
from relay.settings.model import Console as Preferences

LOG = "console.log"


def place_of(error: BaseException) -> str:
    """Return the kind of *error* and the lines of code it came through, and nothing else."""
    lines = []
    for cause in (error, error.__cause__ or error.__context__):
        if cause is not None:
            lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
            frames = traceback.extract_tb(cause.__traceback__)
            lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join(lines)


def write_down(error: BaseException, state_dir: Path, now: datetime) -> str:
    """Add *error* to the log in *state_dir*, if that can be; return the sentence to say."""
    path, kind = state_dir / LOG, type(error).__name__
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("a") as log:
            log.write(f"{now.isoformat(timespec='seconds')} {place_of(error)}\n")
    except OSError as refused:
        return f"The console failed ({kind}), and {path} cannot be written ({refused.strerror})."
    return f"The console failed ({kind}); drafts are kept. Where it failed stands in {path}."


WAITING_TIMES = 30.0
"""Seconds between two looks at the clock for the waiting times."""
LAST_WORDS = 0.5
"""Seconds that a terminal whose connection hangs up has to become itself again."""
FOCUS_TOLD_WITHIN = 5.0
"""Seconds in which a tmux that tells of the focus does so for the first time."""


class NewsCame(Message):
    """There is something in the mailbox."""


class Console(Acting, Moving, Writing, Suiting):
    """The console of the agent of *token* on the relay at *url*."""

    def __init__(
        self,
        url: str,
        token: str,
        state_dir: Path,
        notice: str = "",
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__(url, token, state_dir, notice, preferences or Preferences())
        self._guard = ControlGuard()
        self._mailbox: deque[News] = deque()
        self._notified = False
        own = self.preferences
        self._telling = Telling(remind=own.remind, words=own.notify_words)
        self._notify = terminal.kind_for(os.environ) if own.notify == "auto" else own.notify
        self._titled: int | None = None
        waits = self.in_tmux and own.notify != "off"
        self._focus_due = monotonic() + FOCUS_TOLD_WITHIN if waits else None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Put the guard last, so that it sees all that is drawn."""
        return [*super().get_line_filters(), self._guard]

    def compose(self) -> ComposeResult:
        """Show the one screen."""
        yield self.panes

    def on_mount(self) -> None:
        """Begin: colours, clocks, and the first call."""
        for own in theme.OWN_THEMES:
            self.register_theme(own)
        if "TEXTUAL_THEME" not in os.environ:
            chosen = self.preferences.theme
            self.theme = theme.TERMINALS_OWN if chosen == theme.TERMINAL else chosen
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self.set_interval(WAITING_TIMES, self.show_all)
        self.set_interval(1.0, self._tick)
        self.app_resume_signal.subscribe(self, self._entitle)
        self.panes.list.focus()
        self.do(self.keeper.begin())
        self.show_all()
        self.link.start()

    async def on_unmount(self) -> None:
        """End: what is unsent onto the disk, goodbye to the relay."""
        self.keeper.close()
        await asyncio.to_thread(self.link.stop)

    def hang_up(self, number: int, _: FrameType | None = None) -> None:
        """End at once: without its terminal, to draw anything more would block for good.

        It may come in the midst of anything; what was typed last may not have come to the seat. The
        kernel and the keyboard both tell of it: the second must not end what the first has begun.
        """
        signal.signal(number, signal.SIG_IGN)
        try:
            if (typed := self.panes.typed) is not None:
                self.do(self.seat.draft(typed))
            self.take_saved()
            self.keeper.flush()
            self.end_editing()
            if isinstance(self._driver, Driver):
                self._driver.give_back(LAST_WORDS)
        finally:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    # The relay

    def take_news(self, news: News) -> None:
        """Take *news* from the link's thread; one notice stands for all until it is answered."""
        self._mailbox.append(news)
        if not self._notified:
            self._notified = True
            self.post_message(NewsCame())

    def on_news_came(self) -> None:
        """Take in all that has come, then draw once."""
        self._notified = False
        while self._mailbox:
            self._take_in(self._mailbox.popleft())
        self.do(self.seat.look_closer())
        self.show_all()
        match self.screen:
            case Figures() as figures:
                figures.show()
            case Picker() as picker:
                picker.look_again()
            case _:
                pass
        self._tell()

    def _take_in(self, news: News) -> None:
        match news:
            case Broken(error=error):
                raise error
            case Online():
                self.connection = news
            case Ended(reason=reason, unauthorized=True) if self._untouched:
                self.failure = reason
                self.exit()
            case Connecting() | Offline() | Ended():
                self.connection = news
                self.do(self.seat.disconnected())
            case _:
                self.do(hear(self.seat, news, monotonic()))

    @property
    def _untouched(self) -> bool:
        """Whether nothing was seen or begun since the start."""
        return not self.seat.desk.welcomed and self.seat.open is None

    # The clock, the view, the mouse

    def _tick(self) -> None:
        self.say_typing(self.typing.tick(monotonic()))
        self.panes.show_goings_on()
        if not isinstance(self.connection, Online):
            self.panes.show_connection(self.connection)
        self._tell()
        if self._focus_due and monotonic() > self._focus_due:
            self._focus_due = None
            self.say(terminal.NO_FOCUS)

    def _tell(self) -> None:
        """Tell an agent who looks elsewhere, and how many wait, by what a terminal has for that."""
        now = monotonic()
        if told := self._telling.look(self.seat, now, focused=self.app_focus):
            self.put_out(terminal.notification(self._notify, told, tmux=self.in_tmux))
        waiting = sum(r.status == "waiting" for r in self.seat.desk.requests.values())
        if waiting != self._titled:
            self._titled = waiting
            self.put_out(terminal.title(waiting))

    @on(Timeline.Scrolled)
    def _look_again(self) -> None:
        self.show_all()

    def _entitle(self, _: object) -> None:
        """Another program had the terminal, and with it the title."""
        self._titled = None

    @on(events.AppBlur)
    def _look_elsewhere(self) -> None:
        self._focus_due = None

    @on(events.AppFocus)
    def _look_here(self) -> None:
        self._focus_due = None
        self.call_next(self.show_all)  # Textual takes note of the focus after this

    @on(Timeline.Top)
    def _look_back(self) -> None:
        self.do(self.seat.see_older())

    @on(RequestList.Clicked)
    def _click(self, clicked: RequestList.Clicked) -> None:
        self.open(clicked.number)

    def _fatal_error(self) -> None:
        """Replace Textual's traceback, which shows values: tokens, and what customers wrote."""
        if self._exception and self.failure is None:
            self.failure = write_down(self._exception, self.state_dir, datetime.now(UTC))
        self._close_messages_no_wait()


def run(
    url: str,
    token: str,
    state_dir: Path | None = None,
    notice: str = "",
    preferences: Preferences | None = None,
) -> int:
    """Run the console until the agent quits; return the exit code.

    Raise :exc:`HelpdeskError` once the terminal is itself again, if the relay refuses the token
    at the start or the console fails, and before it if *preferences* cannot be. What is unsent is
    kept in *state_dir*; *notice* is shown where no request is open.
    """
    own = preferences or Preferences()
    try:
        console = Console(url, token, state_dir or default_state_dir(), notice, own)
    except KeysRefused as refused:
        raise HelpdeskError(str(refused)) from None
    known = {theme.TERMINAL, *console.available_themes, *(one.name for one in theme.OWN_THEMES)}
    if own.theme not in known:
        names = ", ".join(sorted(known))
        raise HelpdeskError(f"console.theme: there is no {own.theme!r}; there are {names}.")
    signal.signal(signal.SIGHUP, console.hang_up)
    console.run(mouse=own.mouse)
    if console.failure:
        raise HelpdeskError(console.failure)
    return 0
