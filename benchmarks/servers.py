"""Servers to measure, each started as its users would run it.

Every run starts a new server on core 0 with a new folder, and ends it by its own process id.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from benchmarks.machine import SERVER_CORE, built, free_port
from relay.client import connect_control
from relay.wire import agent_in, agent_out

PEERS = Path(__file__).parent / "peers"
AGENTS = 100
"""Accounts that share the agents' sides of all rooms."""
READY = (b"ready", b"running")
"""One of these stands in the line in which a server says that it listens."""
NO_LIMITS = {
    "HELPDESK_MESSAGES_PER_SECOND": "0",
    "HELPDESK_BURST": "0",
    "HELPDESK_CONNECTIONS_PER_ADDRESS": "0",
    "HELPDESK_CONNECTIONS_PER_CUSTOMER": "0",
    "HELPDESK_CONNECTIONS_PER_SECOND": "0",
    "HELPDESK_UNAUTHENTICATED_CONNECTIONS": "0",
}


@dataclass(frozen=True, slots=True)
class Server:
    """What is measured. ``stored`` says in words when a text is on the disk."""

    name: str
    dialect: str
    stored: str
    command: tuple[str, ...]
    """With ``{port}`` and ``{folder}`` where they belong."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens. ``agents`` is a file with tokens, if it has any."""

    server: Server
    port: int
    process: subprocess.Popen[bytes]
    folder: Path
    agents: Path | None

    @property
    def resident(self) -> int:
        """Bytes of memory that the process has now."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def _python(module: str, *rest: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"benchmarks.peers.{module}", "{port}", "{folder}/log.db", *rest)


def _node(file: str, how: str) -> tuple[str, ...]:
    return ("node", str(PEERS / file), "{port}", "{folder}/log.db", how)


HELPDESK = Server(
    "Helpdesk",
    "helpdesk",
    "every batch synced",
    (
        str(Path(sys.executable).with_name("helpdesk")),
        "serve",
        "--port={port}",
        "--database={folder}/desk.db",
    ),
)
NODE_GROUP = Server(
    "Node `ws` + better-sqlite3, group commit",
    "plain",
    "every batch synced",
    _node("ws_server.mjs", "group"),
)
SOCKETIO = Server(
    "Socket.IO + better-sqlite3, commit per message",
    "socketio",
    "synced",
    _node("socketio_server.mjs", "each"),
)
SOCKETIO_GROUP = Server(
    "Socket.IO + better-sqlite3, group commit",
    "socketio",
    "every batch synced",
    _node("socketio_server.mjs", "group"),
)
SERVE = Server("`websockets` `serve()`", "plain", "no", _python("websockets_server", "none"))
PEER_SERVERS = (
    Server("C, the ceiling", "plain", "no", ("{built}/relay", "{port}")),
    Server("Node `ws`", "plain", "no", _node("ws_server.mjs", "none")),
    NODE_GROUP,
    SOCKETIO_GROUP,
    SOCKETIO,
    SERVE,
    Server(
        "Starlette + aiosqlite",
        "plain",
        "synced, by chance many at once",
        _python("starlette_server"),
    ),
    Server(
        "NATS JetStream",
        "nats",
        "file, synced every 2 min",
        (str(PEERS / "nats_server.sh"), "{port}", "{folder}"),
    ),
    Server(
        "Mosquitto, QoS 1",
        "mqtt",
        "no, a snapshot every 30 min",
        (str(PEERS / "mosquitto_server.sh"), "{port}", "{folder}"),
    ),
)
EVERYBODY = (HELPDESK, *PEER_SERVERS)


@contextmanager
def running(server: Server, history: Path | None = None, **variables: str) -> Iterator[Running]:
    """Run *server* on its core with the environment's *variables* until left.

    *history* is a folder with what it had stored before; it works on a copy of that.
    """
    with TemporaryDirectory(prefix="helpdesk-benchmark-") as fresh:
        folder = Path(fresh)
        if history:
            copytree(history, folder, dirs_exist_ok=True)
            os.sync()  # or the copy's gigabytes are on their way to the disk in each of its syncs
        port = free_port()
        process = start(server, port, folder, **variables)
        try:
            agents = _hire(folder) if server.dialect == HELPDESK.dialect else None
            yield Running(server, port, process, folder, agents)
        finally:
            process.terminate()
            process.wait(20)


def start(server: Server, port: int, folder: Path, **variables: str) -> subprocess.Popen[bytes]:
    """Return the process of *server*, which says that it is ready; its log is in *folder*."""
    values = {"port": str(port), "folder": str(folder), "built": str(built())}
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [
                "taskset",
                "-c",
                str(SERVER_CORE),
                *(part.format(**values) for part in server.command),
            ],
            stdout=subprocess.PIPE if server.dialect != HELPDESK.dialect else log,
            stderr=subprocess.PIPE if server.dialect == HELPDESK.dialect else log,
            env=os.environ | NO_LIMITS | {"NODE_ENV": "production"} | variables,
            cwd=PEERS.parent.parent,
        )
    said = process.stderr if server.dialect == HELPDESK.dialect else process.stdout
    assert said is not None
    if not any(word in line for line in said for word in READY):
        process.kill()
        raise RuntimeError(f"{server.name} did not start; see {folder}")
    return process


def _hire(folder: Path) -> Path:
    """Return the file with the agents' tokens; make them through the control socket first."""
    path = folder / "agents"
    if not path.exists():
        tokens = asyncio.run(_tokens(folder / "desk.db.sock"))
        path.write_text("".join(f"{token}\n" for token in tokens))
    return path


async def _tokens(socket: Path) -> list[str]:
    async with await connect_control(socket) as control:
        await control.call(agent_in.Hello(ref="hello"))
        made = [
            await control.call(
                agent_in.AgentAdd(ref=f"{number}", name=f"agent {number}", role="agent")
            )
            for number in range(AGENTS)
        ]
    return [answer.token for answer in made if isinstance(answer, agent_out.AgentAdded)]
