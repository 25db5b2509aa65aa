"""Forks consoles from a process that has imported them already: imports are half of their start.

The process is `python -m tests.integration.console.fork_server DESCRIPTOR`. It takes programs, and
the terminals for them, over the socket of that descriptor, and reports how each has ended.
"""

import fcntl
import io
import json
import os
import socket
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from pathlib import Path
from select import select
from typing import Any

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": ""}
LARGEST = 65536
"""Bytes of a message, at most."""


class ForkServer:
    """The client of that process."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(PATIENCE)
        self._codes: dict[int, int] = {}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=ROOT,
                env=ENVIRONMENT,
            )

    def start(
        self, program: str, arguments: Sequence[str], environment: Mapping[str, str], terminal: int
    ) -> int:
        """Run *program* as `python -c` does, with *terminal* as its own; return its process id."""
        message = json.dumps([program, arguments, dict(environment)]).encode()
        socket.send_fds(self._socket, [message], [terminal])
        while "code" in (told := self._receive()):
            pass
        return int(told["pid"])

    def exit_code(self, pid: int) -> int:
        """Wait until process *pid* has ended; return its exit code, or minus its signal."""
        while pid not in self._codes:
            self._receive()
        return self._codes[pid]

    def stop(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.wait(PATIENCE)

    def _receive(self) -> dict[str, int]:
        told: dict[str, int] = json.loads(self._socket.recv(LARGEST))
        if "code" in told:
            self._codes[told["pid"]] = told["code"]
        return told


def serve(control: socket.socket) -> str:
    """Fork for each message on *control*; return in a fork, with its program to run.

    A pidfd tells of the end of a fork, so that no signal handler is inherited by the next.
    """
    running: dict[int, int] = {}
    while True:
        ready = select([control.fileno(), *running], [], [])[0]
        for ended in running.keys() & set(ready):
            os.close(ended)
            pid, status = os.waitpid(running.pop(ended), 0)
            told = {"pid": pid, "code": os.waitstatus_to_exitcode(status)}
            control.send(json.dumps(told).encode())
        if control.fileno() not in ready:
            continue
        message, terminals, *_ = socket.recv_fds(control, LARGEST, 1)
        if not message:
            sys.exit()
        if not (pid := os.fork()):
            control.close()
            return become(*json.loads(message), *terminals)
        os.close(terminals[0])
        running[os.pidfd_open(pid)] = pid
        control.send(json.dumps({"pid": pid}).encode())


def become(program: str, arguments: list[str], environment: dict[str, str], terminal: int) -> str:
    """Make this process a new one at *terminal*; return its *program*."""
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    for descriptor in range(3):
        os.dup2(terminal, descriptor)
    os.closerange(3, 1024)
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)
    sys.argv = ["-c", *arguments]
    os.environ.clear()
    os.environ.update(environment)
    return program


if __name__ == "__main__":
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(serve(socket.socket(fileno=int(sys.argv[1]))), namespace)
