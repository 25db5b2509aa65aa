"""Erasures by a relay process: audited whatever ends it, and told apart from bytes that remain."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from relay.store.sqlite.audit_log import chain_errors
from relay.store.sqlite.engine import reader_engine
from tests.integration.relay.helpers import FREE, Wire, control, greeted
from tests.integration.relay.metrics_page import scraped
from tests.integration.relay.relay_process import Served, customer_of, served
from tests.integration.relay.test_erasure import MARK, files_with, purge

READER = """
import sqlite3, sys
reader = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, isolation_level=None)
reader.execute("BEGIN")
reader.execute("SELECT * FROM message").fetchone()
print("reads", flush=True)
sys.stdin.read()
"""


@contextmanager
def reading(database: Path) -> Iterator[None]:
    """Hold a snapshot of *database* in another process."""
    command = [sys.executable, "-c", READER, str(database)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reads\n"
        yield
        reader.communicate("")


async def test_a_purge_that_a_reader_holds_is_finished_after_a_kill_when_the_reader_has_ended(
    tmp_path: Path,
) -> None:
    database = tmp_path / "desk.db"
    async with served(database, **FREE) as relay:
        ada = await customer_of(relay)
        await ada.ok("open", name=MARK, text=MARK)
        await ada.ok("close")
        with reading(database):
            async with await root_of(relay) as root:
                receipt = await purge(root)
                assert (receipt["requests"], receipt["overwritten"]) == (1, False)
                assert files_with(MARK, database)
            await relay.kill()
            async with served(database, **FREE) as again:
                await scraped(again, lambda it: it["helpdesk_holds_erased"] == 1)
                await again.kill()
    async with served(database, **FREE) as relay:
        await scraped(relay, lambda it: it["helpdesk_holds_erased"] == 0)
        assert files_with(MARK, database) == []


async def root_of(relay: Served) -> Wire:
    """Return a connection to the control socket of *relay*."""
    return await greeted(await control(relay.database.with_name("desk.db.sock")))


async def test_each_closing_that_erases_is_in_the_audit_log_though_the_relay_is_killed(
    tmp_path: Path,
) -> None:
    database = tmp_path / "desk.db"
    async with served(database, **FREE, retention_days=0) as relay:
        for _ in range(3):
            ada = await customer_of(relay)
            await ada.ok("open", name="Ada", text=MARK)
            await ada.ok("close")
        await relay.kill()
    engine = reader_engine(database, 1)
    with engine.connect() as connection:
        assert list(chain_errors(connection)) == []
        rows = connection.exec_driver_sql("SELECT action, data FROM audit ORDER BY id").all()
        assert connection.exec_driver_sql("SELECT * FROM message").all() == []
    engine.dispose()
    assert [row.action for row in rows] == ["expired"] * 3
    assert [json.loads(row.data)["request"] for row in rows] == [1, 2, 3]
