"""One connection, from ``hello`` to its end. Never calls again; that is the link's to do."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from time import time
from uuid import uuid4

from helpdesk_tui.link.courier import Courier
from helpdesk_tui.model.outbox import Unsent, frame_of, is_passing
from relay.client import Connection, Disconnected, pause_before
from relay.errors import CloseCode, Code
from relay.wire import agent, agent_hears, objects
from relay.wire.codec import encode

SILENCE = 20.0
"""Seconds without a frame after which the relay is asked whether it is there."""
PATIENCE = 10.0
"""Seconds that it has to answer."""
LOOK_EVERY = 2.0
"""Seconds between two looks at the clock of the day, which goes on where a laptop sleeps."""
SLEPT = 3.0
"""Seconds that it may be late; beyond that this machine or process has slept."""
AWAKE = 3.0
"""Seconds that the relay has to answer after a sleep, in which it may have hung up unheard."""
SHORTEST_WAIT = 0.2
"""Seconds before a text that was refused for now goes out again."""

Hear = Callable[[agent_hears.RelayFrame], None]


class Visit:
    """Speaks and listens on one connection."""

    def __init__(
        self,
        connection: Connection[agent_hears.RelayFrame],
        courier: Courier,
        hear: Hear,
        jitter: Callable[[], float],
    ) -> None:
        self._frame_limit = 0
        self._connection = connection
        self._courier = courier
        self._hear = hear
        self._jitter = jitter
        self._refusals = 0
        self._frames: asyncio.Queue[agent.ClientFrame | None] = asyncio.Queue()

    async def hello(self, token: str) -> agent_hears.Welcome:
        """Sign in; raise :exc:`Disconnected` if the relay does not welcome this agent."""
        client = f"helpdesk-tui/{version('helpdesk')}"
        question = agent.Hello(uuid4().hex, token, client)
        try:
            answer = await asyncio.wait_for(self._connection.call(question), PATIENCE)
        except TimeoutError as error:
            raise _silent() from error
        match answer:
            case agent_hears.Welcome():
                self._frame_limit = answer.limits.frame
                return answer
            case objects.Error(code=Code.UNAUTHORIZED):
                raise Disconnected(CloseCode.UNAUTHORIZED, "")
            case _:
                raise Disconnected(CloseCode.OVERLOADED, "")

    async def run(self) -> None:
        """Carry frames both ways until the connection ends; raise :exc:`Disconnected` then."""
        async with asyncio.TaskGroup() as group:
            speaking = group.create_task(self._speak(), name="speak")
            end = await self._listen()
            speaking.cancel()
        raise end

    def ask(self, frame: agent.ClientFrame) -> None:
        """Send *frame* on this connection or never."""
        self._frames.put_nowait(frame)

    def look(self) -> None:
        """The courier may have something to send."""
        self._frames.put_nowait(None)

    async def _speak(self) -> None:
        with suppress(Disconnected):  # the listener hears of it too
            while True:
                for unsent in self._courier.due():
                    await self._send(unsent)
                if frame := await self._frames.get():
                    await self._connection.send(frame)

    async def _send(self, unsent: Unsent) -> None:
        """Send *unsent*, but what the relay would hang up on, for it would do so each time."""
        frame = frame_of(unsent)
        if not 0 < self._frame_limit < (size := len(encode(frame))):
            await self._connection.send(frame)
            return
        told = f"{size:,} bytes as it is sent; the relay takes {self._frame_limit:,} now"
        refused = objects.Error(Code.INVALID, told, unsent.ref)
        self._deliver(refused)
        self._hear(refused)

    async def _listen(self) -> Disconnected:
        try:
            while True:
                frame = await self._next()
                self._deliver(frame)
                self._hear(frame)
        except Disconnected as end:
            return end

    async def _next(self) -> agent_hears.RelayFrame:
        """Return the next frame; ask whether the relay is there after long silence, or a sleep."""
        loop, wait = asyncio.get_running_loop(), min(LOOK_EVERY, SILENCE)
        silent_at = loop.time() + SILENCE
        while True:
            looked_at = time()
            try:
                return await asyncio.wait_for(self._connection.receive(), wait)
            except TimeoutError:
                slept = time() - looked_at > wait + SLEPT
                if slept or loop.time() >= silent_at:
                    await self._connection.send(agent.Ping(uuid4().hex))
                    return await self._answer_within(AWAKE if slept else PATIENCE)

    async def _answer_within(self, seconds: float) -> agent_hears.RelayFrame:
        try:
            return await asyncio.wait_for(self._connection.receive(), seconds)
        except TimeoutError as error:
            raise _silent() from error

    def _deliver(self, frame: agent_hears.RelayFrame) -> None:
        """Tell the courier what became of a text."""
        match frame:
            case objects.Sent(ref=ref):
                self._refusals = 0
                self._courier.answered(ref)
                self.look()
            case objects.Error(ref=str() as ref) if self._courier.knows(ref):
                if not is_passing(frame):
                    self._courier.answered(ref)
                    self.look()
                    return
                self._refusals += 1
                wait = frame.retry_after or pause_before(self._refusals, self._jitter())
                loop = asyncio.get_running_loop()
                loop.call_later(max(wait, SHORTEST_WAIT), self._again, ref)
            case _:
                pass

    def _again(self, ref: str) -> None:
        self._courier.again(ref)
        self.look()


def _silent() -> Disconnected:
    return Disconnected(CloseCode.KEEPALIVE_LOST, "")
