"""Simulated client that sends texts, loses the connection, reconnects and resumes.

It uses plain JSON and records every frame it receives in a transcript, in order. A frame without an
answer is repeated with the same ``ref``, and nothing else is repeated.
"""

import asyncio
import json
import math
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import Close

from relay.client import SUBPROTOCOL, reconnect_delay
from tests.reliability.transcript import Breach, Frame, Hearing, Line, Place, Transcript

THINKING = 0.1
"""Seconds that somebody thinks before the next message, on average."""
MOST_UNANSWERED = 3
"""Messages that somebody sends without waiting for an answer."""


Told = Callable[[], None]


class Person(ABC):
    """Somebody with a connection; *told* is called for each message that is acknowledged."""

    path: str

    def __init__(self, name: str, rng: Random, told: Told) -> None:
        self.name = name
        self.thinking = THINKING
        self.came_at = -math.inf
        """When this person last came back, in seconds of the steady clock."""
        self.first_pause = math.nan
        """The seconds that this person waited after the last loss, before the first attempt."""
        self.hurried = True
        """Whether to come back as after a first loss, however many there were."""
        self.endings: Counter[int] = Counter()
        """How often each close code, or HTTP status, has ended an attempt or a visit."""
        self.transcript = Transcript(name)
        self.present = asyncio.Event()
        """Set while this person has come back and has everything."""
        self._rng = rng
        self._told = told
        self._unanswered: dict[str, Frame] = {}
        self._again: set[str] = set()
        self._leaving = False
        self._count = 0
        self._hearing = Hearing(self.transcript)
        self._socket: ClientConnection

    @property
    def answered(self) -> bool:
        """Whether nothing that was said waits for an answer."""
        return not self._unanswered

    def leave(self) -> None:
        """Say nothing new; :meth:`live` ends when all is answered."""
        self._leaving = True

    async def live(self, url: str) -> None:
        """Talk to the relay at *url*, however often it goes away."""
        attempt = 0
        while not self._finished():
            try:
                await self._visit(url)
            except (OSError, WebSocketException) as end:
                self._note(end)
                attempt = 0 if self.hurried or self.present.is_set() else attempt + 1
                self.present.clear()
                pause = reconnect_delay(attempt, self._rng.random())
                if attempt == 0:
                    self.first_pause = pause
                await asyncio.sleep(pause)

    async def catch_up(self, url: str) -> None:
        """Come back for a moment, to hear what is missing."""
        async with self._connected(url) as self._socket:
            await self._come_back()

    def _finished(self) -> bool:
        return self._leaving and self.answered

    def _note(self, end: Exception) -> None:
        match end:
            case InvalidStatus(response=response):
                self.endings[response.status_code] += 1
            case ConnectionClosed(rcvd=Close(code=code)):
                self.endings[code] += 1
            case _:
                pass  # nobody was there, or nobody is any more

    def _connected(self, url: str) -> connect:
        return connect(
            f"{url.replace('http', 'ws', 1)}/v1/{self.path}",
            subprotocols=[SUBPROTOCOL],
            compression=None,
            max_size=2**21,
            proxy=None,
        )

    async def _visit(self, url: str) -> None:
        async with self._connected(url) as self._socket:
            await self._come_back()
            self._again = set(self._unanswered)
            for frame in tuple(self._unanswered.values()):
                await self._send(frame)
            self.came_at = time.monotonic()
            self.present.set()
            loop = asyncio.get_running_loop()
            next_word = loop.time()
            while not self._finished():
                if loop.time() >= next_word and not self._leaving:
                    next_word = loop.time() + self._rng.expovariate(1 / self.thinking)
                    for _ in range(self._rng.randint(1, MOST_UNANSWERED)):
                        await self._say_something()
                await self._hear_until(None if self._leaving else next_word)

    async def _hear_until(self, when: float | None) -> None:
        try:
            async with asyncio.timeout_at(when):
                self._hear(await self._receive())
        except TimeoutError:
            pass  # it is time to say the next thing

    async def _come_back(self) -> None:
        """Say hello on the new connection and take what was missed."""
        self._hearing = Hearing(self.transcript)
        welcome = await self._ask({"type": "hello", "ref": "hello", **self._hello()})
        assert welcome["type"] == "welcome", welcome
        await self._resume(welcome)

    async def _say(self, kind: str, **fields: object) -> None:
        """Send something new that is kept until it is answered; its text is its ``ref``."""
        self._count += 1
        ref = f"{self.name} {self._count}"
        self._unanswered[ref] = {"type": kind, "ref": ref, "text": ref, **fields}
        self.transcript.said.append(ref)
        await self._send(self._unanswered[ref])

    def _sent(self, frame: Frame, request: int) -> None:
        """Take the answer to something that was said in *request*."""
        ref: str = frame["ref"]
        asked = self._unanswered.pop(ref)
        line = Line("note" if asked["type"] == "note" else "text", asked["text"], self.path)
        self._hearing.sent(ref, Place(request, frame["seq"]), line, retry=ref in self._again)
        self._told()

    def _refused(self, frame: Frame) -> None:
        """Take the refusal of something that nothing is wrong with: its request has been lost."""
        self._unanswered.pop(frame["ref"], None)
        self.transcript.blame(Breach.LOST, f"{frame['ref']} was refused: {frame['code']}")

    async def _ask(self, frame: Frame) -> Frame:
        """Send *frame* and return its answer; what comes before it is heard."""
        await self._send(frame)
        while (answer := await self._receive()).get("ref") != frame["ref"]:
            self._hear(answer)
        return answer

    async def _send(self, frame: Frame) -> None:
        await self._socket.send(json.dumps(frame))

    async def _receive(self) -> Frame:
        frame: Frame = json.loads(await self._socket.recv())
        return frame

    @abstractmethod
    def _hello(self) -> Frame: ...

    @abstractmethod
    async def _resume(self, welcome: Frame) -> None: ...

    @abstractmethod
    async def _say_something(self) -> None: ...

    @abstractmethod
    def _hear(self, frame: Frame) -> None: ...
