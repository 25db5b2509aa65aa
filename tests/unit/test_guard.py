"""The guard of the unit tests blocks what it lists."""

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "deed",
    [
        socket.socket,
        # Stopped half-way, a loop leaves a socket behind.
        pytest.param(
            asyncio.new_event_loop,
            marks=pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
        ),
        lambda: sqlite3.connect(":memory:"),
        lambda: subprocess.Popen([sys.executable, "--version"]),
        lambda: Path("unit-test-was-here").write_text(""),
        lambda: os.open("unit-test-was-here", os.O_CREAT | os.O_WRONLY),
        lambda: Path("unit-test-was-here").mkdir(),
    ],
    ids=["socket", "event loop", "database", "process", "file", "bare file", "folder"],
)
def test_a_unit_test_may_not(deed: Callable[[], object]) -> None:
    with pytest.raises(pytest.fail.Exception, match="A unit test"):
        deed()


def test_a_unit_test_may_read_what_lies_beside_it() -> None:
    assert "guard" in Path(__file__).read_text()
