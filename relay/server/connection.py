"""Connection of one client: reads frames, hands them to the service, writes what it answers."""

# Functions that are made for each frame would evaluate their annotations each time.
from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from websockets.frames import Frame as ControlFrame
from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.protocol import State

from relay.desk.events import Role
from relay.errors import CloseCode, Code, Refused
from relay.hub import CustomerPeer, Peer
from relay.log import ADDRESS_MISSED, CONNECTIONS_REFUSED, FAILED, Word, emit
from relay.server.connection_log import ConnectionLog, ConnectionRole
from relay.server.handshake import Declined, HandshakePolicy, busy, too_long
from relay.server.http import MAX_LINE_BYTES, HttpExchange, Router
from relay.server.keepalive import LEAST_RATE, ConnectionRegistry, Liveness
from relay.server.limits import ConnectionLimiter, Forwarded, Slot
from relay.server.transport import FrameQueue, SocketReader, SocketWriter, Throttle
from relay.server.websocket import MAX_HEAD_BYTES, HelpdeskProtocol
from relay.service import Service
from relay.service.context import Caller
from relay.service.reply import Reply
from relay.service.setup_faults import SetupFaults
from relay.session import Response, Session, SessionLimits
from relay.wire import agent_in, customer
from relay.wire.codec import agent_frames, customer_frames, encode
from relay.wire.objects import Error, OutboundFrame, Sent
from relay.wire.present import error_object
from relay.wire.validation import Frame


@dataclass(frozen=True, slots=True)
class Listener:
    """State that all connections of one listening socket share.

    ``steady`` is a clock in seconds; ``new_log`` returns the log of a connection that opens.
    """

    handshakes: HandshakePolicy
    router: Router
    service: Service
    connections: ConnectionRegistry
    limiter: ConnectionLimiter
    limits: Callable[[Role], SessionLimits]
    frame_limit: int
    steady: Callable[[], float]
    new_log: Callable[[], ConnectionLog]
    faults: SetupFaults


HELLO_TIMEOUT = 10.0
"""Seconds from the connection to its ``hello``, handshake included, on a fast line."""
MAX_HELLO_BYTES = MAX_HEAD_BYTES + 2**16
"""Bytes of a handshake with its ``hello`` that a slow line gets more time for."""
MIN_EXTENSION = 1.0
"""Seconds; a line that would get less time than this is not the reason."""
REFUSAL_TIMEOUT = 3.0
"""Seconds for the handshake of a connection that is refused right after it."""
MAX_PENDING = 128
"""Unanswered frames of one connection; until one of them is answered no other is handled."""


ANSWERED = "a frame is answered once"
T = TypeVar("T")


class ConnectionReply(Reply):
    """Reply to a frame of a connection, which counts the frames that are not answered yet."""

    __slots__ = ("_connection", "_finished", "_received_at", "_stores", "_waits")

    def __init__(self, connection: ClientConnection, frame: Frame, received_at: float) -> None:
        """Reply to *frame*, received on *connection* at that time in seconds."""
        self.ref = getattr(frame, "ref", None)
        self._connection = connection
        self._waits = frame.WAITS
        self._received_at = received_at
        self._stores = self._finished = False

    def ok(self, frame: OutboundFrame) -> None:
        """Send *frame* and finish."""
        if self._finished:
            raise RuntimeError(ANSWERED)
        if type(frame) is Sent:  # the rate limit of messages is enough
            self._connection.send(encode(frame))
        else:
            self.push(frame)
        self.finish()

    def error(self, refused: Refused) -> None:
        """Send an error and finish."""
        if self._finished:
            raise RuntimeError(ANSWERED)
        self._connection.refused(refused.code)
        self.push(error_object(refused, self.ref))
        self.finish()

    def finish(self) -> None:
        """Finish: count the frame as answered, and handle the next one if it has waited."""
        if self._finished:
            raise RuntimeError(ANSWERED)
        self._finished = True
        if self._waits:
            self._connection.unblock()
        stored = self._stores and not self._waits and self.ref is not None
        self._connection.settle(self._received_at if stored else None)
        if not self._stores:
            self._connection.process_soon()

    def push(self, frame: OutboundFrame) -> None:
        """Send *frame*, and throttle the client by its size."""
        data = encode(frame)
        self._connection.send(data)
        self._connection.throttle(len(data))

    def detach(self) -> None:
        """Handle the next frame soon."""
        self._waits = False
        self._connection.unblock()
        self._connection.process_soon()

    def after(self, on_committed: Callable[[T], None]) -> Callable[[T | Refused], None]:
        """Return the callback for a job of the store, which also handles the next frame."""
        self._stores = True

        def on_result(outcome: T | Refused) -> None:
            try:
                if isinstance(outcome, Refused):
                    self.error(outcome)
                else:
                    on_committed(outcome)
            except Exception as error:  # noqa: BLE001 - the client still waits for an answer
                self.fail(error)
            # At once: a close that follows in the store's order must find these frames handled.
            self._connection.proceed()

        return on_result

    def fail(self, error: Exception) -> None:
        """Log *error* of a handler, and answer ``unavailable`` if nothing was answered yet."""
        emit(FAILED, error)
        if not self._finished:
            self.error(Refused(Code.UNAVAILABLE, "The relay failed."))


class ClientConnection(asyncio.Protocol):
    """One client's connection, from its first byte to its last."""

    def __init__(self, listener: Listener) -> None:
        """Wait for a client to connect to *listener*."""
        self._listener = listener
        self._protocol = HelpdeskProtocol(listener.frame_limit)
        self._log = listener.new_log()
        self._transport: asyncio.Transport
        self._reader: SocketReader
        self._writer: SocketWriter
        self._slot: Slot | None = None
        self._caller: Caller | None = None
        self._session: Session | None = None
        self._peer: Peer | None = None
        self._queue = FrameQueue()
        self._throttle = Throttle(self._process_queue)
        self._pending = self._handshake_bytes = 0
        self._head = b""
        self._awaiting_reply = self._write_paused = False
        self._processing = self._scheduled = False
        self._received = 0
        self._liveness = Liveness()

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the connection, and give it its time to say hello."""
        self._transport = cast(asyncio.Transport, transport)
        self._reader = SocketReader(self._transport, self._receive_slice, self._queue)
        self._writer = SocketWriter(self._transport, self._protocol, self.close, self._log)
        self._writer.set_deadline(HELLO_TIMEOUT, self._end_hello_timeout)
        self._register()

    def data_received(self, data: bytes) -> None:
        """Process *data*, now or later."""
        self._reader.feed(data)

    def eof_received(self) -> bool:
        """Close the connection, for the client sends no more; return whether HTTP answers first."""
        if not self._handshake_bytes:
            self._serve_http(self._head, eof=True)
            return True
        if self._protocol.state is not State.CLOSED:
            self._protocol.receive_eof()
            self._writer.flush()
        return False

    def pause_writing(self) -> None:
        """Handle no more frames until the client has read what waits."""
        self._write_paused = True

    def resume_writing(self) -> None:
        """Handle frames again."""
        self._write_paused = False
        self._process_queue()

    def connection_lost(self, _error: Exception | None) -> None:
        """Release all that the connection holds."""
        self._listener.connections.remove(self)
        if self._slot is not None:
            self._listener.limiter.release(self._slot)
        if self._peer is not None:
            self._listener.service.disconnect(self._peer)
        self._log.closed(self._protocol.final_code)
        self._reader.stop()
        self._release()

    def _release(self) -> None:
        # Without cycles it is freed now, and no garbage collection has to find it.
        self._writer.stop()
        self._throttle.close()
        self._peer = self._caller = None
        self._protocol.parser.close()

    # Called by the registry, the hub and the service.

    @property
    def role(self) -> ConnectionRole:
        """The kind of client, ``none`` before its ``hello``."""
        return self._log.role

    def keep_alive(self) -> None:
        """Ping, or end the connection if the client has gone."""
        writer = self._writer
        if self._protocol.state is not State.OPEN or writer.closing:
            return
        if self._liveness.check(self._received, writer.written, writer.unread):
            writer.ping()
        else:
            self.close(CloseCode.KEEPALIVE_LOST, "keepalive lost")

    def send(self, frame: bytes) -> None:
        """Send *frame* at the end of this turn of the loop, if the client still reads."""
        self._writer.send(frame)

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the connection after what was sent; abort it if the client is too slow."""
        if self._writer.closing:
            return
        self._queue.clear()
        self._writer.close(code, reason)
        self._reader.resume()

    def abort(self) -> None:
        """Reset the connection now, so that the kernel drops what the client has not read."""
        self._writer.abort()

    def admit(self, peer: Peer) -> bool:
        """Serve *peer* from here on; False if the connection is closing already."""
        if self._writer.closing:
            return False
        self._writer.cancel_deadline()
        if self._slot is not None:
            self._listener.limiter.authenticate(self._slot)
        self._peer, self._caller = peer, None
        self._log.admitted(peer, control=self._listener.handshakes.control)
        return True

    def throttle(self, size: int) -> None:
        """Handle no more frames for as long as an answer of *size* bytes costs."""
        if self._session is not None:
            self._throttle.pause(self._session.count_answer(size, self._listener.steady()))

    def refused(self, code: Code) -> None:
        """Record that a frame is answered with an error of *code*."""
        self._log.refused(code)

    def unblock(self) -> None:
        """Allow further frames: the one they waited for is answered, or runs by itself."""
        self._awaiting_reply = False

    def settle(self, acknowledged: float | None) -> None:
        """Count a frame as answered; *acknowledged* is when it was received, if it was stored."""
        self._pending -= 1
        if acknowledged is not None:
            self._writer.acknowledge(acknowledged)

    def proceed(self) -> None:
        """Handle the frames that have waited, if there are any."""
        if self._queue or self._reader.paused:
            self._process_queue()

    def process_soon(self) -> None:
        """Proceed in the next turn of the loop, so not in the midst of an answer."""
        waits = self._queue or self._reader.paused
        if waits and not (self._processing or self._scheduled):
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._process_scheduled)

    def backlog(self) -> int:
        """Return how many bytes the client has not read yet."""
        return self._writer.backlog

    # Processing of what was received.

    def _register(self) -> None:
        """Count this connection from its first byte on, or reset it where there is no room."""
        listener, name = self._listener, self._transport.get_extra_info("peername")
        self._slot = listener.limiter.acquire(str(name[0]) if name else "")
        if self._slot is None:
            self.abort()
            return
        listener.connections.add(self)
        if self._slot.refusal is not None:
            self._writer.set_deadline(REFUSAL_TIMEOUT, self.abort)

    def _end_hello_timeout(self, extended: float = 0.0) -> None:
        """Close the connection, unless its line is slow: *extended* are seconds that it got."""
        more = min(self._received, MAX_HELLO_BYTES) / LEAST_RATE - extended
        if more < MIN_EXTENSION:
            self.close(CloseCode.NO_HELLO, "no hello within 10 s")
        else:
            self._writer.set_deadline(more, lambda: self._end_hello_timeout(extended + more))

    def _receive_slice(self, data: bytes) -> float:
        """Process *data*; return the seconds for which the client is throttled."""
        self._received += len(data)
        protocol, session = self._protocol, self._session
        if self._writer.closing and protocol.state is not State.CLOSING:
            return 0.0
        if session is None:
            self._receive_handshake(data)
            return 0.0
        frames = protocol.frames
        protocol.receive_data(data)
        self._process_events()
        return session.count_received(len(data), protocol.frames - frames, self._listener.steady())

    def _receive_handshake(self, data: bytes) -> None:
        """Process *data* as that of a handshake, or hand the connection over to HTTP."""
        if not self._handshake_bytes:
            data = self._head + data
            concerned = self._listener.handshakes.concerns(data)
            if concerned is None and len(data) <= MAX_LINE_BYTES:
                self._head = data
                return
            if not concerned:
                self._serve_http(data, eof=False)
                return
            self._head = b""
        self._handshake_bytes += len(data)
        self._protocol.receive_data(data)
        self._process_events()
        answered = self._session is not None or self._writer.closing
        if self._handshake_bytes > MAX_HEAD_BYTES and not answered:
            self._writer.respond(too_long(self._protocol))
            self._writer.flush()

    def _serve_http(self, data: bytes, *, eof: bool) -> None:
        """Hand the connection over to an HTTP exchange, with the *data* that has come."""
        listener, slot = self._listener, self._slot
        if slot is None or self._writer.closing:
            return
        self._slot = None
        listener.connections.remove(self)
        exchange = HttpExchange(
            self._transport,
            listener.router,
            self._log,
            connections=listener.connections,
            limiter=listener.limiter,
            slot=slot,
        )
        deadline = self._writer.deadline
        data += self._reader.detach()
        self._release()
        exchange.begin(data, deadline, eof=eof)

    def _process_events(self) -> None:
        now = self._listener.steady()
        protocol = self._protocol
        for received in protocol.parsed_events():
            if isinstance(received, Request):
                self._answer(received)
            elif isinstance(received, ControlFrame):
                self._count_control_frame(received)
            elif protocol.all_fast and not self._queue and self._may_handle():
                self._handle_frame(received, now)
            elif not self._writer.closing:
                self._queue.put(received, now)
        if protocol.writes:
            self._writer.flush()
        self._process_queue()
        if not protocol.all_fast and protocol.close_expected() and not self._writer.closing:
            self._queue.clear()
            self._writer.await_close()

    def _answer(self, request: Request) -> None:
        listener, slot = self._listener, self._slot
        if slot is None:
            return
        answer = listener.handshakes.answer(
            request, self._protocol, self._transport.get_extra_info("sockname")
        )
        if isinstance(answer, Declined):
            if request.method == "HEAD":
                answer.response.body = b""
            self._writer.respond(answer.response)
            if answer.fault is not None:
                listener.faults.note(answer.fault, **answer.fields)
            return
        headers = request.headers
        forwarded = Forwarded(headers.get_all("X-Forwarded-For"), headers.get_all("Forwarded"))
        refusal = listener.limiter.admit(slot, forwarded, listener.steady())
        if slot.fault is not None:
            listener.faults.note(ADDRESS_MISSED, reason=slot.fault)
        if refusal is not None:
            proxied = bool(forwarded.x_forwarded_for)
            setting = Word(refusal.setting)
            listener.faults.note(CONNECTIONS_REFUSED, setting=setting, proxied=proxied)
        if refusal is not None and refusal.briefly:
            self._writer.respond(busy(self._protocol))
            return
        self._writer.respond(answer.response)
        self._caller = Caller(self, answer.origin, answer.user_agent, listener.handshakes.control)
        reader = customer_frames if answer.role is Role.CUSTOMER else agent_frames
        self._session = Session(reader, listener.limits(answer.role), listener.steady())
        if refusal is not None:
            self.close(refusal.code, refusal.reason)

    def _process_queue(self) -> None:
        """Handle queued frames, one after the other, until one has to wait."""
        queue = self._queue
        if self._processing:
            return
        self._processing = True
        try:
            while queue and self._may_handle():
                self._handle_frame(*queue.get())
        finally:
            self._processing = False
        if self._reader.paused:
            self._reader.resume()

    def _process_scheduled(self) -> None:
        self._scheduled = False
        self._process_queue()

    def _handle_frame(self, data: bytes | None, received_at: float) -> None:
        if self._session is None:
            return
        frame = self._session.receive(data, self._listener.steady())
        if isinstance(frame, Response):
            self._respond(frame)
            return
        service, peer = self._listener.service, self._peer
        self._pending += 1
        self._awaiting_reply = frame.WAITS
        reply = ConnectionReply(self, frame, received_at)
        try:
            if isinstance(peer, CustomerPeer):
                service.handle_customer(peer, frame, reply)  # type: ignore[arg-type]
            elif peer is not None:
                service.handle_agent(peer, frame, reply)  # type: ignore[arg-type]
            elif self._caller is not None and isinstance(frame, customer.Hello | agent_in.Hello):
                service.hello(self._caller, frame, reply)
        except Exception as error:  # noqa: BLE001 - the client still waits for an answer
            reply.fail(error)

    def _may_handle(self) -> bool:
        waits = self._awaiting_reply or self._write_paused or self._throttle.active
        ready = not waits and not self._writer.closing and self._pending < MAX_PENDING
        return ready and self._listener.connections.accepting_frames

    def _count_control_frame(self, frame: ControlFrame) -> None:
        if frame.opcode is Opcode.PONG:
            self._liveness.confirm(bytes(frame.data))
        if self._session is not None and not self._writer.closing:
            response = self._session.receive_control_frame(self._listener.steady())
            if response is not None:
                self._respond(response)

    def _respond(self, response: Response) -> None:
        """Send the session's own answer."""
        if isinstance(response.frame, Error):
            self._log.refused(response.frame.code)
        self.send(encode(response.frame))
        if response.close is not None:
            self.close(*response.close)
