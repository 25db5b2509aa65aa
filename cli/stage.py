"""The terminal as a stage: keys as they are pressed, without Enter, and a clock. No decisions."""

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from cli import output
from cli.player import Key


class Terminal:
    """A terminal whose keys are read one by one; :func:`on_terminal` makes one."""

    def __init__(self, keyboard: int | None) -> None:
        """Read keys from the descriptor *keyboard*; None: there are none."""
        self._keyboard = keyboard

    def now(self) -> float:
        """Return seconds of a clock that never goes back."""
        return time.monotonic()

    def wait(self, seconds: float | None) -> str | None:
        """Return the key that is pressed within *seconds*, None if none is."""
        if self._keyboard is None:
            time.sleep(seconds or 0.0)
            return None
        ready, _, _ = select.select([self._keyboard], [], [], seconds)
        if not ready:
            return None
        pressed = os.read(self._keyboard, 1)
        # Where the terminal is gone, nobody looks on.
        return pressed.decode("ascii", "replace").lower() or Key.END

    def show(self, text: str) -> None:
        """Add *text* below what is shown."""
        output.data(text.rstrip("\n"))

    def hint(self, text: str) -> None:
        """Show *text* until the next call."""
        output.passing(text)


@contextmanager
def on_terminal() -> Iterator[Terminal]:
    """Yield the terminal, which heeds single keys until the end, if stdin is one."""
    if not sys.stdin.isatty():
        yield Terminal(None)
        return
    keyboard = sys.stdin.fileno()
    usual = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard)
        yield Terminal(keyboard)
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, usual)
