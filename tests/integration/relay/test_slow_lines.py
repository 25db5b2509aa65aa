"""Slow lines: a customer reads a long conversation at 8 kB/s, and the relay waits for them.

The line and the relay's patience are both faster here than outside, by the same factor.
"""

import asyncio
import json

import pytest

from relay.server import connection, keepalive
from tests.integration.relay.conftest import Start
from tests.integration.relay.helpers import FREE, Desk, greeted, wire
from tests.patience import PATIENCE
from tests.reliability.proxy import between

FASTER = 20
LINE = 8_000 * FASTER
"""Bytes a second."""
SMALL_BUFFER = 2**15
"""Bytes in the sockets of a proxy that passes everything on; 0 is one that takes all at once."""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A relay that pings each second, and waits for a line of half the speed."""
    monkeypatch.setattr(keepalive, "KEEPALIVE_SECONDS", keepalive.KEEPALIVE_SECONDS // FASTER)
    monkeypatch.setattr(keepalive, "LEAST_RATE", keepalive.LEAST_RATE * FASTER)


async def talkative(desk: Desk, count: int) -> str:
    """Return the token of a customer whose request has *count* texts of a kilobyte."""
    customer = await desk.asker()
    for number in range(count):
        await customer.send("send", ref=f"s{number}", text=f"{number} ".ljust(1_000, "x"))
    await customer.answer(f"s{count - 1}")
    return str(customer.welcome["token"])


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("buffer", [0, SMALL_BUFFER])
async def test_a_long_conversation_is_read_to_its_start_on_a_slow_line(
    start: Start, buffer: int
) -> None:
    async with start(**FREE) as desk:
        token = await talkative(desk, 300)
        with between(desk.port, rate=LINE, buffer=buffer) as proxy:
            async with await wire(f"http://127.0.0.1:{proxy.port}", "customer") as customer:
                await greeted(customer, token=token)
                assert len(customer.welcome["messages"]) == 50
                first = customer.welcome["messages"][0]["seq"]
                # All at once, so that pongs wait behind many answers.
                pages = range(first, 1, -50)
                for before in pages:
                    await customer.send("history", ref=f"h{before}", before=before)
                seqs = [
                    message["seq"]
                    for before in pages
                    for message in reversed((await customer.answer(f"h{before}"))["messages"])
                ]
                assert seqs == list(range(first - 1, 0, -1))
                sent = await customer.ok("send", text="and another one")
                assert sent["seq"] == 303


async def test_a_handshake_and_hello_have_the_time_that_their_bytes_take(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HELLO_TIMEOUT", 0.3)
    cookies = "c=" + "x" * 30_000
    hello = {"type": "hello", "ref": "1", "more": "x" * 20_000}
    async with start() as desk:
        with between(desk.port, rate=50_000) as proxy:
            async with (
                asyncio.timeout(PATIENCE),
                await wire(
                    f"http://127.0.0.1:{proxy.port}", "customer", headers={"Cookie": cookies}
                ) as customer,
            ):
                await customer.raw(json.dumps(hello))
                assert (await customer.answer("1"))["type"] == "welcome"
