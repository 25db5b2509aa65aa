"""Client of the relay, which the console, the commands and the tests use.

It is one connection without threads or tasks; the caller decides when to reconnect, with
:func:`reconnect_delay`.
"""

import asyncio
import os
from collections import deque
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Generic, Self, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, InvalidURI, WebSocketException
from websockets.protocol import State
from websockets.typing import Subprotocol

from relay.errors import HelpdeskError
from relay.wire import agent_out, codec, customer

SUBPROTOCOL = Subprotocol("helpdesk.v1")
MAX_FRAME = 2**21
"""Bytes. The relay's answers are at most 512 KiB; more than this is no relay."""
CLOSE_TIMEOUT = 2.0
"""Seconds that a relay has to close a connection, so that a silent one keeps no client waiting."""
INVALID_FRAME = 1007
"""Close code of a connection on which one side sent what the other cannot decode."""
FIRST_DELAY, MAX_DELAY = 0.5, 15.0
"""Seconds before the first and at most before later attempts to reconnect, before jitter.

Measured with two thousand clients: with at most 30 s one of four restarts left some of them
without a connection for 35 s, with at most 15 s all are back in 21 s.
"""

Frame = TypeVar("Frame")


class Unreachable(HelpdeskError):  # noqa: N818 - a state, as Refused is
    """No answer at the address, or none of a relay."""


class Disconnected(HelpdeskError):  # noqa: N818
    """End of a connection. ``code`` is the close code, 1006 where there was none."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"The relay ended the connection ({code} {reason}).".replace(" )", ")"))
        self.code = code
        self.reason = reason

    @property
    def may_reconnect(self) -> bool:
        """True if the client may reconnect and resume: not after 4000 to 4099."""
        return not 4000 <= self.code < 4100


def reconnect_delay(attempt: int, jitter: float) -> float:
    """Return the seconds to wait before *attempt* (from 0): full jitter, *jitter* in [0, 1)."""
    longest: float = min(MAX_DELAY, FIRST_DELAY * 2.0 ** min(attempt, 16))
    return jitter * longest


def socket_address(url: str, path: str) -> str:
    """Return the WebSocket address of *path* at *url* (with ws, wss, http, https or no scheme)."""
    refused = Unreachable(f"{url} is no relay's address; it begins with ws, wss, http or https.")
    try:
        parts = urlsplit(url if "://" in url else f"ws://{url}")
    except ValueError as error:
        raise refused from error
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in {"ws", "wss"} or not parts.netloc:
        raise refused
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{path}"


class RelayConnection(Generic[Frame]):
    """One connection to a relay; use it in ``async with``."""

    def __init__(self, socket: ClientConnection, reader: codec.Reader[Frame]) -> None:
        """Take over *socket*; :func:`connect_agent` and its siblings make one."""
        self._socket = socket
        self._reader = reader
        self._received: deque[Frame] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def send(self, frame: Struct) -> None:
        """Send *frame*; raise :exc:`Disconnected` if the connection has ended."""
        try:
            if self._socket.state is not State.OPEN:
                await self.close()
                raise Disconnected(self._socket.close_code or 1006, self._socket.close_reason or "")
            await self._socket.send(codec.encode(frame), text=True)
        except ConnectionClosed as closed:
            raise _disconnected(closed) from closed

    async def receive(self) -> Frame:
        """Return the next frame of a known type; raise :exc:`Disconnected` at the end."""
        return self._received.popleft() if self._received else await self._next()

    async def call(self, frame: Struct) -> Frame:
        """Send *frame*, which has a ``ref``, and return its answer; queue pushes for `receive`."""
        await self.send(frame)
        ref: str = getattr(frame, "ref")  # noqa: B009 - a field of all frames that are answered
        while getattr(answer := await self._next(), "ref", None) != ref:
            self._received.append(answer)
        return answer

    async def close(self) -> None:
        """Close the connection and wait for its end."""
        if self._socket.state is State.OPEN:
            await self._socket.close()
            return
        # Of a connection that ends already, `close` of websockets aborts a transport that may be
        # gone, which asyncio before Python 3.12 answers with an AttributeError.
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await self._socket.wait_closed()
        except TimeoutError:
            self._socket.transport.abort()

    async def _next(self) -> Frame:
        while True:
            try:
                data = await self._socket.recv(decode=True)
            except ConnectionClosed as closed:
                raise _disconnected(closed) from closed
            if (frame := self._read(data)) is not None:
                return frame

    def _read(self, data: str) -> Frame | None:
        try:
            return self._reader.read_known(data)
        except codec.NoFrame as broken:
            raise Disconnected(INVALID_FRAME, "it sent what is no frame") from broken


async def connect_agent(url: str) -> RelayConnection[agent_out.RelayFrame]:
    """Return an agent's connection to the relay at *url*, before its ``hello``."""
    return RelayConnection(await _connect(url, "/v1/agent"), codec.frames_for_agents)


async def connect_customer(url: str) -> RelayConnection[customer.RelayFrame]:
    """Return a customer's connection to the relay at *url*, before its ``hello``."""
    return RelayConnection(await _connect(url, "/v1/customer"), codec.frames_for_customers)


async def connect_control(socket_path: Path) -> RelayConnection[agent_out.RelayFrame]:
    """Return a connection to the control socket at *socket_path*, before its ``hello``."""
    try:
        socket = await unix_connect(
            str(socket_path),
            "ws://localhost/v1/agent",
            subprotocols=[SUBPROTOCOL],
            compression=None,
            max_size=MAX_FRAME,
            close_timeout=CLOSE_TIMEOUT,
        )
    except (OSError, WebSocketException, TimeoutError) as error:
        raise Unreachable(f"No relay answers at {socket_path}.") from error
    return RelayConnection(socket, codec.frames_for_agents)


async def _connect(url: str, path: str) -> ClientConnection:
    address = socket_address(url, path)
    try:
        return await connect(
            address,
            subprotocols=[SUBPROTOCOL],
            compression=None,
            max_size=MAX_FRAME,
            close_timeout=CLOSE_TIMEOUT,
            proxy=None,  # a web proxy may not reach this machine, and must see no token
        )
    except InvalidStatus as error:
        status = error.response.status_code
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise Unreachable(f"{url} has too many connections just now (HTTP 503).") from error
        if status == HTTPStatus.UPGRADE_REQUIRED:
            raise Unreachable(
                f"The proxy at {url} does not forward WebSockets (HTTP 426): have it pass on the "
                "headers Upgrade and Connection, by HTTP/1.1."
            ) from error
        raise Unreachable(f"{url} answers, but not as a relay (HTTP {status}).") from error
    except InvalidURI as error:
        raise Unreachable(f"{url} is no relay's address.") from error
    except (OSError, WebSocketException, TimeoutError) as error:
        raise Unreachable(f"No relay answers at {url} ({_why(error)}).") from error


def _why(error: Exception) -> str:
    """Return the system's message for *error*, without the addresses that asyncio adds."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case OSError(errno=int(number)) if number > 0:
            return os.strerror(number)
        case OSError(strerror=str(reason)):
            return reason
        case _:
            return "nothing listens there" if isinstance(error, OSError) else "no WebSocket"


def _disconnected(closed: ConnectionClosed) -> Disconnected:
    close = closed.rcvd or closed.sent
    return Disconnected(close.code, close.reason) if close else Disconnected(1006, "")
