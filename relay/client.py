"""The other end of the wire: what the console, the commands and the tests speak to the relay with.

One connection, no threads and no tasks of its own; when to come back is the caller's to decide,
with :func:`pause_before`. It never reads a database.
"""

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
from websockets.typing import Subprotocol

from relay.errors import HelpdeskError
from relay.wire import agent_out, codec, customer

SUBPROTOCOL = Subprotocol("helpdesk.v1")
LONGEST_FRAME = 2**21
"""Bytes. The relay's answers are at most 512 KiB; more than this is no relay."""
FAREWELL = 2.0
"""Seconds that a relay has to say goodbye; one that is silent must not keep its clients waiting."""
NO_FRAME = 1007
"""The close code of a connection on which one side said what the other cannot read."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds before the first and the later attempts to come back, before jitter.

Whoever is turned away often waits longest: at most 30 s left two thousand without their last for
35 s in one of four returns, at most 15 s brings all back in 21 s.
"""

Heard = TypeVar("Heard")


class Unreachable(HelpdeskError):  # noqa: N818 - a state of the world, as Refused is
    """Nobody answered at the address, or not as a relay."""


class Disconnected(HelpdeskError):  # noqa: N818
    """The connection ended. ``code`` is the close code, 1006 where there was none."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"The relay ended the connection ({code} {reason}).".replace(" )", ")"))
        self.code = code
        self.reason = reason

    @property
    def come_back(self) -> bool:
        """Whether to reconnect and resume: not after 4000 to 4099."""
        return not 4000 <= self.code < 4100


def pause_before(attempt: int, jitter: float) -> float:
    """Return the seconds to wait before *attempt* (from 0): full jitter, *jitter* in [0, 1)."""
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempt, 16))
    return jitter * longest


def socket_address(url: str, path: str) -> str:
    """Return where *path* is on the relay at *url* (ws, wss, http or https; a bare host is ws)."""
    refused = Unreachable(f"{url} is no relay's address; it begins with ws, wss, http or https.")
    try:
        parts = urlsplit(url if "://" in url else f"ws://{url}")
    except ValueError as error:
        raise refused from error
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in {"ws", "wss"} or not parts.netloc:
        raise refused
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{path}"


class RelayConnection(Generic[Heard]):
    """One connection to a relay; use it in ``async with``."""

    def __init__(self, socket: ClientConnection, reader: codec.Reader[Heard]) -> None:
        """Take over *socket*; :func:`connect_agent` and its siblings make one."""
        self._socket = socket
        self._reader = reader
        self._heard: deque[Heard] = deque()

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
            await self._socket.send(codec.encode(frame), text=True)
        except ConnectionClosed as closed:
            raise _disconnected(closed) from closed

    async def receive(self) -> Heard:
        """Return the next frame that this side knows; raise :exc:`Disconnected` at the end."""
        return self._heard.popleft() if self._heard else await self._next()

    async def call(self, frame: Struct) -> Heard:
        """Send *frame*, which bears a ``ref``, and return its answer; pushes wait in order."""
        await self.send(frame)
        ref: str = getattr(frame, "ref")  # noqa: B009 - a field of all frames that are answered
        while getattr(answer := await self._next(), "ref", None) != ref:
            self._heard.append(answer)
        return answer

    async def close(self) -> None:
        """Say goodbye and wait for the socket to be gone."""
        await self._socket.close()

    async def _next(self) -> Heard:
        while True:
            try:
                data = await self._socket.recv(decode=True)
            except ConnectionClosed as closed:
                raise _disconnected(closed) from closed
            if (frame := self._read(data)) is not None:
                return frame

    def _read(self, data: str) -> Heard | None:
        try:
            return self._reader.read_known(data)
        except codec.NoFrame as broken:
            raise Disconnected(NO_FRAME, "it said what is no frame") from broken


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
            max_size=LONGEST_FRAME,
            close_timeout=FAREWELL,
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
            max_size=LONGEST_FRAME,
            close_timeout=FAREWELL,
            proxy=None,  # one named for the web knows no way to this machine, and must see no token
        )
    except InvalidStatus as error:
        status = error.response.status_code
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise Unreachable(f"{url} has too many connections just now (HTTP 503).") from error
        raise Unreachable(f"{url} answers, but not as a relay (HTTP {status}).") from error
    except InvalidURI as error:
        raise Unreachable(f"{url} is no relay's address.") from error
    except (OSError, WebSocketException, TimeoutError) as error:
        raise Unreachable(f"No relay answers at {url} ({_why(error)}).") from error


def _why(error: Exception) -> str:
    """Return what the system says of *error*: asyncio words it with addresses and numbers."""
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
