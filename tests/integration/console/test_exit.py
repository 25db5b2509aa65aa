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
from helpdesk_tui.actions.appearance import AppearanceActions
def fail(self):
    raise ValueError
AppearanceActions.action_redraw = fail
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


DEAF = PROGRAM.replace(
    "try:",
    """
import os
os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
try:""",
)
UNABLE = PROGRAM.replace(
    "try:",
    """
from helpdesk_tui.terminal import Driver
def fail(self, within):
    raise ValueError
Driver.give_back = fail
try:""",
)


async def test_a_terminal_that_has_nothing_to_read_any_more_ends_the_console(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with terminal(relay.url, tmp_path, program=DEAF) as desk:
        assert await desk.end() == -signal.SIGHUP


async def test_a_hang_up_ends_the_console_whatever_fails_on_the_way(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path, program=UNABLE) as desk:
        await desk.sees("Hello")
        hangs_up(desk)
        assert await desk.end() == -signal.SIGHUP
