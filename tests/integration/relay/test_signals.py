"""Signals: some stop the relay in an orderly way, all others that would end it do nothing."""

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from relay.signals import CAUGHT, ENDS, name_of
from tests.integration.relay.helpers import FREE
from tests.integration.relay.relay_process import PROGRAM, customer_of, served, served_by
from tests.patience import PATIENCE

UNSHARE = ("unshare", "--pid", "--fork", "--kill-child", "--map-root-user")
IGNORED = [number for number in CAUGHT if number not in ENDS]
CATCHES = "SigCgt:"


def may_be_the_first_process() -> bool:
    """Return whether a process may have a namespace of process ids here."""
    return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("number", sorted(ENDS))
async def test_a_signal_that_ends_it_sends_everybody_away(
    database: Path, number: signal.Signals
) -> None:
    async with served(database) as relay:
        client = await customer_of(relay)
        relay.process.send_signal(number)
        assert await client.ended() == 1012
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0


async def test_the_first_process_of_a_container_ends_on_a_hangup(database: Path) -> None:
    alone = may_be_the_first_process()
    async with served_by((*UNSHARE, *PROGRAM) if alone else PROGRAM, database) as relay:
        client = await customer_of(relay)
        os.kill(_child(relay.process.pid) if alone else relay.process.pid, signal.SIGHUP)
        assert await client.ended() == 1012
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0


def _child(process: int) -> int:
    [child] = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(child)


async def test_other_signals_are_told_and_do_nothing(database: Path) -> None:
    async with served(database, **FREE) as relay:
        client = await customer_of(relay)
        await client.ok("open")
        for number in IGNORED:
            relay.process.send_signal(number)
        for number in range(20):
            await client.ok("send", text=f"{number}")
        await client.socket.close()
        relay.stop()
        relay.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(relay.process.wait(), PATIENCE) == 0
        lines = await asyncio.to_thread(relay.log.read_text)
    told = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    assert {line["signal"] for line in told} == {name_of(number) for number in IGNORED}
    assert {(line["event"], line["level"]) for line in told} == {("signal_ignored", "warning")}


def starting(database: Path) -> subprocess.Popen[bytes]:
    """Start a relay and return as soon as it catches signals, long before it is ready."""
    process = subprocess.Popen(
        [*PROGRAM, "--database", str(database), "--port", "0"], stderr=subprocess.PIPE
    )
    status, deadline = Path(f"/proc/{process.pid}/status"), time.monotonic() + PATIENCE
    while not _catches(status, signal.SIGUSR1):
        assert time.monotonic() < deadline
    return process


def _catches(status: Path, number: int) -> bool:
    [caught] = [
        line.split()[1] for line in status.read_text().splitlines() if line.startswith(CATCHES)
    ]
    return bool(int(caught, 16) & 1 << (number - 1))


def test_a_signal_during_the_start_is_handled_when_it_runs(database: Path) -> None:
    with starting(database) as process:
        process.send_signal(signal.SIGUSR1)
        assert process.stderr
        missing = {b"helpdesk: ready on ", b'{"time": "'}
        while missing:
            line = process.stderr.readline()
            assert line, f"it ended without {missing}"
            missing = {start for start in missing if not line.startswith(start)}
        process.send_signal(signal.SIGHUP)
        assert process.wait(PATIENCE) == 0


def test_told_to_end_during_the_start_it_ends_before_it_opens_the_database(tmp_path: Path) -> None:
    database = tmp_path / "desk.db"
    with starting(database) as process:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (0, b"")
    assert not database.exists()


def test_what_nohup_ignores_stays_ignored(database: Path) -> None:
    program = [*PROGRAM, "--database", str(database), "--port", "0"]
    command = ["/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *program]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert any(line.startswith(b"helpdesk: ready") for line in process.stderr)
        assert not _catches(Path(f"/proc/{process.pid}/status"), signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
