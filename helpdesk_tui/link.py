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


class SendQueue:
    """The texts on their way, as the network sees them."""

    def __init__(self) -> None:
        self._texts: dict[str, Unsent] = {}
        self._out: set[str] = set()

    def add(self, unsent: Unsent) -> None:
        """Take *unsent* on; one that is taken on already changes nothing."""
        self._texts.setdefault(unsent.ref, unsent)

    def next_due(self) -> list[Unsent]:
        """Return what is to be sent now; it is then out until it is answered."""
        first: dict[int, Unsent] = {}
        for unsent in self._texts.values():
            first.setdefault(unsent.request, unsent)
        due = [unsent for unsent in first.values() if unsent.ref not in self._out]
        self._out.update(unsent.ref for unsent in due)
        return due

    def __contains__(self, ref: str) -> bool:
        """Return whether *ref* is that of a text on its way."""
        return ref in self._texts

    def remove(self, ref: str) -> None:
        """The relay has stored the text of *ref*, or never will."""
        self._texts.pop(ref, None)
        self._out.discard(ref)

    def requeue(self, ref: str) -> None:
        """The text of *ref* is to be sent once more."""
        self._out.discard(ref)

    def clear(self) -> None:
        """The connection is lost: what goes out on the next is decided anew."""
        self._texts.clear()
        self._out.clear()


KEEPALIVE_INTERVAL = 20.0
"""Seconds without a frame after which the relay is asked whether it is there."""
ANSWER_TIMEOUT = 10.0
"""Seconds that it has to answer."""
CLOCK_INTERVAL = 2.0
"""Seconds between two looks at the clock of the day, which goes on where a laptop sleeps."""
SLEEP_MARGIN = 3.0
"""Seconds that it may be late; beyond that this machine or process has slept."""
WAKE_TIMEOUT = 3.0
"""Seconds that the relay has to answer after a sleep, in which it may have hung up unheard."""
MIN_RETRY_DELAY = 0.2
"""Seconds before a text that was refused for now goes out again."""

OnFrame = Callable[[agent_out.RelayFrame], None]


class Session:
    """Speaks and listens on one connection."""

    def __init__(
        self,
        connection: RelayConnection[agent_out.RelayFrame],
        queue: SendQueue,
        on_frame: OnFrame,
        jitter: Callable[[], float],
    ) -> None:
        self._frame_limit = 0
        self._connection = connection
        self._queue = queue
        self._on_frame = on_frame
        self._jitter = jitter
        self._refusals = 0
        self._frames: asyncio.Queue[agent_in.ClientFrame | None] = asyncio.Queue()

    async def hello(self, token: str) -> agent_out.Welcome:
        """Sign in; raise :exc:`Disconnected` if the relay does not welcome this agent."""
        client = f"helpdesk-tui/{version('helpdesk')}"
        question = agent_in.Hello(uuid4().hex, token, client)
        try:
            answer = await asyncio.wait_for(self._connection.call(question), ANSWER_TIMEOUT)
        except TimeoutError as error:
            raise _keepalive_lost() from error
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

    def send(self, frame: agent_in.ClientFrame) -> None:
        """Send *frame* on this connection or never."""
        self._frames.put_nowait(frame)

    def wake(self) -> None:
        """The courier may have something to send."""
        self._frames.put_nowait(None)

    async def _speak(self) -> None:
        with suppress(Disconnected):  # the listener hears of it too
            while True:
                for unsent in self._queue.next_due():
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
        self._settle(refused)
        self._on_frame(refused)

    async def _listen(self) -> Disconnected:
        try:
            while True:
                frame = await self._next()
                self._settle(frame)
                self._on_frame(frame)
        except Disconnected as end:
            return end

    async def _next(self) -> agent_out.RelayFrame:
        """Return the next frame; ask whether the relay is there after long silence, or a sleep."""
        loop, wait = asyncio.get_running_loop(), min(CLOCK_INTERVAL, KEEPALIVE_INTERVAL)
        silent_at = loop.time() + KEEPALIVE_INTERVAL
        while True:
            looked_at = time()
            try:
                return await asyncio.wait_for(self._connection.receive(), wait)
            except TimeoutError:
                slept = time() - looked_at > wait + SLEEP_MARGIN
                if slept or loop.time() >= silent_at:
                    await self._connection.send(agent_in.Ping(uuid4().hex))
                    return await self._answer_within(WAKE_TIMEOUT if slept else ANSWER_TIMEOUT)

    async def _answer_within(self, seconds: float) -> agent_out.RelayFrame:
        try:
            return await asyncio.wait_for(self._connection.receive(), seconds)
        except TimeoutError as error:
            raise _keepalive_lost() from error

    def _settle(self, frame: agent_out.RelayFrame) -> None:
        """Tell the courier what became of a text."""
        match frame:
            case objects.Sent(ref=ref):
                self._refusals = 0
                self._queue.remove(ref)
                self.wake()
            case objects.Error(ref=str() as ref) if self._queue.__contains__(ref):
                if not is_passing(frame):
                    self._queue.remove(ref)
                    self.wake()
                    return
                self._refusals += 1
                wait = frame.retry_after or reconnect_delay(self._refusals, self._jitter())
                loop = asyncio.get_running_loop()
                loop.call_later(max(wait, MIN_RETRY_DELAY), self._requeue, ref)
            case _:
                pass

    def _requeue(self, ref: str) -> None:
        self._queue.requeue(ref)
        self.wake()


def _keepalive_lost() -> Disconnected:
    return Disconnected(CloseCode.KEEPALIVE_LOST, "")


STABLE_AFTER = 5.0
"""Seconds online after which the next loss counts as a first one."""
STOP_TIMEOUT = 2.0
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
class LinkFailed:
    """The link itself has failed, with *error*; nothing more will be heard."""

    error: Exception


LinkEvent = agent_out.RelayFrame | LinkState | LinkFailed


class Link:
    """The relay at *url*, as the agent of *token*; *hear* gets what it says, and what befalls it.

    *clock* gives the instants in what is heard, *jitter* numbers in [0, 1).
    """

    def __init__(
        self,
        url: str,
        token: str,
        on_frame: Callable[[LinkEvent], None],
        clock: Callable[[], float],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._url, self._token = url, token
        self._on_frame, self._clock, self._jitter = on_frame, clock, jitter
        self._queue = SendQueue()
        self._session: Session | None = None
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
        self._post(self._task.cancel)
        self._thread.join(STOP_TIMEOUT)

    def send(self, frame: agent_in.ClientFrame, after: float = 0.0) -> None:
        """Send *frame* in *after* seconds if the relay is there now, and still then; or never."""
        self._post(lambda: self._ask(frame, after))

    def deliver(self, unsent: Unsent, session: str) -> None:
        """Send *unsent* on the connection whose welcome answered *visit*, until it is answered.

        On no other: what was said there meanwhile, nobody has looked at yet.
        """
        self._post(lambda: self._enqueue(unsent, session))

    def reconnect(self) -> None:
        """Call the relay now rather than when it is time."""
        self._post(self._reconnect.set)

    def _post(self, act: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it everything to act on
            self._loop.call_soon_threadsafe(act)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            try:
                asyncio.run(self._run_sessions())
            except Exception as error:  # noqa: BLE001 - the app is to fail with it, not this thread
                self._on_frame(LinkFailed(error))

    async def _run_sessions(self) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("runs in a task")
        self._task, self._reconnect = task, asyncio.Event()
        self._running.set()
        attempt = 0
        while True:
            self._on_frame(Connecting())
            begun = self._loop.time()
            try:
                await self._run_session()
            except Unreachable as error:
                reason = str(error)
            except Disconnected as end:
                reason = REASONS.get(end.code, f"The relay ended the connection ({end.code}).")
                if not end.may_reconnect:
                    await self._wait_for_reconnect(
                        reason, unauthorized=end.code == CloseCode.UNAUTHORIZED
                    )
                    continue
                attempt = 0 if self._loop.time() - begun > STABLE_AFTER else attempt
            await self._wait(reason, reconnect_delay(attempt, self._jitter()))
            attempt += 1

    async def _run_session(self) -> None:
        """Visit the relay once; always raises."""
        async with await connect_agent(self._url) as connection:
            session = Session(connection, self._queue, self._on_frame, self._jitter)
            welcome = await session.hello(self._token)
            self._welcomed = welcome.ref
            self._on_frame(Online())
            self._on_frame(welcome)
            self._session = session
            try:
                await session.run()
            finally:
                self._session, self._welcomed = None, ""
                self._queue.clear()

    async def _wait(self, reason: str, seconds: float) -> None:
        self._reconnect.clear()
        self._on_frame(Offline(reason, self._clock() + seconds))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._reconnect.wait(), seconds)

    async def _wait_for_reconnect(self, reason: str, *, unauthorized: bool) -> None:
        """Call no more until the agent asks for it."""
        self._reconnect.clear()
        self._on_frame(Ended(reason, unauthorized))
        await self._reconnect.wait()

    def _ask(self, frame: agent_in.ClientFrame, after: float) -> None:
        if self._session:
            self._loop.call_later(after, self._session.send, frame)

    def _enqueue(self, unsent: Unsent, session: str) -> None:
        if self._session and session == self._welcomed:
            self._queue.add(unsent)
            self._session.wake()
