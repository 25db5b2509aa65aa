"""A machine of its own for each test: home, settings, database and port, and `helpdesk` on it."""

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    ExitStack,
    contextmanager,
    redirect_stderr,
    redirect_stdout,
)
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryFile
from threading import Thread
from typing import TextIO, TypeVar

import pexpect
import pytest

from cli import main
from relay.signals import CAUGHT
from tests.fork_server import HELPDESK, PROGRAM, ForkedProcess, fork
from tests.integration.relay.helpers import Desk, running
from tests.patience import PATIENCE

T = TypeVar("T")

READY = "helpdesk: ready on "


@contextmanager
def handlers_restored() -> Generator[None, None, None]:
    """Give this process its own handlers back, after the relay's were set in it."""
    before = {number: signal.getsignal(number) for number in (*CAUGHT, signal.SIGTTOU)}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is not handler:  # in the main thread, then
                signal.signal(number, handler)


@dataclass
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    stdout: str
    stderr: str

    def failed(self, code: int = 1) -> str:
        """Return the one sentence with which the command failed; it is all that it wrote."""
        assert (self.code, self.stdout) == (code, ""), self
        [sentence] = self.stderr.splitlines()
        assert sentence.startswith("helpdesk: ")
        assert sentence.endswith(".")
        return sentence


class Stream(io.TextIOWrapper):
    """A standard stream that keeps what is written to it, as if it were a terminal or not."""

    def __init__(self, *, screen: bool = False) -> None:
        self._bytes = io.BytesIO()
        self._screen = screen
        super().__init__(self._bytes, "utf-8", write_through=True)

    def isatty(self) -> bool:
        return self._screen

    @property
    def written(self) -> str:
        return self._bytes.getvalue().decode()


@dataclass
class Running:
    """A command that runs, and what it writes."""

    process: ForkedProcess
    stdout: TextIO
    stderr: TextIO

    def end(self, by: signal.Signals = signal.SIGTERM) -> Ended:
        """Tell the command to end, wait for it, and return what else it wrote."""
        self.process.send_signal(by)
        return self.ended()

    def ended(self) -> Ended:
        """Wait for its end, and return what else it wrote."""
        written = self.stdout.read(), self.stderr.read()
        return Ended(self.process.exit_code(), *written)


@dataclass
class Serving:
    """A relay that runs."""

    running: Running
    url: str
    said: str
    """What it wrote to stderr before it was ready."""

    @property
    def process(self) -> ForkedProcess:
        """Its process."""
        return self.running.process

    def end(self, by: signal.Signals = signal.SIGTERM) -> Ended:
        """Tell the relay to end, wait for it, and return what else it wrote."""
        return self.running.end(by)


def _pipe() -> tuple[TextIO, TextIO]:
    """Return the reading and the writing end of a new pipe."""
    reading, writing = os.pipe()
    return os.fdopen(reading), os.fdopen(writing, "w")


@contextmanager
def in_thread(entered: AbstractAsyncContextManager[T]) -> Generator[T, None, None]:
    """Enter *entered* in an event loop that runs in a thread, and leave it there."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        value = asyncio.run_coroutine_threadsafe(_aenter(entered), loop).result(PATIENCE)
        try:
            yield value
        finally:
            asyncio.run_coroutine_threadsafe(_aexit(entered), loop).result(PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


async def _aenter(entered: AbstractAsyncContextManager[T]) -> T:
    return await entered.__aenter__()


async def _aexit(entered: AbstractAsyncContextManager[T]) -> None:
    await entered.__aexit__(None, None, None)


@dataclass
class Machine:
    """A home folder, and the variables that make it one."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        """The database of the desk on this machine."""
        return self.home / "desk.db"

    def become(self, folder: Path) -> None:
        """Take over the files of the machine in *folder*, on which nothing runs."""
        for path in folder.iterdir():
            if path.is_file():
                copyfile(path, self.home / path.name)

    @property
    def _own(self) -> dict[str, str]:
        usual = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "HELPDESK_DATABASE": str(self.database),
        }
        return usual | self.variables

    @property
    def environment(self) -> dict[str, str]:
        """What a process on this machine sees."""
        rest = {name: value for name, value in os.environ.items() if "HELPDESK" not in name}
        return rest | self._own

    def call(self, *arguments: str, said: str = "", screen: bool = False) -> Ended:
        """Run `helpdesk` as its script does, but here: without the time it takes to start.

        *screen*: what it writes goes to a terminal.
        """
        out, err = Stream(screen=screen), Stream(screen=screen)
        code = self._call(arguments, said, out, err)
        return Ended(code, out.written, err.written)

    def call_unread(self, *arguments: str) -> Ended:
        """Run it here with a stdout whose other end nobody reads any more."""
        reading, writing = os.pipe()
        os.close(reading)
        err = Stream()
        with os.fdopen(writing, "w") as out:
            code = self._call(arguments, "", out, err)
            with Path(os.devnull).open("w") as nowhere:  # for what is left to be written
                os.dup2(nowhere.fileno(), writing)
        return Ended(code, "", err.written)

    def _call(self, arguments: tuple[str, ...], said: str, out: TextIO, err: TextIO) -> int:
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            for name in [name for name in os.environ if "HELPDESK" in name]:
                patch.delenv(name)
            for name, value in self._own.items():
                patch.setenv(name, value)
            patch.chdir(self.home)
            patch.setattr(sys, "argv", ["helpdesk", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(said))
            with handlers_restored(), pytest.raises(SystemExit) as end:
                main.run()
        return int(end.value.code or 0)

    def run(self, *arguments: str) -> Ended:
        """Run `helpdesk` in a process of its own, to its end."""
        with (
            Path(os.devnull).open() as nothing,
            TemporaryFile("w+") as out,
            TemporaryFile("w+") as err,
        ):
            streams = (nothing.fileno(), out.fileno(), err.fileno())
            code = self._fork(arguments, streams).exit_code()
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read(), err.read())

    def run_in_shell(self, script: str, *arguments: str) -> Ended:
        """Run `helpdesk` with *arguments* as the ``"$@"`` of a shell's *script*."""
        done = subprocess.run(
            ["/bin/sh", "-c", script, "sh", PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=self.environment,
            timeout=PATIENCE,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def _fork(self, arguments: Sequence[str], streams: tuple[int, int, int]) -> ForkedProcess:
        command = [PROGRAM, *arguments]
        return fork(HELPDESK, command, self.environment, folder=self.home, streams=streams)

    @contextmanager
    def running(self, *arguments: str) -> Generator[Running, None, None]:
        """Run `helpdesk` in a process of its own, until left."""
        with ExitStack() as stack:
            out, theirs_out = (stack.enter_context(end) for end in _pipe())
            err, theirs_err = (stack.enter_context(end) for end in _pipe())
            process = self._fork(arguments, (0, theirs_out.fileno(), theirs_err.fileno()))
            theirs_out.close()
            theirs_err.close()
            try:
                yield Running(process, out, err)
            finally:
                process.kill()
                process.exit_code()

    @contextmanager
    def relay(self, **settings: object) -> Generator[Desk, None, None]:
        """Run a relay on this machine's database and a free port, in a thread of this process.

        For what is not about its process. Start no terminal beside it: that would fork a thread.
        """
        with in_thread(running(self.database, None, demo=False, **settings)) as desk:
            yield desk

    @contextmanager
    def serve(self, *arguments: str) -> Generator[Serving, None, None]:
        """Run `helpdesk serve` on a free port; ready when entered, gone when left."""
        with self.running("serve", "--port", "0", *arguments) as relay:
            lines = list[str]()
            while not (lines and lines[-1].startswith(READY)):
                lines.append(relay.stderr.readline())
                assert lines[-1], f"it ended; it had said: {lines}"
            url = lines.pop().removeprefix(READY).strip()
            yield Serving(relay, url, "".join(lines))

    def terminal(self, *arguments: str) -> "pexpect.spawn[str]":
        """Start `helpdesk` with *arguments* in a pseudo-terminal."""
        return pexpect.spawn(
            PROGRAM,
            list(arguments),
            cwd=str(self.home),
            env=self.environment | {"TERM": "xterm-256color"},
            encoding="utf-8",
            timeout=PATIENCE,
        )
