"""Attacking clients on plain sockets; each returns when the relay has ended its connection."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress
from itertools import repeat

HANDSHAKE = (
    b"GET /v1/customer HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: helpdesk.v1\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n\r\n"
)
NO_MASK = b"\0\0\0\0"
PING = b"\x89\x80" + NO_MASK
FIRST, MORE = b"\x01\x8a" + NO_MASK + b"x" * 10, b"\0\x8a" + NO_MASK + b"x" * 10
GET = b"GET /widget.js HTTP/1.1\r\nHost: x\r\n"
HELLO = b'{"type":"hello","ref":"1"}'
GREETED = HANDSHAKE + bytes([0x81, 0x80 | len(HELLO)]) + NO_MASK + HELLO
"""After that no time runs out for the client: only what it does can end it."""
BLOCK = 500
"""Frames that are written at once."""


async def pings(port: int) -> None:
    """Ping as fast as the socket takes it."""
    async with _line(port, GREETED) as (reader, writer):
        await _say(reader, writer, repeat(PING * BLOCK))


async def fragments(port: int) -> None:
    """Cut one message into five thousand, and never end it."""
    async with _line(port, GREETED) as (reader, writer):
        await _say(reader, writer, [FIRST, *repeat(MORE * BLOCK, 10)])


async def bomb(port: int) -> None:
    """Send 20 MB in 20 KB, compressed, though nobody agreed to that."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    small = deflate.compress(bytes(20_000_000)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    frame = b"\xc1\xfe" + len(small).to_bytes(2, "big") + NO_MASK + small
    async with _line(port, HANDSHAKE) as (reader, writer):
        await _say(reader, writer, [frame])


async def drip(port: int) -> None:
    """Write a line of 4 KiB in a handshake, one byte a second."""
    line = b"X-Long: " + b"x" * 4096
    async with _line(port, GET) as (reader, writer):
        await _say(reader, writer, [bytes([byte]) for byte in line], pause=1.0)


async def long_handshake(port: int) -> None:
    """Write header lines of 4 KiB and never an end."""
    async with _line(port, GET) as (reader, writer):
        await _say(reader, writer, repeat(b"X-Long: " + b"x" * 4096 + b"\r\n"))


async def pipelined(port: int) -> None:
    """Ask twice in one breath."""
    async with _line(port, GET + b"\r\n" + GET + b"\r\n") as (reader, _):
        await reader.read()


async def body(port: int) -> None:
    """Get with a body."""
    async with _line(port, GET + b"Content-Length: 300000\r\n\r\n") as (reader, writer):
        await _say(reader, writer, repeat(b"x" * 3_000, 100))


ATTACKS: dict[str, Callable[[int], Coroutine[None, None, None]]] = {
    "floods pings": pings,
    "sends 5,000 fragments": fragments,
    "sends a compressed bomb": bomb,
    "writes a handshake a byte a second": drip,
    "writes a handshake without an end": long_handshake,
    "pipelines two GETs": pipelined,
    "sends a GET with a body": body,
}

_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def _line(port: int, first: bytes) -> AsyncIterator[_Line]:
    """Connect and write *first*; how roughly the relay ends it does not matter."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionError):
            writer.write(first)
            yield reader, writer
    finally:
        writer.transport.abort()


async def _say(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    what: Iterable[bytes],
    pause: float = 0.001,
) -> None:
    """Write *what*, as far as the relay takes it, until it ends the connection."""
    async with asyncio.TaskGroup() as group:
        talking = group.create_task(_write(writer, what, pause))
        with suppress(ConnectionError):
            await reader.read()
        talking.cancel()


async def _write(writer: asyncio.StreamWriter, what: Iterable[bytes], pause: float) -> None:
    with suppress(ConnectionError):
        for data in what:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(pause)
