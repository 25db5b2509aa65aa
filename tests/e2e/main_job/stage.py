"""Relay process, an agent with a token, and the contents of the store at the end."""

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tests.e2e.main_job.terminal import Terminal
from tests.fork_server import HELPDESK, PROGRAM, ForkedProcess, fork
from tests.free_port import free_port
from tests.integration.relay.helpers import control, greeted
from tests.patience import PATIENCE


@dataclass
class Stage:
    """A machine with a relay on one port and one database, however often it is killed."""

    home: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    program: Sequence[str] = (PROGRAM,)
    _relay: "ForkedProcess | subprocess.Popen[bytes] | None" = None
    _stderr: TextIO = field(init=False)

    @property
    def url(self) -> str:
        """Where browsers and consoles find the relay."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """The relay's database."""
        return self.home / "desk.db"

    @property
    def environment(self) -> dict[str, str]:
        """What a process on this machine sees."""
        rest = {name: value for name, value in os.environ.items() if "HELPDESK" not in name}
        folders = {f"XDG_{name}_HOME": str(self.home) for name in ("CONFIG", "DATA", "STATE")}
        return rest | folders | {"HOME": str(self.home), "HELPDESK_DATABASE": str(self.database)}

    def start(self) -> None:
        """Run the relay; return when it says that it is ready."""
        command = [*self.program, "serve", "--demo", "--port", str(self.port)]
        environment = {**self.environment, **self.settings}
        reading, writing = os.pipe()
        if self.program == (PROGRAM,):
            streams = (0, 1, writing)
            self._relay = fork(HELPDESK, command, environment, folder=self.home, streams=streams)
        else:
            self._relay = subprocess.Popen(command, stderr=writing, cwd=self.home, env=environment)
        os.close(writing)
        self._stderr = os.fdopen(reading)
        said = list[str]()
        while not (said and said[-1].endswith(f"ready on {self.url}\n")):
            said.append(self._stderr.readline())
            assert said[-1], f"it ended; it had said: {said}"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run the relay until left."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    def kill(self) -> None:
        """Kill the relay as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the relay as an operator would."""
        if self._relay is not None:
            assert self._end(signal.SIGTERM) == 0

    def _end(self, by: signal.Signals) -> int:
        assert self._relay
        relay, self._relay = self._relay, None
        relay.send_signal(by)
        with self._stderr:
            return relay.exit_code() if isinstance(relay, ForkedProcess) else relay.wait(PATIENCE)

    def add_agent(self, name: str) -> str:
        """Return the token of a new agent."""
        done = subprocess.run(
            [*self.program, "agent", "add", name, "--json"],
            capture_output=True,
            text=True,
            cwd=self.home,
            env=self.environment,
            timeout=PATIENCE,
            check=True,
        )
        token: str = json.loads(done.stdout)["token"]
        return token

    async def hire(self, name: str) -> str:
        """Return the token of a new agent, as `add_agent` does, without a process for it."""
        control_path = self.database.with_name("desk.db.sock")
        async with await greeted(await control(control_path)) as owner:
            token: str = (await owner.ok("agent_add", name=name, role="agent"))["token"]
            return token

    def console(self, token: str) -> Terminal:
        """Return a console in a terminal, not started yet."""
        environment = {**self.environment, "HELPDESK_TOKEN": token}
        return Terminal([*self.program, "tui", "--url", self.url], environment, self.home)

    def stored_texts(self) -> list[str]:
        """Return all texts in the order in which they are stored."""
        return [str(text) for (text,) in self.query("SELECT text FROM message WHERE kind = 'text'")]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Return what *sql* finds, as somebody would who only reads."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            rows = connection.execute(sql).fetchall()
        connection.close()
        return rows
