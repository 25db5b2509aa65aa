"""What leaves by one socket, and how the socket ends. It never knows what a frame says.

All frames of one turn of the loop leave in one write. A client that does not read is cut off before
it costs more than a mebibyte, and one that takes its time to leave is not waited for.
"""

import asyncio
import socket
import struct
from collections.abc import Callable

from websockets.http11 import Response
from websockets.protocol import SEND_EOF, State

from relay.errors import CloseCode
from relay.server.protocol import HelpdeskProtocol
from relay.server.witness import Witness

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
