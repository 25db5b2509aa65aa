"""Machine of a benchmark: compiles the programs in C, assigns cores, measures the current speed."""

import json
import os
import subprocess
import time
from functools import cache
from pathlib import Path
from socket import create_server
from tempfile import mkdtemp

SERVER_CORE, LOAD_CORE = 0, 1
SOURCES = Path(__file__).parent / "load"
FLAGS = ("cc", "-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror")
CALIBRATION = 3_000_000
"""Turns of a loop that has always the same to do."""


@cache
def built() -> Path:
    """Compile the load generator, the bare relay and the slow disk; return their folder."""
    folder = Path(mkdtemp(prefix="helpdesk-benchmark-built-"))
    sources = [
        str(SOURCES / name) for name in ("load.c", "measure.c", "net.c", "talk.c", "brokers.c")
    ]
    subprocess.run([*FLAGS, "-o", folder / "load", *sources], check=True)
    subprocess.run([*FLAGS, "-o", folder / "relay", SOURCES / "relay.c"], check=True)
    subprocess.run(
        [*FLAGS, "-shared", "-fPIC", "-o", folder / "slow_sync.so", SOURCES / "slow_sync.c"],
        check=True,
    )
    return folder


def free_port() -> int:
    """Return a port that nobody has."""
    with create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def calibrate() -> float:
    """Return the milliseconds of processor time that a fixed piece of work takes now."""
    began = time.process_time()
    total = 0
    for number in range(CALIBRATION):
        total += number & 7
    return (time.process_time() - began) * 1000


class Load:
    """The load generator at work on its own core; it speaks in lines of JSON."""

    def __init__(
        self, dialect: str, port: int, rooms: int, mode: str, *figures: object, **variables: object
    ) -> None:
        """Start it; *figures* and the environment's *variables* as the head of ``load.c`` says."""
        command = [built() / "load", dialect, port, rooms, mode, *figures]
        self._process = subprocess.Popen(
            ["taskset", "-c", str(LOAD_CORE), *map(str, command)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {name: str(value) for name, value in variables.items()},
            text=True,
        )

    def said(self) -> dict[str, float]:
        """Return the next line; raise :exc:`RuntimeError` if it ended without one."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load generator failed; its reason stands above")
        figures: dict[str, float] = json.loads(line)
        return figures

    def go_on(self) -> None:
        """Let it do what it waits to do."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Wait until it has ended, whatever it waits for."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
