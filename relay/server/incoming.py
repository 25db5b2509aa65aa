"""What comes in by one socket, a slice at a time. It never knows what the bytes mean.

One chunk of a socket may hold forty thousand frames; between two slices of it others have their
turn. What cannot be taken yet stays in the kernel's hands, which slows the client down.
"""

import asyncio
from collections.abc import Callable

from relay.server.inbox import Inbox

SLICE = 4096
"""Bytes that are looked at in one turn of the loop: a few milliseconds at worst."""


class Incoming:
    """The way in of one connection."""

    __slots__ = ("_inbox", "_loop", "_rest", "_take", "_taking", "_timer", "_transport", "paused")

    def __init__(
        self, transport: asyncio.Transport, take: Callable[[bytes], float], inbox: Inbox
    ) -> None:
        """Give *take* what comes; it returns the seconds until the next slice may. While *inbox*
        is full none may at all, until :meth:`go_on` is called."""
        self._transport = transport
        self._take = take
        self._inbox = inbox
        self._loop = asyncio.get_running_loop()
        self._rest = b""
        self._timer: asyncio.TimerHandle | None = None
        self._taking = False
        self.paused = False
        """Whether the socket is not read: something waits."""

    def feed(self, data: bytes) -> None:
        """Take *data*, now or later."""
        if self.paused or len(data) > SLICE:
            self._rest += data
            self.go_on()
        elif wait := self._take(data):
            self._go_on_in(wait)
        elif self._inbox.full:
            self._read_or_not()

    def go_on(self) -> None:
        """Take a slice if one may be taken, and read on if nothing waits."""
        if self._taking:
            return
        if self._rest and self._timer is None and not self._inbox.full:
            piece, self._rest = self._rest[:SLICE], self._rest[SLICE:]
            self._taking = True
            wait = self._take(piece)
            self._taking = False
            if wait or self._rest:
                self._go_on_in(wait)
        self._read_or_not()

    def stop(self) -> None:
        """Forget all that came: the connection is gone."""
        self._rest = b""
        self._take = _nothing
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on_in(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._again)
        self._read_or_not()

    def _again(self) -> None:
        self._timer = None
        self.go_on()

    def _read_or_not(self) -> None:
        held = self._timer is not None or bool(self._rest) or self._inbox.full
        if held == self.paused or self._transport.is_closing():
            return
        self.paused = held
        if held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


def _nothing(_: bytes) -> float:
    return 0.0
