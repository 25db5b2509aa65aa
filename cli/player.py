"""Plays scenes: waits, heeds keys, shows. Time, keys and the screen are a stage that is given.

Never sleeps or reads a key itself, so that a test plays an hour at once.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from cli.scenes import Scene, later, told
from cli.transcripts import who

HELP = "space: pause  s: step  n: skip the wait  f: faster  q: end"


class Key(StrEnum):
    """What a viewer may press."""

    PAUSE = " "
    STEP = "s"
    SKIP = "n"
    FASTER = "f"
    END = "q"


class Stage(Protocol):
    """Where a request is played."""

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

    def __init__(self, stage: Stage, speed: float) -> None:
        """Play on *stage*, *speed* times as fast as it happened; endless waits for nothing."""
        self._stage = stage
        self._speed = speed
        self._paused = False

    def play(self, scenes: Iterable[Scene]) -> bool:
        """Play *scenes*; return whether the viewer saw all of them."""
        try:
            for scene in scenes:
                self._lead_in(scene)
                self._stage.hint("")
                self._stage.show(told(scene))
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
