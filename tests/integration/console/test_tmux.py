"""The console in a real tmux: what it copies, its title, and what tmux keeps from it."""

import asyncio
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.integration.console.fake_relay import TOKEN, FakeRelay
from tests.integration.console.terminal import PROGRAM
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[3]
HURRIED = PROGRAM.replace("Timings(", "Timings(focus_report_timeout=1.0, ")


class Tmux:
    """A server of its own, with one pane in which the console runs and then a shell waits."""

    def __init__(self, folder: Path, url: str) -> None:
        self._socket = folder / "tmux"
        program = shlex.join([sys.executable, "-c", HURRIED, url, TOKEN, str(folder)])
        options = {"set-clipboard": "on", "focus-events": "off", "default-size": "100x30"}
        setting = [word for name, on in options.items() for word in ("set", "-g", name, on, ";")]
        session = ("new-session", "-d", "-c", str(ROOT), f"{program}; sleep 60")
        self("-u", "-f", "/dev/null", "start-server", ";", *setting, *session)

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(self._socket), *words], capture_output=True, check=True, text=True
        )
        return done.stdout

    @property
    def screen(self) -> str:
        return self("capture-pane", "-p")

    @property
    def title(self) -> str:
        return self("display-message", "-p", "#{pane_title}").strip()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until *true*; fail with the screen."""
        assert await asyncio.to_thread(comes_true, true), self.screen

    async def sees(self, text: str) -> None:
        await self.until(lambda: text in self.screen)


def comes_true(true: Callable[[], bool]) -> bool:
    until = monotonic() + PATIENCE
    while not true():
        if monotonic() > until:
            return False
        sleep(0.05)
    return True


@pytest.fixture
def tmux(relay: FakeRelay, tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path, relay.url)
    yield server
    server("kill-server")


async def test_tmux_takes_what_is_copied_and_gets_its_title_back_and_a_missing_focus_is_told_of(
    relay: FakeRelay, tmux: Tmux
) -> None:
    relay.open(1, "My lamp is broken")
    await tmux.sees("My lamp is broken")
    await tmux.until(lambda: tmux.title == "(1) Helpdesk")
    tmux("send-keys", "Enter")
    await tmux.sees("Write an answer")
    await tmux.sees("focus-events on")
    tmux("send-keys", "M-y")
    await tmux.sees("Copy a message")
    tmux("send-keys", "Enter")
    await tmux.sees("Copied to the terminal's clipboard.")
    await tmux.until(lambda: tmux("show-buffer") == "My lamp is broken")
    tmux("send-keys", "C-q")
    await tmux.until(lambda: tmux.title == tmux("display-message", "-p", "#{host}").strip())
