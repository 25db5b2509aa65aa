"""Relay process: started, killed, stopped and limited by its process id."""

import asyncio
import os
import re
import resource
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fork_server import HELPDESK, SCRIPT, RunningProcess, fork
from tests.free_port import free_port
from tests.integration.relay.helpers import Wire, control, greeted, wire
from tests.integration.relay.plain_http import http
from tests.patience import PATIENCE

PROGRAM = (str(Path(sys.executable).with_name("helpdesk")), "serve")
READY = re.compile(r"^helpdesk: ready on (\S+)$", re.MULTILINE)
ENOUGH = 1 << 40


@dataclass
class Served:
    """A relay that runs in a process of its own."""

    process: RunningProcess
    url: str
    database: Path
    log: Path
    """What it says on stderr."""

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.process.wait()

    def stop(self) -> None:
        """Ask it to end."""
        self.process.send_signal(signal.SIGTERM)

    async def hire(self, name: str) -> str:
        """Return the token of a new agent."""
        async with await greeted(await control(self.database.with_name("desk.db.sock"))) as desk:
            token: str = (await desk.ok("agent_add", name=name, role="agent"))["token"]
            return token

    def starve(self) -> None:
        """Let the kernel refuse to make the relay's files any longer, as a full disk does."""
        longest = max(path.stat().st_size for path in self.database.parent.glob("desk.db*"))
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (longest, ENOUGH))

    def feed(self) -> None:
        """Let files grow again."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (ENOUGH, ENOUGH))


def served(
    database: Path, port: int = 0, **settings: object
) -> AbstractAsyncContextManager[Served]:
    """Run `helpdesk serve` on *database*; killed when left."""
    return served_by(PROGRAM, database, port, **settings)


@asynccontextmanager
async def served_by(
    program: Sequence[str], database: Path, port: int = 0, **settings: object
) -> AsyncIterator[Served]:
    """Run *program*, which takes what `helpdesk serve` does, on *database*; killed when left."""
    # A file, not a pipe: a relay that logs more than anybody reads must not have to wait for it.
    log = database.with_name(f"relay-{time.monotonic_ns()}.log")
    with log.open("wb") as stderr:
        process = await _start(program, database, stderr.fileno(), port, settings)
    try:
        yield Served(process, await _ready(process, log), database, log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def served_unread(
    program: Sequence[str], database: Path, stderr: int, port: int = 0, **settings: object
) -> AsyncIterator[Served]:
    """Run *program* as :func:`served_by` does, with a *stderr* on which its words cannot be read.

    Its ``log`` is empty, and it is ready when it says so at its port.
    """
    port, log = port or free_port(), database.with_name("unread.log")
    process = await _start(program, database, stderr, port, settings)
    relay = Served(process, f"http://127.0.0.1:{port}", database, log)
    try:
        async with asyncio.timeout(PATIENCE):
            while not await _answers(relay):
                assert process.returncode is None, f"it ended with {process.returncode}"
                await asyncio.sleep(0.01)
        yield relay
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _start(
    program: Sequence[str], database: Path, stderr: int, port: int, settings: Mapping[str, object]
) -> RunningProcess:
    """Start *program*; `helpdesk` or a script is forked, as imports are most of its start."""
    variables = {f"HELPDESK_{name.upper()}": str(value) for name, value in settings.items()}
    environment = {"PATH": os.environ["PATH"], "HOME": str(database.parent), **variables}
    command = [*program, f"--port={port}", f"--database={database}"]
    if program == PROGRAM:
        return fork(HELPDESK, command, environment, streams=(0, 1, stderr))
    if program[0] == sys.executable:
        return fork(SCRIPT, command[1:], environment, streams=(0, 1, stderr))
    return await asyncio.create_subprocess_exec(*command, stderr=stderr, env=environment)


async def _answers(relay: Served) -> bool:
    try:
        return (await http(relay, "/readyz")).status == 200
    except OSError:
        return False


async def _ready(process: RunningProcess, log: Path) -> str:
    """Return the address that the relay says it is ready on."""
    async with asyncio.timeout(PATIENCE):
        while not (said := READY.search(log.read_text())):  # noqa: ASYNC240 - a line or two
            assert process.returncode is None, "it ended; its log says why"
            await asyncio.sleep(0.01)
    return said[1]


async def customer_of(relay: Served, **hello: object) -> Wire:
    """Return a customer's connection to *relay* that has said hello."""
    return await greeted(await wire(relay.url, "customer"), **hello)


async def agent_of(relay: Served, token: str, **hello: object) -> Wire:
    """Return an agent's connection to *relay* that has said hello."""
    return await greeted(await wire(relay.url, "agent"), token=token, **hello)
