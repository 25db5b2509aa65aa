"""A real pseudo-terminal with the console in it: every byte it writes, and what they show."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pexpect
import pyte

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


class Terminal:
    """What was written to the terminal, and the screen it makes."""

    def __init__(self, child: "pexpect.spawn[bytes]", columns: int, rows: int) -> None:
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
        self.child.send(keys)

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

    async def end(self) -> int | None:
        """Wait until the console has ended; return its exit code, None after a signal."""
        await self.until(lambda: self.ended)
        await asyncio.to_thread(self.child.wait)
        code: int | None = self.child.exitstatus
        return code

    async def close(self) -> None:
        """Take the terminal away, as a lost connection does, and wait for the console to end."""
        self.stop_reading()
        self.child.ptyproc.fileobj.close()
        await asyncio.wait_for(asyncio.to_thread(self.child.wait), PATIENCE)

    def stop_reading(self) -> None:
        """Leave the terminal alone, as somebody does who looks at something else."""
        asyncio.get_running_loop().remove_reader(self.child.fileno())

    def read_again(self) -> None:
        """Go on where :meth:`stop_reading` left off."""
        asyncio.get_running_loop().add_reader(self.child.fileno(), self._read)

    def _read(self) -> None:
        try:
            data: bytes = self.child.read_nonblocking(65536, timeout=0)
        except pexpect.EOF:
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
    columns, rows = size
    child = pexpect.spawn(
        sys.executable,
        ["-c", program, url, token, str(state_dir)],
        dimensions=(rows, columns),
        env={"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": ""}
        | dict(environment or {}),
        cwd=str(Path(__file__).parents[3]),
    )
    try:
        yield Terminal(child, columns, rows)
    finally:
        asyncio.get_running_loop().remove_reader(child.fileno())
        await asyncio.to_thread(child.close, True)
