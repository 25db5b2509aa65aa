"""Power loss, observed from outside: no answer without a sync of the log.

A killed process proves nothing of this, because the kernel keeps what was not synced.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.integration.faults.strace import SYNCED, count, traced
from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import PROGRAM, customer_of, served_by

MESSAGES = 60
# What many recommend for write-ahead logs: only checkpoints sync.
CARELESS = """
import sys
from cli.main import run
from relay.store.sqlite import engine
engine.WRITER_PRAGMAS = tuple(p.replace("=FULL", "=NORMAL") for p in engine.WRITER_PRAGMAS)
sys.argv[1:1] = ["serve"]
run()
"""


async def syncs(program: Sequence[str], database: Path) -> int:
    """Return how often *program* syncs the log while it acknowledges MESSAGES, one by one."""
    trace = database.with_name("trace")
    async with served_by(traced(program, trace), database, **FREE) as relay:
        customer = await customer_of(relay)
        await customer.ok("open")
        before = count(SYNCED, trace)
        for number in range(MESSAGES):
            await customer.ok("send", ref=f"s{number}", text=f"message {number}")
        after = count(SYNCED, trace)
        await customer.socket.close()
    return after - before


async def test_every_message_is_synced_before_it_is_acknowledged(database: Path) -> None:
    assert await syncs(PROGRAM, database) >= MESSAGES


async def test_a_relay_that_leaves_syncing_to_checkpoints_is_found_out(database: Path) -> None:
    assert await syncs((sys.executable, "-c", CARELESS), database) < MESSAGES / 2
