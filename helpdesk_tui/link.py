"""The connection to the relay, in its own thread: reconnects, sends in order, pings."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import time
from uuid import uuid4

from helpdesk_tui.model.effects import Connecting, Ended, LinkState, Offline, Online
from helpdesk_tui.model.outbox import Unsent, frame_of, is_passing
from helpdesk_tui.timings import DEFAULT_TIMINGS, Timings
from relay.client import (
    INVALID_FRAME,
    Disconnected,
    RelayConnection,
    Unreachable,
    connect_agent,
)
from relay.errors import CloseCode, Code
from relay.version import PROGRAM_VERSION
from relay.wire import agent_in, agent_out, objects
from relay.wire.codec import encode


class SendQueue:
    """The texts to be sent on one connection: per request in order, one at a time."""

    def __init__(self) -> None:
        self._texts: dict[str, Unsent] = {}
        self._in_flight: set[str] = set()

    def add(self, unsent: Unsent) -> None:
        """Queue *unsent*; does nothing if it is queued already."""
        self._texts.setdefault(unsent.ref, unsent)

    def next_due(self) -> list[Unsent]:
        """Return the texts to send now; each is in flight until it is answered."""
        first: dict[int, Unsent] = {}
        for unsent in self._texts.values():
            first.setdefault(unsent.request, unsent)
        due = [unsent for unsent in first.values() if unsent.ref not in self._in_flight]
        self._in_flight.update(unsent.ref for unsent in due)
        return due

    def __contains__(self, ref: str) -> bool:
        """Return whether the text of *ref* is queued."""
        return ref in self._texts

    def remove(self, ref: str) -> None:
        """Forget the text of *ref*: the relay has stored it, or refused it for good."""
        self._texts.pop(ref, None)
        self._in_flight.discard(ref)

    def requeue(self, ref: str) -> None:
        """Make the text of *ref* due again."""
        self._in_flight.discard(ref)

    def clear(self) -> None:
        """Forget all texts: the model decides what to send on the next connection."""
        self._texts.clear()
        self._in_flight.clear()


OnFrame = Callable[[agent_out.RelayFrame], None]


class Session:
    """Signs in on one connection, then sends and receives frames until it ends."""

    def __init__(
        self,
        connection: RelayConnection[agent_out.RelayFrame],
        queue: SendQueue,
        on_frame: OnFrame,
        timings: Timings,
    ) -> None:
        self._frame_limit = 0
        self._connection = connection
        self._queue = queue
        self._on_frame = on_frame
        self._timings = timings
        self._refusals = 0
        self._frames: asyncio.Queue[agent_in.ClientFrame | None] = asyncio.Queue()

    async def hello(self, token: str) -> agent_out.Welcome:
        """Sign in; raise :exc:`Disconnected` if the relay does not welcome this agent."""
        client = f"helpdesk-tui/{PROGRAM_VERSION}"
        question = agent_in.Hello(uuid4().hex, token, client)
        timeout = self._timings.answer_timeout
        try:
            answer = await asyncio.wait_for(self._connection.call(question), timeout)
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
        """Send and receive until the connection ends; raise :exc:`Disconnected` then."""
        async with asyncio.TaskGroup() as group:
            speaking = group.create_task(self._speak(), name="speak")
            end = await self._listen()
            speaking.cancel()
        raise end

    def send(self, frame: agent_in.ClientFrame) -> None:
        """Send *frame* on this connection or never."""
        self._frames.put_nowait(frame)

    def wake(self) -> None:
        """Wake the sending task: the queue has changed."""
        self._frames.put_nowait(None)

    async def _speak(self) -> None:
        with suppress(Disconnected):  # the listener hears of it too
            while True:
                for unsent in self._queue.next_due():
                    await self._send(unsent)
                if frame := await self._frames.get():
                    await self._connection.send(frame)

    async def _send(self, unsent: Unsent) -> None:
        """Send *unsent*; refuse what is over the frame limit, on which the relay would hang up."""
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
        """Return the next frame; ping the relay after long silence, or a sleep (keepalive)."""
        loop, timings = asyncio.get_running_loop(), self._timings
        wait = min(timings.clock_interval, timings.keepalive_interval)
        silent_at = loop.time() + timings.keepalive_interval
        while True:
            looked_at = time()
            try:
                return await asyncio.wait_for(self._connection.receive(), wait)
            except TimeoutError:
                slept = time() - looked_at > wait + timings.sleep_margin
                if slept or loop.time() >= silent_at:
                    await self._connection.send(agent_in.Ping(uuid4().hex))
                    return await self._answer_within(
                        timings.wake_timeout if slept else timings.answer_timeout
                    )

    async def _answer_within(self, seconds: float) -> agent_out.RelayFrame:
        try:
            return await asyncio.wait_for(self._connection.receive(), seconds)
        except TimeoutError as error:
            raise _keepalive_lost() from error

    def _settle(self, frame: agent_out.RelayFrame) -> None:
        """Remove an answered text from the queue, or schedule its retry with backoff."""
        match frame:
            case objects.Sent(ref=ref):
                self._refusals = 0
                self._queue.remove(ref)
                self.wake()
            case objects.Error(ref=str() as ref) if ref in self._queue:
                if not is_passing(frame):
                    self._queue.remove(ref)
                    self.wake()
                    return
                self._refusals += 1
                wait = frame.retry_after or self._timings.backoff(self._refusals)
                loop = asyncio.get_running_loop()
                wait = max(wait, self._timings.min_retry_delay)
                loop.call_later(wait, self._requeue, ref)
            case _:
                pass

    def _requeue(self, ref: str) -> None:
        self._queue.requeue(ref)
        self.wake()


def _keepalive_lost() -> Disconnected:
    return Disconnected(CloseCode.KEEPALIVE_LOST, "")


STOP_TIMEOUT = 2.0
"""Seconds that :meth:`Link.stop` waits for the thread."""

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
    """The link's thread has failed with *error*; no event follows."""

    error: Exception


LinkEvent = agent_out.RelayFrame | LinkState | LinkFailed


class Link:
    """Connects the agent of *token* to the relay at *url*, in a thread of its own.

    That thread calls *on_event* with each frame and each change of the connection. *clock* gives
    the instants in events.
    """

    def __init__(
        self,
        url: str,
        token: str,
        on_event: Callable[[LinkEvent], None],
        clock: Callable[[], float],
        timings: Timings = DEFAULT_TIMINGS,
    ) -> None:
        self._url, self._token = url, token
        self._on_event, self._clock, self._timings = on_event, clock, timings
        self._queue = SendQueue()
        self._session: Session | None = None
        self._welcomed = ""
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)

    def start(self) -> None:
        """Start the thread, which connects."""
        self._thread.start()
        self._running.wait()

    def stop(self) -> None:
        """Close the connection, if it was started; wait a little for the thread to end."""
        if not self._running.is_set():
            return
        self._post(self._task.cancel)
        self._thread.join(STOP_TIMEOUT)

    def send(self, frame: agent_in.ClientFrame, after: float = 0.0) -> None:
        """Send *frame* in *after* seconds if connected now, and still then; or never."""
        self._post(lambda: self._send_after(frame, after))

    def deliver(self, unsent: Unsent, session: str) -> None:
        """Send *unsent* on the connection whose welcome answered *session*, until it is answered.

        On no other: what was said meanwhile has to be fetched before it may be sent there.
        """
        self._post(lambda: self._enqueue(unsent, session))

    def reconnect(self) -> None:
        """Connect now rather than at the end of the backoff."""
        self._post(self._reconnect.set)

    def _post(self, act: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it everything to act on
            self._loop.call_soon_threadsafe(act)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            try:
                asyncio.run(self._run_sessions())
            except Exception as error:  # noqa: BLE001 - the app is to fail with it, not this thread
                self._on_event(LinkFailed(error))

    async def _run_sessions(self) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("runs in a task")
        self._task, self._reconnect = task, asyncio.Event()
        self._running.set()
        attempt = 0
        while True:
            self._on_event(Connecting())
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
                stable = self._loop.time() - begun > self._timings.stable_after
                attempt = 0 if stable else attempt
            await self._wait(reason, self._timings.backoff(attempt))
            attempt += 1

    async def _run_session(self) -> None:
        """Connect and run one session; always raises."""
        async with await connect_agent(self._url) as connection:
            session = Session(connection, self._queue, self._on_event, self._timings)
            welcome = await session.hello(self._token)
            self._welcomed = welcome.ref
            self._on_event(Online())
            self._on_event(welcome)
            self._session = session
            try:
                await session.run()
            finally:
                self._session, self._welcomed = None, ""
                self._queue.clear()

    async def _wait(self, reason: str, seconds: float) -> None:
        self._reconnect.clear()
        self._on_event(Offline(reason, self._clock() + seconds))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._reconnect.wait(), seconds)

    async def _wait_for_reconnect(self, reason: str, *, unauthorized: bool) -> None:
        """Wait until the agent asks to reconnect."""
        self._reconnect.clear()
        self._on_event(Ended(reason, unauthorized))
        await self._reconnect.wait()

    def _send_after(self, frame: agent_in.ClientFrame, after: float) -> None:
        if self._session:
            self._loop.call_later(after, self._session.send, frame)

    def _enqueue(self, unsent: Unsent, session: str) -> None:
        if self._session and session == self._welcomed:
            self._queue.add(unsent)
            self._session.wake()
