"""The thread that calls the relay, again and again, and the way in and out of it.

Methods may be called from any thread; what is heard is handed over in the link's own.
"""

import asyncio
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from helpdesk_tui.link.courier import Courier
from helpdesk_tui.link.visit import Visit
from helpdesk_tui.model.connection import Connecting, Connection, Ended, Offline, Online
from helpdesk_tui.model.outbox import Unsent
from relay.client import NO_FRAME, Disconnected, Unreachable, connect_agent, pause_before
from relay.errors import CloseCode
from relay.wire import agent, agent_hears

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
    NO_FRAME: "The relay said what is no frame.",
    1006: "The connection was lost.",
}


@dataclass(frozen=True, slots=True)
class Broken:
    """The link itself has failed, with *error*; nothing more will be heard."""

    error: Exception


News = agent_hears.RelayFrame | Connection | Broken


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

    def ask(self, frame: agent.ClientFrame, after: float = 0.0) -> None:
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
                if not end.come_back:
                    await self._end(reason, unauthorized=end.code == CloseCode.UNAUTHORIZED)
                    continue
                attempt = 0 if self._loop.time() - begun > STEADY else attempt
            await self._pause(reason, pause_before(attempt, self._jitter()))
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

    def _ask(self, frame: agent.ClientFrame, after: float) -> None:
        if self._visit:
            self._loop.call_later(after, self._visit.ask, frame)

    def _take_on(self, unsent: Unsent, visit: str) -> None:
        if self._visit and visit == self._welcomed:
            self._courier.take_on(unsent)
            self._visit.look()
