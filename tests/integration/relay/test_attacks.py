"""Attacking clients: each is disconnected at little cost, and others are not affected."""

import asyncio
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.integration.relay.attackers import ATTACKS
from tests.integration.relay.helpers import Wire
from tests.integration.relay.relay_process import Served, agent_of, customer_of, served
from tests.integration.relay.test_sizes import Stalled, until

EACH = 4
"""Attackers of every kind at the same time."""
ENOUGH = 80
"""Acknowledgements that make a median."""
NOISE = 0.01
"""Seconds that a machine with other work may add."""
ENDED_WITHIN = 25
"""Seconds: more than a `hello` may take, less than the keepalive needs to end all the silent."""
MEBIBYTE = 2**20
PAUSE = 0.02
"""Seconds between two messages of somebody who only works."""
TEXT = "\u20ac" * 4000
LIVELY = {"messages_per_second": 1_000, "burst": 1_000}


def resident(relay: Served) -> int:
    """Return the bytes that the relay's process has in memory."""
    status = Path(f"/proc/{relay.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def acknowledged(customer: Wire) -> float:
    """Return the seconds that the relay took to store a long text."""
    await asyncio.sleep(PAUSE)
    begun = time.perf_counter()
    await customer.ok("send", text=TEXT)
    return time.perf_counter() - begun


def attacked(relay: Served, group: asyncio.TaskGroup) -> dict[str, asyncio.Task[None]]:
    """Let all kinds of attackers loose; return when which of them was ended."""
    return {
        f"{name} #{number}": group.create_task(attack(relay.port))
        for name, attack in ATTACKS.items()
        for number in range(EACH)
    }


async def stalled(relay: Served, stack: AsyncExitStack, name: str) -> Stalled:
    """Return an agent who has joined request 1 and reads no more."""
    client = Stalled(relay.port)
    stack.callback(client.socket.close)
    await client.enter(await relay.hire(name), 1)
    return client


@asynccontextmanager
async def chatting(database: Path) -> AsyncIterator[tuple[Served, Wire]]:
    """Run a relay, and yield it with a customer who has opened a request."""
    async with served(database, **LIVELY) as relay, await customer_of(relay) as customer:
        await customer.ok("open")
        yield relay, customer


async def test_attackers_are_ended_and_nobody_else_notices(database: Path, blank: Path) -> None:
    """A second relay, which nobody attacks, tells how much the machine itself slows down."""
    left_alone = Path(shutil.copytree(blank.parent, database.parent / "left alone")) / "desk.db"
    async with (
        chatting(database) as (relay, customer),
        chatting(left_alone) as (_, other),
        AsyncExitStack() as stack,
    ):
        kim = await stack.enter_async_context(await agent_of(relay, await relay.hire("Kim")))
        await kim.ok("join", request=1)
        memory = most = resident(relay)
        deaf = [await stalled(relay, stack, f"Deaf {number}") for number in range(EACH)]
        during: list[tuple[float, float]] = []
        async with asyncio.timeout(ENDED_WITHIN), asyncio.TaskGroup() as group:
            attacks = attacked(relay, group)
            while len(during) < ENOUGH or not all(task.done() for task in attacks.values()):
                both = asyncio.gather(acknowledged(customer), acknowledged(other))
                during.append(await both)
                most = max(most, resident(relay))
        for client in deaf:
            await until(client.cut, lambda: acknowledged(customer))
        assert (most - memory) / MEBIBYTE <= 20
        # The first of them are while all attack; most attackers are gone long before the last.
        slowed, usual = map(statistics.median, zip(*during[:ENOUGH], strict=True))
        assert slowed <= 4 * usual + NOISE
        await kim.ok("ping")
        seqs = [push["message"]["seq"] for push in kim.waiting("message")]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_attackers_do_not_keep_it_from_stopping(database: Path) -> None:
    async with served(database, **LIVELY) as relay, AsyncExitStack() as stack:
        customer = await stack.enter_async_context(await customer_of(relay))
        await customer.ok("open")
        for number in range(EACH):
            await stalled(relay, stack, f"Deaf {number}")
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            attacked(relay, group)
            for _ in range(20):
                await acknowledged(customer)
            begun = time.monotonic()
            relay.stop()
            assert await customer.ended() == 1012
            assert await relay.process.wait() == 0
            assert time.monotonic() - begun < 10
