"""A desk without sockets: real sessions, the real helpdesk, a real file, and time in our hands.

The writer's thread is held while things are said, so what is said in one go is one batch, and the
same story has the same outcome every time.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from relay import auth
from relay.desk.events import Millis
from relay.errors import CloseCode, Refused
from relay.hub import CustomerPeer, Peer
from relay.log import Log
from relay.metrics import Counts
from relay.service import DeskConfig, Service, SiteConfig
from relay.service.context import Caller
from relay.service.reply import Reply
from relay.service.setup_faults import SetupFaults
from relay.service.telemetry import Telemetry
from relay.session import Response, Session, SessionLimits
from relay.store.api import Queries, Transaction
from relay.store.sqlite.store import SqliteStore
from relay.webhooks.delivery import WebhookDispatcher
from relay.wire import agent_in, customer, objects
from relay.wire.codec import agent_frames, customer_frames, encode, ref_of
from relay.wire.present import error_object
from relay.wire.validation import Frame as Struct
from tests.patience import PATIENCE

T = TypeVar("T")
Frame = dict[str, Any]

GREETING = "Welcome!"
FREE = SessionLimits(text=200, messages_per_second=0, burst=0, others_per_second=0, others_burst=0)
SHOWN = objects.Limits(200, 65_536, 0, 0)


class Hands:
    """Clocks that only the test moves; the time of day is another at each look."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self._wall = 1_795_343_700_000

    def wall(self) -> Millis:
        self._wall += 1
        return Millis(self._wall)

    def steady(self) -> float:
        return self.seconds


class HeldStore(SqliteStore):
    """A store whose writer waits until it is let go, and then takes all that was asked at once."""

    def __init__(self, database: Path) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._beside: deque[Callable[[], None]] = deque()
        self.soon: deque[Callable[[], None]] = deque()
        """What is done between two batches."""
        self._asked = 0
        super().__init__(database, self._calls.put, Counts(), Log())
        self._hold()

    def write(
        self, job: Callable[[Transaction], T], on_result: Callable[[T | Refused], None]
    ) -> None:
        self._asked += 1
        super().write(job, on_result)

    def read_in_order(
        self, job: Callable[[Transaction], T], on_result: Callable[[T | Refused], None]
    ) -> None:
        self._asked += 1
        super().read_in_order(job, on_result)

    def read(self, query: Callable[[Queries], T], on_result: Callable[[T | Refused], None]) -> None:
        self._beside.append(lambda: on_result(self._reader._run(query)))

    def settle(self) -> None:
        """Run batch after batch until nothing more is asked, and between them what reads beside."""
        while self._asked or self._beside or self.soon:
            while self.soon:
                self.soon.popleft()()
            while self._beside:
                self._beside.popleft()()
            if not self._asked:
                continue
            self._asked = 0
            self._go_on.set()
            told = [self._calls.get(timeout=PATIENCE) for _ in ("of the hold", "of the batch")]
            self._hold()
            for call in told:
                call()

    def close(self) -> None:
        self._go_on.set()
        super().close()

    def _hold(self) -> None:
        entered, self._go_on = threading.Event(), threading.Event()
        go_on = self._go_on

        def wait(_: Transaction) -> None:
            entered.set()
            assert go_on.wait(PATIENCE)

        super().read_in_order(wait, lambda _: None)
        assert entered.wait(PATIENCE)


class Line:
    """One connection without a socket. ``heard`` is every byte it was sent, frame by frame.

    ``taken`` is told of each frame at the moment when the desk is given it.
    """

    def __init__(
        self,
        desk: Service,
        *,
        of_agent: bool,
        taken: Callable[["Line", Struct], None],
        soon: Callable[[Callable[[], None]], None],
    ) -> None:
        reader = agent_frames if of_agent else customer_frames
        self.of_agent = of_agent
        self.raw: list[bytes] = []
        self.heard: list[Frame] = []
        self.open = True
        self.ended: CloseCode | None = None
        self._desk = desk
        self._taken = taken
        self._soon = soon
        self._session = Session(reader, FREE, 0)
        self._peer: Peer | None = None
        self._inbox: deque[bytes] = deque()
        self._waiting = False

    def say(self, kind: str, **fields: object) -> None:
        """Send a frame."""
        self._inbox.append(json.dumps({"type": kind, **fields}).encode())
        self._pump()

    def drop(self) -> None:
        """Lose the connection, whatever is under way."""
        self.open = False
        self._inbox.clear()
        if self._peer is not None:
            self._desk.disconnect(self._peer)

    def send(self, frame: bytes) -> None:
        if self.open:
            self.raw.append(frame)
            self.heard.append(json.loads(frame))

    def close(self, code: CloseCode, _reason: str) -> None:
        self.ended = code
        self.drop()

    def admit(self, peer: Peer) -> bool:
        self._peer = peer if self.open else None
        return self.open

    def backlog(self) -> int:
        return 0

    def unblock(self) -> None:
        """Handle the next frame, but not in the midst of an answer."""
        self._waiting = False
        self._soon(self._pump)

    def _pump(self) -> None:
        while self._inbox and self.open and not self._waiting:
            received = self._session.receive(self._inbox.popleft(), 0)
            if not isinstance(received, Response):
                self._dispatch(received)
                continue
            self.send(encode(received.frame))
            if received.close is not None:
                self.close(*received.close)

    def _dispatch(self, frame: Struct) -> None:
        self._waiting = frame.WAITS
        self._taken(self, frame)
        reply = LineReply(self, frame)
        match frame, self._peer:
            case (customer.Hello() | agent_in.Hello()) as hello, _:
                self._desk.hello(Caller(self), hello, reply)
            case _, CustomerPeer() as peer:
                self._desk.handle_customer(peer, frame, reply)  # type: ignore[arg-type]
            case _, peer if peer is not None:
                self._desk.handle_agent(peer, frame, reply)  # type: ignore[arg-type]


class LineReply(Reply):
    """The reply to a frame of a line."""

    def __init__(self, line: Line, frame: Struct) -> None:
        self.ref = ref_of(frame)
        self._line = line
        self._waits = frame.WAITS
        self._finished = False

    def ok(self, frame: objects.OutboundFrame) -> None:
        self.push(frame)
        self.finish()

    def error(self, refused: Refused) -> None:
        self.push(error_object(refused, self.ref))
        self.finish()

    def finish(self) -> None:
        assert not self._finished, "a frame is answered once"
        self._finished = True
        if self._waits:
            self._line.unblock()

    def push(self, frame: objects.OutboundFrame) -> None:
        self._line.send(encode(frame))

    def detach(self) -> None:
        self._waits = False
        self._line.unblock()


class Room:
    """A desk on *database*, whose agents are known by their tokens ``hda_1``, ``hda_2`` …"""

    def __init__(self, database: Path, taken: Callable[[Line, Struct], None]) -> None:
        self.database = database
        self.clock = Hands()
        self._taken = taken
        self.start()

    def start(self) -> None:
        """Open the file, as a relay that starts does."""
        self.store = HeldStore(self.database)
        config = DeskConfig(
            name="Acme support",
            away_message=None,
            retention_days=None,
            sites={"default": SiteConfig(frozenset(), GREETING, {})},
            customer_limits=SHOWN,
            agent_limits=SHOWN,
            connections_per_customer=0,
            version="1.2.3",
        )
        counts, log = Counts(), Log()
        dispatcher = WebhookDispatcher(
            self.store, {}, config.name, self.clock, counts=counts, log_=log
        )
        telemetry = Telemetry(counts, log, SetupFaults(log, self.clock))
        self.desk = Service(self.store, config, self.clock, telemetry, dispatcher)

    def line(self, *, of_agent: bool = False) -> Line:
        """Return a connection before its hello."""
        return Line(self.desk, of_agent=of_agent, taken=self._taken, soon=self.store.soon.append)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and the desk notice."""
        self.clock.seconds += seconds
        self.desk.tick()


def hire(database: Path, names: tuple[str, ...]) -> None:
    """Store agents called *names*, with the ids and tokens 1, 2 and so on."""
    store = HeldStore(database)

    def add(transaction: Transaction) -> None:
        for number, name in enumerate(names, 1):
            known = auth.token_hash(f"hda_{number}")
            transaction.people.add_agent(name, "agent", known, Millis(1))

    store.write(add, lambda _: None)
    store.settle()
    store.close()
