"""A machine of its own for each test: home, settings, database and port, and `helpdesk` on it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = [sys.executable, "-P", "-m", "cli"]
READY = "helpdesk: ready on "


def free_port() -> int:
    """Return a port that nobody has; the relay takes it next."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Serving:
    """A relay that runs."""

    process: subprocess.Popen[str]
    url: str

    def end(self) -> str:
        """Tell the relay to end, wait for it, and return what else it wrote to stderr."""
        self.process.send_signal(signal.SIGTERM)
        _, rest = self.process.communicate(timeout=15)
        return rest


@dataclass
class Machine:
    """A home folder, and the variables that make it one."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The database of the desk on this machine."""
        return self.home / "desk.db"

    @property
    def environment(self) -> dict[str, str]:
        """What a process on this machine sees."""
        usual = {name: value for name, value in os.environ.items() if "HELPDESK" not in name}
        own = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "HELPDESK_DATABASE": str(self.database),
        }
        return usual | own | self.variables

    def run(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """Run `helpdesk` with *arguments* to its end, *said* on its standard input."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            input=said,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=self.environment,
            timeout=30,
            check=False,
        )

    @contextmanager
    def serve(self, *arguments: str) -> Generator[Serving, None, None]:
        """Run `helpdesk serve` on a free port; ready when entered, gone when left."""
        with subprocess.Popen(
            [*PROGRAM, "serve", "--port", "0", *arguments],
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.home,
            env=self.environment,
        ) as process:
            try:
                assert process.stderr
                line = process.stderr.readline()
                assert line.startswith(READY), line + process.stderr.read()
                yield Serving(process, line.removeprefix(READY).strip())
            finally:
                process.kill()


def failed(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """Return the one sentence with which `helpdesk` failed; it is all that it wrote."""
    assert (done.returncode, done.stdout) == (code, ""), done
    [sentence] = done.stderr.splitlines()
    assert sentence.startswith("helpdesk: ")
    assert sentence.endswith(".")
    return sentence
