"""However the console ends, its terminal is as it was: title, screen, keys."""

import signal
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.terminal import PROGRAM, Terminal, terminal

PUSHED, POPPED = b"\x1b[22;2t", b"\x1b[23;2t"
TITLE = b"\x1b]2;(1) Helpdesk\x1b\\"
CRASHES = PROGRAM.replace(
    "try:",
    """
from helpdesk_tui.moving import Moving
def fail(self):
    raise ValueError
Moving.action_redraw = fail
try:""",
)


def fails(desk: Terminal) -> None:
    desk.type("\x0c")


def quits(desk: Terminal) -> None:
    desk.type("\x11")


def hangs_up(desk: Terminal) -> None:
    desk.child.kill(signal.SIGHUP)


@pytest.mark.parametrize("end", [quits, fails, hangs_up])
async def test_the_terminal_has_its_title_and_its_screen_again(
    relay: FakeRelay, tmp_path: Path, end: Callable[[Terminal], None]
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path, program=CRASHES) as desk:
        await desk.sees("Hello")
        await desk.until(lambda: TITLE in desk.written)
        end(desk)
        await desk.end()
        before, _, after = desk.written.partition(TITLE)
        assert (before.count(PUSHED), before.count(POPPED)) == (1, 0)
        assert (after.count(PUSHED), after.count(POPPED)) == (0, 1)
        assert after.index(POPPED) < after.index(b"\x1b[?1049l")
        assert termios.tcgetattr(desk.child.fileno())[3] & termios.ECHO
