"""Connection limits and their refusals (section 2): 4102, 1013, or HTTP 503."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from relay.client import Disconnected, Unreachable, connect_customer, reconnect_delay
from relay.server import limits
from relay.wire import customer
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import SUBPROTOCOL, Desk, Wire, wire
from tests.integration.relay.plain_http import http
from tests.patience import PATIENCE


@asynccontextmanager
async def silent(desk: Desk, number: int) -> AsyncIterator[None]:
    """Hold *number* connections on which nobody says anything."""
    async with AsyncExitStack() as stack:
        for _ in range(number):
            _, writer = await asyncio.open_connection("127.0.0.1", desk.port)
            stack.callback(writer.close)
        await http(desk, "/healthz")  # which comes behind them
        yield


@asynccontextmanager
async def forwarded(desk: Desk, *chains: str) -> AsyncIterator[Wire]:
    """Return a connection as a proxy passes it on."""
    async with connect(
        f"ws://127.0.0.1:{desk.port}/v1/customer",
        subprotocols=[SUBPROTOCOL],
        additional_headers=[("X-Forwarded-For", chain) for chain in chains],
    ) as socket:
        yield Wire(socket)


async def test_who_says_nothing_at_all_counts_for_their_address(start: Start) -> None:
    async with start(connections_per_address=3) as desk:
        async with silent(desk, 3):
            assert await (await desk.socket("customer")).ended() == 4102
            assert (await http(desk, "/healthz")).status == 200
        await comes_in(desk)


async def test_an_address_has_only_so_many_who_have_not_said_hello(start: Start) -> None:
    async with start(unauthenticated_per_address=2) as desk:
        for _ in range(4):
            await desk.customer()
        async with silent(desk, 6):
            assert await (await desk.socket("customer")).ended() == 4102


async def test_all_together_only_so_many_have_not_said_hello(start: Start) -> None:
    async with start(unauthenticated_connections=2) as desk:
        known = await desk.customer()
        async with silent(desk, 3):
            assert await (await desk.socket("customer")).ended() == 1013
            await known.ok("ping")
            await desk.control()  # who may read the database's file is no stranger
        await comes_in(desk)


async def comes_in(desk: Desk) -> None:
    """Insist that a customer can come in as soon as the relay has seen the others go."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await desk.customer()
            except ConnectionClosed:
                continue
            return


async def test_beyond_the_rate_a_browser_is_told_1013_and_others_go_on(start: Start) -> None:
    async with start(connections_per_second=0.001, connections_burst=2) as desk:
        first, _ = await desk.customer(), await desk.customer()
        refused = await desk.socket("customer")
        assert await refused.ended() == 1013
        assert refused.heard == []
        await first.ok("ping")
        assert (await http(desk, "/widget.js")).status == 200


async def test_who_is_refused_and_goes_on_is_told_the_same_and_delays_nobody(
    start: Start,
) -> None:
    async with start(connections_per_second=0.001, connections_burst=1) as desk:
        first = await desk.customer()
        refused = await desk.socket("customer")
        refused.socket.transport.write(b"\x89\x80\0\0\0\0" * 100_000)
        for _ in range(20):
            await first.ok("ping")
        assert await refused.ended() == 1013


async def test_with_too_many_to_refuse_it_answers_503_and_when_to_come_back(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_REFUSED", 0)
    async with start(connections_per_second=0.001, connections_burst=1) as desk:
        await desk.customer()
        with pytest.raises(InvalidStatus) as refused:
            await wire(desk.url, "customer")
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "5"
        with pytest.raises(Unreachable, match="too many connections"):
            await connect_customer(desk.url)
        assert (await http(desk, "/healthz")).status == 200


async def test_many_who_come_at_once_are_all_in_after_some_back_off(start: Start) -> None:
    jitter = random.Random(7).random
    refused = 0

    async def come(url: str) -> None:
        nonlocal refused
        for attempt in range(12):
            try:
                async with await connect_customer(url) as connection:
                    answer = await connection.call(customer.Hello(ref="h"))
                    assert isinstance(answer, customer.Welcome)
                    return
            except Disconnected as end:
                assert (end.code, end.may_reconnect) == (1013, True)
                refused += 1
            await asyncio.sleep(reconnect_delay(attempt, jitter()))
        raise AssertionError("never let in")

    async with (
        start(connections_per_second=40, connections_burst=10) as desk,
        asyncio.timeout(PATIENCE),
        asyncio.TaskGroup() as group,
    ):
        for _ in range(40):
            group.create_task(come(desk.url))
    assert refused > 0


async def test_behind_a_trusted_proxy_each_client_counts_for_itself(start: Start) -> None:
    async with (
        start(connections_per_address=1, trusted_proxies="127.0.0.0/8") as desk,
        forwarded(desk, "192.0.2.1") as ada,
        forwarded(desk, "192.0.2.2") as bob,
    ):
        await ada.ok("hello")
        await bob.ok("hello")
        async with forwarded(desk, "198.51.100.9, 192.0.2.1") as again:
            assert await again.ended() == 4102
        async with forwarded(desk, "198.51.100.9", "192.0.2.2") as again:
            assert await again.ended() == 4102


async def test_without_a_trusted_proxy_the_header_hides_nobody(start: Start) -> None:
    async with (
        start(connections_per_address=1) as desk,
        forwarded(desk, "192.0.2.1") as ada,
        forwarded(desk, "192.0.2.2") as bob,
    ):
        await ada.ok("hello")
        assert await bob.ended() == 4102
