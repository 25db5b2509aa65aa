"""A pause in what a connection takes, after it was told much. It knows no frames and no sockets.

What comes meanwhile waits its turn, so nothing is lost by it.
"""

import asyncio
from collections.abc import Callable


class Rest:
    """The rest of one connection."""

    __slots__ = ("_over", "_timer")

    def __init__(self, over: Callable[[], None]) -> None:
        """Begin awake; *over* is called at the end of each rest."""
        self._over = over
        self._timer: asyncio.TimerHandle | None = None

    @property
    def on(self) -> bool:
        """Whether nothing may be taken now."""
        return self._timer is not None

    def take(self, seconds: float) -> None:
        """Rest for *seconds* from now on, instead of what was left of an earlier rest."""
        self.stop()
        if seconds:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    def stop(self) -> None:
        """Be awake, and tell nobody."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def end(self) -> None:
        """Be awake for good: the connection is gone."""
        self.stop()
        self._over = _nothing

    def _end(self) -> None:
        self._timer = None
        self._over()


def _nothing() -> None:
    """Nobody waits any more."""
