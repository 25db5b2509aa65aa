"""`helpdesk demo` in a real terminal: the page, the console, and nothing left behind."""

import os
import re
import select
import signal
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pexpect
import pytest

from tests.integration.cli.machine import Machine
from tests.patience import PATIENCE


@pytest.fixture
def temporary(machine: Machine) -> Path:
    """Return the folder in which the demo keeps its database."""
    folder = machine.home / "t"
    folder.mkdir()
    machine.variables = {"TMPDIR": str(folder)}
    return folder


@pytest.fixture
def demo(machine: Machine, temporary: Path) -> Iterator["pexpect.spawn[str]"]:
    terminal = machine.terminal("demo")
    yield terminal
    terminal.close(force=True)


def page_of(demo: "pexpect.spawn[str]") -> str:
    demo.expect(r"(http://127\.0\.0\.1:\d+)/")
    assert demo.match
    return str(demo.match[1])


def is_gone(url: str) -> bool:
    port = int(url.rpartition(":")[2])
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_the_demo_shows_the_page_then_the_console_and_leaves_nothing(
    demo: "pexpect.spawn[str]", temporary: Path
) -> None:
    url = page_of(demo)
    with urllib.request.urlopen(f"{url}/", timeout=PATIENCE) as page:
        assert b"widget.js" in page.read()
    demo.expect("\x1b\\[\\?1049h")
    demo.expect("The page to try it on")
    demo.expect(re.escape(url))
    demo.expect("Sam")
    [folder] = temporary.glob("helpdesk-*")
    assert (folder / "demo.db").exists()
    demo.send("\x11")
    demo.expect(re.escape(f"the demo is over; {url}/"))
    demo.expect(pexpect.EOF)
    demo.close()
    assert demo.exitstatus == 0
    assert is_gone(url)
    assert not folder.exists()


def test_the_relay_of_the_demo_ends_with_it_even_if_it_was_killed(
    demo: "pexpect.spawn[str]", temporary: Path
) -> None:
    url = page_of(demo)
    demo.expect("\x1b\\[\\?1049h")
    [folder] = temporary.glob("helpdesk-*")
    relay = os.pidfd_open(int((folder / "demo.db.lock").read_text().split()[0]))
    try:
        demo.kill(signal.SIGKILL)
        assert select.select([relay], [], [], PATIENCE)[0], "the relay lives on"
    finally:
        os.close(relay)
    assert is_gone(url)
    assert not folder.exists()


def test_a_usual_port_that_is_taken_is_no_hindrance(machine: Machine, temporary: Path) -> None:
    with ExitStack() as stack:
        # If it cannot be taken, somebody else has it, which serves as well.
        with suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", 8765)))
        demo = machine.terminal("demo")
        assert not page_of(demo).endswith(":8765")
        demo.expect("\x1b\\[\\?1049h")
        demo.close(force=True)


def test_the_port_of_the_desk_in_this_folder_is_no_hindrance(
    machine: Machine, temporary: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as desk:
        port: int = desk.getsockname()[1]
        (machine.home / "helpdesk.toml").write_text(f"port = {port}\n")
        demo = machine.terminal("demo")
        assert not page_of(demo).endswith(f":{port}")
        demo.expect("\x1b\\[\\?1049h")
        demo.close(force=True)


def test_a_port_that_was_asked_for_and_is_taken_is_told(machine: Machine, temporary: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        demo = machine.terminal("demo", "--port", port)
        demo.expect(pexpect.EOF)
        demo.close()
    assert demo.exitstatus == 1
    [sentence] = (demo.before or "").splitlines()
    assert sentence.startswith("helpdesk: Cannot listen")
    assert port in sentence
    assert not list(temporary.glob("helpdesk-*"))
