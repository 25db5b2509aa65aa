"""Fake relay for scripts: the customers' side of `helpdesk.v1` in memory.

It answers as the protocol says until a test tells it to refuse, keep silent, repeat or drop. It
also serves the widget's files. It must never be mistaken for a test of the real relay.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import chain
from pathlib import Path

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from relay.server.static_files import installed_widget
from tests.e2e.widget import fake_parts
from tests.e2e.widget.fake_parts import AT, Frame, HelpRequest, Line, Page, Peer, file_response
from tests.patience import PATIENCE

WIDGET = Path(__file__).parents[3] / "web_widget"
KINDS = {".js": "text/javascript; charset=utf-8", ".html": "text/html; charset=utf-8"}


class FakeRelay:
    """Use `async with`; `url` is its origin. Everything that it was sent is in `frames`."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._answered = Counter[str]()
        self.paths: list[str] = []
        self.peers: list[Peer] = []
        self.pages: dict[str, Page] = {}
        self.customers: dict[str, list[HelpRequest]] = {}
        self.desk: Frame = {"name": "Acme support", "online": True, "away_message": None}
        self.unknown_identities: set[str] = set()
        self.epoch = "epoch-1"
        self.newest = self.most = 1000
        self.refuses = False
        self.limits = {"text": 4000, "frame": 65536, "messages_per_second": 5, "burst": 20}
        self.silent: set[str] = set()
        self.refusals: dict[str, list[Frame]] = {}
        self.delays: dict[str, float] = {}
        self.port = self._tokens = 0
        self._server: Server | None = None
        self._served = installed_widget()
        self._news = asyncio.Condition()
        self._answers: dict[str, Callable[[Peer, Frame], Awaitable[None]]] = {
            "open": self._open,
            "send": self._send,
            "history": self._history,
            "close": self._close,
            "read": self._read,
            "ping": self._ping,
            "rate": self._rate,
            "forget": self._forget,
        }

    async def __aenter__(self) -> FakeRelay:
        await self.up()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.down()

    @property
    def url(self) -> str:
        """The origin of the pages and of the socket."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def request(self) -> HelpRequest:
        """The newest request of all."""
        return max(chain(*self.customers.values()), key=lambda one: one.number)

    async def up(self) -> None:
        """Listen, on the same port as before."""
        self._server = await serve(
            self._talk,
            "127.0.0.1",
            self.port,
            process_request=self._serve_file,
            subprotocols=[Subprotocol("helpdesk.v1")],
            ping_interval=None,
            create_connection=Line,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Close every socket with 1012 and stop listening."""
        if self._server is not None:
            await self.drop(1012)
            fake_parts.cut(self._server)
            self._server.close()
            await self._server.wait_closed()

    async def drop(self, code: int) -> None:
        """Close every customer's socket with *code*."""
        for peer in list(self.peers):
            await peer.socket.close(code)

    async def heard(self, kind: str, count: int = 1) -> Frame:
        """Wait until *count* frames of a type have come and been answered; return the last."""
        await self.until(lambda: self._answered[kind] >= count)
        return self.all(kind)[count - 1]

    def all(self, kind: str) -> list[Frame]:
        """Return the frames of a type that have come so far."""
        return [frame for frame in self.frames if frame["type"] == kind]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that a frame, or a connection, brings about."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(holds)

    async def push(self, frame: Frame) -> None:
        """Send a frame, whatever it is, to everybody."""
        for peer in list(self.peers):
            await peer.send(frame)

    async def say(self, text: str) -> None:
        """Have the agent write to the newest request."""
        message = self.request.append("text", "agent", text)
        await self.push({"type": "message", "request": self.request.number, "message": message})

    async def claim(self, name: str) -> None:
        """Have an agent take the newest request."""
        request = self.request
        request.agent, request.status = name, "active"
        message = request.append("activity", "agent", f"{name} joined", activity="claimed")
        await self.push({"type": "message", "request": request.number, "message": message})
        await self.push({"type": "request", "request": request.as_object()})

    async def end(self) -> None:
        """Have the agent close the newest request."""
        (request := self.request).status = "closed"
        message = request.append("activity", "agent", "The chat was closed", activity="closed")
        await self.push({"type": "message", "request": request.number, "message": message})
        await self.push({"type": "request", "request": request.as_object()})

    async def _serve_file(self, _: ServerConnection, request: Request) -> Response | None:
        path = request.path.split("?")[0]
        if path == "/v1/customer":
            return file_response(b"", "text/plain", {}, 403) if self.refuses else None
        async with self._news:
            self.paths.append(path)
            self._news.notify_all()
        if (page := self.pages.get(path)) is not None:
            return file_response(page.body.encode(), KINDS[".html"], page.headers)
        if (served := self._served.get(path)) is not None and path != "/widget.js":
            return file_response(served.body, KINDS[".js"], {})
        name = "demo.html" if path == "/" else path.removeprefix("/widget/").lstrip("/")
        file = WIDGET / name
        if not file.is_file():
            return file_response(b"", "text/plain", {}, 404)
        return file_response(file.read_bytes(), KINDS[file.suffix], {})

    async def _talk(self, socket: ServerConnection) -> None:
        peer: Peer | None = None
        try:
            async for text in socket:
                frame: Frame = json.loads(text)
                if frame["type"] == "hello" and len(self.peers) >= self.most:
                    await socket.close(4102, "too many connections")
                    break
                if frame["type"] == "hello" and frame["identity"] not in self.unknown_identities:
                    peer = await self._welcome(socket, frame)
                self.frames.append(frame)
                if peer is not None:
                    await self._answer(peer, frame)
                else:
                    await socket.send(json.dumps(fake_parts.UNAUTHORIZED))
                    await socket.close(4000)
                async with self._news:
                    self._answered[frame["type"]] += 1
                    self._news.notify_all()
        except ConnectionClosed:
            return
        finally:
            if peer in self.peers:
                self.peers.remove(peer)
            async with self._news:
                self._news.notify_all()

    async def _answer(self, peer: Peer, frame: Frame) -> None:
        kind = frame["type"]
        await asyncio.sleep(self.delays.get(kind, 0))
        if self.refusals.get(kind):
            refusal = self.refusals[kind].pop(0)
            await peer.send({"type": "error", "ref": frame["ref"]} | refusal)
        elif kind in self._answers:
            await self._answers[kind](peer, frame)

    async def _welcome(self, socket: ServerConnection, hello: Frame) -> Peer:
        token = hello["token"]
        if token not in self.customers:
            self._tokens += 1
            token = f"hdc_{self._tokens}"
        latest = self._latest(token)
        messages = latest.messages if latest else []
        same = latest is not None and latest.number == hello["request"]
        resumed = same and hello["epoch"] == self.epoch and hello["after"] <= len(messages)
        fresh = messages[hello["after"] :] if resumed else messages
        peer = Peer(socket, token)
        self.peers.append(peer)
        await peer.send(
            {
                "type": "welcome",
                "ref": hello["ref"],
                "token": token,
                "epoch": self.epoch,
                "request": latest.as_object() if latest else None,
                "messages": fresh[-self.newest :],
                "more": len(fresh) > self.newest,
                "reset": latest is not None and not resumed,
                "desk": self.desk,
                "limits": self.limits,
            }
        )
        return peer

    def _latest(self, token: str) -> HelpRequest | None:
        requests = self.customers.get(token)
        return requests[-1] if requests else None

    async def _open(self, peer: Peer, frame: Frame) -> None:
        requests = self.customers.setdefault(peer.token, [])
        ref = frame["ref"]
        live = [one for one in requests if one.status != "closed" or one.opened_with == ref]
        if not live:
            number = 41 + sum(len(each) for each in self.customers.values())
            live = [HelpRequest(number, opened_with=ref)]
            requests.append(live[0])
            live[0].append("activity", "customer", "The request was opened", activity="opened")
            live[0].append("text", "desk", "Hello! How can we help?")
        before = len(live[0].messages) if live[0].opened_with != ref else 0
        live[0].person |= {key: frame[key] for key in ("name", "email") if key in frame}
        if "text" in frame and not any(m.get("ref") == ref for m in live[0].messages):
            live[0].append("text", "customer", frame["text"], ref=ref)
        for message in live[0].messages[before:]:
            await self._others(peer, live[0], message)
        if "open" not in self.silent:
            body = {"request": live[0].as_object(), "messages": live[0].messages, "more": False}
            await peer.send({"type": "opened", "ref": ref} | body)

    async def _send(self, peer: Peer, frame: Frame) -> None:
        request = self._latest(peer.token)
        every = self.customers.get(peer.token, [])
        stored = [m for one in every for m in one.messages if m.get("ref") == frame["ref"]]
        if stored:
            answer = {"ref": frame["ref"], "seq": stored[0]["seq"], "at": AT}
            await peer.send({"type": "sent"} | answer)
            return
        if request is None or request.status == "closed" or frame["request"] != request.number:
            refusal = {"code": "closed", "message": "The request is closed."}
            await peer.send({"type": "error", "ref": frame["ref"]} | refusal)
            return
        message = request.append("text", "customer", frame["text"], ref=frame["ref"])
        await self._others(peer, request, message)
        if "send" not in self.silent:
            answer = {"ref": frame["ref"], "seq": message["seq"], "at": AT}
            await peer.send({"type": "sent"} | answer)

    async def _history(self, peer: Peer, frame: Frame) -> None:
        request, limit = self._latest(peer.token), frame.get("limit", 50)
        older = request.messages[: frame["before"] - 1] if request else []
        answer = {"ref": frame["ref"], "messages": older[-limit:], "more": len(older) > limit}
        if "history" not in self.silent:
            await peer.send({"type": "history"} | answer)

    async def _close(self, peer: Peer, frame: Frame) -> None:
        await self.end()
        answer = {"ref": frame["ref"], "request": self.request.as_object()}
        await peer.send({"type": "closed"} | answer)

    async def _read(self, peer: Peer, frame: Frame) -> None:
        request = self._latest(peer.token)
        if request is not None:
            request.read["customer"] = max(request.read["customer"], frame["seq"])
            mark = {"request": request.number, "by": "customer", "seq": frame["seq"]}
            for other in self.peers:
                if other is not peer and other.token == peer.token:
                    await other.send({"type": "read"} | mark)

    async def _rate(self, peer: Peer, frame: Frame) -> None:
        self.request.rating = {key: frame.get(key) for key in ("score", "comment")}
        self.request.append("activity", "customer", "The chat was rated", activity="rated")
        await peer.send({"type": "rated", "ref": frame["ref"]})

    async def _forget(self, peer: Peer, frame: Frame) -> None:
        del self.customers[peer.token]
        await peer.send({"type": "forgotten", "ref": frame["ref"]})
        for other in list(self.peers):
            if other.token == peer.token:
                await other.socket.close(4000)

    async def _ping(self, peer: Peer, frame: Frame) -> None:
        await peer.send({"type": "pong", "ref": frame["ref"]})

    async def _others(self, author: Peer, request: HelpRequest, message: Frame) -> None:
        for peer in self.peers:
            if peer is not author and peer.token == author.token:
                await peer.send({"type": "message", "request": request.number, "message": message})
