"""Memory of ended connections: freed without the garbage collector."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from relay.server import relay
from relay.server.connection import ClientConnection
from tests.integration.relay.helpers import Desk
from tests.integration.relay.plain_http import exchange, http
from tests.patience import PATIENCE


class Departures:
    """Knows which connections have not gone yet."""

    def __init__(self) -> None:
        self._there: dict[int, weakref.ref[ClientConnection]] = {}
        self._news = asyncio.Event()
        self.came = 0

    def watch(self, *house: object) -> ClientConnection:
        connection = ClientConnection(*house)  # type: ignore[arg-type]
        number = self.came = self.came + 1
        self._there[number] = weakref.ref(connection, lambda _: self._left(number))
        return connection

    async def all_gone(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while self._there:
                self._news.clear()
                await self._news.wait()

    def _left(self, number: int) -> None:
        del self._there[number]
        self._news.set()


@pytest.fixture
def departures(monkeypatch: pytest.MonkeyPatch) -> Iterator[Departures]:
    """All connections, in a process that lets nothing go but what nobody refers to."""
    watcher = Departures()
    monkeypatch.setattr(relay, "ClientConnection", watcher.watch)
    gc.collect()
    gc.disable()
    yield watcher
    gc.enable()


async def test_a_connection_that_ends_goes_without_a_search_for_cycles(
    departures: Departures, desk: Desk
) -> None:
    for role, hello in (("customer", {"site": "nowhere"}), ("agent", {"token": ""})):
        refused = await desk.socket(role)
        await refused.refused("hello", **hello)
        assert await refused.ended() == 4000
    customer, agent = await desk.customer(), await desk.agent("Sam")
    number = (await customer.ok("open"))["request"]["id"]
    await agent.ok("join", request=number, after=0)
    await agent.ok("send", request=number, text="Hello")
    await agent.socket.close()
    customer.socket.transport.abort()
    assert (await http(desk, "/widget.js")).status == 200
    assert (await exchange(desk, b"no request\r\n\r\n")).status == 400
    await departures.all_gone()
    assert departures.came == 7  # the control socket's is one of them
