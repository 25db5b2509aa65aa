"""Half-open connections: the relay and the console detect a peer that is gone."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from relay import client
from relay.errors import CloseCode
from relay.server import transport
from tests.reliability.silence import INTERVAL, PATIENCE, SILENCE, Noticed, noticed, through_a_proxy

ROOT = Path(__file__).parents[3]
SLACK = 3.0
"""Seconds that a busy machine may add."""
UNSHARE = ("unshare", "--net", "--map-root-user")


def may_have_a_network() -> bool:
    """Return whether a process may have a network namespace here; in most containers it may not."""
    return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0


async def where_packets_are_dropped(database: Path) -> Noticed:
    if not may_have_a_network():
        return await noticed(database, through_a_proxy)
    process = await asyncio.create_subprocess_exec(
        *UNSHARE,
        *(sys.executable, "-m", "tests.reliability.silence", str(database)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    said, _ = await process.communicate()
    return Noticed(**json.loads(said))


async def where_a_proxy_falls_silent(database: Path) -> Noticed:
    return await noticed(database, through_a_proxy)


@pytest.mark.parametrize("cut", [where_packets_are_dropped, where_a_proxy_falls_silent])
async def test_both_sides_notice_a_connection_that_has_died_without_a_word(
    tmp_path: Path, cut: Callable[[Path], Awaitable[Noticed]]
) -> None:
    found = await cut(tmp_path / "desk.db")
    assert found.relay <= 2 * INTERVAL + transport.CLOSE_TIMEOUT + SLACK
    assert CloseCode.KEEPALIVE_LOST in found.codes
    assert found.console <= SILENCE + PATIENCE + client.CLOSE_TIMEOUT + SLACK
    assert found.reason == "The relay did not answer."
