"""The terminal: keyboard driver, our own control sequences, and the filter for all others."""

import asyncio
import os
import re
import selectors
import signal
import sys
import termios
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Thread
from time import monotonic
from types import FrameType
from typing import Any

from rich.segment import Segment
from textual import constants
from textual.app import App, SuspendNotSupported
from textual.color import Color
from textual.driver import Driver as TextualDriver
from textual.drivers import linux_driver
from textual.filter import LineFilter

from helpdesk_tui.terminal_input import TerminalInput
from relay.sanitize import printable_cell, printable_line

BELL = "\a"
KEEP_TITLE, OLD_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""Sequences that save and restore the terminal's title; tmux knows both, too."""
NO_FOCUS = (
    "tmux does not say when you look elsewhere, so nothing can be told you then: "
    "run `tmux set -g focus-events on`."
)
CLIPBOARD_LIMIT = 74_000
"""Bytes in Base64; what more than one terminal takes at most."""
NOTICE_LIMIT = 120
_ENDS = re.compile("[;\x00-\x1f\x7f-\x9f]")


def kind_for(environment: Mapping[str, str]) -> str:
    """Return which OSC sequence the terminal of *environment* notifies by, else ``bell``."""
    program = environment.get("TERM_PROGRAM", "")
    if "KITTY_WINDOW_ID" in environment or "kitty" in environment.get("TERM", ""):
        return "99"
    if program in {"iTerm.app", "WezTerm", "ghostty", "WarpTerminal"}:
        return "9"
    if "VTE_VERSION" in environment or "foot" in environment.get("TERM", ""):
        return "777"
    return "bell"


def notification(kind: str, text: str, *, tmux: bool) -> str:
    """Return what tells *text* by *kind* (``9``, ``777``, ``99``, ``bell``, ``off``).

    The bell rings with each: it is what a terminal without notifications understands.
    """
    words = _ENDS.sub(" ", printable_line(text, NOTICE_LIMIT))
    match kind:
        case "9":
            return BELL + _wrapped(f"\x1b]9;{words}\x1b\\", tmux=tmux)
        case "777":
            return BELL + _wrapped(f"\x1b]777;notify;Helpdesk;{words}\x1b\\", tmux=tmux)
        case "99":
            return BELL + _wrapped(f"\x1b]99;;{words}\x1b\\", tmux=tmux)
        case "bell":
            return BELL
        case _:
            return ""


def title(waiting: int) -> str:
    """Return what sets the terminal's title, with how many wait."""
    return f"\x1b]2;{f'({waiting}) ' if waiting else ''}Helpdesk\x1b\\"


def clipboard(text: str) -> str:
    """Return what puts *text* into the terminal's clipboard; nothing if it is too much.

    tmux takes it as it is, with ``set-clipboard on``; what is wrapped it drops as a rule.
    """
    data = b64encode(text.encode()).decode()
    return "" if len(data) > CLIPBOARD_LIMIT else f"\x1b]52;c;{data}\x1b\\"


def _wrapped(sequence: str, *, tmux: bool) -> str:
    """Return *sequence*, wrapped for tmux to pass on to the terminal around it if *tmux*."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\" if tmux else sequence


STDOUT, STDERR = 1, 2
READ_SIZE = 65_536
LOOK_EVERY = 0.05
"""Seconds between two looks whether input that is held back has waited for too long."""
ALTERNATE_KEYS = "\x1b[>29u"
"""Asks for what Textual asks for in kitty's protocol, and for the key's place on the keyboard."""
NO_ALTERNATE_KEYS = "\x1b[<u"


class Driver(linux_driver.LinuxDriver):
    """Reads keys whatever the terminal sends, and gives the mouse and the title back to it.

    Draws on stdout where stderr goes elsewhere, as with `2>log`.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        if not os.isatty(STDERR) and os.isatty(STDOUT):
            self._file = sys.__stdout__
        self._keyboard = TerminalInput()

    def start_application_mode(self) -> None:
        """Enter application mode; Textual calls it at the start and after another program ran."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread:
            self.write(KEEP_TITLE)
            if not constants.DISABLE_KITTY_KEY:
                self.write(ALTERNATE_KEYS)

    def resume_application_mode(self) -> None:
        """Enter application mode again; input that another program has not read is dropped."""
        with suppress(termios.error):  # it may be gone
            termios.tcflush(self.fileno, termios.TCIFLUSH)
        super().resume_application_mode()

    def stop_application_mode(self) -> None:
        """Leave application mode; Textual calls it at its end and before another program runs."""
        if self._writer_thread:
            self.write(OLD_TITLE)
            if not constants.DISABLE_KITTY_KEY:
                self.write(NO_ALTERNATE_KEYS)
        super().stop_application_mode()

    def prepend(self, within: float) -> None:
        """Restore the terminal, if it accepts that *within* so many seconds."""
        giving = Thread(target=self._give_back, daemon=True)
        giving.start()
        giving.join(within)

    def _give_back(self) -> None:
        self.stop_application_mode()
        self.close()

    @property
    def mouse(self) -> bool:
        """True if the console handles the mouse, not the terminal."""
        return self._mouse

    def use_mouse(self, *, on: bool) -> bool:
        """Handle the mouse in the console, or leave it to the terminal; return *on*."""
        self._mouse = True  # Textual tells the terminal nothing without it
        (self._enable_mouse_support if on else self._disable_mouse_support)()
        self._mouse = on
        return on

    def run_input_thread(self) -> None:
        """Read keys until the end; Textual calls it in a thread of its own.

        Nothing to read is a terminal that is gone: that ends the console as a hang-up does, which
        a terminal that is not the session's own never tells of.
        """
        keyboard = self._keyboard
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                ready = selector.select(LOOK_EVERY)
                data = self._read() if ready else b""
                if ready and not data:
                    os.kill(os.getpid(), signal.SIGHUP)
                    break
                now = monotonic()
                for message in keyboard.read(data, now) if data else keyboard.idle(now):
                    self.process_message(message)

    @property
    def dropped(self) -> int:
        """The number of malformed sequences that the terminal has sent."""
        return self._keyboard.dropped

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, READ_SIZE)
        except OSError:  # what Linux makes of a terminal whose other end is closed
            return b""


class Terminal:
    """The terminal that *app* draws on: writes our own control sequences, lends it to programs."""

    def __init__(self, app: App[Any], any_driver: Callable[[], TextualDriver | None]) -> None:
        """*any_driver* gives Textual's driver, once there is one."""
        self._app, self._any_driver = app, any_driver
        self.in_tmux = "TMUX" in os.environ
        self.here = asyncio.Event()
        self.here.set()

    @property
    def lent(self) -> bool:
        """True while another program has the terminal."""
        return not self.here.is_set()

    @property
    def driver(self) -> Driver | None:
        """The console's own driver, or None where there is no terminal, as in a test."""
        driver = self._any_driver()
        return driver if isinstance(driver, Driver) else None

    @property
    def has_browser(self) -> bool:
        """True if a browser can be opened where the agent sees it: not over SSH."""
        desktop = sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
        return bool(desktop) and "SSH_CONNECTION" not in os.environ

    def write(self, sequence: str) -> None:
        """Write a control sequence of our own, unless another program has the terminal."""
        if sequence and (driver := self._any_driver()) and not self.lent:
            driver.write(sequence)
            driver.flush()

    async def lend(self, program: Callable[[], None]) -> bool:
        """Suspend the console while *program* runs; return False if the terminal cannot be lent.

        Nothing is painted before it is back: Textual would wait for ever for its writer. Ctrl+C
        is meant for whoever has the terminal.
        """
        self.here.clear()
        # Not SIG_IGN, which an editor would inherit.
        before = signal.signal(signal.SIGINT, _ignore_signal)
        try:
            with self._app.batch_update(), self._app.suspend():
                await asyncio.to_thread(program)
        except SuspendNotSupported:
            return False
        finally:
            signal.signal(signal.SIGINT, before)
            self.here.set()
        return True


def _ignore_signal(number: int, frame: FrameType | None) -> None:
    del number, frame


class ControlGuard(LineFilter):
    """Removes control characters from drawn lines; Rich counts them as no cells, so widths hold."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Return *segments* with text that is printable."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [_guarded(segment) for segment in segments]


def _guarded(segment: Segment) -> Segment:
    if segment.control:
        return segment
    return Segment(printable_cell(segment.text), segment.style)
