"""Fake relay controlled by a test: real sockets, the protocol's frames, and no store.

It keeps a log of each request and answers as the protocol says; a test may make it refuse, hang
up, or say anything.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from msgspec import Struct, structs
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from relay.client import SUBPROTOCOL
from relay.desk.stats import Durations, Satisfaction, Statistics
from relay.wire import agent_in, agent_out, codec, objects
from tests.patience import PATIENCE

TOKEN = "hda_good"
AT = "2026-11-22T10:35:00.000Z"
ME, KIM = objects.AgentLabel(3, "Sam"), objects.AgentLabel(5, "Kim")
LIMITS = objects.Limits(4000, 65536, 50, 200)


def request(number: int, **fields: object) -> objects.AgentRequest:
    """Return a waiting request with *fields* changed."""
    told = objects.AgentRequest(
        id=number,
        status="waiting",
        agent=None,
        opened_at=AT,
        claimed_at=None,
        closed_at=None,
        seq=0,
        read=objects.ReadMarks(0, 0),
        rating=None,
        customer=objects.CustomerObject(
            number, name=f"Ada {number}", email="ada@example.org", verified=False, online=True
        ),
        site="default",
        page=objects.PageObject("https://shop.example/cart", "Cart", ""),
        locale="en-GB",
        user_agent="Browser",
        last=None,
        waiting_since=AT,
        tags=[],
    )
    return structs.replace(told, **fields)


@dataclass
class FakeRelay:
    """Answers agents. ``heard`` is all they said; ``refuse`` may give an error instead."""

    requests: dict[int, objects.AgentRequest] = field(default_factory=dict)
    logs: dict[int, list[objects.MessageObject]] = field(default_factory=dict)
    heard: list[agent_in.ClientFrame] = field(default_factory=list)
    refuse: Callable[[agent_in.ClientFrame], objects.Error | None] = lambda _: None
    epoch: str = "e1"
    canned: list[objects.Canned] = field(default_factory=list)
    limits: objects.Limits = LIMITS
    port: int = 0
    deaf: bool = False
    forget_answers: bool = False
    _sockets: set[ServerConnection] = field(default_factory=set)
    _server: Server | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    stored: Counter[str] = field(default_factory=Counter)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"ws://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen on a free port, the same one each time."""
        self._server = await serve(
            self._visit, "127.0.0.1", self.port, subprotocols=[SUBPROTOCOL], compression=None
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]

    async def stop(self, code: int = 1012) -> None:
        """Hang up on everybody with *code* and listen no more."""
        if self._server:
            await self.hang_up(code)
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def reset(self, epoch: str) -> None:
        """Replace all data by none, of another *epoch*."""
        self.requests, self.logs, self.heard, self.canned = {}, {}, [], []
        self.refuse, self.epoch = lambda _: None, epoch
        self.stored.clear()

    async def hang_up(self, code: int = 1012) -> None:
        """End all connections with *code*."""
        for socket in list(self._sockets):
            await socket.close(code)

    def open(self, number: int, *texts: str, **fields: object) -> None:
        """A customer opens a request and writes *texts*."""
        self.requests[number] = request(number, **fields)
        self.logs[number] = []
        for text in texts:
            self._store(number, objects.By("customer", number, f"Ada {number}"), text)

    async def say(self, number: int, text: str, name: str | None = None) -> None:
        """A customer writes *text*."""
        by = objects.By("customer", number, name or f"Ada {number}")
        message = self._store(number, by, text)
        await self.push(objects.MessagePush(number, message))
        await self.push(agent_out.RequestPush(self.requests[number]))

    async def push(self, frame: Struct) -> None:
        """Say *frame* to every agent."""
        await self.push_bytes(codec.encode(frame))

    async def push_bytes(self, data: bytes) -> None:
        """Say *data* to every agent, whatever it is."""
        for socket in list(self._sockets):
            await socket.send(data, text=True)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until *true*, looked at after each frame that comes."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._changed.clear()
                await self._changed.wait()

    def sent(self) -> list[str]:
        """Return what agents wrote and the relay stored, in order."""
        return [
            message.text
            for log in self.logs.values()
            for message in log
            if message.by.role == "agent" and message.kind == "text"
        ]

    async def _visit(self, socket: ServerConnection) -> None:
        self._sockets.add(socket)
        try:
            async for data in socket:
                frame = codec.agent_frames.read(str(data).encode())
                if isinstance(frame, objects.Error):
                    await socket.send(codec.encode(frame), text=True)
                elif not self.deaf:
                    self.heard.append(frame)
                    await self._answer(socket, frame)
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            self._sockets.discard(socket)

    async def _answer(self, socket: ServerConnection, frame: agent_in.ClientFrame) -> None:
        ref = getattr(frame, "ref", "")
        if (error := self.refuse(frame)) is not None:
            answer: Struct | None = structs.replace(error, ref=ref)
        elif isinstance(frame, agent_in.Hello) and frame.token != TOKEN:
            answer = objects.Error("unauthorized", "No such token.", ref)
        else:
            answer = self._say(frame)
        if answer and not self.forget_answers:
            await socket.send(codec.encode(answer), text=True)
        if isinstance(answer, objects.Error) and answer.code == "unauthorized":
            await socket.close(4000)
        if isinstance(answer, agent_out.Ok) and isinstance(answer.request, objects.AgentRequest):
            await self.push(agent_out.RequestPush(answer.request))

    def _say(self, frame: agent_in.ClientFrame) -> Struct | None:
        match frame:
            case agent_in.Hello(ref=ref):
                me = objects.AgentObject(ME.id, ME.name, "agent", "online")
                waiting = [told for told in self.requests.values() if told.status != "closed"]
                agents = [me, objects.AgentObject(KIM.id, KIM.name, "agent", "online")]
                return agent_out.Welcome(
                    ref, self.epoch, me, agents, waiting, False, self.canned, self.limits
                )
            case agent_in.Join(ref=ref, request=number, after=after):
                if number not in self.requests:
                    return objects.Error("not_found", "No such request.", ref)
                log = self.logs[number][-50:] if after is None else self.logs[number][after:]
                more = bool(log) and log[0].seq > (after or 0) + 1
                return agent_out.Joined(ref, self.requests[number], log, more)
            case agent_in.HistoryBefore(ref=ref, request=number, before=before, limit=limit):
                log = self.logs[number][max(0, before - 1 - limit) : before - 1]
                return objects.History(ref, log, bool(log) and log[0].seq > 1)
            case agent_in.Send(ref=ref, request=number, text=text):
                return self._send(ref, number, text)
            case agent_in.List(ref=ref, filter=narrowed):
                return agent_out.Listed(
                    ref, list(filter(_within(narrowed), self.requests.values())), False
                )
            case agent_in.Ping(ref=ref):
                return objects.Pong(ref)
            case _:
                return self._act(frame)

    def _act(self, frame: agent_in.ClientFrame) -> Struct | None:
        match frame:
            case agent_in.Note(ref=ref, request=number, text=text):
                by = objects.By("agent", ME.id, ME.name)
                noted = self._store(number, by, text, ref, "note")
                return objects.Sent(ref, noted.seq, noted.at)
            case agent_in.Search(ref=ref, text=text):
                hits = [
                    agent_out.Hit(number, said.seq, said.text, said.at)
                    for number, log in self.logs.items()
                    for said in log
                    if text in said.text
                ]
                return agent_out.Found(ref, hits, None)
            case agent_in.Stats(ref=ref):
                return _figures(ref)
            case agent_in.SetStatus(ref=ref):
                return agent_out.Ok(ref)
            case agent_in.Transfer(ref=ref, request=number, to=to):
                return self._change(ref, number, agent=objects.AgentLabel(to, KIM.name))
            case agent_in.Tag(ref=ref, request=number, add=add, remove=remove):
                kept = [tag for tag in self.requests[number].tags if tag not in remove]
                return self._change(ref, number, tags=[*kept, *add])
            case agent_in.Reopen(ref=ref, request=number):
                return self._change(ref, number, status="active", agent=ME)
            case agent_in.Claim(ref=ref, request=number):
                return self._change(ref, number, status="active", agent=ME)
            case agent_in.Release(ref=ref, request=number):
                return self._change(ref, number, status="waiting", agent=None)
            case agent_in.Close(ref=ref, request=number):
                return self._change(ref, number, status="closed")
            case _:
                return None

    def _send(self, ref: str, number: int, text: str) -> Struct:
        if self.requests[number].status == "closed":
            return objects.Error("closed", "The request is closed.", ref)
        for message in self.logs[number]:
            if message.ref == ref:
                return objects.Sent(ref, message.seq, message.at)
        message = self._store(number, objects.By("agent", ME.id, ME.name), text, ref)
        self.requests[number] = structs.replace(
            self.requests[number], status="active", agent=ME, waiting_since=None
        )
        return objects.Sent(ref, message.seq, message.at)

    def _store(
        self, number: int, by: objects.By, text: str, ref: str | None = None, kind: str = "text"
    ) -> objects.MessageObject:
        seq = len(self.logs[number]) + 1
        message = objects.MessageObject(seq, kind, by, text, AT)
        if ref:
            message = structs.replace(message, ref=ref)
            self.stored[ref] += 1
        self.logs[number].append(message)
        last = objects.LastObject(text[:120], by.role, AT)
        self.requests[number] = structs.replace(self.requests[number], seq=seq, last=last)
        return message

    def _change(self, ref: str, number: int, **fields: object) -> agent_out.Ok:
        self.requests[number] = structs.replace(self.requests[number], **fields)
        return agent_out.Ok(ref, self.requests[number])


def _figures(ref: str) -> agent_out.Stats:
    """Return figures of three requests, two of them closed."""
    times = Durations(90.0, 600.0)
    some = Statistics(3, 3, 2, times, Durations(7200.0, 9000.0), Satisfaction(2, 4.5), 5)
    kim, day = (
        agent_out.Slice(KIM.name, some, KIM.id),
        agent_out.Slice(f"{datetime.now(UTC):%Y-%m-%d}", some),
    )
    hours = [agent_out.Slice(hour, some) for hour in ("09", "17")]
    return agent_out.Stats(ref, some, [day], hours, [kim], [], more=False)


def _within(narrowed: agent_in.Filter) -> Callable[[objects.AgentRequest], bool]:
    """Return whether a request is in what *narrowed* leaves, as far as the console asks."""

    def within(told: objects.AgentRequest) -> bool:
        named = narrowed.requests is None or told.id in narrowed.requests
        status = narrowed.status in {None, told.status}
        return named and status and narrowed.customer in {None, told.customer.id}

    return within


@asynccontextmanager
async def running(relay: FakeRelay) -> AsyncIterator[FakeRelay]:
    """Run *relay* until the block ends."""
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()
