"""Lifecycle of a relay: open, listen, tick, drain, close. It ends 10 s after SIGTERM at most."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from relay.clock import Clock, SystemClock
from relay.desk.events import Role
from relay.desk.request import Status
from relay.log import (
    DESK_CREATED,
    DISK_DISTRUSTED,
    FAILED,
    FEW_FILES_ALLOWED,
    RELAY_STARTED,
    RELAY_STOPPED,
    SETTLING_ENDED_LATE,
    SIGNAL_IGNORED,
    STOP_REQUESTED,
    Log,
    Word,
    emit,
)
from relay.metrics import Counts, Gauges
from relay.open_files import RESERVED_FILES, file_limit
from relay.server import config
from relay.server.connection import ClientConnection, Listener
from relay.server.connection_log import ConnectionLog, ConnectionRole
from relay.server.control import ControlSocket
from relay.server.handshake import HandshakePolicy
from relay.server.http_routes import HttpContext, router
from relay.server.keepalive import ConnectionRegistry
from relay.server.limits import MAX_REFUSED, UNLIMITED, ConnectionLimiter, Proxies
from relay.server.listeners import LISTEN_BACKLOG, listen_tcp
from relay.server.metrics_page import Metrics
from relay.service import Service
from relay.service.setup_faults import SetupFaults
from relay.service.telemetry import Telemetry
from relay.session import SessionLimits
from relay.settings import Settings
from relay.signals import ENDS, SIGNALS, name_of
from relay.store.backends import database_at
from relay.webhooks.delivery import WebhookDispatcher
from relay.webhooks.payload import endpoints

TICK = 0.25
"""Seconds between two ticks, which drive all that depends on time."""
CONTROL_INTERVAL = 0.5
"""Seconds between two looks at the control socket."""
CLOSE_TIMEOUT = 4.0
"""Seconds that clients have to close their connections when the relay ends."""
DRAIN_TIMEOUT = 3.0
"""Seconds in which all submitted frames are answered when the relay ends."""
FEW_CONNECTIONS = 1000
"""Connections of a desk of some size; a process that can hold fewer says so at its start."""
SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Started:
    """State of a relay that has begun: its addresses, if its desk is new, and if it has agents."""

    urls: Sequence[str]
    is_new: bool
    has_agents: bool


async def serve(
    settings: Settings, *, demo: bool, ready: Callable[[Started], None], counts: Counts
) -> None:
    """Run a relay until a signal ends it; call *ready* when it listens.

    Signals that came before are handled now. *counts* are shown on the page of metrics. Raises
    :exc:`StartError` if the port or the database cannot be had.
    """
    stop, log = asyncio.Event(), Log()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: log.emit(FAILED, context.get("exception")))

    def handle(number: int) -> None:
        if number in ENDS:
            stop.set()
        else:
            log.emit(SIGNAL_IGNORED, signal=Word(name_of(number)))

    with SIGNALS.delivered_to(lambda number: loop.call_soon_threadsafe(handle, number)):
        await asyncio.sleep(0)  # has what came before now handled
        if stop.is_set():
            return
        relay = Relay(settings, demo=demo, counts=counts, log=log)
        try:
            await relay.listen()
            ready(relay.started)
            relay.report_database()
            emit(RELAY_STARTED, port=relay.port)
            await stop.wait()
        finally:
            await relay.close()


@asynccontextmanager
async def control_only(settings: Settings) -> AsyncIterator[Path]:
    """Lock the database and listen on its control socket alone; yield the socket's path.

    Raises :exc:`StartError` if the database cannot be had.
    """
    relay = Relay(settings, demo=False)
    try:
        await relay.listen_for_control()
        yield settings.control_path
    finally:
        await relay.close()


class Relay:
    """One relay over one database."""

    def __init__(
        self,
        settings: Settings,
        *,
        demo: bool,
        clock: Clock = SYSTEM_CLOCK,
        counts: Counts | None = None,
        log: Log | None = None,
    ) -> None:
        """Open the database; nobody can connect yet."""
        self._settings = settings
        self._demo = demo
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._counts, self._connection_numbers = counts or Counts(), count(1)
        self.log = log or Log()
        """Log that clients cannot flood."""
        wake = self._loop.call_soon_threadsafe
        database = database_at(settings.database_path, settings.database_name)
        self._faults = SetupFaults(self.log, clock)
        self._store = database.open(wake, self._counts, self.log)
        self._counts.closed_requests = self._store.at_start.closed
        self._webhooks = WebhookDispatcher(
            self._store,
            endpoints(settings),
            settings.desk_name,
            clock,
            counts=self._counts,
            log_=self.log,
        )
        self._delivering: asyncio.Task[None] | None = None
        self._connections = ConnectionRegistry()
        self._proxies = Proxies(settings.trusted_proxies)
        limits = config.connection_limits(settings, max_connections())
        if 0 < limits.connections < FEW_CONNECTIONS:
            emit(FEW_FILES_ALLOWED, connections=limits.connections, files=file_limit())
        self._limiter = ConnectionLimiter(limits, self._proxies, clock.steady())
        self.service: Service | None = None
        """The service, for use within the process; there is one as soon as it listens."""
        self._servers: list[asyncio.Server] = []
        self._urls: Sequence[str] = ()
        self._control: ControlSocket | None = None
        self._watching: asyncio.Task[None] | None = None
        token = settings.metrics_token
        secret = token.get_secret_value() if token else None
        self._metrics = Metrics(self._counts, self._gauges, secret)
        self.port = settings.port
        """Port that it listens on; known only while it does, if the settings ask for a free one."""
        self._draining, self._ticks = False, 0
        self._ticker = self._loop.call_later(TICK, self._tick)

    async def listen(self) -> Sequence[str]:
        """Listen on the port and the control socket; return the addresses listened on."""
        sockets = listen_tcp(self._settings.host, self._settings.port)
        bound: int = sockets[0].getsockname()[1]
        self.port = bound
        self._webhooks.enroll()  # before anything can be stored
        listening = self._listener(bound, control=False)
        for one in sockets:
            self._servers.append(
                await self._loop.create_server(
                    lambda: ClientConnection(listening), sock=one, backlog=LISTEN_BACKLOG
                )
            )
        self._urls = config.listening_urls(self._settings, bound)
        await self._listen_for_control(bound)
        self._delivering = self._loop.create_task(self._webhooks.run(), name="webhooks")
        self._watching = self._loop.create_task(self._watch_control(), name="control socket")
        return self._urls

    @property
    def started(self) -> Started:
        """State at the start, known once the relay listens."""
        at_start = self._store.at_start
        has_agents = any(not agent.disabled for agent in at_start.agents.values())
        return Started(self._urls, at_start.created, has_agents)

    def report_database(self) -> None:
        """Log what is remarkable about the database: that it is new, or on an unreliable disk."""
        if self._store.at_start.created:
            emit(DESK_CREATED)
        kind = database_at(self._settings.database_path).unreliable_file_system()
        if kind is not None:
            emit(DISK_DISTRUSTED, type=Word(kind))

    async def listen_for_control(self) -> None:
        """Listen on the control socket beside the database, and nowhere else."""
        await self._listen_for_control(self._settings.port)

    async def close(self) -> None:
        """Answer what was submitted, close all connections (1012), and close the database."""
        self._draining = True
        emit(STOP_REQUESTED, connections=len(self._connections))
        if self._watching is not None:
            self._watching.cancel()
        for server in self._servers:
            server.close()
        if self._control is not None:
            self._control.close()
        self._connections.accepting_frames = False
        self._webhooks.stop()
        if self.service is not None:
            self.service.stop()
        await self._drain()
        await self._connections.close_all(CLOSE_TIMEOUT)
        if self._delivering is not None:
            # It has had all this time to end; a receiver that has not answered is retried.
            await asyncio.wait({self._delivering}, timeout=TICK * 2)
            self._delivering.cancel()
            await asyncio.wait({self._delivering})
        self._ticker.cancel()
        if self._control is not None:
            self._control.unlink()
        # The writer's thread may still call the loop; blocking the loop here could not be ended.
        await self._loop.run_in_executor(None, self._store.close)
        self.log.report_suppressed()
        emit(RELAY_STOPPED)

    async def _listen_for_control(self, port: int) -> None:
        listening = self._listener(port, control=True)
        settings = self._settings
        control = ControlSocket(
            settings.control_path,
            settings.abstract_control_names,
            lambda: ClientConnection(listening),
        )
        await control.open()
        self._control = control

    async def _watch_control(self) -> None:
        """Keep the commands able to connect, every second."""
        while self._control is not None:
            await asyncio.sleep(CONTROL_INTERVAL)
            await self._control.renew(displaced=self._store.displacement is not None)

    def _listener(self, port: int, *, control: bool) -> Listener:
        settings = self._settings
        own = config.own_origins(settings, port)
        desk = config.desk_config(settings, own)
        if self.service is None:
            telemetry = Telemetry(self._counts, self.log, self._faults)
            self.service = Service(self._store, desk, self._clock, telemetry, self._webhooks)
        # The control socket serves no metrics: they are asked for at the port.
        metrics = None if control else self._metrics
        demo = self._demo and not control
        # Where it listens is for who may command it, and may be an address of an inner network.
        urls = self._urls if control else None
        rescue = self._store if control else None
        faults = self._faults if control else None
        http = HttpContext(
            settings, self.service, self._unready, metrics, urls, demo, rescue, faults
        )
        steady = self._clock.steady
        unlimited = ConnectionLimiter(UNLIMITED, self._proxies, steady())
        return Listener(
            handshakes=HandshakePolicy(
                config.all_origins(settings, own),
                frozenset(settings.agent_origins),
                control,
                everywhere=config.listens_everywhere(settings),
                prefix=config.path_prefix(settings),
            ),
            router=router(http),
            service=self.service,
            connections=self._connections,
            limiter=unlimited if control else self._limiter,
            limits=self._limits,
            frame_limit=settings.frame_limit,
            steady=steady,
            new_log=self._new_log,
            faults=self._faults,
        )

    def _new_log(self) -> ConnectionLog:
        return ConnectionLog(
            next(self._connection_numbers), self._counts, self.log, self._clock.steady
        )

    def _gauges(self) -> Gauges:
        service = self.service
        statuses = Counter(
            record.request.status for record in (service.open_requests if service else ())
        )
        statuses[Status.CLOSED] = self._counts.closed_requests
        connections, outgoing = self._connections.totals()
        webhooks, now = self._webhooks.backlog(), self._clock.wall()
        oldest = now if webhooks.oldest is None else webhooks.oldest
        return Gauges(
            connections={role: connections[role] for role in ConnectionRole},
            requests={status: statuses[status] for status in Status},
            outgoing_bytes=outgoing,
            wal_bytes=self._store.log_bytes,
            store_problem=int(self._store.problem is not None),
            holds_erased=int(self._store.holds_erased),
            clock_doubted=int(service is not None and service.doubts_clock),
            webhooks_waiting=webhooks.waiting,
            webhooks_dead=webhooks.dead,
            webhooks_lag_seconds=max(0, now - oldest) / 1000,
        )

    def _limits(self, role: Role) -> SessionLimits:
        if role is Role.CUSTOMER:
            return config.customer_limits(self._settings)
        return config.agent_limits(self._settings)

    def _unready(self) -> str | None:
        if self._draining:
            return "the relay is shutting down\n"
        problem = self._store.problem
        return f"the store refuses writes: {problem}\n" if problem else None

    def _tick(self) -> None:
        self._ticks += 1
        if self.service is not None:
            self.service.tick()
        if self._ticks % round(1 / TICK) == 0:
            self._connections.tick()
            self.log.report_suppressed()
        self._ticker = self._loop.call_later(TICK, self._tick)

    async def _drain(self) -> None:
        """Wait until all that was submitted has been answered, and refuse what takes too long."""
        deadline = self._loop.time() + DRAIN_TIMEOUT
        try:
            async with asyncio.timeout_at(deadline):
                for _ in range(2):  # a purge that runs ends with a step and an entry after it
                    settled = asyncio.Event()
                    self._store.read_in_order(lambda _: None, lambda _, it=settled: it.set())  # type: ignore[misc]
                    await settled.wait()
        except TimeoutError:
            emit(SETTLING_ENDED_LATE, seconds=DRAIN_TIMEOUT)
        reading = self._loop.run_in_executor(None, self._store.finish_reads)
        await asyncio.wait({reading}, timeout=max(0.0, deadline - self._loop.time()))
        while not reading.done():
            self._store.interrupt()
            await asyncio.wait({reading}, timeout=TICK)
        if self._loop.time() > deadline:
            self._store.interrupt()


def max_connections() -> int:
    """Return how many connections the process can hold, 0 if nothing limits them."""
    files = file_limit()
    return max(1, files - RESERVED_FILES - MAX_REFUSED) if files else 0
