"""Webhook receiver: a real HTTP server on loopback that records everything.

It knows nothing of the relay's code: it reads HTTP and checks signatures by itself.
"""

import asyncio
import hashlib
import hmac
import json
import ssl
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 20.0
"""Seconds after which what a test waits for is taken not to come."""
SECRET = f"whsec_{b64encode(b'0123456789abcdef0123456789abcdef').decode()}"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def status(code: int, *headers: str) -> bytes:
    """Return an answer without a body."""
    lines = [f"HTTP/1.1 {code} Said So", "Content-Length: 0", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Got:
    """One POST as it came."""

    line: str
    headers: dict[str, str]
    body: bytes
    writer: asyncio.StreamWriter = field(repr=False)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> dict[str, Any]:
        """What was posted, after a look at its signature."""
        assert self.signed_by(SECRET), self.headers
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def what(self) -> str:
        """The event's type, or what was said."""
        message = self.json["data"].get("message", {})
        return str(message.get("text") if message.get("kind") == "text" else self.json["type"])

    def signed_by(self, secret: str) -> bool:
        """Check the signature as the receiver's own program would."""
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        key = b64decode(secret.removeprefix("whsec_"))
        made = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{made}" in self.headers["webhook-signature"].split(" ")


async def hang(_: Got) -> None:
    """Give no answer, ever."""
    await asyncio.Event().wait()


Behaviour = Callable[[Got], bytes | Awaitable[bytes | None] | None]


@dataclass
class Receiver:
    """``behave`` gives the answer to a POST: bytes, or None to cut the connection."""

    behave: Behaviour
    port: int = 0
    got: list[Got] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=value"

    async def until(self, holds: Callable[[list[Got]], bool]) -> list[Got]:
        """Return all that came, as soon as that *holds*."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds(self.got):
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"never came; there are {self.got}") from None
        return self.got

    async def count(self, count: int) -> list[Got]:
        """Return all that came, as soon as there are so many."""
        return await self.until(lambda got: len(got) >= count)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.strip().split("\r\n")
            headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}
            body = await reader.readexactly(int(headers["content-length"]))
            got = Got(line, headers, body, writer)
            self.got.append(got)
            self._came.set()
            answer = self.behave(got)
            said = await answer if isinstance(answer, Awaitable) else answer
            writer.write(said or b"")
            await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def receiving(
    behave: Behaviour = lambda _: OK, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Receive on a free port, or on *port*."""
    receiver = Receiver(behave)
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", port, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for got in receiver.got:
            got.writer.transport.abort()
