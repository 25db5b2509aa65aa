"""Reading and writing of one socket: slices, queues, throttling, backpressure, closing."""

import asyncio
import fcntl
import socket
import struct
import termios
from collections.abc import Callable

from websockets.http11 import Response
from websockets.protocol import SEND_EOF, State

from relay.errors import CloseCode
from relay.server.connection_log import ConnectionLog
from relay.server.websocket import HelpdeskProtocol

MAX_QUEUED_FRAMES = 64
MAX_QUEUED_BYTES = 2**18
"""Behind so many bytes, or frames, the socket is not read: it slows the client down."""


# No deque: an empty one has ten times the memory, and most are empty.
class FrameQueue(list[tuple[bytes | None, float]]):
    """Received frames with the times at which they came, in order; a binary message is None."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self._bytes = 0

    @property
    def full(self) -> bool:
        """True if the socket should not be read for now."""
        return len(self) >= MAX_QUEUED_FRAMES or self._bytes >= MAX_QUEUED_BYTES

    def put(self, frame: bytes | None, at: float) -> None:
        """Append *frame*, received *at* that time."""
        self.append((frame, at))
        self._bytes += len(frame or b"")

    def get(self) -> tuple[bytes | None, float]:
        """Remove the first frame, which must be there, and return it with when it came."""
        frame, at = self.pop(0)
        self._bytes -= len(frame or b"")
        return frame, at

    def clear(self) -> None:
        """Remove all frames."""
        super().clear()
        self._bytes = 0


class Throttle:
    """Pauses one connection for a time, after which it calls back."""

    __slots__ = ("_on_end", "_timer")

    def __init__(self, on_end: Callable[[], None]) -> None:
        """Begin without a pause; *on_end* is called at the end of each."""
        self._on_end = on_end
        self._timer: asyncio.TimerHandle | None = None

    @property
    def active(self) -> bool:
        """True if no frame may be handled now."""
        return self._timer is not None

    def pause(self, seconds: float) -> None:
        """Pause for *seconds* from now on, instead of what was left of an earlier pause."""
        self._cancel()
        if seconds:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    def close(self) -> None:
        """End for good, without a call: the connection is gone."""
        self._cancel()
        self._on_end = _ignore_end

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _end(self) -> None:
        self._timer = None
        self._on_end()


def _ignore_end() -> None:
    """Ignore the end of a pause."""


SLICE_SIZE = 4096
"""Bytes that are processed in one turn of the loop: a few milliseconds at worst."""


class SocketReader:
    """Passes on what one socket receives, in slices, and stops reading it for backpressure."""

    __slots__ = (
        "_buffer",
        "_loop",
        "_queue",
        "_receive",
        "_receiving",
        "_timer",
        "_transport",
        "paused",
    )

    def __init__(
        self, transport: asyncio.Transport, receive: Callable[[bytes], float], queue: FrameQueue
    ) -> None:
        """Pass each slice to *receive*, which returns the seconds until the next may follow.

        While *queue* is full none follows at all, until :meth:`resume` is called.
        """
        self._transport = transport
        self._receive = receive
        self._queue = queue
        self._loop = asyncio.get_running_loop()
        self._buffer = b""
        self._timer: asyncio.TimerHandle | None = None
        self._receiving = False
        self.paused = False
        """True if the socket is not read: something waits."""

    def feed(self, data: bytes) -> None:
        """Pass on *data*, now or later."""
        if self.paused or len(data) > SLICE_SIZE:
            self._buffer += data
            self.resume()
        elif wait := self._receive(data):
            self._resume_in(wait)
        elif self._queue.full:
            self._update_reading()

    def resume(self) -> None:
        """Pass on the next slice if it may follow, and read on if nothing waits."""
        if self._receiving:
            return
        if self._buffer and self._timer is None and not self._queue.full:
            piece, self._buffer = self._buffer[:SLICE_SIZE], self._buffer[SLICE_SIZE:]
            self._receiving = True
            wait = self._receive(piece)
            self._receiving = False
            if wait or self._buffer:
                self._resume_in(wait)
        self._update_reading()

    def detach(self) -> bytes:
        """Stop, leave the socket to be read by others, and return what was not passed on."""
        rest = self._buffer
        self.stop()
        if self.paused:
            self.paused = False
            self._transport.resume_reading()
        return rest

    def stop(self) -> None:
        """Drop all that came: the connection is gone."""
        self._buffer = b""
        self._receive = _ignore_bytes
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _resume_in(self, seconds: float) -> None:
        self._timer = self._loop.call_later(seconds, self._resume_now)
        self._update_reading()

    def _resume_now(self) -> None:
        self._timer = None
        self.resume()

    def _update_reading(self) -> None:
        held = self._timer is not None or bool(self._buffer) or self._queue.full
        if held == self.paused or self._transport.is_closing():
            return
        self.paused = held
        if held:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


def _ignore_bytes(_: bytes) -> float:
    return 0.0


MAX_UNREAD_BYTES = 2**20
"""Bytes that may wait for one client before it is cut off (promise 4)."""
CLOSE_TIMEOUT = 3.0
"""Seconds that a client has to close its side before the connection is aborted."""
FLUSH_SIZE = 2**16
"""Bytes offered in one turn of the loop beyond which they are written before its end."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time at all: closing resets the connection."""


def reset(transport: asyncio.Transport) -> None:
    """Reset the connection now, so that the kernel drops what the client has not read."""
    sock: socket.socket = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    transport.abort()


def unacknowledged(transport: asyncio.Transport) -> int:
    """Return how many bytes the kernel has that the other machine has not acknowledged; 0 if the
    kernel does not tell."""
    sock: socket.socket = transport.get_extra_info("socket")
    try:
        count: int = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]
    except OSError:
        return 0
    return count


class SocketWriter:
    """Writes what one connection is offered, once a turn of the loop, and closes it.

    A client that does not read is cut off.
    """

    __slots__ = (
        "_flushing",
        "_log",
        "_loop",
        "_offered",
        "_on_slow",
        "_protocol",
        "_timer",
        "_transport",
        "_unacknowledged",
        "closing",
        "written",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        protocol: HelpdeskProtocol,
        on_slow: Callable[[CloseCode, str], None],
        log: ConnectionLog,
    ) -> None:
        """Write to *transport* what *protocol* makes of it.

        *on_slow* closes the connection of a slow client; *log* records answers and the close.
        """
        self._transport = transport
        self._protocol = protocol
        self._on_slow = on_slow
        self._log = log
        self._unacknowledged: list[float] = []
        self._loop = asyncio.get_running_loop()
        self._offered = 0
        self._flushing = False
        self._timer: asyncio.TimerHandle | None = None
        self.closing = False
        """True if the close has begun: nothing more is offered, and no frame handled."""
        self.written = 0
        """Bytes written so far."""

    def send(self, frame: bytes) -> None:
        """Send *frame* at the end of this turn of the loop, if the client still reads."""
        if self.closing:
            return
        self._protocol.write_text(frame)
        self._offered += len(frame)
        if self._offered > FLUSH_SIZE:
            # A client that reads must not count as slow because much happened at once.
            self.flush()
        elif not self._flushing:
            self._flushing = True
            self._loop.call_soon(self.flush)

    def acknowledge(self, received_at: float) -> None:
        """Record, when all that was offered is written, that it answers a frame received then."""
        if self._flushing:
            self._unacknowledged.append(received_at)
        else:
            self._log.acknowledged([received_at])

    @property
    def backlog(self) -> int:
        """Bytes that were offered and that the socket has not accepted."""
        return self._offered + self._transport.get_write_buffer_size()

    @property
    def unread(self) -> int:
        """Bytes written that the client's machine has not acknowledged."""
        return self._transport.get_write_buffer_size() + unacknowledged(self._transport)

    def ping(self) -> None:
        """Send a ping, which says how many bytes were written before it."""
        self._protocol.send_ping(b"%d" % self.written)
        self.flush()

    def respond(self, response: Response) -> None:
        """Answer the handshake, with the next flush."""
        self._log.handshake_answered(response.status_code)
        self._protocol.send_response(response)

    def flush(self) -> None:
        """Write all that was offered, unless the client has stopped reading."""
        self._flushing = False
        transport = self._transport
        if transport.is_closing():
            return
        if (
            transport.get_write_buffer_size() + self._offered > MAX_UNREAD_BYTES
            and not self.closing
        ):
            self._offered = 0
            self._protocol.data_to_send()
            self._on_slow(CloseCode.SLOW_CONSUMER, "slow consumer")
            return
        self._offered = 0
        data = self._protocol.data_to_send()
        if written := b"".join(data):
            self.written += len(written)
            transport.write(written)
        if self._unacknowledged:
            self._log.acknowledged(self._unacknowledged)
            self._unacknowledged.clear()
        if transport.get_write_buffer_size() > 2 * MAX_UNREAD_BYTES:
            # Pongs and close frames cost memory too, although they are never offered.
            self.abort()
        elif data and data[-1] == SEND_EOF:
            # Closing at once would reset the connection if unread bytes are on the way, and the
            # client might never read what was written last.
            self.closing = True
            self.set_deadline(CLOSE_TIMEOUT, self._finish)
            transport.write_eof()

    def set_deadline(self, seconds: float, action: Callable[[], None]) -> None:
        """Call *action* in so many *seconds*, in place of any deadline set before."""
        self.cancel_deadline()
        self._timer = self._loop.call_later(seconds, action)

    @property
    def deadline(self) -> float:
        """Time of the loop at which the deadline is; now, if none is set."""
        return self._loop.time() if self._timer is None else self._timer.when()

    def cancel_deadline(self) -> None:
        """Forget the deadline, if one is set."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def stop(self) -> None:
        """Write nothing any more: the connection is gone."""
        self.closing = True
        self.cancel_deadline()
        self._on_slow = _ignore_close

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the connection after what was offered; abort it if the client is too slow."""
        self._log.closing(code)
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self.await_close()
            self.flush()
        else:
            self.closing = True
            self._transport.close()

    def await_close(self) -> None:
        """Wait for the client to close the connection; abort it if it does not in time."""
        self.closing = True
        self.set_deadline(CLOSE_TIMEOUT, self.abort)

    def _finish(self) -> None:
        """Close a connection on which all is written, even if the client does not."""
        if self._transport.get_write_buffer_size():
            self.abort()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Reset the connection now, so that the kernel drops what the client has not read."""
        self.closing = True
        reset(self._transport)


def _ignore_close(_code: CloseCode, _reason: str) -> None:
    """Ignore a client that is gone already."""
