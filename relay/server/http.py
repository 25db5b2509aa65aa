"""HTTP layer: parses a request with h11 and dispatches it to the handler of its route.

Bodies are streamed both ways with backpressure. Each connection serves one request.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus

import h11
from websockets.datastructures import Headers

from relay.errors import CloseCode
from relay.log import FAILED, emit
from relay.server.connection_log import ConnectionLog, ConnectionRole
from relay.server.keepalive import ConnectionRegistry
from relay.server.limits import ConnectionLimiter, Slot
from relay.server.transport import CLOSE_TIMEOUT, reset
from relay.server.websocket import DEFAULT_HEADERS, MAX_HEAD_BYTES

HeaderPairs = tuple[tuple[str, str], ...]

MAX_HEADERS = 128
MAX_LINE_BYTES = 8192
"""Bytes of the request line, with its end; a header, such as all cookies, may fill the head."""
CHUNK_BYTES = 2**16
"""Bytes of a response that are written before the client has to read."""
GRACE_SECONDS = 10.0
"""Seconds that a client may keep the relay waiting in all, beyond those of :data:`MIN_RATE`."""
MIN_RATE = 1024
"""Bytes a second at which a client has to send a body or read a response, on average."""
MAX_STALL_SECONDS = 60.0
"""Seconds without a byte after which the connection is reset, however much came before."""
HTTP_VERSIONS = (b"1.0", b"1.1")
CONTROL_CHARACTERS = re.compile(rb"[\x00-\x08\n-\x1f\x7f]")
PLAIN_TEXT = "text/plain; charset=utf-8"
NOT_FOUND = "There is nothing here.\n"
NO_REQUEST = "That is no request.\n"
TOO_LARGE = "Fewer headers and cookies, please.\n"
TOO_LONG = "A shorter path, please.\n"
NO_BODY = "Nothing here takes a body.\n"
BODY_TOO_LARGE = "The body is too large.\n"
BROKEN = "Something went wrong here.\n"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request.

    ``host`` is the peer's address, ``parameters`` are the named groups of the route's pattern.
    ``body`` yields the body in chunks as they come, until the response is complete; the socket is
    read only while the handler, or the body of its response, waits for one. It raises
    :exc:`HttpError` if the body is too large, too slow or incomplete.
    """

    method: str
    path: str
    query: str
    headers: Headers
    host: str
    parameters: Mapping[str, str]
    body: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One HTTP response.

    A ``body`` of bytes has a Content-Length; chunks of a generator are sent as the client reads
    them, with the Content-Length of ``headers`` or else chunked.
    """

    status: int
    headers: HeaderPairs = ()
    body: bytes | AsyncGenerator[bytes, None] = b""


class HttpError(Exception):
    """Request that is answered with a status and a sentence."""

    def __init__(self, status: int, text: str, *headers: tuple[str, str]) -> None:
        super().__init__(text)
        self.response = plain(status, text, *headers)


def plain(status: int, text: str, *headers: tuple[str, str]) -> HttpResponse:
    """Return a response of plain *text*."""
    return HttpResponse(status, (("Content-Type", PLAIN_TEXT), *headers), text.encode())


Handler = Callable[[HttpRequest], Awaitable[HttpResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """Endpoint: requests with *method* to paths that match *pattern* go to *handler*.

    GET serves HEAD too. A body may have ``body_limit`` bytes; 0 refuses any.
    """

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    body_limit: int = 0


class Router:
    """Finds the route of a request; the first that matches counts."""

    def __init__(self, routes: Sequence[Route], prefix: str = "") -> None:
        """Serve *routes*, also below the path *prefix*."""
        self._routes = tuple(routes)
        self._prefix = prefix

    def own_path(self, path: str) -> str:
        """Return *path* without the prefix, if it has it; empty for the prefix itself."""
        own = path.removeprefix(self._prefix)
        return path if own and not own.startswith("/") else own

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]]:
        """Return the route and the parameters in *path*; raise :exc:`HttpError` if there is none:
        404 for an unknown path, 405 for an unknown method."""
        allowed: dict[str, None] = {}
        for route in self._routes:
            if match := route.pattern.fullmatch(path):
                if method == route.method or (method, route.method) == ("HEAD", "GET"):
                    return route, match.groupdict()
                methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
                allowed |= dict.fromkeys(methods)
        if not allowed:
            raise HttpError(404, NOT_FOUND)
        text = f"{' and '.join(allowed)} only.\n"
        raise HttpError(405, text, ("Allow", ", ".join(allowed)))


class HeadLines:
    """Limits of the lines of a request's head, which apply to each line as it comes.

    The library has no limit for a line, joins folded headers, and allows control characters.
    """

    def __init__(self) -> None:
        """Begin with the request line."""
        self._line = bytearray()
        self._count = 0
        self._complete = False

    def feed(self, data: bytes) -> None:
        """Check the lines in *data* up to the end of the head; raise :exc:`HttpError` at the first
        that is too long, too many, folded, has control characters, or ends without a return."""
        while data and not self._complete:
            piece, newline, data = data.partition(b"\n")
            self._line += piece + newline
            if len(self._line) > (MAX_HEAD_BYTES if self._count else MAX_LINE_BYTES):
                raise HttpError(431, TOO_LARGE) if self._count else HttpError(414, TOO_LONG)
            if newline:
                self._end_line()

    def _end_line(self) -> None:
        folded, ended = self._line.startswith((b" ", b"\t")), self._line.endswith(b"\r\n")
        if folded or not ended or CONTROL_CHARACTERS.search(self._line, 0, len(self._line) - 2):
            raise HttpError(400, NO_REQUEST)
        self._complete = self._line == b"\r\n"
        if self._count > MAX_HEADERS and not self._complete:
            raise HttpError(431, TOO_LARGE)
        self._count += 1
        self._line.clear()


class HttpExchange(asyncio.Protocol):
    """One request and its response on a connection that is no WebSocket.

    It takes the connection over from :class:`relay.server.connection.ClientConnection` once the
    request line has come or is too long, with its slot among the limits and its place in the
    registry.
    """

    def __init__(
        self,
        transport: asyncio.Transport,
        router: Router,
        log: ConnectionLog,
        *,
        connections: ConnectionRegistry,
        limiter: ConnectionLimiter,
        slot: Slot,
    ) -> None:
        """Serve one request on *transport* by *router*; release *slot* at the end."""
        self._transport = transport
        self._router = router
        self._log = log
        self._connections = connections
        self._limiter = limiter
        self._slot = slot
        self._loop = asyncio.get_running_loop()
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._head_lines = HeadLines()
        self._head_bytes = 0
        self._body_limit = 0
        self._eof = self._write_paused = self._finished = False
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._wakeup: asyncio.Future[None] | None = None
        self._moved = 0
        self._waited = 0.0

    def begin(self, received: bytes, deadline: float, *, eof: bool) -> None:
        """Take over the connection, on which *received* has come; the head of the request has to
        be complete by *deadline* (the loop's time). *eof*: nothing more will come."""
        self._connections.add(self)
        # Without a buffer of its own the transport pauses until the client has read.
        self._transport.set_write_buffer_limits(0)
        self._transport.set_protocol(self)
        self._timer = self._loop.call_at(deadline, self._transport.close)
        self._eof = eof
        self.data_received(received)

    # Called by the event loop.

    def data_received(self, data: bytes) -> None:
        """Parse the head of the request, or keep *data* of its body until the handler asks."""
        if self._finished:
            return
        if self._task is None:
            self._receive_head(data)
        elif self._http.their_state is h11.SEND_BODY:
            self._http.receive_data(data)
            self._transport.pause_reading()
            self._moved += len(data)
            self._wake()

    def eof_received(self) -> bool:
        """Note that the client sends no more; keep the connection open while it is answered."""
        self._eof = True
        if self._task is None and not self._finished:
            self._receive_head(b"")
        self._wake()
        return not self._finished

    def pause_writing(self) -> None:
        """Stop writing until the client has read."""
        self._write_paused = True

    def resume_writing(self) -> None:
        """Write on."""
        self._write_paused = False
        self._wake()

    def connection_lost(self, _error: Exception | None) -> None:
        """Cancel the handler, and release all that the connection holds."""
        self._finished = True
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()
        self._connections.remove(self)
        self._limiter.release(self._slot)
        self._log.closed(CloseCode.GOING_AWAY)  # which counts for WebSockets alone
        self._task = self._timer = self._wakeup = None

    # Called by the registry.

    @property
    def role(self) -> ConnectionRole:
        """The kind of client: none, for HTTP has no ``hello``."""
        return self._log.role

    def backlog(self) -> int:
        """Return how many bytes wait for the client to read them."""
        return self._transport.get_write_buffer_size()

    def keep_alive(self) -> None:
        """Do nothing: the time of a request is limited by its progress."""

    def close(self, _code: CloseCode, _reason: str) -> None:
        """Close the connection, unless it is being answered."""
        if self._task is None and not self._finished:
            self._transport.close()

    def abort(self) -> None:
        """Reset the connection now."""
        reset(self._transport)

    # The request.

    def _receive_head(self, data: bytes) -> None:
        room = MAX_HEAD_BYTES - self._head_bytes
        piece, rest = data[:room], data[room:]
        self._head_bytes += len(piece)
        try:
            self._head_lines.feed(piece)
        except HttpError as error:
            self._start(self._respond(error.response, with_body=True))
            return
        if piece:
            self._http.receive_data(piece)
        event = self._next_event()
        if isinstance(event, h11.Request) and event.http_version in HTTP_VERSIONS:
            if rest:
                self._http.receive_data(rest)
            self._start(self._serve(event))
        elif event is h11.NEED_DATA and rest:
            self._start(self._respond(plain(431, TOO_LARGE), with_body=True))
        elif event is not h11.NEED_DATA or self._eof:
            self._start(self._respond(plain(400, NO_REQUEST), with_body=True))

    def _next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED] | None:
        """Return the library's next event; None: what the client sends is invalid."""
        try:
            return self._http.next_event()
        except h11.RemoteProtocolError as error:
            # Its traceback refers to itself, and would keep the connection until it is collected.
            error.__traceback__ = None
            return None

    def _start(self, answer: Awaitable[None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._task = self._loop.create_task(self._run(answer), name="http request")

    async def _run(self, answer: Awaitable[None]) -> None:
        """Await *answer*, and close the connection, or reset it if the answer is incomplete."""
        try:
            await answer
        except asyncio.CancelledError:
            if not self._finished:  # by the handler, and not because the connection is lost
                self.abort()
            raise
        except (TimeoutError, HttpError):  # the client is too slow, or its body is invalid
            self.abort()
        except Exception as error:  # noqa: BLE001 - a bug in one handler must not go unlogged
            emit(FAILED, error)
            self.abort()
        else:
            self._finish()

    async def _serve(self, head: h11.Request) -> None:
        async with aclosing(self._read_body()) as body:
            response = await self._handle(head, body)
            await self._respond(response, with_body=head.method != b"HEAD")

    async def _handle(self, head: h11.Request, body: AsyncGenerator[bytes, None]) -> HttpResponse:
        method, target = head.method.decode(), head.target.decode()
        path, _, query = target.partition("?")
        path = self._router.own_path(path)
        headers = Headers([(n.decode("latin-1"), v.decode("latin-1")) for n, v in head.headers])
        try:
            route, parameters = self._find(method, path, headers)
            self._body_limit = route.body_limit
            request = HttpRequest(method, path, query, headers, self._slot.host, parameters, body)
            return await route.handler(request)
        except HttpError as error:
            return error.response
        except Exception as error:  # noqa: BLE001 - the client gets an answer all the same
            emit(FAILED, error)
            return plain(500, BROKEN)

    def _find(self, method: str, path: str, headers: Headers) -> tuple[Route, Mapping[str, str]]:
        has_length, chunked = "Content-Length" in headers, "Transfer-Encoding" in headers
        if has_length and chunked:  # a proxy may have read the other one: request smuggling
            raise HttpError(400, NO_REQUEST)
        length = int(headers["Content-Length"]) if has_length else 0
        has_body = length > 0 or chunked
        try:
            route, parameters = self._router.find(method, path)
        except HttpError:
            if has_body:
                raise HttpError(400, NO_BODY) from None
            raise
        if has_body and not route.body_limit:
            raise HttpError(400, NO_BODY)
        if length > route.body_limit:
            raise HttpError(413, BODY_TOO_LARGE)
        return route, parameters

    async def _read_body(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in chunks."""
        received = 0
        while True:
            event = self._next_event()
            if event is None:
                raise HttpError(400, "The body is incomplete or invalid.\n")
            if event is h11.NEED_DATA:
                await self._receive()
            elif isinstance(event, h11.Data):
                received += len(event.data)
                if received > self._body_limit:
                    raise HttpError(413, BODY_TOO_LARGE)
                yield bytes(event.data)
                await asyncio.sleep(0)  # tiny chunks must not hold up other connections
            else:
                return

    async def _receive(self) -> None:
        self._continue()
        if self._eof:
            self._http.receive_data(b"")
            return
        self._transport.resume_reading()
        try:
            await self._wait()
        except TimeoutError:
            raise HttpError(408, "The body comes too slowly.\n") from None

    def _continue(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            self._write(h11.InformationalResponse(status_code=100, headers=[]))

    # The response.

    async def _respond(self, response: HttpResponse, *, with_body: bool) -> None:
        try:
            head = _head(response)
        except (h11.LocalProtocolError, TypeError, ValueError) as error:
            emit(FAILED, error)
            if not isinstance(response.body, bytes):
                await response.body.aclose()
            response = plain(500, BROKEN)
            head = _head(response)
        body = response.body
        self._log.handshake_answered(response.status)
        if with_body and not isinstance(body, bytes):
            self._continue()  # it may read the request's body, and this cannot follow the head
        self._write(head)
        if not isinstance(body, bytes):
            async with aclosing(body):
                if with_body:
                    async for chunk in body:
                        await self._write_body(chunk)
        elif with_body:
            await self._write_body(body)
        self._write(h11.EndOfMessage())
        await self._drain()

    async def _write_body(self, body: bytes) -> None:
        for start in range(0, len(body), CHUNK_BYTES):
            piece = body[start : start + CHUNK_BYTES]
            self._write(h11.Data(data=piece))
            self._moved += len(piece)
            await self._drain()

    def _write(self, event: h11.Event) -> None:
        if data := self._http.send(event):
            self._transport.write(data)

    async def _drain(self) -> None:
        while self._write_paused:
            await self._wait()

    def _finish(self) -> None:
        """Close the sending side, and wait a little for the client to close its own."""
        # Closing at once would reset the connection if unread bytes are on the way, and the client
        # might never read what was written last.
        self._finished = True
        if self._transport.is_closing():
            return
        if self._eof:
            self._transport.close()
            return
        self._timer = self._loop.call_later(CLOSE_TIMEOUT, self._transport.close)
        self._transport.write_eof()
        self._transport.resume_reading()

    # Waiting for the client.

    async def _wait(self) -> None:
        """Wait until the client has sent or read something; raise :exc:`TimeoutError` if it is
        slower than :data:`MIN_RATE`."""
        began = self._loop.time()
        allowance = GRACE_SECONDS + self._moved / MIN_RATE - self._waited
        self._wakeup = self._loop.create_future()
        try:
            async with asyncio.timeout(min(allowance, MAX_STALL_SECONDS)):
                await self._wakeup
        finally:
            self._wakeup = None
            self._waited += self._loop.time() - began

    def _wake(self) -> None:
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)


def _head(response: HttpResponse) -> h11.Response:
    headers = list(response.headers)
    if isinstance(response.body, bytes):
        headers.append(("Content-Length", str(len(response.body))))
    headers.append(("Connection", "close"))
    given = {name.lower() for name, _ in headers}
    defaults = {"Date": formatdate(usegmt=True), **DEFAULT_HEADERS}
    headers += [pair for pair in defaults.items() if pair[0].lower() not in given]
    reason = HTTPStatus(response.status).phrase
    return h11.Response(status_code=response.status, headers=headers, reason=reason)
