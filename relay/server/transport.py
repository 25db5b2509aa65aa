"""Bytes in and out of one socket: slices, buffers, backpressure, closing. Knows no frame."""

import asyncio
import socket
import struct
from collections.abc import Callable

from websockets.http11 import Response
from websockets.protocol import SEND_EOF, State

from relay.errors import CloseCode
from relay.server.connection_log import Witness
from relay.server.websocket import HelpdeskProtocol

MOST_FRAMES = 64
MOST_BYTES = 2**18
"""Behind so many bytes, or frames, the socket is not read: it slows the client down."""


# No deque: an empty one has ten times the memory, and most are empty.
class Inbox(list[tuple[bytes | None, float]]):
    """Frames with the times at which they came, first in, first out; a binary message is None."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        """Nothing has come."""
        super().__init__()
        self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether nothing more should come for now."""
        return len(self) >= MOST_FRAMES or self._bytes >= MOST_BYTES

    def put(self, frame: bytes | None, at: float) -> None:
        """Add *frame*, which has come *at* that time, at the end."""
        self.append((frame, at))
        self._bytes += len(frame or b"")

    def take(self) -> tuple[bytes | None, float]:
        """Return the first frame, which must be there, with when it came, and forget it."""
        frame, at = self.pop(0)
        self._bytes -= len(frame or b"")
        return frame, at

    def clear(self) -> None:
        """Forget all frames."""
        super().clear()
        self._bytes = 0


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
        self._over = _nobody_waits

    def _end(self) -> None:
        self._timer = None
        self._over()


def _nobody_waits() -> None:
    """Nobody waits any more."""


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


SLOW_BYTES = 2**20
"""What may wait for one client before it is cut off (promise 4)."""
CLOSE_WITHIN = 3.0
"""Seconds that a client has to take its leave before the socket is cut."""
FLUSH_BYTES = 2**16
"""What is offered in one turn leaves before its end if it is more than this."""
RESET = struct.pack("ii", 1, 0)
"""A linger of no time at all: closing resets the connection."""


class Outgoing:
    """The way out of one connection."""

    __slots__ = (
        "_flushing",
        "_hang_up",
        "_loop",
        "_offered",
        "_protocol",
        "_timer",
        "_transport",
        "_unwritten",
        "_witness",
        "closing",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        protocol: HelpdeskProtocol,
        hang_up: Callable[[CloseCode, str], None],
        witness: Witness,
    ) -> None:
        """Write to *transport* what *protocol* makes of it.

        *hang_up* ends a slow client; *witness* sees what leaves, and why the connection ends.
        """
        self._transport = transport
        self._protocol = protocol
        self._hang_up = hang_up
        self._witness = witness
        self._unwritten: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._offered = 0
        self._flushing = False
        self._timer: asyncio.TimerHandle | None = None
        self.closing = False
        """Whether the end has begun: nothing more is said, and nothing more is taken."""

    def offer(self, frame: bytes) -> None:
        """Send *frame* at the end of this turn of the loop, if the client still reads."""
        if self.closing:
            return
        self._protocol.say(frame)
        self._offered += len(frame)
        if self._offered > FLUSH_BYTES:
            # Who reads must not be taken for one who does not because much happened at once.
            self.flush()
        elif not self._flushing:
            self._flushing = True
            self._loop.call_soon(self.flush)

    def acknowledge(self, came: float) -> None:
        """Tell, when all that was offered is written, that it answers a frame that *came* then."""
        if self._flushing:
            self._unwritten.append(came)
        else:
            self._witness.acknowledged([came])

    @property
    def waiting_bytes(self) -> int:
        """What was offered and has not left."""
        return self._offered + self._transport.get_write_buffer_size()

    def ping(self) -> None:
        """Ask whether the client is still there."""
        self._protocol.send_ping(b"")
        self.flush()

    def respond(self, response: Response) -> None:
        """Answer a request over HTTP, with the next flush."""
        self._witness.answered(response.status_code)
        self._protocol.send_response(response)

    def flush(self) -> None:
        """Write all that was offered, unless the client has stopped reading."""
        self._flushing = False
        transport = self._transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() + self._offered > SLOW_BYTES and not self.closing:
            self._offered = 0
            self._protocol.data_to_send()
            self._hang_up(CloseCode.SLOW_CONSUMER, "slow consumer")
            return
        self._offered = 0
        data = self._protocol.data_to_send()
        if written := b"".join(data):
            transport.write(written)
        if self._unwritten:
            self._witness.acknowledged(self._unwritten)
            self._unwritten.clear()
        if transport.get_write_buffer_size() > 2 * SLOW_BYTES:
            # Pongs and close frames cost memory too, and are not offered by anybody.
            self.abort()
        elif data and data[-1] == SEND_EOF:
            # Closing at once would reset the connection if bytes that nobody wants are on the way,
            # and the client might never read what it was told last.
            self.closing = True
            self.within(CLOSE_WITHIN, self._leave)
            transport.write_eof()

    def within(self, seconds: float, action: Callable[[], None]) -> None:
        """Call *action* in so many seconds, unless another such call or :meth:`in_time` comes."""
        self.in_time()
        self._timer = self._loop.call_later(seconds, action)

    def in_time(self) -> None:
        """Call nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def stop(self) -> None:
        """Say nothing any more: the connection is gone."""
        self.closing = True
        self.in_time()
        self._hang_up = _nobody

    def close(self, code: CloseCode, reason: str) -> None:
        """End the connection after what was offered; with force if the client takes its time."""
        self._witness.ending(code)
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self.close_soon()
            self.flush()
        else:
            self.closing = True
            self._transport.close()

    def close_soon(self) -> None:
        """Let the client end the connection; with force if it takes its time."""
        self.closing = True
        self.within(CLOSE_WITHIN, self.abort)

    def _leave(self) -> None:
        """End a connection on which all has been said, even if the client does not."""
        if self._transport.get_write_buffer_size():
            self.abort()
        else:
            self._transport.close()

    def abort(self) -> None:
        """End the connection now, and let the kernel forget what the client has not read."""
        self.closing = True
        sock: socket.socket = self._transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._transport.abort()


def _nobody(_code: CloseCode, _reason: str) -> None:
    """There is nobody to hang up on."""
