"""The console in a real terminal: its keys, its bytes, its end."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from relay.wire import agent_in, objects
from tests.integration.console.fake_relay import FakeRelay
from tests.integration.console.saved_texts import kept
from tests.integration.console.terminal import PROGRAM, terminal

F8, NO_MOUSE = "\x1b[19~", b"\x1b[?1000l"


async def test_an_answer_is_typed_and_sent(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "My lamp is broken")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("My lamp is broken")
        desk.type("\rHello Ada,\nI look into it.\r")
        await relay.until(lambda: relay.sent() == ["Hello Ada,\nI look into it."])
        await desk.sees("Sam (you)")
        desk.type("\x11")
        assert await desk.end() == 0
    assert b"\x1b[?1049l" in desk.written, "the terminal is itself again"


async def test_a_refused_token_is_one_sentence_after_the_terminal_is_itself_again(
    relay: FakeRelay, tmp_path: Path
) -> None:
    async with terminal(relay.url, tmp_path, token="hda_wrong") as desk:
        assert await desk.end() == 1
        told = desk.written.rpartition(b"\x1b[?1049l")[2]
        assert b"helpdesk: The relay refuses this token; get a new one" in told
        assert b"Traceback" not in desk.written
        assert b"hda_wrong" not in desk.written


CRASH = PROGRAM.replace(
    "try:",
    """
from helpdesk_tui.main_screen import MainScreen
def fail(self, connection):
    token = sys.argv[2]
    raise ValueError(token)
MainScreen.show_connection = fail
try:""",
)


async def test_a_crash_tells_no_token_and_is_written_down(relay: FakeRelay, tmp_path: Path) -> None:
    async with terminal(relay.url, tmp_path, program=CRASH) as desk:
        assert await desk.end() == 1
        assert b"helpdesk: The console failed (ValueError)" in desk.written
        assert b"hda_good" not in desk.written
    log = (tmp_path / "console.log").read_text()
    assert "builtins.ValueError" in log
    assert "show_connection" in log or "fail" in log
    assert "hda_good" not in log


async def test_keys_of_a_terminal_that_speaks_no_utf_8_end_nothing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.child.send(b"gr\xfc\xdfe ")
        desk.type("grüße\r")
        await relay.until(lambda: relay.sent() == ["gr\ufffd\ufffde grüße"])
        assert not desk.ended


async def test_a_paste_with_an_escape_in_it_sends_nothing(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("\x1b[200~one\rtwo\x1bthree\rfour\x1b[201~")
        await desk.sees("four")
        desk.type("!")
        await desk.sees("!")
    assert relay.sent() == []


async def test_a_terminal_that_is_closed_ends_the_console_and_keeps_the_draft(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("half")
        await desk.sees("half")
        assert await desk.close() == -signal.SIGHUP
    assert kept(tmp_path) == ['{"draft":"half"}']


async def test_a_console_that_is_told_to_end_keeps_the_draft(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("half")
        await desk.sees("half")
        desk.child.kill(signal.SIGTERM)
        assert await desk.end() == 0
    assert kept(tmp_path) == ['{"draft":"half"}']


@pytest.mark.alone
async def test_a_draft_survives_a_kill_half_a_second_after_the_last_key(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("half")
        await desk.sees("half")
        await asyncio.sleep(0.5)  # the promise itself
        desk.child.kill(signal.SIGKILL)
        await desk.end()
    assert kept(tmp_path) == ['{"draft":"half"}']


async def test_nothing_is_written_while_nothing_happens(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello", waiting_since=None)
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        await relay.until(lambda: agent_in.SetRead(1, 1) in relay.heard)
        before = -1
        while before != len(desk.written) or not desk.is_idle:
            before = len(desk.written)  # what Enter has set going still comes
            await asyncio.sleep(0.3)
        await asyncio.sleep(1.5)
        assert len(desk.written) == before


async def test_an_editor_has_the_terminal_while_messages_come(
    relay: FakeRelay, tmp_path: Path
) -> None:
    """Drawing meanwhile would fill Textual's queue for the terminal and stop it for good."""
    relay.open(1, "Hello")
    script, done = tmp_path / "editor.py", tmp_path / "done"
    script.write_text(
        f"""
import pathlib, sys, time
path = pathlib.Path(sys.argv[1])
print("in the editor", oct(path.parent.stat().st_mode)[-3:], flush=True)
while not pathlib.Path({str(done)!r}).exists():
    time.sleep(0.05)
path.write_text(path.read_text() + " and edited")
"""
    )
    environment = {"EDITOR": f"{sys.executable} {script}"}
    async with terminal(relay.url, tmp_path, environment=environment) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("half")
        await desk.sees("half")
        desk.type("\x1bOS")
        await desk.until(lambda: b"in the editor 700" in desk.written)
        assert desk.written.endswith(b"in the editor 700\r\n")
        assert desk.written.count(b"\x1b[22;2t") == desk.written.count(b"\x1b[23;2t") == 1
        for number in range(100):
            await relay.say(1, f"meanwhile {number}")
        done.touch()
        await desk.sees("half and edited")
        await desk.sees("meanwhile 99")
        await desk.until(lambda: desk.written.rpartition(b"22;2t")[2].count(b"Helpdesk") == 1)
        desk.type("\r")
        await relay.until(lambda: relay.sent() == ["half and edited"])


async def test_alt_pressed_fast_is_alt(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("one\x1bctwo\x1bnthree\x1bn!")
        await desk.sees("mine · 1")
        await desk.sees("onetwo!")


async def test_bare_text_is_the_terminals_own_until_enter(relay: FakeRelay, tmp_path: Path) -> None:
    relay.open(1, "Hello", "see https://shop.example/orders/1")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("https://shop")
        desk.type("\r")
        await desk.sees("Write an answer")
        before = len(desk.written)
        desk.type(F8)
        await desk.sees("[Enter: back to the console]")
        await desk.sees("10:35 Ada 1 Hello")
        assert NO_MOUSE in desk.written[before:]
        await relay.say(1, "said meanwhile")
        desk.type("\r")
        await desk.sees("said meanwhile")
        await desk.sees("Write an answer")


async def test_where_stderr_goes_to_a_file_the_screen_is_drawn_all_the_same(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    log = tmp_path / "log"
    program = f"import os\nos.dup2(os.open({str(log)!r}, os.O_WRONLY | os.O_CREAT), 2)\n{PROGRAM}"
    async with terminal(relay.url, tmp_path / "state", program=program) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        desk.type("\x11")
        assert await desk.end() == 0
    assert log.read_bytes() == b""


async def test_a_console_that_was_stopped_comes_back_by_itself_and_misses_nothing(
    relay: FakeRelay, tmp_path: Path
) -> None:
    relay.open(1, "Hello")
    async with terminal(relay.url, tmp_path) as desk:
        await desk.sees("Hello")
        desk.type("\r")
        await desk.sees("Write an answer")
        os.kill(desk.child.pid, signal.SIGSTOP)
        for socket in relay._sockets:
            socket.transport.abort()
        relay._store(1, objects.By("customer", 1, "Ada 1"), "while you were stopped")
        relay.open(2, "I came meanwhile")
        os.kill(desk.child.pid, signal.SIGCONT)
        await desk.sees("I came meanwhile")
        await desk.until(lambda: desk.text.count("while you were stopped") == 2)
