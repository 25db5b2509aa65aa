"""A relay as a process of its own: started, killed, stopped and starved by its process id."""

import asyncio
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.relay.helpers import Wire, control, greeted, wire

PROGRAM = str(Path(sys.executable).with_name("helpdesk"))
READY = b"helpdesk: ready on "
ENOUGH = 1 << 40


@dataclass
class Served:
    """A relay that runs in a process of its own."""

    process: asyncio.subprocess.Process
    url: str
    database: Path

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


@asynccontextmanager
async def served(database: Path, port: int = 0, **settings: object) -> AsyncIterator[Served]:
    """Run `helpdesk serve` on *database*; killed when left."""
    variables = {f"HELPDESK_{name.upper()}": str(value) for name, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        "serve",
        f"--port={port}",
        f"--database={database}",
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "HOME": str(database.parent), **variables},
    )
    assert process.stderr
    try:
        line = await asyncio.wait_for(process.stderr.readline(), 20)
        assert line.startswith(READY), line + await process.stderr.read()
        yield Served(process, line.removeprefix(READY).decode().strip(), database)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def customer_of(relay: Served, **hello: object) -> Wire:
    """Return a customer's connection to *relay* that has said hello."""
    return await greeted(await wire(relay.url, "customer"), **hello)


async def agent_of(relay: Served, token: str, **hello: object) -> Wire:
    """Return an agent's connection to *relay* that has said hello."""
    return await greeted(await wire(relay.url, "agent"), token=token, **hello)
