"""The console's wiring: frames to the model, its effects to link, disk and screen, keys to both.

It decides nothing; what follows from a frame or a key is the model's to say.
"""

import asyncio
import os
import signal
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import ClassVar, assert_never
from uuid import uuid4

from textual import events, on
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.widgets import TextArea

from helpdesk_tui import crash, theme
from helpdesk_tui.drafts import default_state_dir
from helpdesk_tui.driver import Driver
from helpdesk_tui.guard import ControlGuard
from helpdesk_tui.keeping import Keeper
from helpdesk_tui.keys import Where, bindings
from helpdesk_tui.link.link import Broken, Link, News
from helpdesk_tui.model.connection import Connecting, Connection, Ended, Offline, Online
from helpdesk_tui.model.effects import Ask, Deliver, Effect, Effects, Keep, Recall, Show, Tell
from helpdesk_tui.model.hearing import hear
from helpdesk_tui.model.seat import Seat
from helpdesk_tui.model.typing import TypingSignal
from helpdesk_tui.panes import Panes
from helpdesk_tui.widgets.dialogs import Help, Question
from helpdesk_tui.widgets.request_list import RequestList
from helpdesk_tui.widgets.timeline import Timeline
from relay.errors import HelpdeskError
from relay.wire import agent

WAITING_TIMES = 30.0
"""Seconds between two looks at the clock for the waiting times."""


class NewsCame(Message):
    """There is something in the mailbox."""


class Console(App[None]):
    """The console of the agent of *token* on the relay at *url*."""

    TITLE = "Helpdesk"
    CSS = theme.STYLES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.EVERYWHERE)]
    HORIZONTAL_BREAKPOINTS = theme.BREAKPOINTS

    def __init__(self, url: str, token: str, state_dir: Path, notice: str = "") -> None:
        super().__init__(driver_class=Driver)
        self.failure: str | None = None
        self._url, self._state_dir = url, state_dir
        self._guard = ControlGuard()
        self._seat = Seat(lambda: uuid4().hex)
        self._panes = Panes(self._seat, self._write, monotonic, notice)
        self._link = Link(url, token, self._put_in_mailbox, monotonic)
        self._connection: Connection = Connecting()
        self._mailbox: deque[News] = deque()
        self._notified = False
        self._keeper = Keeper(self._seat, state_dir, self.set_timer, self._say)
        self._typing = TypingSignal()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Put the guard last, so that it sees all that is drawn."""
        return [*super().get_line_filters(), self._guard]

    def compose(self) -> ComposeResult:
        """Show the one screen."""
        yield self._panes

    def on_mount(self) -> None:
        """Begin: colours, clocks, and the first call."""
        self.register_theme(theme.THEME)
        if "TEXTUAL_THEME" not in os.environ:
            self.theme = theme.THEME.name
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self.set_interval(WAITING_TIMES, self._refresh)
        self.set_interval(1.0, self._tick)
        self._panes.list.focus()
        self._refresh()
        self._link.start()

    async def on_unmount(self) -> None:
        """End: what is unsent onto the disk, goodbye to the relay."""
        self._keeper.close()
        await asyncio.to_thread(self._link.stop)

    def hang_up(self, number: int, _: FrameType | None = None) -> None:
        """End at once: without its terminal, to draw anything more would block for good."""
        self._keeper.flush()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    # The relay

    def _put_in_mailbox(self, news: News) -> None:
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
        self._refresh()

    def _take_in(self, news: News) -> None:
        match news:
            case Broken(error=error):
                raise error
            case Online():
                self._connection = news
            case Ended(reason=reason, unauthorized=True) if self._seat.desk.epoch is None:
                self.failure = reason
                self.exit()
            case Connecting() | Offline() | Ended():
                self._connection = news
                self._seat.disconnected()
            case _:
                self._do(hear(self._seat, news, monotonic()))

    def _do(self, effects: Effects) -> None:
        for effect in effects:
            self._do_one(effect)

    def _do_one(self, effect: Effect) -> None:
        match effect:
            case Ask(frame=frame):
                self._link.ask(frame)
            case Deliver(unsent=unsent):
                self._keeper.flush()
                self._link.deliver(unsent, self._seat.desk.epoch)
            case Keep(request=number):
                self._keeper.changed(number)
            case Recall(agent=me, epoch=epoch):
                self._do(self._seat.draft(self._panes.composer.text))
                self._do(self._keeper.recall(self._url, me, epoch))
            case Show():
                self._panes.load_draft()
            case Tell(sentence=sentence):
                self._say(sentence)
            case _:
                assert_never(effect)

    # The screen

    def _say(self, sentence: str) -> None:
        self.notify(sentence, markup=False)

    def _refresh(self) -> None:
        self._panes.show(self._connection)
        if self.app_focus and self._panes.end_in_view and (effects := self._seat.see()):
            self._do(effects)
            self._panes.show(self._connection)

    def _tick(self) -> None:
        self._say_typing(self._typing.tick(monotonic()))
        self._panes.show_goings_on()
        if not isinstance(self._connection, Online):
            self._panes.show_connection(self._connection)

    def _say_typing(self, on: bool | None) -> None:  # noqa: FBT001 - what the signal answers
        if on is not None and self._seat.joined and self._seat.open is not None:
            self._link.ask(agent.SetTyping(self._seat.open, on))

    @on(events.AppFocus)
    def _look_again(self) -> None:
        self._refresh()

    @on(Timeline.Scrolled)
    def _look_elsewhere(self) -> None:
        self._refresh()

    @on(Timeline.Top)
    def _look_back(self) -> None:
        self._do(self._seat.see_older())

    # The keys

    @on(RequestList.Clicked)
    def _click(self, clicked: RequestList.Clicked) -> None:
        self._open(clicked.number)

    @on(TextArea.Changed)
    def _edit(self) -> None:
        text = self._panes.composer.text
        if effects := self._seat.draft(text):
            self._do(effects)
            self._say_typing(self._typing.key(monotonic()) if text else self._typing.stop())
            if not text:
                self._refresh()

    def _write(self, text: str) -> bool:
        effects = self._seat.write(text)
        taken = any(isinstance(effect, Deliver) for effect in effects)
        self._do(effects)
        if taken:
            self._panes.timeline.follow()
            self._say_typing(self._typing.stop())
            self._refresh()
        return taken

    def _open(self, number: int) -> None:
        self._say_typing(self._typing.stop())
        self._do(self._seat.draft(self._panes.composer.text))
        self._do(self._seat.open_request(number))
        self._panes.list.choose(number)
        self.screen.add_class("-chat")
        self._refresh()
        self.screen.set_focus(self._panes.composer)

    def _meant(self) -> int | None:
        """Return the request that a key means: the marked one in the list, else the open one."""
        return self._panes.list.chosen if self._panes.list.has_focus else self._seat.open

    def action_open(self) -> None:
        """Open the request that is marked in the list."""
        if (number := self._panes.list.chosen) is not None:
            self._open(number)

    def action_claim(self) -> None:
        """Take the request."""
        if (number := self._meant()) is not None:
            self._do(self._seat.claim(number))

    def action_release(self) -> None:
        """Put the request back into the queue."""
        if (number := self._meant()) is not None:
            self._do(self._seat.release(number))

    def action_end(self) -> None:
        """Close the request, after asking."""
        if (number := self._meant()) is None:
            return

        def answer(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's result
            if yes:
                self._do(self._seat.close(number))

        request = self._seat.desk.requests.get(number)
        who = f"#{number} ({request.customer.name})" if request else f"#{number}"
        self.push_screen(Question(f"Close {who}?", "close it", "keep it open"), answer)

    def action_leave(self) -> None:
        """Leave the composer for the list; the draft stays."""
        self._panes.leave()

    def action_open_next(self, step: int) -> None:
        """Open the request *step* rows from the open one."""
        if (number := self._panes.list.beside(self._seat.open, step)) is not None:
            self._open(number)

    def action_scroll(self, pages: int) -> None:
        """Scroll the conversation by a page."""
        self._panes.timeline.scroll_page(pages)

    def action_hurry(self) -> None:
        """Call the relay now."""
        self._link.hurry()

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(Help())

    def _fatal_error(self) -> None:
        """Replace Textual's traceback, which shows values: tokens, and what customers wrote."""
        if self._exception and self.failure is None:
            self.failure = crash.write_down(self._exception, self._state_dir, datetime.now(UTC))
        self._close_messages_no_wait()


def run(url: str, token: str, state_dir: Path | None = None, notice: str = "") -> int:
    """Run the console until the agent quits; return the exit code.

    Raise :exc:`HelpdeskError` once the terminal is itself again, if the relay refuses the token
    at the start or the console fails. What is unsent is kept in *state_dir*; *notice* is shown
    where no request is open.
    """
    console = Console(url, token, state_dir or default_state_dir(), notice)
    signal.signal(signal.SIGHUP, console.hang_up)
    console.run()
    if console.failure:
        raise HelpdeskError(console.failure)
    return 0
