"""Guard of the unit tests: they open no socket or database, write no file, start no process.

It hears Python's own audit events, so it sees the deed however it is written, an event loop
included (one cannot be made without a socket). Clocks and sleep raise none:
tests/project/test_imports.py looks for those.
"""

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

DEEDS = {
    "socket.__new__": "opens a socket (or an event loop, which needs one)",
    "sqlite3.connect": "opens a database",
    "subprocess.Popen": "starts a process",
    "os.mkdir": "makes a folder",
}
HERE = str(Path(__file__).parent) + os.sep
OWN_OF_THE_TOOLS = {"__pycache__", ".hypothesis"}


class Guard:
    """Refuses deeds while a unit test runs. An audit hook stays for good, hence the switch."""

    def __init__(self) -> None:
        self.on = False

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        """Fail the running test if *event* is a deed that no unit test does."""
        if not self.on:
            return
        if event in DEEDS and not _is_of_the_tools(arguments):
            pytest.fail(f"A unit test {DEEDS[event]}; it belongs in tests/integration.")
        if event == "open" and _writes(arguments) and not _is_of_the_tools(arguments):
            pytest.fail("A unit test writes a file; it belongs in tests/integration.")


def _writes(arguments: tuple[object, ...]) -> bool:
    """Whether a file is opened to be written, by its name; one by its number was opened before."""
    place, mode, flags = arguments
    if isinstance(place, int):
        return False
    if isinstance(mode, str):
        return not {"w", "a", "x", "+"}.isdisjoint(mode)
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def _is_of_the_tools(arguments: tuple[object, ...]) -> bool:
    place = arguments[0]
    return isinstance(place, str) and not OWN_OF_THE_TOOLS.isdisjoint(Path(place).parts)


guard = Guard()
sys.addaudithook(guard)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Keep watch from a unit test's first fixture to its last; pytest calls this for all tests."""
    guard.on = str(item.path).startswith(HERE)
    try:
        return (yield)
    finally:
        guard.on = False
