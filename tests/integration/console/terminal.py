"""A real pseudo-terminal with the console in it: every byte it writes, and what they show."""

import asyncio
import os
import signal
import termios
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pyte

from tests.fork_server import ForkedProcess, fork
from tests.integration.console.fake_relay import TOKEN
from tests.patience import PATIENCE

PROGRAM = """
import sys
from pathlib import Path
from helpdesk_tui.app import run
from helpdesk_tui.timings import Timings
from relay.errors import HelpdeskError
timings = Timings(backoff=lambda _: 0.1)
try:
    sys.exit(run(sys.argv[1], sys.argv[2], Path(sys.argv[3]), timings=timings))
except HelpdeskError as error:
    sys.exit(f"helpdesk: {error}")
"""


ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": ""}


class Child:
    """The console's process, and our end of its terminal."""

    def __init__(self, process: ForkedProcess, terminal: int) -> None:
        self._process, self._terminal, self._closed = process, terminal, False

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def fileno(self) -> int:
        """Return our end of the terminal."""
        return self._terminal

    def send(self, data: bytes) -> None:
        """Write *data* as the keyboard does."""
        while data:
            data = data[os.write(self._terminal, data) :]

    def kill(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def hang_up(self) -> None:
        """Close the terminal."""
        if not self._closed:
            self._closed = True
            os.close(self._terminal)

    async def wait(self) -> int:
        """Wait for the end; return the exit code, or minus the number of a signal."""
        return await self._process.wait()


class Terminal:
    """What was written to the terminal, and the screen it makes."""

    def __init__(self, child: Child, columns: int, rows: int) -> None:
        self.written = b""
        self.ended = False
        self.child = child
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(child.fileno(), self._read)

    @property
    def text(self) -> str:
        """The text on the screen."""
        return "\n".join(self._screen.display)

    @property
    def is_idle(self) -> bool:
        """Whether all of the console sleeps, rather than waits for the machine's time."""
        threads = Path(f"/proc/{self.child.pid}/task").glob("*/stat")
        return all(thread.read_text().rpartition(")")[2].split()[0] == "S" for thread in threads)

    def type(self, keys: str) -> None:
        """Press *keys*, all at once."""
        self.child.send(keys.encode())

    async def sees(self, text: str) -> None:
        """Wait until *text* is on the screen."""
        await self.until(lambda: text in self.text)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until *true*, looked at after each write; fail with the screen."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"never came true; the screen:\n{self.text}") from None

    async def end(self) -> int:
        """Wait until the console has ended; return its exit code, or minus its signal."""
        await self.until(lambda: self.ended)
        return await self.child.wait()

    async def close(self) -> int:
        """Take the terminal away, as a lost connection does; return as :meth:`end` does."""
        self.stop_reading()
        self.child.hang_up()
        return await self.child.wait()

    def stop_reading(self) -> None:
        """Leave the terminal alone, as somebody does who looks at something else."""
        asyncio.get_running_loop().remove_reader(self.child.fileno())

    def read_again(self) -> None:
        """Go on where :meth:`stop_reading` left off."""
        asyncio.get_running_loop().add_reader(self.child.fileno(), self._read)

    def _read(self) -> None:
        try:
            data = os.read(self.child.fileno(), 65536)
        except OSError:  # what Linux makes of a terminal whose other end is closed
            self.stop_reading()
            self.ended = True
        else:
            self.written += data
            # pyte takes a private mode's report for a colour; the tests never look at either.
            self._stream.feed(data.replace(b"\x1b[>", b"\x1b[?"))
        self._changed.set()


@asynccontextmanager
async def terminal(
    url: str,
    state_dir: Path,
    *,
    token: str = TOKEN,
    program: str = PROGRAM,
    size: tuple[int, int] = (100, 30),
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Terminal]:
    """Run the console in a terminal of *size* columns and rows until the block ends."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (size[1], size[0]))
    arguments = ["-c", url, token, str(state_dir)]
    environment = ENVIRONMENT | dict(environment or {})
    try:
        streams = (theirs, theirs, theirs)
        child = Child(fork(program, arguments, environment, streams=streams, terminal=True), ours)
    finally:
        os.close(theirs)
    try:
        yield Terminal(child, *size)
    finally:
        asyncio.get_running_loop().remove_reader(ours)
        child.hang_up()
        child.kill(signal.SIGCONT)
        await child.wait()
