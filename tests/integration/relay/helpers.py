"""Real relay in this process, and clients that use plain JSON.

The clients know nothing of the relay's own types: what they assert on is what is on the wire.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect, unix_connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from relay.clock import SystemClock
from relay.desk.events import Millis
from relay.server.relay import Relay
from relay.service.jobs import LOOK_EVERY
from relay.service.trusted_time import DAY
from relay.settings import Settings
from tests.patience import PATIENCE

Frame = dict[str, Any]

SUBPROTOCOL = Subprotocol("helpdesk.v1")
FREE = {"messages_per_second": 0, "burst": 0}
"""The settings of a desk where nobody may be too fast."""


_REFS = count(1)


class Wire:
    """One WebSocket. ``heard`` is every frame that ever came; waiting takes them one by one."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Frame] = []
        self.welcome: Frame = {}
        self._waiting: deque[Frame] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.socket.close()

    async def raw(self, data: str | bytes, *, text: bool | None = None) -> None:
        """Send *data* as it is."""
        await self.socket.send(data, text=text)

    async def send(self, kind: str, **fields: object) -> None:
        """Send a frame and wait for nothing."""
        await self.raw(json.dumps({"type": kind, **fields}, ensure_ascii=False))

    async def ask(self, kind: str, **fields: object) -> Frame:
        """Send a frame with a new ``ref`` (or the given one) and return its answer."""
        ref = fields.setdefault("ref", f"r{next(_REFS)}")
        await self.send(kind, **fields)
        return await self.answer(str(ref))

    async def answer(self, ref: str) -> Frame:
        """Return the answer to what was sent with *ref*."""
        return await self.receive(lambda frame: frame.get("ref") == ref, f"answer to {ref}")

    async def ok(self, kind: str, **fields: object) -> Frame:
        """Ask, and insist on an answer that is no error."""
        answer = await self.ask(kind, **fields)
        assert answer["type"] != "error", answer
        return answer

    async def refused(self, kind: str, **fields: object) -> str:
        """Ask, insist on an error, and return its code."""
        answer = await self.ask(kind, **fields)
        assert answer["type"] == "error", answer
        return str(answer["code"])

    async def push(self, kind: str, **fields: object) -> Frame:
        """Return the next frame of type *kind* without a ``ref`` whose *fields* are these."""

        def wanted(frame: Frame) -> bool:
            same = all(frame.get(name) == value for name, value in fields.items())
            return frame["type"] == kind and "ref" not in frame and same

        return await self.receive(wanted, f"{kind} {fields}")

    async def message(self, text: str) -> Frame:
        """Return the pushed message with that text."""
        push = await self.receive(
            lambda frame: frame["type"] == "message" and frame["message"]["text"] == text, text
        )
        message: Frame = push["message"]
        return message

    async def receive(self, wanted: Callable[[Frame], bool], what: str) -> Frame:
        """Return, and remove, the first frame that is *wanted*; the others keep waiting."""
        for frame in self._waiting:
            if wanted(frame):
                self._waiting.remove(frame)
                return frame
        try:
            async with asyncio.timeout(PATIENCE):
                while not wanted(frame := await self._next()):
                    self._waiting.append(frame)
        except TimeoutError:
            raise AssertionError(f"never came: {what}; last heard: {self.heard[-5:]}") from None
        return frame

    def waiting(self, kind: str) -> list[Frame]:
        """Take away all frames of type *kind* that have come and were not asked for."""
        found = [frame for frame in self._waiting if frame["type"] == kind]
        self._waiting = deque(frame for frame in self._waiting if frame["type"] != kind)
        return found

    async def ended(self) -> int:
        """Return the close code; what comes before the end is heard."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._waiting.append(await self._next())
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    async def _next(self) -> Frame:
        frame: Frame = json.loads(await self.socket.recv())
        self.heard.append(frame)
        return frame


class HandClock(SystemClock):
    """A steady clock that a test moves by hand; the time of day is the machine's."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def steady(self) -> float:
        return self.now

    def wall(self) -> Millis:
        return super().wall()


class Calendar(HandClock):
    """A clock whose days a test turns by hand as well."""

    days = 0

    def wall(self) -> Millis:
        return Millis(super().wall() + self.days * DAY)

    def turn(self, days: int) -> None:
        """Let *days* pass, and the relay look again."""
        self.days += days
        self.now += days * DAY / 1000 + LOOK_EVERY

    def jump(self, days: int) -> None:
        """Put the clock ahead by *days*, and let the relay look again."""
        self.days += days
        self.now += LOOK_EVERY


class Desk:
    """A relay that listens, and the clients that were made for it."""

    def __init__(self, relay: Relay, settings: Settings, url: str, stack: AsyncExitStack) -> None:
        self.relay = relay
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}" if settings.port else url
        self._stack = stack

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    async def socket(self, role: str, origin: str | None = None) -> Wire:
        """Return a connection before its hello."""
        return await self._enter(wire(self.url, role, origin))

    async def customer(self, **hello: object) -> Wire:
        """Return a customer's connection that has said hello."""
        return await greeted(await self.socket("customer"), **hello)

    async def asker(self, **open_: object) -> Wire:
        """Return a customer who has opened a request; ``welcome`` then holds the answer."""
        customer = await self.customer()
        opened = await customer.ok("open", **open_)
        customer.welcome = customer.welcome | {"request": opened["request"]}
        return customer

    async def control(self, **hello: object) -> Wire:
        """Return a connection to the control socket that has said hello."""
        return await greeted(await self._enter(control(self.settings.control_path)), **hello)

    async def hire(self, name: str, role: str = "agent") -> Frame:
        """Return the answer to ``agent_add``: an agent and their token."""
        async with await greeted(await control(self.settings.control_path)) as admin:
            return await admin.ok("agent_add", name=name, role=role)

    async def agent(self, name: str, role: str = "agent", **hello: object) -> Wire:
        """Return the connection of a new agent who has said hello."""
        return await self.back((await self.hire(name, role))["token"], **hello)

    async def back(self, token: str, **hello: object) -> Wire:
        """Return one more connection of the agent with that token."""
        return await greeted(await self.socket("agent"), token=token, **hello)

    async def _enter(self, opening: Awaitable[Wire]) -> Wire:
        return await self._stack.enter_async_context(await opening)


async def wire(
    url: str, role: str, origin: str | None = None, headers: Mapping[str, str] | None = None
) -> Wire:
    """Return a connection to the relay at *url*, before its hello."""
    socket = await connect(
        f"{url.replace('http', 'ws', 1)}/v1/{role}",
        subprotocols=[SUBPROTOCOL],
        origin=Origin(origin) if origin else None,
        additional_headers=headers,
        compression=None,
        max_size=2**21,
        max_queue=None,
        proxy=None,
    )
    return Wire(socket)


async def control(path: Path) -> Wire:
    """Return a connection to the control socket at *path*, before its hello."""
    socket = await unix_connect(
        str(path), "ws://localhost/v1/agent", subprotocols=[SUBPROTOCOL], compression=None
    )
    return Wire(socket)


async def greeted(client: Wire, /, **hello: object) -> Wire:
    """Say hello and keep the welcome."""
    client.welcome = await client.ok("hello", **hello)
    return client


@asynccontextmanager
async def running(
    database: Path, clock: SystemClock | None = None, *, demo: bool = False, **settings: object
) -> AsyncIterator[Desk]:
    """Run a relay on *database* and a free port; its clients end before it does."""
    chosen = Settings.model_validate({"port": 0, "database": str(database), **settings})
    relay = Relay(chosen, demo=demo) if clock is None else Relay(chosen, demo=demo, clock=clock)
    try:
        url = (await relay.listen())[0]
        async with AsyncExitStack() as stack:
            yield Desk(relay, chosen, url, stack)
    finally:
        await relay.close()


def number_of(client: Wire) -> int:
    """Return the number of the request that *client*, an asker, has opened."""
    number: int = client.welcome["request"]["id"]
    return number


def texts(messages: list[Frame]) -> list[str]:
    """Return what the messages say, but for activities."""
    return [message["text"] for message in messages if message["kind"] != "activity"]
