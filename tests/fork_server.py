"""Forks programs of the tests from a process that has imported them: imports are most of a start.

The process is `python -m tests.fork_server DESCRIPTOR`. Over the socket of that descriptor it takes
programs, each with its streams and a socket on which it tells the process id and the exit code.
"""

import asyncio
import atexit
import fcntl
import gc
import importlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from select import POLLIN, poll
from tempfile import TemporaryFile
from typing import Any, Protocol

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[1]
PRELOADED = ("cli.app", "relay.server.relay", "relay.store.sqlite.store", "helpdesk_tui.app")
PROGRAM = str(Path(sys.executable).with_name("helpdesk"))
HELPDESK = "from cli import main; main.run()"
"""Source text of :data:`PROGRAM`, as its script has it."""
SCRIPT = "import runpy, sys; runpy.run_path(sys.argv[0], run_name='__main__')"
"""Source text that runs the script which its first argument names."""
MAX_MESSAGE = 65536
LOOK_EVERY = 0.01
"""Seconds between two looks whether a process has ended."""


class RunningProcess(Protocol):
    """A process as asyncio has it, or one that was forked."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def returncode(self) -> int | None:
        """Its exit code, or minus its signal, once that is known."""

    def send_signal(self, signal: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """End it as a power cut would."""

    async def wait(self) -> int:
        """Wait until it has ended; return its exit code, or minus its signal."""


class ForkedProcess:
    """A process that was forked; somebody has to wait for its end."""

    def __init__(self, channel: socket.socket) -> None:
        """Take the number that comes over *channel*."""
        channel.settimeout(PATIENCE)
        self._channel = channel
        self.pid = int(channel.recv(MAX_MESSAGE))
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code if it has ended."""
        if self.returncode is None and _readable([self._channel.fileno()], 0):
            self.exit_code()
        return self.returncode

    def exit_code(self) -> int:
        """Wait until it has ended; return its exit code, or minus its signal."""
        if self.returncode is None:
            self.returncode = int(self._channel.recv(MAX_MESSAGE))
            self._channel.close()
        return self.returncode

    async def wait(self) -> int:
        """Wait as :meth:`exit_code` does, but let the event loop run."""
        self.poll()
        while self.returncode is None:
            await asyncio.sleep(LOOK_EVERY)
            self.poll()
        return self.exit_code()

    def send_signal(self, signal: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # its exit code is on its way
                os.kill(self.pid, signal)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)


def fork(
    program: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    folder: Path | None = None,
    streams: tuple[int, int, int] = (0, 1, 2),
    terminal: bool = False,
) -> ForkedProcess:
    """Run the source text *program* with *arguments* as its `sys.argv`, in a new process.

    *folder* is its working folder, by default this process's; *streams* are the descriptors that
    become its stdin, stdout and stderr, of a *terminal* of its own if so.
    """
    files = resource.getrlimit(resource.RLIMIT_NOFILE)
    where = str(folder or Path.cwd())
    task = [program, arguments, dict(environment), where, files, terminal]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        socket.send_fds(_server(), [json.dumps(task).encode()], [theirs.fileno(), *streams])
    return ForkedProcess(ours)


async def run_helpdesk(
    *arguments: str, environment: Mapping[str, str], folder: Path | None = None
) -> tuple[int, str]:
    """Run `helpdesk` to its end; return its exit code, and what it wrote to stdout and stderr."""
    with TemporaryFile("w+") as said:
        streams = (0, said.fileno(), said.fileno())
        process = fork(HELPDESK, [PROGRAM, *arguments], environment, folder=folder, streams=streams)
        code = await process.wait()
        said.seek(0)
        return code, said.read()


@cache
def _server() -> socket.socket:
    """Start the fork server of this process; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            env={"LANG": "C.UTF-8", "PATH": os.environ["PATH"]},
        )
    atexit.register(process.wait)
    atexit.register(ours.close)
    return ours


def serve(control: socket.socket) -> str:
    """Fork for each message on *control*; return in a fork, with its program to run.

    A pidfd tells of the end of a fork, so that no signal handler is inherited by the next.
    """
    running: dict[int, tuple[int, int]] = {}
    while True:
        ready = _readable([control.fileno(), *running])
        for ended in running.keys() & set(ready):
            os.close(ended)
            pid, channel = running.pop(ended)
            _tell(channel, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            os.close(channel)
        if control.fileno() not in ready:
            continue
        message, descriptors, *_ = socket.recv_fds(control, MAX_MESSAGE, 4)
        if not message:
            for pid, _ in running.values():  # a test that failed has left it
                os.kill(pid, signal.SIGKILL)
            sys.exit()
        channel, *streams = descriptors
        if not (pid := os.fork()):
            control.close()
            *task, terminal = json.loads(message)
            take_streams(streams, terminal=terminal)
            return become(*task)
        for stream in streams:
            os.close(stream)
        running[os.pidfd_open(pid)] = pid, channel
        _tell(channel, pid)


def _readable(descriptors: Iterable[int], timeout: int | None = None) -> list[int]:
    """Return which of *descriptors*, of any number, can be read within *timeout* milliseconds."""
    waiting = poll()
    for descriptor in descriptors:
        waiting.register(descriptor, POLLIN)
    return [descriptor for descriptor, _ in waiting.poll(timeout)]


def _tell(channel: int, number: int) -> None:
    with suppress(BrokenPipeError):  # nobody waits for it
        os.write(channel, str(number).encode())


def take_streams(streams: list[int], *, terminal: bool) -> None:
    """Make *streams* the stdin, stdout and stderr of this process, and close all else."""
    for descriptor, stream in enumerate(streams):
        os.dup2(stream, descriptor)
    os.closerange(3, 1024)
    if terminal:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def become(
    program: str,
    arguments: list[str],
    environment: dict[str, str],
    folder: str,
    files: tuple[int, int],
) -> str:
    """Make this process a new one, which may open *files*; return its *program*."""
    resource.setrlimit(resource.RLIMIT_NOFILE, files)
    sys.argv = arguments
    os.environ.clear()
    os.environ.update(environment)
    encoding = environment.get("PYTHONIOENCODING")
    sys.stdin = os.fdopen(0, encoding=encoding, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding=encoding, closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding=encoding, errors="backslashreplace", closefd=False)
    time.tzset()
    os.chdir(folder)
    return program


if __name__ == "__main__":
    for module in PRELOADED:
        importlib.import_module(module)
    gc.freeze()
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(serve(socket.socket(fileno=int(sys.argv[1]))), namespace)
