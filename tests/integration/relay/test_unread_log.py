"""A log that nobody reads: the relay starts, answers and ends as if it were read."""

import asyncio
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.relay.helpers import FREE
from tests.integration.relay.metrics_page import scrape
from tests.integration.relay.relay_process import (
    PROGRAM,
    READY,
    Served,
    customer_of,
    served_unread,
)
from tests.patience import PATIENCE
from tests.reliability.launcher import launcher
from tests.reliability.unread import KINDS, Stderr, fill, full_pipe

ROUNDS = 40
"""Texts that are sent; more than 50 of one kind in a second would not all be logged."""
DROPPED = "helpdesk_log_lines_dropped_total"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_the_relay_starts_answers_and_ends_whatever_becomes_of_its_log(
    database: Path, kind: Stderr
) -> None:
    with kind() as stderr:
        async with served_unread(PROGRAM, database, stderr, log_level="DEBUG", **FREE) as relay:
            await talk(relay)
            begun = time.monotonic()
            relay.stop()
            assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
            assert time.monotonic() - begun < 10


async def talk(relay: Served) -> None:
    """Come and say something, and go, so that lines of many kinds are logged."""
    client = await customer_of(relay)
    await client.ok("open")
    for number in range(ROUNDS):
        await client.ok("send", text=f"{number}")
    await client.socket.close()


async def read_to_its_end(relay: Served, pipe: int) -> str:
    """Begin to read *pipe*, stop the relay, and return all that was in it."""
    with os.fdopen(pipe) as log:
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(asyncio.to_thread(log.read))
            relay.stop()
        said = reading.result()
    assert await relay.process.wait() == 0
    return said


async def test_what_does_not_fit_is_dropped_counted_and_told_in_its_place(database: Path) -> None:
    reading, writing = os.pipe()
    fill(writing)
    program = launcher(queued=20)
    async with served_unread(program, database, writing, log_level="DEBUG", **FREE) as relay:
        os.close(writing)
        await talk(relay)
        counted = (await scrape(relay))[DROPPED]
        assert counted > 10
        said = await read_to_its_end(relay, reading)
    assert READY.search(said)
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    gaps = [event for event in events if event["event"] == "log_lines_dropped"]
    assert sum(gap["count"] for gap in gaps) >= counted
    assert {gap["level"] for gap in gaps} == {"warning"}
    stored = [event["seq"] for event in events if event["event"] == "message_stored"]
    assert stored == sorted(stored)
    assert events[-1]["event"] == "relay_stopped"


@pytest.mark.parametrize(("flag", "code"), [("--config=/nowhere.toml", 1), ("--nonsense", 2)])
def test_a_relay_that_cannot_start_ends_though_nobody_reads_why(flag: str, code: int) -> None:
    with full_pipe() as stderr:
        done = subprocess.run([*PROGRAM, flag], stderr=stderr, timeout=PATIENCE, check=False)
    assert done.returncode == code


async def test_a_reader_that_comes_late_has_every_line_in_order(database: Path) -> None:
    reading, writing = os.pipe()
    fill(writing)
    async with served_unread(PROGRAM, database, writing, log_level="DEBUG", **FREE) as relay:
        os.close(writing)
        await talk(relay)
        said = await read_to_its_end(relay, reading)
    stored = [json.loads(line)["seq"] for line in said.splitlines() if "message_stored" in line]
    assert stored == list(range(2, ROUNDS + 3))  # after the greeting, with the opening text
    assert "log_lines_dropped" not in said
