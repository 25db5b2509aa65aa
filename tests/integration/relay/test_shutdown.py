"""A stop during long operations: it ends in time, and reports the progress (promise 8)."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.contract.store.actions import ended
from tests.integration.relay.helpers import FREE, control, greeted
from tests.integration.relay.relay_process import customer_of, served
from tests.integration.store.sqlite_harness import Bench
from tests.patience import PATIENCE

REQUESTS = 300


async def test_a_purge_ends_with_an_entry_of_what_it_deleted_and_an_answer(database: Path) -> None:
    with Bench(database) as bench:
        bench.do(ended(1, REQUESTS, "Help"))
    async with served(database, **FREE) as relay:
        desk = await greeted(await control(database.with_name("desk.db.sock")))
        plan = (await desk.ok("purge", filter={}, dry_run=True))["receipt"]["plan"]
        await desk.send("purge", ref="p", filter={}, dry_run=False, plan=plan)
        await desk.receive(lambda it: it["type"] == "purging", "purging")
        relay.stop()
        assert await desk.ended() == 1012
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
    with closing(sqlite3.connect(database)) as file:
        ((left,),) = file.execute("SELECT count(*) FROM help_request").fetchall()
        said = file.execute("SELECT action, data FROM audit ORDER BY id").fetchall()
    assert [action for action, _ in said] == [
        "purge_begun",
        "purge_interrupted" if left else "purged",
    ]
    assert json.loads(said[1][1])["requests"] == REQUESTS - left
    answers = [it for it in desk.heard if it.get("ref") == "p" and it["type"] != "purging"]
    [answer] = answers
    if left:
        assert answer["code"] == "unavailable"
        assert f"{REQUESTS - left} of {REQUESTS}" in answer["message"]
    else:
        assert answer["type"] == "purged"


async def test_a_file_that_another_process_has_locked_does_not_hold_it_up(database: Path) -> None:
    async with served(database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for number in range(3):
                await customer.send("send", ref=f"s{number}", text="Help")
                await customer.ok("ping")  # the relay has taken what came before it
            begun = time.monotonic()
            relay.stop()
            assert await customer.ended() == 1012
            assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
            assert time.monotonic() - begun < 10
