"""The Textual app: start-up, frames from the relay, timers, notifications, shutdown.

It only wires: ``model`` computes what follows from a frame or a key."""

import asyncio
import os
import signal
import traceback
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import ClassVar

from textual import events, on
from textual.app import App, ComposeResult, InvalidThemeError
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import ModalScreen
from textual.theme import BUILTIN_THEMES
from textual.widgets import Input, TextArea

from helpdesk_tui import terminal, theme
from helpdesk_tui.actions.appearance import AppearanceActions
from helpdesk_tui.actions.composer import ComposerActions
from helpdesk_tui.actions.conversation import ConversationActions
from helpdesk_tui.actions.navigation import NavigationActions
from helpdesk_tui.actions.requests import RequestActions
from helpdesk_tui.drafts import IdentityFile, default_state_dir
from helpdesk_tui.input_queue import InputQueue
from helpdesk_tui.key_reports import same_key
from helpdesk_tui.keys import OPENING, KeysRefused, Scope, bindings
from helpdesk_tui.link import Link, LinkEvent, LinkFailed
from helpdesk_tui.model.effects import Connecting, Ended, Offline, Online
from helpdesk_tui.model.notifications import Notifier
from helpdesk_tui.model.reducer import reduce
from helpdesk_tui.terminal import ControlGuard, Driver, Terminal
from helpdesk_tui.timings import DEFAULT_TIMINGS, Timings
from helpdesk_tui.widgets.conversation import ConversationView
from helpdesk_tui.widgets.dialogs import StatsDialog
from helpdesk_tui.widgets.picker import Picker
from helpdesk_tui.widgets.request_list import RequestList
from helpdesk_tui.widgets.status import KeyBar
from helpdesk_tui.workspace import ActionGroup, Workspace
from relay.errors import HelpdeskError
from relay.settings.model import Console as Preferences

LOG = "console.log"


def stack_of(error: BaseException) -> str:
    """Return the type of *error* and its stack without values, which may be secret."""
    lines = []
    for cause in (error, error.__cause__ or error.__context__):
        if cause is not None:
            lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
            frames = traceback.extract_tb(cause.__traceback__)
            lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return "\n".join(lines)


def append_to_log(words: str, state_dir: Path, now: datetime) -> None:
    """Append *words* to the log in *state_dir*; raise :exc:`OSError` if it cannot be written."""
    path = state_dir / LOG
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("a") as log:
        log.write(f"{now.isoformat(timespec='seconds')} {words}\n")


def write_crash_log(error: BaseException, state_dir: Path, now: datetime) -> str:
    """Append *error* to the log in *state_dir*; return the sentence for the agent."""
    path, kind = state_dir / LOG, type(error).__name__
    try:
        append_to_log(stack_of(error), state_dir, now)
    except OSError as refused:
        return f"The console failed ({kind}), and {path} cannot be written ({refused.strerror})."
    return f"The console failed ({kind}); drafts are kept. Where it failed stands in {path}."


REFRESH_INTERVAL = 30.0
"""Seconds between two updates of the waiting times."""
HANG_UP_TIMEOUT = 0.5
"""Seconds that a terminal whose connection hangs up has to be restored."""


class LinkEventsReceived(Message):
    """The queue of events from the link is no longer empty."""


class Console(App[None]):
    """The console of the agent of *token* on the relay at *url*; *preferences* are the agent's."""

    TITLE = "Helpdesk"
    CSS = theme.STYLES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.EVERYWHERE)]
    ENABLE_COMMAND_PALETTE = False  # there is one of our own, over the same table of keys
    HORIZONTAL_BREAKPOINTS = theme.BREAKPOINTS

    def __init__(
        self,
        url: str,
        token: str,
        state_dir: Path,
        notice: str = "",
        preferences: Preferences | None = None,
        *,
        timings: Timings = DEFAULT_TIMINGS,
    ) -> None:
        super().__init__(driver_class=Driver)
        self.failure: str | None = None
        self.preferences = own = preferences or Preferences()
        self._set_theme(own.theme)
        self.state_dir = state_dir
        self.workspace = Workspace(
            self,
            terminal=Terminal(self, lambda: self._driver),
            link=Link(url, token, self.receive, monotonic, timings),
            identity=IdentityFile(state_dir, url, token),
            preferences=own,
            send=self._send,
            notice=notice,
            timings=timings,
        )
        self.set_keymap(self.workspace.keymap.changed)
        self._add_actions()
        self._guard = ControlGuard()
        self.input = InputQueue(
            self, self._handle_input, self.workspace.terminal.here, self._say_dropped
        )
        self._events: deque[LinkEvent] = deque()
        self._wake_posted = False
        self._notifier = Notifier(
            remind=own.remind, words=own.notify_words, pause=timings.notification_pause
        )
        self._notify = terminal.kind_for(os.environ) if own.notify == "auto" else own.notify
        self._title_count: int | None = None
        waits = self.workspace.terminal.in_tmux and own.notify != "off"
        self._focus_due = monotonic() + timings.focus_report_timeout if waits else None

    def _set_theme(self, chosen: str) -> None:
        """Set the *chosen* theme before anything is styled, so that nothing is styled twice."""
        for own in theme.OWN_THEMES:
            self.register_theme(own)
        if "TEXTUAL_THEME" not in os.environ:
            self.theme = theme.TERMINALS_OWN if chosen == theme.TERMINAL else chosen

    def _add_actions(self) -> None:
        """Bind the actions' methods to the app, where Textual looks for the names of keys.py."""
        self.composer_actions = ComposerActions(self.workspace)
        self.appearance = AppearanceActions(self.workspace)
        self.navigation = NavigationActions(self.workspace)
        groups: tuple[ActionGroup, ...] = (
            RequestActions(self.workspace),
            self.navigation,
            ConversationActions(self.workspace),
            self.composer_actions,
            self.appearance,
        )
        for group in groups:
            for name, method in group.methods():
                setattr(self, name, method)

    async def on_event(self, event: events.Event) -> None:
        """Queue input, so that it is handled in its order; handle any other event at once."""
        if not self.input.takes(event):
            await super().on_event(event)

    async def _handle_input(self, event: events.Event) -> None:
        """Handle *event*; a letter that is a command is told by its key, not by the layout."""
        if isinstance(event, events.Key) and not isinstance(self.focused, Input | TextArea):
            for other in same_key(event.key):
                if event.key not in (commands := self.screen.active_bindings) and other in commands:
                    event = events.Key(other, event.character)
        await super().on_event(event)

    def _say_dropped(self, keys: int) -> None:
        self.workspace.show_notice(
            f"{keys} keys were pressed before the other program could read them; press them again."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Open no dialog over another one: the key is for the one that is there."""
        del parameters
        return action not in OPENING or not isinstance(self.screen, ModalScreen)

    def pop_screen(self) -> AwaitComplete:
        """Close what lies over the console; what came under it is seen now."""
        closing = super().pop_screen()
        self.call_next(self.workspace.refresh)
        return closing

    def copy_to_clipboard(self, text: str) -> None:
        """Copy by the terminal's clipboard also for a text field's own keys."""
        self._clipboard = text
        self.workspace.copy(text)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Add the filter of control characters last, so that it sees all that is drawn."""
        return [*super().get_line_filters(), self._guard]

    def compose(self) -> ComposeResult:
        """Show the one screen."""
        yield self.workspace.main_screen

    def on_mount(self) -> None:
        """Start: load drafts, set timers, connect."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self.set_interval(REFRESH_INTERVAL, self.workspace.refresh)
        self.set_interval(1.0, self._tick)
        self.app_resume_signal.subscribe(self, self._forget_title)
        self.workspace.main_screen.list.focus()
        self.workspace.run(self.workspace.draft_saver.load_last())
        self.workspace.refresh()
        self.workspace.link.start()
        self.run_worker(self.input.run(), group="input")

    async def on_unmount(self) -> None:
        """Save what is unsent and disconnect."""
        self.workspace.draft_saver.close()
        if isinstance(self._driver, Driver) and (dropped := self._driver.dropped):
            note = f"{dropped} malformed sequences of the terminal were dropped."
            with suppress(OSError):
                append_to_log(note, self.state_dir, datetime.now(UTC))
        await asyncio.to_thread(self.workspace.link.stop)

    def hang_up(self, number: int, _: FrameType | None = None) -> None:
        """Save and end at once: without its terminal, drawing anything more would block for good.

        A signal handler: the text typed last may not be in the model yet. The kernel and the
        keyboard both raise the signal, and the second must not interrupt the first.
        """
        signal.signal(number, signal.SIG_IGN)
        try:
            if (typed := self.workspace.main_screen.typed) is not None:
                self.workspace.run(self.workspace.seat.draft(typed))
            self.composer_actions.load_edited()
            self.workspace.draft_saver.flush()
            self.composer_actions.close_editor()
            if isinstance(self._driver, Driver):
                self._driver.prepend(HANG_UP_TIMEOUT)
        finally:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    # The relay

    def receive(self, event: LinkEvent) -> None:
        """Queue *event*, from the link's thread; one message wakes the app for all in the queue."""
        self._events.append(event)
        if not self._wake_posted:
            self._wake_posted = True
            self.post_message(LinkEventsReceived())

    def on_link_events_received(self) -> None:
        """Handle all queued events, then draw once."""
        self._wake_posted = False
        while self._events:
            self._handle(self._events.popleft())
        self.workspace.run(self.workspace.seat.fetch_unread_counts())
        self.workspace.refresh()
        match self.screen:
            case StatsDialog() as figures:
                figures.show()
            case Picker() as picker:
                picker.refresh_choices()
            case _:
                pass
        self._notify_outside()

    def _handle(self, event: LinkEvent) -> None:
        match event:
            case LinkFailed(error=error):
                raise error
            case Online():
                self.workspace.connection = event
            case Ended(reason=reason, unauthorized=True) if self._untouched:
                self.failure = reason
                self.exit()
            case Connecting() | Offline() | Ended():
                self.workspace.connection = event
                self.workspace.run(self.workspace.seat.disconnected())
            case _:
                self.workspace.run(reduce(self.workspace.seat, event, monotonic()))

    @property
    def _untouched(self) -> bool:
        """True if the relay has sent nothing and no request was opened."""
        return not self.workspace.seat.desk.welcomed and self.workspace.seat.open is None

    # The clock, the view, the mouse

    def _tick(self) -> None:
        self.workspace.report_typing(self.workspace.typing.tick(monotonic()))
        self.workspace.main_screen.show_typing_line()
        if not isinstance(self.workspace.connection, Online):
            self.workspace.main_screen.show_connection(self.workspace.connection)
        self._notify_outside()
        if self._focus_due and monotonic() > self._focus_due:
            self._focus_due = None
            self.workspace.show_notice(terminal.NO_FOCUS)

    def _notify_outside(self) -> None:
        """Notify an agent who looks elsewhere; put the number of waiting requests in the title."""
        now = monotonic()
        if told := self._notifier.text_due(self.workspace.seat, now, focused=self.app_focus):
            self.workspace.terminal.write(
                terminal.notification(self._notify, told, tmux=self.workspace.terminal.in_tmux)
            )
        waiting = sum(r.status == "waiting" for r in self.workspace.seat.desk.requests.values())
        if waiting != self._title_count:
            self._title_count = waiting
            self.workspace.terminal.write(terminal.title(waiting))

    def _forget_title(self, _: object) -> None:
        """Set the title anew next time: another program has had the terminal."""
        self._title_count = None

    @on(events.AppBlur)
    def _blurred(self) -> None:
        self._focus_due = None

    @on(events.AppFocus)
    def _focused(self) -> None:
        self._focus_due = None
        self.call_next(self.workspace.refresh)  # Textual takes note of the focus after this

    @on(TextArea.Changed, "#composer")
    def _keep_edited(self) -> None:
        self.composer_actions.on_edited()

    def _send(self, text: str) -> None:
        self.composer_actions.send(text)

    @on(KeyBar.Clicked)
    async def _click_key(self, clicked: KeyBar.Clicked) -> None:
        await self.appearance.run_key(clicked.key)

    @on(events.DescendantFocus)
    def _enter_open(self) -> None:
        """Mark the open request as entered, whichever way the focus came to its composer."""
        if self.workspace.main_screen.composer_focused:
            self.workspace.run(self.workspace.seat.enter())
            self.workspace.refresh()

    @on(Input.Changed, "#filter")
    def _narrow(self) -> None:
        self.navigation.narrow()

    @on(ConversationView.Scrolled)
    def _refresh(self) -> None:
        self.workspace.refresh()

    @on(ConversationView.TopReached)
    def _fetch_older(self) -> None:
        self.workspace.run(self.workspace.seat.fetch_older())

    @on(RequestList.Clicked)
    def _open_clicked(self, clicked: RequestList.Clicked) -> None:
        self.workspace.open(clicked.number)

    def _fatal_error(self) -> None:
        """Replace Textual's traceback, which shows values: tokens and customers' texts."""
        if self._exception and self.failure is None:
            self.failure = write_crash_log(self._exception, self.state_dir, datetime.now(UTC))
        self._close_messages_no_wait()


def run(
    url: str,
    token: str,
    state_dir: Path | None = None,
    notice: str = "",
    preferences: Preferences | None = None,
    *,
    timings: Timings = DEFAULT_TIMINGS,
) -> int:
    """Run the console until the agent quits; return the exit code.

    Raise :exc:`HelpdeskError` once the terminal is itself again, if the relay refuses the token
    at the start or the console fails, and before it if *preferences* cannot be. What is unsent is
    kept in *state_dir*; *notice* is shown where no request is open.
    """
    own = preferences or Preferences()
    try:
        state_dir = state_dir or default_state_dir()
        console = Console(url, token, state_dir, notice, own, timings=timings)
    except KeysRefused as refused:
        raise HelpdeskError(str(refused)) from None
    except InvalidThemeError:
        known = {theme.TERMINAL, *BUILTIN_THEMES, *(one.name for one in theme.OWN_THEMES)}
        names = ", ".join(sorted(known))
        reason = f"console.theme: there is no {own.theme!r}; there are {names}."
        raise HelpdeskError(reason) from None
    signal.signal(signal.SIGHUP, console.hang_up)
    console.run(mouse=own.mouse)
    if console.failure:
        raise HelpdeskError(console.failure)
    return 0
