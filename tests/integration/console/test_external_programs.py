"""Programs that use the terminal temporarily, an editor or the bare view, end and lose nothing."""

import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.wire import objects
from tests.integration.console.console_session import console_session
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.saved_texts import kept
from tests.integration.console.terminal import Terminal, terminal

F4, F8, CTRL_C = "\x1bOS", "\x1b[19~", "\x03"
BACK = "[Enter: back to the console]"
SAVES_AND_WAITS = """
import pathlib, sys
path = pathlib.Path(sys.argv[1])
path.write_text(path.read_text() + " and saved")
print("has saved", flush=True)
sys.stdin.readline()
"""


@asynccontextmanager
async def writing(relay: FakeRelay, tmp_path: Path) -> AsyncIterator[Terminal]:
    """Sit at a terminal where `half` is written, and ``EDITOR`` adds to it and waits for a line."""
    relay.open(1, "Hello")
    script = tmp_path / "editor.py"
    script.write_text(SAVES_AND_WAITS)
    (tmp_path / "tmp").mkdir()
    environment = {"EDITOR": f"{sys.executable} {script}", "TMPDIR": str(tmp_path / "tmp")}
    async with terminal(relay.url, tmp_path / "state", environment=environment) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("half")
        await desk.sees("half")
        yield desk


async def test_ctrl_c_in_the_bare_view_does_not_end_the_console(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with writing(relay, tmp_path) as desk:
        desk.type(F8)
        await desk.sees(BACK)
        desk.type(CTRL_C)
        await desk.sees("^C")
        desk.type("\r")
        await desk.until(lambda: BACK not in desk.text)
        desk.type("!\r")
        await relay.until(lambda: relay.sent() == ["half!"])


async def test_ctrl_c_in_an_editor_is_the_editors_and_what_it_had_saved_is_in_the_draft(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with writing(relay, tmp_path) as desk:
        desk.type(F4)
        await desk.sees("has saved")
        desk.type(CTRL_C)
        await desk.sees("half and saved")
        await desk.sees("The editor ended with -2; what it had saved is in your draft.")
        desk.type("\r")
        await relay.until(lambda: relay.sent() == ["half and saved"])
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_a_terminal_closed_over_an_editor_keeps_what_that_had_saved_as_the_draft(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with writing(relay, tmp_path) as desk:
        desk.type(F4)
        await desk.sees("has saved")
        assert await desk.close() == -signal.SIGHUP
    assert kept(tmp_path / "state") == ['{"draft":"half and saved"}']
    assert list((tmp_path / "tmp").iterdir()) == []


async def test_an_enter_too_many_out_of_the_bare_view_or_an_editor_sends_nothing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with writing(relay, tmp_path) as desk:
        desk.type(F8)
        await desk.sees(BACK)
        desk.type("\r\r")
        await desk.until(lambda: BACK not in desk.text)
        desk.type(F4)
        await desk.sees("has saved")
        desk.type("\r\r")
        await desk.sees("half and saved")
        desk.type("!\r")
        await relay.until(lambda: relay.sent() == ["half and saved!"])


async def test_ctrl_c_at_the_console_says_how_to_quit_where_it_covers_nothing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with console_session(relay.url, tmp_path) as desk:
        await desk.open(1)
        await desk.press("ctrl+c")
        await desk.sees("Ctrl+Q quits; what is unsent is kept.")
        assert not desk.console._notifications


async def test_what_an_editor_has_saved_of_a_request_that_is_gone_can_be_copied(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with writing(relay, tmp_path) as desk:
        desk.type(F4)
        await desk.until(lambda: b"has saved" in desk.written)
        await relay.push(objects.Gone(1))
        desk.type("\n")
        await desk.sees("half and saved")
        await desk.sees("#1 is gone; what the editor saved is in the composer")
        desk.type("are\r")
    assert relay.sent() == []


async def test_an_editor_that_returns_at_once_is_told_of(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path, environment={"EDITOR": "/bin/true"}) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type(F4)
        await desk.sees("`/bin/true` returned at once")
