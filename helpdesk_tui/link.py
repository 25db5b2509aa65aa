"""The connection to the relay, in its own thread: reconnects, sends in order, keeps alive."""

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from time import time
from uuid import uuid4

from helpdesk_tui.model.effects import Connecting, Ended, LinkState, Offline, Online
from helpdesk_tui.model.outbox import Unsent, frame_of, is_passing
from relay.client import (
    INVALID_FRAME,
    Disconnected,
    RelayConnection,
    Unreachable,
    connect_agent,
    reconnect_delay,
)
from relay.errors import CloseCode, Code
from relay.wire import agent_in, agent_out, objects
from relay.wire.codec import encode


class Courier:
    """The texts on their way, as the network sees them."""

    def __init__(self) -> None:
        self._texts: dict[str, Unsent] = {}
        self._out: set[str] = set()

    def take_on(self, unsent: Unsent) -> None:
        """Take *unsent* on; one that is taken on already changes nothing."""
        self._texts.setdefault(unsent.ref, unsent)

    def due(self) -> list[Unsent]:
        """Return what is to be sent now; it is then out until it is answered."""
        first: dict[int, Unsent] = {}
        for unsent in self._texts.values():
            first.setdefault(unsent.request, unsent)
        due = [unsent for unsent in first.values() if unsent.ref not in self._out]
        self._out.update(unsent.ref for unsent in due)
        return due

    def knows(self, ref: str) -> bool:
        """Return whether *ref* is that of a text on its way."""
        return ref in self._texts

    def answered(self, ref: str) -> None:
        """The relay has stored the text of *ref*, or never will."""
        self._texts.pop(ref, None)
        self._out.discard(ref)

    def again(self, ref: str) -> None:
        """The text of *ref* is to be sent once more."""
        self._out.discard(ref)

    def drop_all(self) -> None:
        """The connection is lost: what goes out on the next is decided anew."""
        self._texts.clear()
        self._out.clear()


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

Hear = Callable[[agent_out.RelayFrame], None]


class Visit:
    """Speaks and listens on one connection."""

    def __init__(
        self,
        connection: RelayConnection[agent_out.RelayFrame],
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
        self._frames: asyncio.Queue[agent_in.ClientFrame | None] = asyncio.Queue()

    async def hello(self, token: str) -> agent_out.Welcome:
        """Sign in; raise :exc:`Disconnected` if the relay does not welcome this agent."""
        client = f"helpdesk-tui/{version('helpdesk')}"
        question = agent_in.Hello(uuid4().hex, token, client)
        try:
            answer = await asyncio.wait_for(self._connection.call(question), PATIENCE)
        except TimeoutError as error:
            raise _silent() from error
        match answer:
            case agent_out.Welcome():
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

    def ask(self, frame: agent_in.ClientFrame) -> None:
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

    async def _next(self) -> agent_out.RelayFrame:
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
                    await self._connection.send(agent_in.Ping(uuid4().hex))
                    return await self._answer_within(AWAKE if slept else PATIENCE)

    async def _answer_within(self, seconds: float) -> agent_out.RelayFrame:
        try:
            return await asyncio.wait_for(self._connection.receive(), seconds)
        except TimeoutError as error:
            raise _silent() from error

    def _deliver(self, frame: agent_out.RelayFrame) -> None:
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
                wait = frame.retry_after or reconnect_delay(self._refusals, self._jitter())
                loop = asyncio.get_running_loop()
                loop.call_later(max(wait, SHORTEST_WAIT), self._again, ref)
            case _:
                pass

    def _again(self, ref: str) -> None:
        self._courier.again(ref)
        self.look()


def _silent() -> Disconnected:
    return Disconnected(CloseCode.KEEPALIVE_LOST, "")


STEADY = 5.0
"""Seconds online after which the next loss counts as a first one."""
FAREWELL = 2.0
"""Seconds to say goodbye in."""

REASONS = {
    CloseCode.GOING_AWAY: "The relay restarts.",
    CloseCode.RESTART: "The relay restarts.",
    CloseCode.OVERLOADED: "The relay is overloaded.",
    CloseCode.SLOW_CONSUMER: "The connection was too slow.",
    CloseCode.KEEPALIVE_LOST: "The relay did not answer.",
    CloseCode.TOO_MANY_CONNECTIONS: "Too many connections from this address.",
    CloseCode.UNAUTHORIZED: "The relay refuses this token; get a new one from an admin.",
    INVALID_FRAME: "The relay said what is no frame.",
    1006: "The connection was lost.",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """The link itself has failed, with *error*; nothing more will be heard."""

    error: Exception


News = agent_out.RelayFrame | LinkState | Broken


class Link:
    """The relay at *url*, as the agent of *token*; *hear* gets what it says, and what befalls it.

    *clock* gives the instants in what is heard, *jitter* numbers in [0, 1).
    """

    def __init__(
        self,
        url: str,
        token: str,
        hear: Callable[[News], None],
        clock: Callable[[], float],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._url, self._token = url, token
        self._hear, self._clock, self._jitter = hear, clock, jitter
        self._courier = Courier()
        self._visit: Visit | None = None
        self._welcomed = ""
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        """Begin to call the relay."""
        self._thread.start()
        self._running.wait()

    def stop(self) -> None:
        """Say goodbye, if it was started; wait a little for the thread to end."""
        if not self._running.is_set():
            return
        self._within(self._task.cancel)
        self._thread.join(FAREWELL)

    def ask(self, frame: agent_in.ClientFrame, after: float = 0.0) -> None:
        """Send *frame* in *after* seconds if the relay is there now, and still then; or never."""
        self._within(lambda: self._ask(frame, after))

    def deliver(self, unsent: Unsent, visit: str) -> None:
        """Send *unsent* on the connection whose welcome answered *visit*, until it is answered.

        On no other: what was said there meanwhile, nobody has looked at yet.
        """
        self._within(lambda: self._take_on(unsent, visit))

    def hurry(self) -> None:
        """Call the relay now rather than when it is time."""
        self._within(self._hurry.set)

    def _within(self, act: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it everything to act on
            self._loop.call_soon_threadsafe(act)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            try:
                asyncio.run(self._live())
            except Exception as error:  # noqa: BLE001 - the app is to fail with it, not this thread
                self._hear(Broken(error))

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("runs in a task")
        self._task, self._hurry = task, asyncio.Event()
        self._running.set()
        attempt = 0
        while True:
            self._hear(Connecting())
            begun = self._loop.time()
            try:
                await self._call()
            except Unreachable as error:
                reason = str(error)
            except Disconnected as end:
                reason = REASONS.get(end.code, f"The relay ended the connection ({end.code}).")
                if not end.may_reconnect:
                    await self._end(reason, unauthorized=end.code == CloseCode.UNAUTHORIZED)
                    continue
                attempt = 0 if self._loop.time() - begun > STEADY else attempt
            await self._pause(reason, reconnect_delay(attempt, self._jitter()))
            attempt += 1

    async def _call(self) -> None:
        """Visit the relay once; always raises."""
        async with await connect_agent(self._url) as connection:
            visit = Visit(connection, self._courier, self._hear, self._jitter)
            welcome = await visit.hello(self._token)
            self._welcomed = welcome.ref
            self._hear(Online())
            self._hear(welcome)
            self._visit = visit
            try:
                await visit.run()
            finally:
                self._visit, self._welcomed = None, ""
                self._courier.drop_all()

    async def _pause(self, reason: str, seconds: float) -> None:
        self._hurry.clear()
        self._hear(Offline(reason, self._clock() + seconds))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    async def _end(self, reason: str, *, unauthorized: bool) -> None:
        """Call no more until the agent asks for it."""
        self._hurry.clear()
        self._hear(Ended(reason, unauthorized))
        await self._hurry.wait()

    def _ask(self, frame: agent_in.ClientFrame, after: float) -> None:
        if self._visit:
            self._loop.call_later(after, self._visit.ask, frame)

    def _take_on(self, unsent: Unsent, visit: str) -> None:
        if self._visit and visit == self._welcomed:
            self._courier.take_on(unsent)
            self._visit.look()
