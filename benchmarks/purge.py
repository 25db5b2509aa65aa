"""Measures how much a purge delays the acknowledgements of a chat.

`python -m benchmarks.purge [REQUESTS]` creates a desk with closed requests (10,000 by default),
purges them over the control socket, and prints the median and the 99th percentile of one customer's
acknowledgements before and during the purge.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from relay.client import RelayConnection, connect_control, connect_customer
from relay.desk.contact import Contact
from relay.desk.events import DESK, Millis
from relay.desk.request import Customer, Visit
from relay.server.relay import Relay
from relay.service import use_cases
from relay.settings import Settings
from relay.store.sqlite.database import open_database
from relay.store.sqlite.transaction import SqliteTransaction, WriterCache
from relay.wire import agent_in, agent_out, customer

AT_ONCE = 500


def fill(database: Path, requests: int) -> None:
    """Make a desk of closed requests."""
    opened = open_database(database)
    memory = WriterCache()
    for first in range(0, requests, AT_ONCE):
        with opened.engine.begin() as connection:
            transaction = SqliteTransaction(connection, memory)
            for number in range(first, first + AT_ONCE):
                person = Customer(0, "default", f"key {number}", Contact(), verified=False)
                opening = use_cases.Opening(
                    person, Visit(), Contact(), "Hello", "Help", "o", Millis(0)
                )
                record = use_cases.open_request(transaction, opening).record
                said = use_cases.CustomerText("Where is my parcel, please?", "s", Millis(1))
                use_cases.customer_send(transaction, person.key, None, said)
                number_ = record.request.id
                actor = use_cases.Stamp(DESK, Millis(2))
                use_cases.close(
                    transaction, use_cases.find_request(transaction, number_), actor, keep=True
                )
            transaction.flush()
    opened.close()


async def chat(
    client: RelayConnection[customer.RelayFrame], go_on: Callable[[int], bool]
) -> list[float]:
    """Send texts as long as *go_on* says; return how long each was not acknowledged."""
    taken: list[float] = []
    while go_on(len(taken)):
        began = time.perf_counter()
        await client.call(customer.Send(f"{time.perf_counter_ns()}", "Hello"))
        taken.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)
    return taken


async def purge(admin: RelayConnection[agent_out.RelayFrame]) -> float:
    """Purge all that is closed; return the seconds it took."""
    frame = agent_in.Purge("plan", dry_run=True, filter=agent_in.Filter(status="closed"))
    planned = await admin.call(frame)
    assert isinstance(planned, agent_out.Purged)
    began = time.perf_counter()
    await admin.send(agent_in.Purge("purge", dry_run=False, plan=planned.receipt.plan))
    while not isinstance(await admin.receive(), agent_out.Purged):
        pass
    return time.perf_counter() - began


def tell(what: str, taken: list[float]) -> None:
    """Print the middle and the far end of *taken*."""
    parts = quantiles(taken, n=100)
    print(f"{what}: {parts[49] * 1000:6.1f} ms median, {parts[98] * 1000:6.1f} ms at the 99th")


async def main(requests: int) -> None:
    """Chat, then chat while all the rest goes."""
    with TemporaryDirectory(prefix="helpdesk-benchmark-") as folder:
        database = Path(folder) / "desk.db"
        fill(database, requests)
        settings = Settings.model_validate(
            {"port": 0, "database": str(database), "messages_per_second": 0}
        )
        relay = Relay(settings, demo=False)
        url = (await relay.listen())[0]
        async with (
            await connect_control(settings.control_path) as admin,
            await connect_customer(url) as client,
        ):
            await admin.call(agent_in.Hello("hello", queue=False))
            await client.call(customer.Hello("hello"))
            await client.call(customer.Open("open"))
            tell("alone     ", await chat(client, lambda count: count < 200))
            async with asyncio.TaskGroup() as group:
                purging = group.create_task(purge(admin))
                tell("in a purge", await chat(client, lambda _: not purging.done()))
            print(f"{requests} requests purged in {purging.result():.1f} s")
        await relay.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
