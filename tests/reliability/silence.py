"""Measures how soon each side detects a half-open connection, whose peer is gone without notice.

As a program it runs in a network namespace and takes its only link down. A process that may not
create one uses a proxy that stops forwarding.
"""

import asyncio
import fcntl
import json
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from helpdesk_tui.link import Link, LinkEvent
from helpdesk_tui.model.effects import Offline
from helpdesk_tui.timings import Timings
from tests.integration.relay.helpers import Frame, control, greeted, wire
from tests.integration.relay.relay_process import Served, served_by
from tests.reliability.launcher import launcher
from tests.reliability.proxy import between

INTERVAL = 2
"""Seconds between two pings of the relay in these tests; outside them it is twenty."""
SILENCE, PATIENCE = 1.0, 1.0
"""Seconds until the console asks whether the relay is there, and until it believes it is not."""
SET_FLAGS, UP = 0x8914, 1


Cut = tuple[int, Callable[[], None]]
"""The port to connect to, and what silences its connections."""
Way = Callable[[int], AbstractAsyncContextManager[Cut]]


@dataclass(frozen=True, slots=True)
class Noticed:
    """Seconds from the cut until each side knew, and what the relay wrote down of it."""

    relay: float
    console: float
    reason: str
    codes: list[int]


@asynccontextmanager
async def through_a_proxy(port: int) -> AsyncIterator[Cut]:
    """Put a proxy before *port*."""
    with between(port) as proxy:
        yield proxy.port, proxy.fall_silent


@asynccontextmanager
async def over_a_link(port: int) -> AsyncIterator[Cut]:
    """Use the loopback link, which must be this process's own."""
    yield port, lambda: set_link(flags=0)


def set_link(*, flags: int) -> None:
    """Take the loopback link of this network namespace up or down."""
    with socket.socket() as sock:
        fcntl.ioctl(sock, SET_FLAGS, struct.pack("16sh14x", b"lo", flags))


async def noticed(database: Path, way: Way) -> Noticed:
    """Return how soon a relay and a console notice that nothing comes any more, on that *way*."""
    timings = Timings(keepalive_interval=SILENCE, answer_timeout=PATIENCE)
    async with (
        served_by(
            launcher(keepalive=INTERVAL), database, log_level="INFO", log_format="json"
        ) as relay,
        way(relay.port) as (port, cut),
    ):
        url = f"http://127.0.0.1:{port}"
        offline: asyncio.Queue[tuple[float, str]] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def hear(news: LinkEvent) -> None:
            if isinstance(news, Offline):
                loop.call_soon_threadsafe(offline.put_nowait, (time.monotonic(), news.reason))

        link = Link(url, await relay.hire("Sam"), hear, time.monotonic, timings)
        desk = await greeted(await control(database.with_name("desk.db.sock")))
        customer = await greeted(await wire(url, "customer"))
        await customer.ok("open")
        link.start()
        await desk.push("agent")
        cut_at = time.monotonic()
        cut()
        knew, reason = await asyncio.wait_for(offline.get(), 20)
        await desk.receive(_customer_is_offline, "that the customer has gone")
        relay_knew = time.monotonic()
        await asyncio.to_thread(link.stop)
        customer.socket.transport.abort()
        await desk.socket.close()
        return Noticed(relay_knew - cut_at, knew - cut_at, reason, _codes(relay))


def _customer_is_offline(frame: Frame) -> bool:
    return frame["type"] == "request" and not frame["request"]["customer"]["online"]


def _codes(relay: Served) -> list[int]:
    """Return the codes with which the relay has ended connections, as its log has them."""
    lines = [json.loads(line) for line in relay.log.read_text().splitlines() if line[:1] == "{"]
    return [line["code"] for line in lines if isinstance(line.get("code"), int)]


if __name__ == "__main__":
    set_link(flags=UP)
    print(json.dumps(asdict(asyncio.run(noticed(Path(sys.argv[1]), over_a_link)))))
