"""Parts of the fake relay: pages, requests, connections. They answer nothing."""

from __future__ import annotations

import contextlib
import json
from asyncio import BaseTransport
from dataclasses import dataclass, field
from typing import Any, ClassVar
from weakref import WeakSet

from websockets.asyncio.server import Server, ServerConnection
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

Frame = dict[str, Any]

AT = "2026-11-22T10:35:00.123Z"
UNAUTHORIZED = {
    "type": "error",
    "ref": "hello",
    "code": "unauthorized",
    "message": "The identity is not good.",
}


@dataclass
class Page:
    """A page to embed the widget in, with the headers it is served with."""

    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class HelpRequest:
    """One request: its log is what a customer may see of it."""

    number: int
    messages: list[Frame] = field(default_factory=list)
    status: str = "waiting"
    agent: str | None = None
    read: dict[str, int] = field(default_factory=lambda: {"customer": 0, "agent": 0})
    opened_with: str = ""
    rating: Frame | None = None
    person: Frame = field(default_factory=dict)

    def as_object(self) -> Frame:
        """Return the Request object as a customer sees it."""
        return {
            "id": self.number,
            "status": self.status,
            "agent": {"name": self.agent} if self.agent else None,
            "opened_at": AT,
            "claimed_at": None,
            "closed_at": AT if self.status == "closed" else None,
            "seq": len(self.messages),
            "read": dict(self.read),
            "rating": self.rating,
        }

    def append(self, kind: str, role: str, text: str, **more: str) -> Frame:
        """Add a message and return it, `ref` included."""
        by = {"role": role, "name": {"agent": self.agent, "desk": "Acme"}.get(role)}
        message: Frame = {"seq": len(self.messages) + 1, "kind": kind, "by": by, "text": text}
        self.messages.append(message | {"at": AT} | more)
        return self.messages[-1]


@dataclass(eq=False)
class Peer:
    """A customer's connection after its hello."""

    socket: ServerConnection
    token: str

    async def send(self, frame: Frame) -> None:
        """Send one frame; a peer that has left misses it."""
        with contextlib.suppress(ConnectionClosed):
            await self.socket.send(json.dumps(frame))


class Line(ServerConnection):
    """A connection that is known from its beginning: browsers keep some in reserve, and silent."""

    every: ClassVar[WeakSet[ServerConnection]] = WeakSet()

    def connection_made(self, transport: BaseTransport) -> None:
        """Be known."""
        super().connection_made(transport)
        self.every.add(self)


def cut(server: Server) -> None:
    """End all lines to *server* that have not ended."""
    for line in Line.every:
        if line.server is server:
            line.transport.abort()


def file_response(body: bytes, kind: str, more: dict[str, str], status: int = 200) -> Response:
    """Return what a GET is answered: *body* of a kind, for pages of any origin."""
    headers = Headers(
        {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Connection": "close",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        | more
    )
    return Response(status, "OK" if status == 200 else "Not Found", headers, body)
