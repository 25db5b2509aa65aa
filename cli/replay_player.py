"""Plays a request's log in the terminal."""

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum
from typing import Protocol

from cli import output
from cli.formats import note_mark, title, when, who, words
from cli.text_lines import duration
from relay.desk.request import HelpRequest, apply
from relay.sanitize import printable_line, printable_text
from relay.store.export_format import MessageLine, RequestLine

LONGEST_PAUSE = 2.0
"""Seconds; a longer one is cut to this."""
TYPED_A_SECOND, LONGEST_TYPING = 20.0, 3.0
"""Characters, and seconds."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An entry of the log, and the ``request`` after it. ``pause``, then ``typing``, go before it.

    Seconds all; ``left_out`` is how much longer it took.
    """

    line: MessageLine
    request: HelpRequest
    pause: float
    typing: float
    left_out: float


def scenes(
    first: RequestLine, log: Iterable[MessageLine], *, begin: int, notes: bool
) -> Iterator[Scene]:
    """Yield the scenes of the request *first* from the number *begin* on; *notes*, if asked for."""
    request = HelpRequest(first.request.id, first.request.site, first.customer.id)
    last: int | None = None
    for line in log:
        request = apply(request, line.message)
        if line.seq < begin or (line.kind == "note" and not notes):
            continue
        # A clock may have been put back in between.
        gap = 0.0 if last is None else max(0.0, (line.at - last) / 1000)
        last = line.at
        typing = min(gap, LONGEST_TYPING, len(line.text or "") / TYPED_A_SECOND)
        pause = min(gap - typing, LONGEST_PAUSE)
        yield Scene(line, request, pause, typing, gap - typing - pause)


def heading(first: RequestLine) -> str:
    """Return what stands above the first scene."""
    return f"{title(first)}\n"


def scene_block(scene: Scene, zone: tzinfo | None) -> str:
    """Return *scene* for a terminal, with its time in *zone*."""
    line, at = scene.line, when(scene.line, zone)
    if line.activity:
        return f"{at}  {printable_line(words(line), 1_200)} [{scene.request.status}]\n"
    said = printable_text(words(line)).replace("\n", "\n    ")
    return f"{at}  {who(line.by)}{note_mark(line)}\n    {said}\n"


def later(scene: Scene) -> str | None:
    """Return what is said of a pause that was cut, None if none was."""
    if not scene.left_out:
        return None
    return f"    ... {duration(scene.pause + scene.left_out + scene.typing)} later\n"


HELP = "space: pause  s: step  n: skip the wait  f: faster  q: end"


class Key(StrEnum):
    """The keys of the player."""

    PAUSE = " "
    STEP = "s"
    SKIP = "n"
    FASTER = "f"
    END = "q"


class Stage(Protocol):
    """The output and input of a :class:`Player`."""

    def now(self) -> float:
        """Return seconds of a clock that never goes back."""

    def wait(self, seconds: float | None) -> str | None:
        """Return the key that is pressed within *seconds* (None: whenever), None if none is."""

    def show(self, text: str) -> None:
        """Add *text*, whole lines, below what is shown."""

    def hint(self, text: str) -> None:
        """Show *text* until the next call; nothing if it is empty."""


class Ended(Exception):  # noqa: N818 - the viewer's wish
    """The viewer has seen enough."""


class Player:
    """Plays at a pace that the viewer changes."""

    def __init__(self, stage: Stage, speed: float, zone: tzinfo | None) -> None:
        """Play on *stage*, *speed* times as fast as it happened; endless waits for nothing.

        Times are shown in *zone*.
        """
        self._zone = zone
        self._stage = stage
        self._speed = speed
        self._paused = False

    def play(self, scenes: Iterable[Scene]) -> bool:
        """Play *scenes*; return whether the viewer saw all of them."""
        try:
            for scene in scenes:
                self._lead_in(scene)
                self._stage.hint("")
                self._stage.show(scene_block(scene, self._zone))
        except Ended:
            self._stage.hint("")
            return False
        return True

    def _lead_in(self, scene: Scene) -> None:
        gap = later(scene)
        if gap:
            self._stage.show(gap)
        if not self._wait(scene.pause, ""):
            return
        if scene.typing:
            self._wait(scene.typing, f"{who(scene.line.by)} is typing ...")

    def _wait(self, seconds: float, hint: str) -> bool:
        """Wait *seconds* at the pace of now; return False if the rest is to be left out too."""
        left = seconds / self._speed
        while left > 0 or self._paused:
            self._stage.hint("paused; " + HELP if self._paused else hint)
            began = self._stage.now()
            key = self._stage.wait(None if self._paused else left)
            if not self._paused:
                left -= self._stage.now() - began
            match key:
                case None if not self._paused:
                    return True
                case Key.PAUSE:
                    self._paused = not self._paused
                case Key.STEP:
                    self._paused = True
                    return False
                case Key.SKIP:
                    return False
                case Key.FASTER:
                    self._speed *= 2
                    left /= 2
                case Key.END:
                    raise Ended
                case _:
                    pass
        return True


class Terminal:
    """Stage on a terminal whose keys are read one by one; :func:`on_terminal` makes one."""

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
        output.status_line(text)


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
