"""The process: an orderly stop, and recovery from a lack of resources (promise 8)."""

import asyncio
import signal
import sqlite3
import time
from contextlib import AsyncExitStack, closing
from itertools import count, cycle
from pathlib import Path

from websockets.exceptions import ConnectionClosed

from tests.integration.relay.helpers import FREE, Wire, greeted, wire
from tests.integration.relay.plain_http import Reply, http
from tests.integration.relay.relay_process import agent_of, customer_of, served
from tests.integration.relay.test_sizes import BIG, Stalled
from tests.patience import PATIENCE


async def shout(client: Wire, progress: asyncio.Queue[int]) -> int:
    """Say twenty things at once, again and again; return the code with which the relay ends it."""
    try:
        for round_ in count():
            for number in range(20):
                await client.send("send", ref=f"s{round_}-{number}", text="x" * 500)
            await client.answer(f"s{round_}-19")
            progress.put_nowait(round_)
    except ConnectionClosed:
        pass
    return await client.ended()


async def test_told_to_stop_it_answers_what_it_took_and_sends_everybody_away(
    database: Path,
) -> None:
    async with served(database, **FREE) as relay, AsyncExitStack() as stack:
        token = await relay.hire("Sam")
        clients = [await customer_of(relay) for _ in range(4)]
        for client in clients:
            stack.push_async_callback(client.socket.close)
            client.welcome = await client.ok("open")
        sam = await agent_of(relay, token)
        stack.push_async_callback(sam.socket.close)
        await sam.ok("join", request=1)
        stalled = Stalled(relay.port)
        stack.callback(stalled.socket.close)
        await stalled.enter(await relay.hire("Kim"), 1)
        for _ in range(20):
            await sam.ok("send", request=1, text="x" * 4000)
        async with asyncio.TaskGroup() as group:
            progress: asyncio.Queue[int] = asyncio.Queue()
            endings = [group.create_task(shout(client, progress)) for client in clients]
            for _ in range(60):
                await progress.get()
            begun = time.monotonic()
            relay.stop()
        assert [ending.result() for ending in endings] == [1012] * 4
        assert await sam.ended() == 1012
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
        assert time.monotonic() - begun < 10
    with closing(sqlite3.connect(database)) as file:
        for client in clients:
            of = "SELECT ref FROM message WHERE request_id = ? AND ref IS NOT NULL AND seq > 1"
            rows = file.execute(of, (client.welcome["request"]["id"],)).fetchall()
            kept = {ref for (ref,) in rows if ref.startswith("s")}
            answered = {frame["ref"] for frame in client.heard if frame["type"] == "sent"}
            assert kept == answered


async def flood(client: Wire, begun: asyncio.Event) -> None:
    """Say things as fast as can be, whatever is answered."""
    try:
        for number in count():
            await client.send("send", ref=f"s{number}", text="x" * 500)
            await asyncio.sleep(0)
            if number == 2000:
                begun.set()
    except ConnectionClosed:
        pass


async def test_a_flood_does_not_keep_it_from_stopping_and_what_is_stored_is_answered(
    database: Path,
) -> None:
    async with served(database, **FREE) as relay:
        clients = [await customer_of(relay) for _ in range(3)]
        for client in clients:
            await client.ok("open")
        async with asyncio.TaskGroup() as group:
            begun = asyncio.Event()
            endings = [group.create_task(client.ended()) for client in clients]
            for client in clients:
                group.create_task(flood(client, begun))
            await begun.wait()
            relay.stop()
        assert [ending.result() for ending in endings] == [1012] * 3
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
    answered = sum(frame["type"] == "sent" for client in clients for frame in client.heard)
    with closing(sqlite3.connect(database)) as file:
        of = "SELECT count(*) FROM message WHERE ref LIKE 's%'"
        assert file.execute(of).fetchone() == (answered,)


async def test_who_has_not_even_said_hello_does_not_hold_it_up(database: Path) -> None:
    async with served(database) as relay:
        silent = await wire(relay.url, "customer")
        _, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        relay.stop()
        assert await silent.ended() == 1012
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
        writer.close()


async def test_a_starved_relay_refuses_what_it_cannot_keep_and_recovers(database: Path) -> None:
    async with served(database, **FREE) as relay, AsyncExitStack() as stack:
        customer = await customer_of(relay)
        stack.push_async_callback(customer.socket.close)
        await customer.ok("open", text="before")
        sam = await agent_of(relay, await relay.hire("Sam"))
        stack.push_async_callback(sam.socket.close)
        await sam.ok("join", request=1)
        relay.starve()
        kept = 3
        for number in range(40):
            answer = await customer.ask("send", ref=f"s{number}", text=BIG[:4000])
            if answer["type"] == "error":
                break
            kept = answer["seq"]
        assert answer["code"] == "unavailable"
        refused = f"s{number}"
        for kind in cycle(("claim", "release")):  # which need less room than a long text
            answer = await sam.ask(kind, request=1)
            if answer["type"] == "error":
                break
            kept = answer["request"]["seq"]
        assert answer["code"] == "unavailable"
        assert await sam.refused("note", request=1, text=BIG[:4000]) == "unavailable"
        ready: Reply = await http(relay, "/readyz")
        assert (ready.status, ready.body.strip() != b"") == (503, True)
        assert (await http(relay, "/healthz")).status == 200
        page = await customer.ok("history", before=999, limit=200)
        assert page["messages"][-1]["seq"] == kept
        relay.feed()
        async with asyncio.timeout(PATIENCE):
            while (await http(relay, "/readyz")).status != 200:
                pass
        sent = await customer.ok("send", ref=refused, text=BIG[:4000])
        assert sent["seq"] == kept + 1
        assert (await sam.ok(kind, request=1))["request"]["seq"] == kept + 2
        seqs = [push["message"]["seq"] for push in sam.waiting("message")]
        assert seqs == list(range(4, kept + 3))


async def test_readyz_says_that_the_relay_drains_while_it_does(database: Path) -> None:
    async with served(database) as relay:
        client = await greeted(await wire(relay.url, "customer"))
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        with closing(sqlite3.connect(database, isolation_level=None)) as busy:
            busy.execute("BEGIN IMMEDIATE")  # the relay has to wait with its answer
            await client.send("open", ref="o")
            await client.ok("ping")
            relay.stop()
            await refuses_connections(relay.port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 503")
            busy.execute("ROLLBACK")
        assert await client.ended() == 1012
        assert [frame["type"] for frame in client.heard][-1] == "opened"
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
        writer.close()


async def refuses_connections(port: int) -> None:
    """Wait until nobody listens on *port* any more."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
            writer.close()


async def test_all_who_come_while_it_is_busy_are_connected_at_once(tmp_path: Path) -> None:
    free = {**FREE, "connections_per_address": 0, "unauthenticated_connections": 0}
    async with served(tmp_path / "desk.db", **free) as relay, AsyncExitStack() as open_sockets:
        relay.process.send_signal(signal.SIGSTOP)
        try:
            async with asyncio.timeout(PATIENCE):
                for _ in range(400):
                    _, writer = await asyncio.open_connection("127.0.0.1", relay.port)
                    open_sockets.callback(writer.close)
        finally:
            relay.process.send_signal(signal.SIGCONT)
        async with await greeted(await wire(relay.url, "customer")):
            pass
